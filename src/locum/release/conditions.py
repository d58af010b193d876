"""What a policy asks of the evidence, and what was found: a `Check` for each condition."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from locum.dial import SETTING, STEPS
from locum.evaluate.metrics import About as Compared
from locum.evaluate.metrics import Metrics, Status
from locum.evaluate.verdict import verdict, worst_status
from locum.release.about import About
from locum.release.decision import Check, check
from locum.release.documented import documented
from locum.release.policy import Condition, Least, Limit, ModelFile, Needs, Policy, PrivacySetting, Verdicts
from locum.release.release import Evidence

OURS = "Nothing is released without an evaluation of these very rows"
COUNTS = {
    "train_patients": "patients learned from",
    "holdout_patients": "patients held out, by whom the table is judged",
    "k": "patients (k) behind anything that is told",
}
REASONS = 3  # of a verdict that are told; the report has them all


def checks(evidence: Evidence, policy: Policy, about: About) -> tuple[Check, ...]:
    """Every condition of POLICY, in its order, after two that no policy can lift: those of the evidence itself."""
    metrics = evidence.metrics
    return (
        _same_bytes(evidence),
        _verdict_follows(metrics),
        *_families(metrics, policy),
        *(_limit(name, limit, metrics) for name, limit in policy.limit.items()),
        *(_count(name, least, metrics.about) for name, least in policy.count.items()),
        _quick(policy.quick, metrics.about),
        *documented(about, evidence.variables, policy.documentation),
        _setting(policy.privacy_setting, metrics.about),
        _model_file(policy.model_file, metrics),
    )


def on_privacy(metrics: Metrics, policy: Policy) -> frozenset[str]:
    """The names of the conditions that are about privacy; a limit on a figure that there is not is taken for one."""
    other = {m.name for m in metrics.metrics if m.family != "privacy"}
    limits = {name for name, limit in policy.limit.items() if (limit.metric or name) not in other}
    counts = {name for name, least in policy.count.items() if (least.of or name) == "k"}
    return frozenset({"privacy", "privacy_setting", "model_file", *limits, *counts})


def _same_bytes(evidence: Evidence) -> Check:
    asked = "The file that is released is the one that was evaluated, byte by byte, against two other files"
    files = evidence.metrics.about.files
    named = files.get("synthetic")
    if named is None:
        found = "metrics.json does not say which file was evaluated; evaluate the file with 'locum evaluate'"
        return check("evaluated_bytes", asked, found, OURS, "never")
    if named != hashlib.sha256(evidence.parquet).hexdigest():
        found = "another file was evaluated (its SHA-256 differs); evaluate this one"
        return check("evaluated_bytes", asked, found, OURS, "never")
    if len(set(files.values())) < len(files):
        found = (
            "two of the files that were compared, of the patients learned from, of those held out and of the rows, "
            "are one and the same; evaluate the rows against both"
        )
        return check("evaluated_bytes", asked, found, OURS, "never")
    return check("evaluated_bytes", asked, f"it is (SHA-256 {named})", OURS)


def _verdict_follows(metrics: Metrics) -> Check:
    """The file was not edited by hand where that can be told from itself."""
    asked = "The verdict in metrics.json is the one that its figures come to"
    faults = [
        f'it says "{said}" of {family}, and its figures come to "{come}"'
        for (family, said), (_, come) in zip(metrics.verdict, verdict(metrics.metrics), strict=True)
        if said is not come
    ]
    if (come := _of_model(metrics)) is not metrics.model_file:
        faults.append(f'it says "{metrics.model_file}" of the model file, and its figures come to "{come}"')
    faults += [
        f'it says "pass" of {m.name}, whose figure is beyond its own limit'
        for m in metrics.metrics
        if m.status is Status.PASS
        and m.limit
        and m.limit.fail is not None
        and not m.limit.figure <= m.limit.fail
    ]
    faults += _impossible(metrics)
    if not faults:
        return check("verdict", asked, "it is", OURS)
    return check("verdict", asked, f"{'; '.join(faults)}; evaluate the table again", OURS, "never")


def _impossible(metrics: Metrics) -> Iterator[str]:
    """What no evaluation writes."""
    names = [m.name for m in metrics.metrics]
    yield from (f"it has {name} twice" for name in sorted({n for n in names if names.count(n) > 1}))
    for m in metrics.metrics:
        limit = () if m.limit is None else (m.limit.figure, m.limit.par, m.limit.caution, m.limit.fail)
        numbers = (m.value, *(m.interval or ()), m.ceiling, *limit)
        if not all(x is None or math.isfinite(x) for x in numbers):
            yield f"it says something of {m.name} that is no number"
    about = metrics.about
    for part in ("train", "holdout"):
        if not 0 < getattr(about, f"{part}_patients") <= getattr(about, f"{part}_rows"):
            yield f"it speaks of more {part} patients than rows, or of none"


def _of_model(metrics: Metrics) -> Status | None:
    """What the figures on the model file come to; None where there are none."""
    statuses = [m.status for m in metrics.metrics if m.name.startswith("model_") and m.family == "privacy"]
    return worst_status(statuses) if statuses else None


def _families(metrics: Metrics, policy: Policy) -> Iterator[Check]:
    """The verdict is computed again: a word that someone wrote does not count."""
    for family, status in verdict(metrics.metrics):
        asked = _wanted(getattr(policy.verdict, family), f"The verdict on {family} is")
        rule = getattr(policy.verdict, family)
        yield check(family, asked, _why(metrics, family, status), rule.source, _needs(rule, status))


def _needs(rule: Verdicts, status: Status) -> Needs:
    by: Mapping[Status, Needs] = {
        Status.PASS: "nobody",
        Status.WARN: rule.warn,
        Status.FAIL: rule.fail,
        Status.NOT_ASSESSABLE: rule.not_assessable,
    }
    return by[status]


def _wanted(rule: Verdicts, what: str) -> str:
    """What passes without an approver."""
    fine = [f'"{status}"' for status in Status if _needs(rule, status) == "nobody"]
    return f"{what} {' or '.join(fine)}"


def _why(metrics: Metrics, family: str, status: Status) -> str:
    """STATUS, and what made it so."""
    if status is Status.PASS:
        return '"pass"'
    made = [m for m in metrics.metrics if m.family == family and m.decides and m.status is status]
    reasons = list(dict.fromkeys(reason for m in made for reason in m.reasons))
    more = f"; and {len(reasons) - REASONS} more" if len(reasons) > REASONS else ""
    return f'"{status}": {"; ".join(reasons[:REASONS])}{more}' if reasons else f'"{status}"'


def _limit(name: str, limit: Limit, metrics: Metrics) -> Check:
    metric = limit.metric or name
    found = next((m for m in metrics.metrics if m.name == metric), None)
    bound = f"at most {limit.most:g}" if limit.most is not None else f"at least {limit.least:g}"
    if found is None:
        near = get_close_matches(metric, [m.name for m in metrics.metrics], 1)
        hint = f'; did the policy mean "{near[0]}"?' if near else ""
        needs = "approver" if limit.unmeasured == "nobody" else limit.unmeasured
        return check(
            name, f"{metric}: {bound}", f"metrics.json has no such figure{hint}", limit.source, needs
        )
    asked = f"{found.title} {bound.capitalize()} ({found.unit})"
    if found.value is None:
        return check(name, asked, "not assessable: too little data", limit.source, limit.unmeasured)
    said = f"{found.value:g}"
    if found.interval is not None:
        said += f" (95 % interval {found.interval[0]:g} to {found.interval[1]:g})"
    return check(name, asked, said, limit.source, _beyond(limit, found.value, found.interval))


def _beyond(limit: Limit, value: float, interval: tuple[float, float] | None) -> Needs:
    """What the figure needs. Written so that a figure that is no number is beyond any limit."""
    low, high = interval or (value, value)
    if limit.most is not None:
        holds, sure = value <= limit.most, not low <= limit.most
    else:
        holds, sure = value >= limit.least, not high >= limit.least  # type: ignore[operator]  # one of them is given
    if sure:  # also where the figure, which was written by hand, is not within its interval
        return limit.surely or limit.needs
    return "nobody" if holds else limit.needs


def _count(name: str, least: Least, about: Compared) -> Check:
    of = least.of or name
    found = int(getattr(about, of))
    needs: Needs = "nobody" if found >= least.least else least.needs
    floor = ", a floor that nobody may go under" if least.needs == "never" else ""
    return check(name, f"At least {least.least:,} {COUNTS[of]}{floor}", f"{found:,}", least.source, needs)


def _quick(rule: Condition, about: Compared) -> Check:
    found = "it was a quick look" if about.quick else "it was"
    needs: Needs = rule.needs if about.quick else "nobody"
    return check("quick", "The evaluation was a whole one, not a quick look", found, rule.source, needs)


def _setting(rule: PrivacySetting, about: Compared) -> Check:
    step = about.made.get(SETTING)
    needs: Needs = getattr(rule, step if step in STEPS else "unknown")
    fine = [name for name in STEPS if getattr(rule, name) == "nobody"]
    asked = f"The model was learned with the privacy setting {' or '.join(fine)}"
    found = (
        f"it was learned with {step}" if step in STEPS else "metrics.json does not say how the rows were made"
    )
    return check("privacy_setting", asked, found, rule.source, needs)


def _model_file(rule: ModelFile, metrics: Metrics) -> Check:
    if not rule.released:
        asked, found = "The model file stays where it was learned", "it is no part of the package"
        return check("model_file", asked, found, rule.source)
    asked = _wanted(rule, "The verdict on the model file, which is handed out too, is")
    status = _of_model(metrics)
    if status is None:
        return check("model_file", asked, "the model was not attacked", rule.source, rule.not_attacked)
    return check("model_file", asked, f'"{status}"', rule.source, _needs(rule, status))
