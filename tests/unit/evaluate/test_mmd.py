"""Maximum mean discrepancy: the formula by hand, laws, and generators whose verdict is known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import Status, mmd
from locum.evaluate.metrics import Metric
from locum.evaluate.mmd import Features
from locum.evaluate.sample import Sample, read_trio
from locum.variables import Kind, Variable, Variables
from tests.adversarial import population as p
from tests.unit.evaluate.tables import levels, numbers, sample

N = 1200


def by_hand(x: np.ndarray, y: np.ndarray, width: float) -> float:
    """The unbiased estimate of Gretton et al., equation 3, written as in the paper."""

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        square = float(((a - b) ** 2).sum())
        return sum(np.exp(-square / (2 * s * width)) for s in (0.5, 1, 2)) / 3

    m, n = len(x), len(y)
    one = sum(kernel(x[i], x[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    two = sum(kernel(y[i], y[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    return one + two - 2 * sum(kernel(a, b) for a in x for b in y) / (m * n)


def test_the_estimate_is_that_of_the_paper() -> None:
    rng = np.random.default_rng(1)
    x, y = (rng.normal(i, 1, (12, 3)).astype(np.float32) for i in range(2))
    cuts = np.array([0, 4, 9, 12])
    found, error = mmd.squared(mmd.sums(y, y, cuts, cuts, 2.0), cuts, x, cuts, y, 2.0)
    assert found == pytest.approx(by_hand(x.astype(float), y.astype(float), 2.0), abs=1e-5)
    assert error > 0


def rows() -> Sample:
    rng = np.random.default_rng(2)
    values = rng.normal(size=4000)
    values[::4] = np.nan
    return sample(numbers("x", values), levels("g", rng.integers(-1, 3, 4000), ("a", "b", "c")))


def test_every_variable_weighs_about_alike_and_two_missing_values_are_equal() -> None:
    table = rows()
    points = Features.on((table,)).points(table)
    some = points[np.random.default_rng(3).permutation(4000)]
    gone = table.columns[0].missing > 0
    number = ((points[:, :2] - some[:, :2]) ** 2).sum(axis=1).mean()
    level = ((points[:, 2:] - some[:, 2:]) ** 2).sum(axis=1).mean()
    assert 0.7 < number < 1.3
    assert 0.5 < level < 1.0
    assert np.ptp(points[gone][:, :2], axis=0).max() == 0


def judged(synthetic: pa.Table, patients: int = N) -> Metric:
    tables = [p.population(patients, i) for i in range(2)]
    trio = read_trio(*tables, synthetic, p.VARIABLES, np.random.default_rng(0))
    return mmd.assess(trio, np.random.default_rng(1), quick=False)


def test_unseen_real_patients_pass() -> None:
    for seed in range(2, 6):
        assert judged(p.population(N, seed)).status is Status.PASS, seed


def test_right_marginals_with_broken_dependence_fail() -> None:
    found = judged(p.shuffled(p.population(N, 2), 4))
    assert found.status is Status.FAIL
    assert not found.decides
    assert found.value == pytest.approx(found.floors["shuffled columns"], rel=0.2)


def test_a_shift_of_40_mmhg_fails() -> None:
    table = p.population(N, 2)
    found = judged(p.replaced(table, "pressure", pa.array(table["pressure"].to_numpy() + 40)))
    assert found.status is Status.FAIL
    assert found.value > 3 * found.floors["shuffled columns"]


def test_values_filled_in_are_seen() -> None:
    table = p.population(N, 2)
    values = table["glucose"].to_numpy(zero_copy_only=False)
    found = judged(p.replaced(table, "glucose", pa.array(np.where(np.isnan(values), 5.3, values))))
    assert found.status is Status.FAIL


def test_columns_without_dependence_or_without_a_difference_are_not_assessable() -> None:
    variables = Variables(tuple(Variable(n, Kind.CONTINUOUS, "double", precision=0.01) for n in "ab"))

    def alone(seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        return pa.table({n: np.round(rng.normal(size=400), 2) for n in "ab"})

    trio = read_trio(*(alone(i) for i in range(3)), variables, np.random.default_rng(0))
    assert mmd.assess(trio, np.random.default_rng(1), quick=True).status is Status.NOT_ASSESSABLE
    same = pa.table({n: np.full(200, 7.0) for n in "ab"})
    trio = read_trio(same, same, same, variables, np.random.default_rng(0))
    found = mmd.assess(trio, np.random.default_rng(1), quick=True)
    assert found.status is Status.NOT_ASSESSABLE
    assert "alike" in found.reasons[0]


def test_few_rows_are_not_assessable() -> None:
    assert judged(p.population(50, 2), 50).status is Status.NOT_ASSESSABLE
