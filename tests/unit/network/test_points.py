"""What a variable can be drawn as: each number with the share that its cell gives it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from locum.network.cells import Cells
from locum.network.draw import draw_variable
from locum.network.learn_cells import learn_cells
from locum.network.network import fit_network
from locum.network.points import MOST_POINTS
from locum.network.scores import _codes
from locum.network.within import Within
from locum.variables import Column
from tests.unit.network.columns import everyone, levels, numbers
from tests.unit.network.models import TWO_TREES

RNG = np.random.default_rng(5)
ROUND = np.where(
    RNG.random(3000) < 0.6, 10 * np.rint(RNG.normal(13, 2, 3000)), np.rint(RNG.normal(130, 20, 3000))
)
TAIL = np.round(np.exp(RNG.normal(3, 1.5, 3000)))
PEAKS = np.concatenate([np.repeat(7298.0, 40), 7000 + np.arange(9.0) * 90 + 3, RNG.integers(1, 5000, 900)])
GAPS = np.where(RNG.random(3000) < 0.3, np.nan, np.round(RNG.normal(1, 0.4, 3000), 2))


def cells_of(column: Column, k: int = 20) -> Cells:
    return learn_cells(column, k, everyone(len(column)))[0]


@pytest.mark.parametrize(
    "column",
    [
        numbers(ROUND, precision=1.0),
        numbers(TAIL, precision=1.0),
        numbers(PEAKS, precision=1.0),
        numbers(GAPS, precision=0.01),
        levels(np.repeat([0, 1, 2], [50, 30, 5]), 3),
    ],
    ids=["digits", "tail", "peaks", "gaps", "levels"],
)
def test_a_point_has_the_share_that_its_cell_gives_it(column: Column) -> None:
    """By the definition: what `decode` makes of places that fill the cell evenly."""
    own = cells_of(column)
    points, many = own.points, 100_000
    assert points.whole
    for state in range(own.states):
        a, b = points.first[state], points.first[state + 1]
        here = np.diff(np.append(points.edges[a:b], 1.0))
        of_state = own.mass[own.state == state].sum()
        for cell in np.unique(points.cell[a:b]):
            made = own.decode(np.full(many, cell), (np.arange(many) + 0.5) / many)
            mine = points.cell[a:b] == cell
            assert here[mine].sum() == pytest.approx(own.mass[cell] / of_state)
            share = here[mine] / here[mine].sum()
            values, count = np.unique(made.values, return_counts=True, equal_nan=True)
            expected = np.zeros(mine.sum())
            place = [np.flatnonzero(np.isclose(points.value[a:b][mine], v, equal_nan=True)) for v in values]
            assert all(len(p) == 1 for p in place)
            expected[np.concatenate(place)] = count / many
            assert np.allclose(share, expected, atol=1e-4)
            assert (points.missing[a:b][mine] == made.missing[0]).all()


def test_numbers_that_cannot_be_counted_are_drawn_by_their_cells() -> None:
    fine = cells_of(numbers(RNG.normal(size=900)))
    wide = cells_of(numbers(RNG.integers(0, 100 * MOST_POINTS, 900).astype(float), precision=1.0))
    for own in (fine, wide):
        assert not own.points.whole
        assert (own.points.cell == own.drawable.order).all()
        assert (own.points.edges == own.drawable.edges).all()


def test_a_point_without_weight_is_never_drawn() -> None:
    """Digits of weight 0 at the end of a cell, and a quantile function that ends before the last rank."""
    weights = np.array([[8.0, 2.0, 0.0, 0.0]])
    own = cells_of(numbers(RNG.permutation(np.repeat(np.arange(100.0, 139.0), 40)), precision=1.0), 300)
    own = replace(own, within=Within(weights, np.zeros(own.size - own.reasons)))
    alone = own.high == own.low
    assert set(own.points.value[~alone[own.points.cell]] % 5) <= {0.0}


def test_every_random_number_leads_to_a_value() -> None:
    """The smallest and the largest, where the first or the last state is shut off by a chance of 0."""
    column = numbers(GAPS, precision=0.01)
    network = fit_network([column], k=20, settings=TWO_TREES, threads=1)
    own, trees = network.cells[0], network.conditionals[0]
    n = 4
    uniform = np.array([0.0, 0.5 - 2.0**-54, 0.5, 1.0 - 2.0**-53])
    for state in range(own.states):
        only = np.zeros_like(trees.probability)
        only[:, state] = 1_000_000
        value, missing, at = np.empty(n), np.empty(n, np.uint8), np.empty(n, np.int32)
        split = np.zeros((1, n), np.uint8)
        draw_variable(
            trees._replace(probability=only),
            own.points,
            0,
            split,
            uniform,
            np.zeros((0, 2), np.bool_),
            value,
            missing,
            at,
        )
        a, b = own.points.first[state : state + 2]
        if b > a:
            assert ((at >= a) & (at < b)).all()
            assert (np.isnan(value) == (missing > 0)).all()


def test_chances_are_kept_by_one_random_number_a_row() -> None:
    """Evenly spread random numbers give each point its share of each member, to the last of 200,000."""
    column = numbers(ROUND, precision=1.0)
    network = fit_network([column], k=20, settings=TWO_TREES, threads=1)
    own, trees = network.cells[0], network.conditionals[0]
    n = 200_000
    value, missing, at = np.empty(n), np.empty(n, np.uint8), np.empty(n, np.int32)
    draw_variable(
        trees,
        own.points,
        0,
        np.zeros((1, n), np.uint8),
        (np.arange(n) + 0.5) / n,
        np.zeros((0, 1), np.bool_),
        value,
        missing,
        at,
    )
    expected = trees.probability[trees.leaf[trees.roots]].mean(axis=0) / 1e6
    found = np.bincount(own.state[own.points.cell[at]], minlength=own.states) / n
    assert np.allclose(found, expected, atol=4 * own.states / n)


def test_a_score_falls_between_its_edges() -> None:
    edges = np.sort(np.round(RNG.normal(size=40), 3)).astype(np.float32)
    edges = np.append(edges, np.float32(edges[-1] + 1e-3))  # two that share a bin
    total = np.concatenate(
        [edges, np.nextafter(edges, np.float32(-9)), RNG.normal(0, 2, 5000).astype(np.float32)]
    )
    assert (_codes(total, edges) == np.searchsorted(edges, total, side="right")).all()
    assert (_codes(total, edges[:0]) == 0).all()
