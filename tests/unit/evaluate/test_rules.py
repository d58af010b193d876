"""Rules and formulas, kept and broken, and missing values, which break none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import rules
from locum.evaluate.metrics import Status
from locum.evaluate.sample import Trio, read_trio
from locum.variables import Kind, Rule, Variable, Variables
from locum.variables.formula import Formula

TOTAL = Variable(
    "total", Kind.CONTINUOUS, "double", precision=0.1, follows=(Formula("sum", ("low", "high"), (1.0, 1.0)),)
)
DECLARED = Variables(
    (
        Variable("low", Kind.CONTINUOUS, "double", precision=0.1),
        Variable("high", Kind.CONTINUOUS, "double", precision=0.1),
        TOTAL,
        Variable("sex", Kind.BINARY, levels=("female", "male")),
        Variable("pregnant", Kind.BINARY, storage="bool", levels=("false", "true")),
    ),
    rules=(Rule("high >= low"), Rule("not (sex = 'male' and pregnant)")),
)


def table(rows: int, seed: int, *, broken: float = 0.0, off: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    low = np.round(rng.normal(80, 8, rows), 1)
    high = np.round(low + rng.gamma(4, 10, rows), 1)
    swap = rng.random(rows) < broken
    low, high = np.where(swap, high, low), np.where(swap, low, high)
    total = np.round(low + high + np.where(rng.random(rows) < off, 1.0, 0.0), 1)
    male = rng.random(rows) < 0.5
    pregnant = ~male & (rng.random(rows) < 0.1)
    return pa.table(
        {
            "low": pa.array(low, mask=rng.random(rows) < 0.2),
            "high": high,
            "total": total,
            "sex": np.where(male, "male", "female"),
            "pregnant": pregnant,
        }
    )


def trio(synthetic: pa.Table, variables: Variables = DECLARED, real_breaks: float = 0.0) -> Trio:
    real = (table(2000, i, broken=real_breaks) for i in (1, 2))
    return read_trio(*real, synthetic, variables, np.random.default_rng(0))


def test_rules_kept_pass_and_rules_broken_fail_and_are_named() -> None:
    (kept,), shares = rules.assess(trio(table(2000, 3)), DECLARED)
    assert kept.status is Status.PASS
    assert kept.value == kept.ceiling == 0
    assert [s.rule for s in shares] == [
        "high >= low",
        "not (sex = 'male' and pregnant)",
        "total = low + high",
    ]
    (found,), shares = rules.assess(trio(table(2000, 3, broken=0.2)), DECLARED)
    assert found.status is Status.FAIL
    assert "high >= low" in found.answer
    assert found.value == pytest.approx(16, abs=2)  # of 20 % a fifth has no low value
    assert shares[0].interval[0] < shares[0].synthetic < shares[0].interval[1]
    assert shares[1].synthetic == 0


def test_what_real_patients_break_as_often_passes() -> None:
    (found,), shares = rules.assess(trio(table(2000, 3, broken=0.1), real_breaks=0.1), DECLARED)
    assert found.status is Status.PASS
    assert shares[0].holdout == pytest.approx(0.08, abs=0.02)


def test_a_total_that_is_not_the_sum_of_its_parts_is_found() -> None:
    (found,), shares = rules.assess(trio(table(2000, 3, off=0.3)), DECLARED)
    assert found.status is Status.FAIL
    assert shares[2].synthetic == pytest.approx(0.24, abs=0.03)


def test_shuffled_columns_break_what_binds_two_variables() -> None:
    given = trio(table(2000, 3))
    (found,), _ = rules.assess(given, DECLARED)
    assert found.floors["shuffled columns"] >= 0
    told = rules.tell(given, DECLARED)
    assert told[2].shuffled > 0.5
    assert told[1].shuffled == pytest.approx(0.025, abs=0.02)


def test_what_few_real_patients_break_is_told_as_none() -> None:
    planted = table(2000, 1).to_pydict()
    planted["high"][0] = 1.0
    real = pa.table(planted), table(2000, 2)
    given = read_trio(*real, table(2000, 3), DECLARED, np.random.default_rng(0))
    assert all(t.train == t.holdout == 0 for t in rules.tell(given, DECLARED))


def test_no_rules_and_few_rows() -> None:
    plain = Variables(tuple(replace(v, follows=()) for v in DECLARED))
    assert rules.assess(trio(table(500, 3), plain), plain) == ([], [])
    (few,), shares = rules.assess(trio(table(50, 3)), DECLARED)
    assert few.status is Status.NOT_ASSESSABLE
    assert not shares
