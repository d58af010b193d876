"""Several synthetic tables, one result: coverage, laws, bad input; and the warning about more rows than patients."""

from __future__ import annotations

import numpy as np
import pytest

from locum.errors import BadInput
from locum.evaluate.combining import combine
from locum.evaluate.evaluation import evaluate
from tests.adversarial import population as p


@pytest.mark.parametrize("proper", [False, True])
@pytest.mark.parametrize(("real", "rows", "tables"), [(100, 100, 1), (100, 1000, 5), (200, 100, 3)])
def test_95_percent_intervals_hold_the_truth_95_times_in_100(
    real: int, rows: int, tables: int, proper: bool
) -> None:
    rng = np.random.default_rng(1)
    times = 4000  # studies, each with a mean of its own, the truth being 0
    seen = rng.normal(0, 1 / np.sqrt(real), times)
    learned = seen + proper * rng.normal(0, 1 / np.sqrt(real), (tables, times))
    means = learned + rng.normal(0, 1 / np.sqrt(rows), (tables, times))
    found = combine(means, np.full(means.shape, 1 / rows), synthetic_rows=rows, real_rows=real, proper=proper)
    assert np.mean((found.low < 0) & (found.high > 0)) == pytest.approx(0.95, abs=0.015)
    assert found.real_error[0] == pytest.approx(1 / np.sqrt(real))


def test_taking_synthetic_rows_for_patients_does_not() -> None:
    rng = np.random.default_rng(2)
    means = rng.normal(0, 0.1, 4000) + rng.normal(0, 1 / np.sqrt(10_000), 4000)
    assert np.mean(np.abs(means) < 1.96 / np.sqrt(10_000)) < 0.3


def test_more_rows_or_tables_never_beat_the_real_patients() -> None:
    # The variance of a table falls as its rows grow; what is stated stays above that of the 100 real patients.
    for rows in (100, 10_000, 1_000_000):
        for tables in (1, 100):
            found = combine(np.zeros(tables), np.full(tables, 1 / rows), synthetic_rows=rows, real_rows=100)
            assert found.standard_error[0] > 0.1


@pytest.mark.parametrize(
    ("estimates", "variances", "rows"),
    [([], [], 10), ([1.0], [1.0, 2.0], 10), ([1.0], [-1.0], 10), ([np.nan], [1.0], 10), ([1.0], [1.0], 0)],
)
def test_bad_input_is_refused(estimates: list[float], variances: list[float], rows: int) -> None:
    with pytest.raises(BadInput):
        combine(np.array(estimates), np.array(variances), synthetic_rows=rows, real_rows=10)


@pytest.mark.parametrize(("rows", "told"), [(120, False), (121, True)])
def test_more_synthetic_rows_than_patients_are_told(rows: int, told: bool) -> None:
    tables = p.population(120, 1), p.population(120, 2), p.population(rows, 3)
    notices = evaluate(*tables, p.VARIABLES, quick=True).about.notices
    assert any("add no information" in notice for notice in notices) is told
