"""Sentences drawn from the figures: the verdicts, what they allow, and what an attack means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from locum.evaluate.metrics import About, Attack, Metric, Metrics, Prediction, Status, Verdict
from locum.report import formats
from locum.report.levels import nearest

LABEL = {
    Status.PASS: "Pass",
    Status.WARN: "Caution",
    Status.FAIL: "Fail",
    Status.NOT_ASSESSABLE: "Not assessable",
}
SEVERITY = [Status.FAIL, Status.WARN, Status.PASS, Status.NOT_ASSESSABLE]

FAMILY = {
    "fidelity": ("Faithful", "Do the artificial patients look like real ones?"),
    "utility": ("Useful", "Would work done on artificial patients lead to the same conclusion?"),
    "privacy": ("Private", "Can anyone learn who was in the real data?"),
}


ALIKE = 0.01
"""Models whose areas under the curve are nearer than this are not ranked in words; no verdict uses it."""


def deciding(metrics: Metrics, family: str) -> list[Metric]:
    """The metrics that make the verdict, the worst and then the nearest to its limit first."""
    chosen = [m for m in metrics.metrics if m.family == family and m.decides]
    return sorted(chosen, key=lambda m: (SEVERITY.index(m.status), nearest(m)))


def card(metrics: Metrics, family: str, status: Status) -> str:
    """The verdict of a family in a sentence or two: how many checks, and the one that weighs most."""
    checks = deciding(metrics, family)
    if not checks:
        return "Nothing was measured that could decide this. Treat it as unknown, not as passed."
    made = [m for m in checks if m.status is not Status.NOT_ASSESSABLE]
    if not made:
        return "There was too little data to judge. Treat it as unknown, not as passed."
    passed = sum(m.status is Status.PASS for m in made)
    not_made = f" {len(checks) - len(made)} could not be made." if len(made) < len(checks) else ""
    answer = formats.tidy(made[0].answer)
    if passed == len(made):
        total = "The one check" if len(made) == 1 else f"All {len(made)} checks"
        nearest = "Nearest to its limit: " if len(made) > 1 else ""
        return f"{total} passed.{not_made} {nearest}{answer}"
    of = f"{passed or 'None'} of {len(made)} check{'s' if len(made) > 1 else ''}"
    return f"{of} passed.{not_made} The one that weighs most: {answer}"


SENTENCES = {
    "fidelity": {
        Status.PASS: "The artificial patients look like real ones",
        Status.WARN: "The artificial patients look like real ones, with reservations",
        Status.FAIL: "The artificial patients do not look like real ones",
        Status.NOT_ASSESSABLE: "Whether the artificial patients look like real ones could not be judged",
    },
    "utility": {
        Status.PASS: "Work done on them leads to nearly the same conclusions as work on real patients",
        Status.WARN: "Work done on them leads to like conclusions, with reservations",
        Status.FAIL: "Work done on them would mislead",
        Status.NOT_ASSESSABLE: "Whether work done on them leads to the same conclusions could not be judged",
    },
    "privacy": {
        Status.PASS: "None of our attacks learnt who was in the real data",
        Status.WARN: "Our attacks learnt a little about who was in the real data, or came near to it",
        Status.FAIL: "They give away who was in the real data",
        Status.NOT_ASSESSABLE: "Whether they give away who was in the real data could not be judged",
    },
}


def sentences(metrics: Metrics) -> list[str]:
    """The verdict: a sentence for each family."""
    return [
        f"{SENTENCES[family][getattr(metrics.verdict, family)]}: {_tally(deciding(metrics, family))}."
        for family in FAMILY
    ]


def _tally(checks: list[Metric]) -> str:
    made = [m for m in checks if m.status is not Status.NOT_ASSESSABLE]
    if not made:
        return "there was too little to go by"
    failed, warned = (sum(m.status is s for m in made) for s in (Status.FAIL, Status.WARN))
    if not failed and not warned:
        return "the one check passed" if len(made) == 1 else f"all {len(made)} checks passed"
    of = f"of {len(made)} check{'s' if len(made) > 1 else ''}"
    if max(failed, warned) == len(made) > 1:
        return f"all {len(made)} checks {'failed' if failed else 'call for caution'}"
    found = [f"{failed} {of} failed"] if failed else []
    if warned:
        found.append(f"{warned} {'' if failed else of + ' '}call{'s' if warned == 1 else ''} for caution")
    return " and ".join(found)


LEAD = {
    Status.PASS: "Artificial patients: no row is a real person.",
    Status.WARN: "Artificial patients: no row is a real person, but privacy calls for caution.",
    Status.FAIL: "Artificial patients, but a privacy check failed: they may reveal real people.",
    Status.NOT_ASSESSABLE: "Artificial patients; whether they may reveal real people could not be judged.",
}


def compared(about: About) -> str:
    def people(rows: int, patients: int) -> str:
        if rows == patients:
            return formats.count(patients)
        return f"{formats.count(patients)} patients ({formats.count(rows)} records)"

    return (
        f"{formats.count(about.synthetic_rows)} artificial records were compared with two groups "
        "of real patients: "
        f"{people(about.train_rows, about.train_patients)} whom the model learnt from (“training”) and "
        f"{people(about.holdout_rows, about.holdout_patients)} whom it never saw (“unseen”), in "
        f"{about.variables} variable{'' if about.variables == 1 else 's'}."
    )


ALWAYS_NOT = [
    "Decisions about the care of any person.",
    "Attempts to find out who was in the real data, or linking it with data about people.",
    "Final evidence for a regulator, a guideline or a publication, unless confirmed on real data.",
    "Counts of rare groups or rare events: these are the least certain.",
]


AGAINST = {
    "pair": "Conclusions about how variables go together, for the pairs that are listed below as differing.",
    "triple": "Conclusions that rest on three or more variables at once.",
    "quadruple": "Conclusions that rest on three or more variables at once.",
    "subgroup": "Conclusions about small or particular groups of patients; see which below.",
    "c2st": "Conclusions that rest on details: a classifier tells them from real patients.",
    "mmd": "Conclusions that rest on many variables at once.",
    "missing": "Studies of who has no value recorded, or of what was measured in whom.",
    "rule": "Counting impossible or contradictory records: there are more of them than in real data.",
    "utility_": "Comparing how well prediction models rank patients.",
    "calibration": "Reading the size of a risk off a model that was trained on them.",
    "precision": "Deciding whom to treat or to call in by a model that was trained on them.",
    "net_benefit": "Deciding whom to treat or to call in by a model that was trained on them.",
    "coefficients": "The size of effects that a regression finds.",
    "hazards": "The size of effects on survival.",
    "survival": "How long patients stay without the event.",
    "concordance": "Telling who has the event earlier.",
}
"""What a check that did not pass speaks against, by how its name begins."""
MOST_NAMED = 5


class Figure(Protocol):
    """What `against` reads of a figure, whatever version of metrics.json holds it."""

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def decides(self) -> bool: ...


class Charted(Protocol):
    """What `against` reads of a variable's distribution."""

    @property
    def variable(self) -> str: ...
    @property
    def gap(self) -> float: ...
    @property
    def ceiling(self) -> float: ...
    @property
    def status(self) -> Status: ...


