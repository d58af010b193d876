"""Every check of an evaluation has its place in the report, once, and says what it speaks against."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import evaluate
from locum.evaluate.metrics import Metrics, Status, Subgroup, Verdict
from locum.report import sections, words
from locum.report.names import Names
from locum.report.sections import subgroups, variables
from locum.variables import Kind, Variable, Variables
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


def seldom_measured(seed: int, mean: float, pulse: float) -> pa.Table:
    """A test that a twentieth have, whose chance alone is large, and a pulse."""
    rng = np.random.default_rng(seed)
    test = np.where(rng.random(2000) < 0.05, np.round(rng.normal(mean, 1, 2000), 1), np.nan)
    return pa.table(
        {"test": pa.array(test, from_pandas=True), "pulse": np.round(rng.normal(70 + pulse, 10, 2000))}
    )


def test_the_variable_that_is_named_is_the_first_of_the_picture() -> None:
    """Also where chance explains more of one gap than of another."""
    declared = Variables(
        tuple(Variable(n, Kind.CONTINUOUS, "double", precision=0.1) for n in ("test", "pulse"))
    )
    metrics = evaluate(
        seldom_measured(7, 5, 0),
        seldom_measured(21, 5, 0),
        seldom_measured(68, 5, 0.5),
        declared,
        quick=True,
    )
    gap = {m.variable: m.gap for m in metrics.marginals}
    above = {m.variable: m.gap - m.ceiling for m in metrics.marginals}
    assert above["test"] > above["pulse"] > 0
    named = next(m for m in metrics.metrics if m.name == "marginal_worst")
    assert named.answer.startswith("test:")
    assert named.value == pytest.approx(gap["test"], abs=0.01)
    overview = variables.overview(metrics, Names())
    assert overview is not None
    assert [row[0] for row in overview.table.rows] == ["test", "pulse"]


def test_a_variable_that_fails_stands_before_one_whose_gap_is_larger_by_chance(tiny: Metrics) -> None:
    one, other, last = tiny.marginals[:3]
    made = [
        one.model_copy(update={"gap": 20.0, "ceiling": 2.0, "status": Status.PASS}),
        other.model_copy(update={"gap": 15.0, "ceiling": 2.0, "status": Status.FAIL}),
        last.model_copy(update={"gap": 19.0, "ceiling": 0.5, "status": Status.PASS}),
    ]
    shown, _ = variables.variables(tiny.model_copy(update={"marginals": made}), Names())
    assert [v.marginal for v in shown] == [made[1], made[2], made[0]]


def test_groups_by_negative_numbers_have_a_minus_sign(tiny: Metrics) -> None:
    group = Subgroup(
        group="z-score -5 to -2", declared=True, holdout=0.1, train=0.1, synthetic=0.1, variable="age",
        gap=9.0, ceiling=1.0,
    )  # fmt: skip
    made = subgroups.section(tiny.model_copy(update={"subgroups": [group]}), Names())
    assert made is not None
    tables = [t for fold in made.folded for t in fold.tables] + [c.table for c in made.charts]
    said = {cell for table in tables for row in table.rows for cell in row}
    assert "z-score −5 to −2" in said
    assert not any("-5" in cell for cell in said)
