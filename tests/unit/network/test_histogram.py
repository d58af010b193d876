"""A number's own distribution takes only the steps that pay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.network.arrays import Floats
from locum.network.histogram import even_out

COUNTS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=40)


def likelihood(mass: Floats, share: Floats) -> float:
    held = mass > 0
    return float(mass[held] @ np.log(share[held]))


@given(COUNTS, st.floats(0.0, 20.0))
def test_nobody_is_lost_and_a_price_of_nothing_changes_nothing_that_differs(
    cells: list[tuple[int, int]], price: float
) -> None:
    mass, width = (np.array(x, np.float64) for x in zip(*cells, strict=True))
    shared = even_out(mass, width, price)
    assert shared.sum() == pytest.approx(mass.sum())
    assert (shared >= 0).all()
    assert even_out(mass, width, 0.0) == pytest.approx(mass)


@given(COUNTS, st.floats(0.1, 20.0))
def test_each_parameter_saved_costs_less_than_its_price(cells: list[tuple[int, int]], price: float) -> None:
    mass, width = (np.array(x, np.float64) for x in zip(*cells, strict=True))
    shared = even_out(mass, width, price)
    lost = likelihood(mass, mass) - likelihood(mass, shared)
    assert lost <= price * (len(mass) - 1) + 1e-9


def test_chance_is_evened_out_and_a_step_and_a_spike_are_kept() -> None:
    rng = np.random.default_rng(0)
    density = np.repeat([20.0, 60.0], 50)
    density[30] = 200.0
    mass = rng.poisson(density).astype(np.float64)
    shared = even_out(mass, np.ones(100), 4.0)
    assert len(np.unique(np.round(shared, 6))) == 4  # before the spike, the spike, after it, the step
    assert shared[30] == mass[30]
    assert np.abs(shared - density)[np.arange(100) != 30].max() < 3
    assert np.abs(mass - density).max() > 10


def test_a_cell_twice_as_wide_holds_twice_as_many() -> None:
    mass, width = np.array([10.0, 21.0, 9.0, 20.0]), np.array([1.0, 2.0, 1.0, 2.0])
    assert even_out(mass, width, 2.0) == pytest.approx(10 * width)


def test_no_cell_and_one() -> None:
    assert len(even_out(np.zeros(0), np.zeros(0), 1.0)) == 0
    assert even_out(np.array([7.0]), np.array([2.0]), 1.0).tolist() == [7.0]
