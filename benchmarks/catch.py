"""Which metric catches which failure: every known failure, evaluated in full, as a page of the manual.

    catch.py [--rows 4000] [--seed 1] [--quick] [--only shift copied ...] [--keep FOLDER] [--out PAGE.md]

Writes docs/explanation/what-catches-what.md. The columns are whatever `metrics.json` holds, so that a new metric is in
the page when this is run again. With --keep the evidence of each failure is written to FOLDER, and what is there
already is not computed again.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from locum.evaluate import Metrics, Status
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metric

sys.path.insert(0, str(Path(__file__).parents[1]))  # the failures lie among the tests

from tests.adversarial.clinic import VARIABLES
from tests.adversarial.failures import FAILURES, GOOD, Failure, Patients

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "what-catches-what.md"
FAMILIES = ("fidelity", "utility", "privacy")
SAID = {Status.FAIL: "fail", Status.WARN: "warn", Status.PASS: "ok", Status.NOT_ASSESSABLE: "n/a"}
QUESTIONS = {
    "fidelity": "Are the synthetic patients distributed like real ones?",
    "utility": "Would a developer who trained on them reach the same conclusion?",
    "privacy": "Does the table say more about the training patients than about unseen ones?",
}
# Why a failure is caught by no deciding metric. Known beforehand; the page says so where one is missing.
WHY = {
    "dropped_few": "A group is looked at when it holds at least 100 unseen patients, and this one holds some 40: with "
    "so few, the difference between rare and absent is within chance. A larger holdout finds it. Count by hand a group "
    "that must not be lost.",
    "copied_one": "One row that equals a training row may be chance, and no average moves by one patient in 4,000. "
    "Only patients who stand far from all others are looked at one by one. What protects the others is how the table "
    "was made (leaves of at least *k* patients, values drawn and not copied), which the evaluation of a table cannot "
    "see.",
    "blurred_outlier": "An outlier who was copied exactly is found. With noise on every number the row is near to the "
    "outlier, but so is, now and then, a row that has nothing to do with the patient. Several of them are found; one "
    "is not. The guard draws such rows again where the training patients are at hand.",
}

Evidence = Mapping[str, Metrics]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", default=[], help="names of failures; all when not given")
    parser.add_argument("--keep", type=Path, help="folder of evidence, read and written")
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    patients = Patients(given.rows, given.seed)
    chosen = [f for f in (*FAILURES, *GOOD) if not given.only or f.name in given.only]
    found = {}
    for failure in chosen:
        found[failure.name] = judged(failure, patients, quick=given.quick, keep=given.keep)
        print(f"{failure.name:20} {caught(found[failure.name]) or 'passes'}", flush=True)
    given.out.write_text(page(found, chosen), encoding="utf-8")


def judged(failure: Failure, patients: Patients, *, quick: bool, keep: Path | None) -> Metrics:
    """The evidence on FAILURE, read from KEEP when it is there."""
    path = None if keep is None else keep / f"{failure.name}.json"
    if path is not None and path.exists():
        return Metrics.model_validate_json(path.read_text(encoding="utf-8"))
    metrics = evaluate(
        patients.train, patients.holdout, failure(patients), VARIABLES, quick=quick, seed=patients.seed
    )
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(metrics.model_dump_json(indent=1), encoding="utf-8")
    return metrics


def remarkable(metrics: Metrics, decides: bool = True) -> list[Metric]:
    """The metrics that decide (or that do not) and fail or warn, failures first."""
    out = [m for m in metrics.metrics if m.decides is decides and m.status in (Status.FAIL, Status.WARN)]
    return sorted(out, key=lambda m: m.status is Status.WARN)


def caught(metrics: Metrics) -> str:
    return "; ".join(
        f"{word}: {', '.join(_words(m.name) for m in own)}"
        for status, word in ((Status.FAIL, "fail"), (Status.WARN, "warn"))
        if (own := [m for m in remarkable(metrics) if m.status is status])
    )


def page(found: Evidence, chosen: Sequence[Failure]) -> str:
    """The whole page, in Markdown."""
    parts = [
        *_opening(found),
        "## In short",
        "The verdict of each family, how many metrics fail and warn, and three that do so. Those that only describe "
        "are left out.",
        _summary(found, chosen),
    ]
    for family in FAMILIES:
        columns = _columns(found, family)
        parts += [
            f"## {family.capitalize()}",
            f"{QUESTIONS[family]} A star marks what describes and does not decide.",
            _matrix(found, chosen, columns),
        ]
    parts += ["## What nothing catches", *_missed(found, chosen)]
    parts += ["## What each metric asks", *_asked(found)]
    return "\n\n".join(_wrapped(part) for part in parts) + "\n"


def _opening(found: Evidence) -> list[str]:
    about = next(iter(found.values())).about
    failures = sum(1 for name in found if name not in {g.name for g in GOOD})
    level = "the quick level" if about.quick else "the full level"
    return [
        "# What catches what",
        f"An evaluation is worth what it catches. Here are {failures} tables of synthetic patients, each wrong in one "
        "way that is known, because it was put in; and two that are right. A row is a failure, a column a metric.",
        f"The patients come from an invented clinic: {about.variables} variables with informative gaps, a region with "
        f"few patients, two rules, an outcome and survival times. {about.train_rows:,} training, "
        f"{about.holdout_rows:,} holdout and {about.synthetic_rows:,} synthetic patients, seed {about.seed}, {level}. "
        "Tables that fail in fidelity or utility start from real patients whom nobody else has, so that nothing but "
        "the named failure is wrong with them. Those that fail in privacy take rows or values from training patients. "
        "The failures are functions in `tests/adversarial/failures.py`; this page is written by "
        "`python benchmarks/catch.py`, and `tests/adversarial/test_catch.py` holds what must be caught.",
        "**How to read it.** `fail`: the figure lies beyond its limit, and chance does not explain it. `warn`: look at "
        "it. `ok`: it passes. `n/a`: it cannot be told from these tables. Not every metric should see every failure: "
        "one whose question has nothing to do with the failure is right to pass.",
    ]


def _summary(found: Evidence, chosen: Iterable[Failure]) -> str:
    head = ("what is wrong", "fidelity", "utility", "privacy", "fails", "warns", "seen first by")
    lines = []
    for failure in chosen:
        metrics = found[failure.name]
        own = remarkable(metrics)
        fails = sum(m.status is Status.FAIL for m in own)
        # The family that is wrong comes first, since whoever looks for this failure looks there.
        first = sorted(own, key=lambda m: (m.status is Status.WARN, m.family != failure.wrong))[:3]
        verdicts = (SAID[getattr(metrics.verdict, family)] for family in FAMILIES)
        names = ", ".join(_words(m.name) for m in first) or "nothing"
        lines.append((_told(failure), *verdicts, str(fails), str(len(own) - fails), names))
    return _table(head, lines)


def _matrix(found: Evidence, chosen: Iterable[Failure], columns: Sequence[Metric]) -> str:
    head = ("what is wrong", *(_words(m.name) + ("" if m.decides else " *") for m in columns))
    lines = []
    for failure in chosen:
        by_name = {m.name: m for m in found[failure.name].metrics}
        cells = (SAID[by_name[m.name].status] if m.name in by_name else "n/a" for m in columns)
        lines.append((_told(failure), *cells))
    return _table(head, lines)


def _columns(found: Evidence, family: str) -> list[Metric]:
    """The metrics of FAMILY in the order in which they come, of any table."""
    out: dict[str, Metric] = {}
    for metrics in found.values():
        for one in metrics.metrics:
            if one.family == family:
                out.setdefault(one.name, one)
    return list(out.values())


def _missed(found: Evidence, chosen: Iterable[Failure]) -> list[str]:
    missed, elsewhere = [], []
    for failure in chosen:
        own = remarkable(found[failure.name])
        if not failure.wrong:
            continue
        if not own:
            described = ", ".join(_words(m.name) for m in remarkable(found[failure.name], decides=False))
            also = f" What describes without deciding shows it: {described}." if described else ""
            missed.append(f"**{failure.told}.** {WHY.get(failure.name, 'Not explained yet.')}{also}")
        elif not any(m.family == failure.wrong for m in own):
            elsewhere.append(
                f"*{failure.told}* is a matter of {failure.wrong}, and caught in {own[0].family} only."
            )
    alarms = [
        f"**False alarm: {failure.told}.** {caught(found[failure.name])}."
        for failure in chosen
        if not failure.wrong and remarkable(found[failure.name])
    ]
    if not alarms:
        alarms = ["The two good tables pass every metric that decides."]
    return [
        *(missed or ["Every failure above is caught by a metric that decides."]),
        *(["Caught, but in another family than one would look in:"] if elsewhere else []),
        *(["\n".join(f"* {line}" for line in elsewhere)] if elsewhere else []),
        *alarms,
    ]


def _asked(found: Evidence) -> list[str]:
    lines = [
        f"* **{_words(one.name)}**: {one.title}" for family in FAMILIES for one in _columns(found, family)
    ]
    return ["\n".join(lines)]


def _told(failure: Failure) -> str:
    return failure.told if failure.wrong else f"**must pass**: {failure.told}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _wrapped(part: str) -> str:
    if part.startswith(("|", "#", "*")) and not part.startswith("**"):
        return part
    return textwrap.fill(part, 125, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
