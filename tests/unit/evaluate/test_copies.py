"""Rows that repeat a training row: how many are too many depends on whether nature makes doubles."""

from __future__ import annotations

import numpy as np
import pytest

from locum.evaluate import Status, copies
from locum.evaluate.metrics import Metric
from locum.evaluate.sample import Sample, Trio
from tests.unit.evaluate.tables import numbers, sample

ROWS = 4_000


def fine(seed: int) -> Sample:
    """Rows that are all different."""
    rng = np.random.default_rng(seed)
    return sample(*(numbers(name, rng.normal(size=ROWS)) for name in "ab"))


def coarse(seed: int) -> Sample:
    """Rows of 3,600 kinds, so that two tables have many in common."""
    rng = np.random.default_rng(seed)
    return sample(*(numbers(name, rng.integers(0, 60, ROWS)) for name in "ab"))


def judged(make, copied: int) -> Metric:
    train, holdout, other = make(1), make(2), make(3)
    rows = [
        np.concatenate([t.values[:copied], u.values[copied:]])
        for t, u in zip(train.columns, other.columns, strict=True)
    ]
    drawn = sample(*(numbers(name, values) for name, values in zip("ab", rows, strict=True)))
    return copies.assess(Trio(train, holdout, drawn, train, drawn, train, 10), np.random.default_rng(0))


def test_rows_of_nobody_pass() -> None:
    assert judged(fine, 0).status is Status.PASS


def test_a_small_share_of_a_large_table_is_many_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies.limits, "COPIES_WARN", 0.5)  # as 0.1 points are in a table five times as large
    assert judged(fine, 4).status is Status.PASS  # chance may do it
    found = judged(fine, 8)
    assert found.value == pytest.approx(0.2)
    assert found.status is Status.WARN
    assert "8 rows equal a training row" in found.reasons[0]


def test_doubles_that_nature_makes_are_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies.limits, "COPIES_WARN", 10.0)
    monkeypatch.setattr(copies.limits, "COPIES_FAIL", 50.0)
    assert judged(coarse, 400).interval[0] > 0
    assert judged(coarse, 400).status is Status.PASS


def test_where_people_are_alike_the_chance_of_the_split_counts() -> None:
    """Rows of nobody: the interval holds zero some 95 times in 100."""
    missed = 0
    for seed in range(60):
        train, holdout, drawn = (common(3 * seed + i) for i in range(3))
        found = copies.assess(Trio(train, holdout, drawn, train, drawn, train, 10), np.random.default_rng(0))
        missed += not found.interval[0] <= 0 <= found.interval[1]
    assert missed <= 8


def common(seed: int) -> Sample:
    """Rows of a few common kinds and of many rare ones."""
    rng = np.random.default_rng(seed)
    return sample(numbers("a", np.minimum(rng.geometric(0.002, ROWS), 3_000)), numbers("b", np.zeros(ROWS)))


@pytest.mark.parametrize(("copied", "status"), [(0, Status.PASS), (400, Status.WARN), (2_000, Status.FAIL)])
def test_copies_among_doubles_are_found_when_they_are_many(copied: int, status: Status) -> None:
    assert judged(coarse, copied).status is status
