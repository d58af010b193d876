"""Quantile functions with known answers: through points, between functions, and of groups of neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from locum.network.quantiles import KNOTS, grouped, quantile, shares_below, through

LINE = np.arange(KNOTS + 1) / KNOTS


def knots_through(points: list[float], weight: list[float]) -> np.ndarray:
    knots = np.empty(KNOTS + 1)
    through(np.array(points), np.array(weight), len(points), knots)
    return knots


def test_through_evenly_spread_points_is_a_straight_line() -> None:
    points = (np.arange(50) + 0.5) / 50
    assert knots_through(points.tolist(), [1.0] * 50) == pytest.approx(LINE, abs=1e-12)
    assert quantile(LINE, 0.3) == pytest.approx(0.3)


def test_through_two_points_is_as_steep_beyond_them_and_stays_between_0_and_1() -> None:
    assert knots_through([0.4, 0.6], [1, 1])[[0, 8, 16, 24, 32]] == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7])
    wide = knots_through([0.05, 0.95], [1, 1])
    assert (wide[0], wide[-1]) == (0.0, 1.0)
    assert set(knots_through([0.25], [1]).tolist()) == {0.25}


def test_each_point_is_the_middle_of_its_weight() -> None:
    assert knots_through([0.2, 0.6], [3, 1])[[12, 28]] == pytest.approx([0.2, 0.6])  # at 3/8 and 7/8


@pytest.mark.parametrize("flat", [False, True])
def test_shares_below_undo_quantiles(flat: bool) -> None:
    knots = np.sort(np.random.default_rng(2).random(KNOTS + 1))
    if flat:
        knots[10:15] = knots[10]
    points = np.sort(np.concatenate([[0.0, knots[10], knots[10], 1.0], np.linspace(knots[0], knots[-1], 40)]))
    shares = points.copy()
    shares_below(knots, shares, len(shares))
    assert (np.diff(shares) >= 0).all()
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    inside = (points >= knots[0]) & (points <= knots[-1])
    assert [quantile(knots, p) for p in shares[inside]] == pytest.approx(points[inside].tolist())


@pytest.mark.parametrize(("n", "left"), [(1, 1), (2, 2), (3, 2), (10, 5), (36, 18), (100, 30), (10_000, 300)])
def test_groups_of_neighbours_grow_as_the_root_of_the_patients(n: int, left: int) -> None:
    points = np.sort(np.random.default_rng(n).random(n))
    weight, before = np.empty(n), points.copy()
    assert grouped(points, weight, n) == left
    assert weight[:left].sum() == n
    assert np.average(points[:left], weights=weight[:left]) == pytest.approx(before.mean())
    assert (np.diff(points[:left]) >= 0).all()
    assert points[0] == pytest.approx(before[: int(weight[0])].mean())
