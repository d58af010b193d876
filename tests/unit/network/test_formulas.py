"""Numbers that follow from others by a formula are drawn so that it holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from locum.network import fit
from locum.network.order import after_parts
from locum.variables import Column, Formula
from tests.unit.network.columns import levels, numbers
from tests.unit.network.models import TWO_TREES


def following(column: Column, *formulas: Formula) -> Column:
    return replace(column, variable=replace(column.variable, follows=formulas))


def copy_of(name: str) -> Formula:
    return Formula("sum", (name,), (1.0,))


def draw(columns, rows=4000, k=10, threads=1):
    network = fit(columns, k=k, settings=TWO_TREES, seed=1, threads=1)
    return network, network.sample(rows, seed=2, threads=threads)


def test_a_total_is_exact_in_every_row():
    rng = np.random.default_rng(0)
    a, b = rng.gamma(2, 30, (2, 2000)).round(1)
    columns = [
        following(
            numbers((a + b).round(1), name="total", precision=0.1), Formula("sum", ("a", "b"), (1.0, 1.0))
        ),
        numbers(a, name="a", precision=0.1),
        numbers(b, name="b", precision=0.1),
    ]
    network, (total, first, second) = draw(columns)
    assert network.order[-1] == 0  # though it is finer than its parts
    assert np.abs(total.values - first.values - second.values).max() < 1e-6
    assert abs(np.median(total.values) - np.median(a + b)) < 4


def events(n: int, seed: int):
    """Follow-up ends at DEATH; STROKE is its own time where there was one, else the end of follow-up."""
    rng = np.random.default_rng(seed)
    death = np.where(rng.random(n) < 0.5, 3000.0, rng.uniform(100, 3000, n).round())
    had = rng.random(n) < np.where(death < 3000, 0.5, 0.1)
    stroke = np.where(had, np.ceil(death * rng.random(n)), death)
    return [
        numbers(death, name="death", precision=1.0),
        following(numbers(stroke, name="stroke", precision=1.0), copy_of("death")),
        levels(had.astype(float), 2, name="had"),
    ]


def test_a_time_is_its_own_or_the_end_of_follow_up_as_often_as_in_the_patients():
    columns = events(4000, 1)
    _, (death, stroke, had) = draw(columns, 20_000)
    same, real = stroke.values == death.values, columns[1].values == columns[0].values
    assert same.mean() == pytest.approx(real.mean(), abs=0.03)
    # who had none has the end of follow-up: which formula holds is known to later variables
    assert (same == (had.values == 0)).mean() > 0.98


def test_a_copy_works_in_the_other_direction_too():
    columns = events(3000, 2)
    turned = [columns[1], columns[0], columns[2]]
    _, (stroke, death, _) = draw(turned, 5000)
    assert (stroke.values == death.values).mean() > 0.6


def test_where_a_part_is_missing_the_formula_is_not_used():
    rng = np.random.default_rng(3)
    base = np.where(rng.random(3000) < 0.4, np.nan, rng.normal(100, 20, 3000).round(1))
    copied = np.where(np.isnan(base), rng.normal(50, 5, 3000).round(1), base)
    columns = [
        numbers(base, name="base", precision=0.1),
        following(numbers(copied, name="copied", precision=0.1), copy_of("base")),
    ]
    _, (first, second) = draw(columns, 10_000)
    absent = first.missing > 0
    assert (second.missing == 0).all()
    assert not np.isnan(second.values).any()
    assert second.values[absent].mean() == pytest.approx(50, abs=3)
    assert (second.values == first.values)[~absent].mean() > 0.98


def test_a_formula_that_holds_for_fewer_than_k_patients_is_not_learned():
    rng = np.random.default_rng(4)
    a = rng.normal(100, 20, 1000).round(1)
    b = rng.normal(100, 20, 1000).round(1)
    b[:9] = a[:9]
    network, _ = draw(
        [numbers(a, name="a", precision=0.1), following(numbers(b, name="b", precision=0.1), copy_of("a"))]
    )
    assert all(not own.formulas for own in network.cells)


def test_fewer_than_k_patients_who_break_a_formula_count_as_keeping_it():
    rng = np.random.default_rng(5)
    a = rng.normal(100, 20, 1000).round(1)
    b = a.copy()
    b[:9] = 990.0
    network, (first, second) = draw(
        [numbers(a, name="a", precision=0.1), following(numbers(b, name="b", precision=0.1), copy_of("a"))]
    )
    assert (first.values == second.values).all()
    assert 990.0 not in {*np.concatenate([own.high for own in network.cells]).tolist()}


def test_a_row_has_a_likelihood_whichever_formula_holds():
    columns = events(3000, 6)
    network, _ = draw(columns)
    same = columns[1].values == columns[0].values
    assert np.isfinite(network.log_likelihood(columns)).all()
    broken = [
        columns[0],
        replace(columns[1], values=np.where(same, columns[1].values - 1, columns[1].values)),
        columns[2],
    ]
    assert network.log_likelihood(broken)[same].mean() < network.log_likelihood(columns)[same].mean() - 1


def test_the_same_rows_whatever_the_threads():
    network, drawn = draw(events(3000, 7), 140_000)
    again = network.sample(140_000, seed=2, threads=3)
    assert all(np.array_equal(a.values, b.values) for a, b in zip(drawn, again, strict=True))


def test_parts_come_first_and_circles_are_left_alone():
    assert after_parts([0, 1, 2, 3], {0: [1, 2]}) == [1, 2, 0, 3]
    assert after_parts([0, 1, 2], {0: [1], 1: [0]}) == [1, 0, 2]
    assert after_parts([2, 1, 0], {}) == [2, 1, 0]