class Judged(Protocol):
    """What `against` reads of metrics.json."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def metrics(self) -> Sequence[Figure]: ...
    @property
    def marginals(self) -> Sequence[Charted]: ...


def against(metrics: Judged) -> list[str]:
    """What checks that call for caution speak against, in the order of AGAINST, each once."""
    warned = [family for family in FAMILY if getattr(metrics.verdict, family) is Status.WARN]
    if not warned:
        return []  # of a family that fails, `uses` speaks as a whole
    off_limits = (Status.FAIL, Status.WARN)
    bad = [m.name for m in metrics.metrics if m.decides and m.status in off_limits and m.family in warned]
    lines = [line for start, line in AGAINST.items() if any(name.startswith(start) for name in bad)]
    off = [m for m in metrics.marginals if m.status in off_limits and "fidelity" in warned]
    off.sort(key=lambda m: (m.ceiling - m.gap, m.variable))
    if off:
        named = ", ".join(m.variable for m in off[:MOST_NAMED])
        more = f" and {len(off) - MOST_NAMED} more" if len(off) > MOST_NAMED else ""
        lines.insert(0, f"Prevalences, averages and ranges of {named}{more}.")
    return list(dict.fromkeys(lines))


def uses(verdict: Verdict) -> tuple[list[str], list[str]]:
    """What the data may be used for and what not. Nothing is allowed by a figure that could not be judged."""
    blocked = {
        Status.FAIL: (
            "Any use outside the secure environment: a privacy check failed. Treat it as patient data."
        ),
        Status.NOT_ASSESSABLE: "Any use outside the secure environment: privacy could not be judged. "
        "Treat it as patient data.",
    }
    may: list[str] = []
    must_not: list[str] = []
    where = ""
    if verdict.privacy in blocked:
        must_not.append(blocked[verdict.privacy])
        where = "Inside the secure environment only: "
    elif verdict.privacy is Status.WARN:
        where = "In a controlled setting, once a reviewer has accepted the privacy cautions below: "
    else:
        where = "Under the terms that your governance board sets: "
    may.append(where + "writing and testing software, pipelines and analysis code.")
    may += _by_fidelity(verdict.fidelity, must_not)
    may += _by_utility(verdict, must_not)
    if verdict.privacy in blocked:
        may[1:] = [f"{where}{use[0].lower()}{use[1:]}" for use in may[1:]]
    return may, must_not + ALWAYS_NOT


def _by_fidelity(status: Status, must_not: list[str]) -> list[str]:
    if status is Status.PASS:
        return ["Teaching; exploring the variables, planning a study, choosing a method."]
    if status is Status.WARN:
        must_not.append(
            "Relying on the variables or pairs that are marked below as differing from real patients."
        )
        return [
            "Teaching; a first look at the variables, with the cautions below, to be checked on real data."
        ]
    reason = "they differ from real ones" if status is Status.FAIL else "likeness could not be judged"
    must_not.append(f"Describing patients or drawing any conclusion from their distributions: {reason}.")
    return []


def _by_utility(verdict: Verdict, must_not: list[str]) -> list[str]:
    if Status.FAIL not in (verdict.fidelity, verdict.utility):
        if verdict.utility is Status.PASS:
            return [
                "Developing prediction models for the outcome tested here, to be validated on real patients."
            ]
        if verdict.utility is Status.WARN:
            return ["Trying out prediction models; expect their performance to differ on real patients."]
    if verdict.utility is Status.NOT_ASSESSABLE:
        must_not.append(
            "Developing prediction models: whether they would hold on real patients could not be judged."
        )
    else:
        must_not.append("Developing prediction models: they would not hold on real patients.")
    return []


def conclusion(predictions: list[Prediction], status: Status, *, ranked: bool) -> str:
    """Would a developer who trained on this reach the same conclusion?

    ranked: whether a check of its own tells which model comes out best.
    """
    if not predictions:
        return ""
    worst = max(max(p.real.auc - p.synthetic.auc for p in predictions), 0.0)
    most = "at most" if status is Status.PASS else "up to"
    loss = (
        f"trained on artificial patients, models lose {most} {formats.decimals(worst, 3)} of "
        "area under the curve"
    )
    if worst < 0.0005:
        loss = "trained on artificial patients, models do as well"
    start = {
        Status.PASS: "Yes, for the models tried",
        Status.WARN: "Only in part",
        Status.FAIL: "No",
        Status.NOT_ASSESSABLE: "There is too little data to say",
    }[status]
    text = f"{start}: {loss} when judged on real, unseen patients."
    if not ranked and status in (Status.PASS, Status.WARN) and len({p.model for p in predictions}) > 1:
        text += _ranking(predictions)
    return text


def _ranking(predictions: list[Prediction]) -> str:
    if _best(predictions, "real") == _best(predictions, "synthetic"):
        return " The best model is the same either way."
    scores = [p.real.auc for p in predictions]
    if max(scores) - min(scores) < ALIKE:
        return " The models are too close to say which is best, on real patients too."
    return " A different model would come out best."


def _best(predictions: list[Prediction], side: str) -> dict[str, str]:
    best: dict[str, Prediction] = {}
    for p in predictions:
        if p.target not in best or getattr(p, side).auc > getattr(best[p.target], side).auc:
            best[p.target] = p
    return {target: p.model for target, p in best.items()}


def attack(attack: Attack) -> str:
    """What an attack's figures mean for a person."""
    if attack.auc is None:
        return f"too few patients in this group to judge ({formats.count(attack.attacked)} attacked)."
    text = f"picks the right one of two patients {formats.number(100 * attack.auc, 3)} times in 100"
    if attack.tpr_at_1pct is not None:
        text += f", and recognises {formats.number(100 * attack.tpr_at_1pct, 2)} in 100 training patients"
    return text + "."
