"""The demonstration: a study of artificial records, with the cohorts that come with locum."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from locum.errors import UsageError
from locum.study.found import find
from locum.study.plan import CohortPlan, Plan, RecordsPlan, Simulated
from locum.study.run import Results, carry_out
from locum.study.stage import Say

COHORTS = {
    # Half is held out, so that enough of those have a heart attack or a stroke to judge by.
    "cvd": CohortPlan(holdout=0.5),
    # Too few of so small a cohort die, or are admitted, to judge by.
    "covid19": CohortPlan(target="test_result"),
}
PATIENTS = 20_000


def demonstrate(
    out: str | Path,
    cohort: str | None = None,
    *,
    patients: int = PATIENTS,
    seed: int = 0,
    threads: int | None = None,
    stage: Say = lambda what, share: None,
) -> Results:
    """A study of COHORT, or of both, from PATIENTS that are simulated, with its results in OUT.

    Raises UsageError when there is no such cohort, and as `locum.study.run.carry_out` does.
    """
    if cohort is not None and cohort not in COHORTS:
        near = get_close_matches(cohort, COHORTS, 1)
        mend = f'did you mean "{near[0]}"?' if near else f"use {' or '.join(COHORTS)}, or neither for both"
        raise UsageError(f'there is no demonstration of "{cohort}"; {mend}')
    plan = Plan(
        format=1,
        title="A demonstration on artificial records",
        seed=seed,
        records=RecordsPlan(simulate=Simulated(patients=patients)),
        cohort={name: made for name, made in COHORTS.items() if cohort in (None, name)},
    )
    return carry_out(find(plan, Path("locum demo")), Path(out), threads=threads, stage=stage)
