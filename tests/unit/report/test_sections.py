"""Every check of an evaluation has its place in the report, once, and says what it speaks against."""

from __future__ import annotations

from collections import Counter

import pytest

from locum.evaluate import evaluate
from locum.evaluate.metrics import Metrics, Status, Verdict
from locum.report import sections, words
from locum.report.names import Names
from tests.adversarial import population as p


@pytest.fixture(scope="module")
def tiny() -> Metrics:
    """Too few patients to judge, so that it is fast, and yet every check is named."""
    return evaluate(*(p.population(20, seed) for seed in range(3)), p.VARIABLES, quick=True)


def test_every_check_that_decides_is_in_one_section(tiny: Metrics) -> None:
    made = [*sections.of(tiny, Names()).values(), sections.apart(tiny, Names())]
    shown = Counter(check.name for some in made for section in some for check in section.checks)
    survival = {"survival_curves", "concordance"}  # left out where no time and no event are declared
    assert {m.name for m in tiny.metrics if m.decides} - survival <= shown.keys()
    assert set(shown.values()) == {1}


def test_every_check_that_calls_for_caution_speaks_against_something(tiny: Metrics) -> None:
    verdict = Verdict(fidelity=Status.WARN, utility=Status.WARN, privacy=Status.PASS)
    deciding = [m for m in tiny.metrics if m.decides and m.family != "privacy"]
    assert len(deciding) > 25
    for check in deciding:
        if not check.name.startswith("marginal"):  # the variables themselves are named
            warned = check.model_copy(update={"status": Status.WARN})
            alone = tiny.model_copy(update={"metrics": [warned], "marginals": [], "verdict": verdict})
            assert words.against(alone), check.name
