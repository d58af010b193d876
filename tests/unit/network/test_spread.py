"""Random numbers that like patients share out: each as it was, all together far more even, variables independent."""

from __future__ import annotations

import numpy as np
import pytest

from locum.network.network import Network, fit_network
from locum.network.spread import MOST_ROWS, spread
from tests.unit.network.columns import levels
from tests.unit.network.models import TWO_TREES

RNG = np.random.default_rng(11)
N = 4_000
TREATED = RNG.random(N) < 0.3
WELL = RNG.random(N) < np.where(TREATED, 0.8, 0.4)


@pytest.fixture(scope="module")
def network() -> Network:
    """Treatment, given to 30 %, and getting well, which follows it; and the toss of a coin, which follows nothing."""
    coin = RNG.random(N) < 0.5
    columns = [
        levels(held, 2, name=name) for name, held in (("treated", TREATED), ("well", WELL), ("coin", coin))
    ]
    return fit_network(columns, k=10, settings=TWO_TREES, seed=0, threads=1)


def draws(network: Network, rows: int, times: int) -> np.ndarray:
    """bool[times, variables, rows]"""
    return np.array([[c.values == 1 for c in network.sample(rows, seed=s, threads=1)] for s in range(times)])


def test_a_share_is_held_far_more_closely_than_by_chance(network):
    treated = draws(network, 500, 60)[:, 0].mean(axis=1)
    by_chance = np.sqrt(treated.mean() * (1 - treated.mean()) / 500)
    assert treated.std() < by_chance / 3


def test_so_is_a_share_among_those_who_are_alike(network):
    found = draws(network, 500, 60)
    well = np.array([w[t].mean() for t, w, _ in found])
    treated = found[:, 0].sum(axis=1).mean()
    assert well.std() < np.sqrt(well.mean() * (1 - well.mean()) / treated) / 2


def test_small_draws_have_the_distribution_of_large_ones(network):
    """Each row by itself is drawn as ever: thousands of small draws together say what one large draw says."""
    few = draws(network, 7, 3_000)
    many = draws(network, MOST_ROWS + 1, 3)
    for held in (lambda d: d[:, 0], lambda d: d[:, 0] & d[:, 1], lambda d: d[:, 1] & ~d[:, 2]):
        share = held(many).mean()
        error = np.sqrt(share * (1 - share) * (1 / held(few).size + 1 / held(many).size))
        assert abs(held(few).mean() - share) < 4 * error


def test_every_row_is_drawn_alike(network):
    """No place in the table is likelier to be treated than another."""
    treated = draws(network, 16, 3_000)[:, 0].mean(axis=0)
    share = treated.mean()
    assert np.sum((treated - share) ** 2) / (share * (1 - share) / 3_000) < 40  # chi-squared of 15, p = .0005


def test_variables_that_do_not_depend_stay_independent(network):
    """Their numbers are not shared out along the same order."""
    found = draws(network, 400, 200)
    together = (found[:, 0] & found[:, 2]).mean() - found[:, 0].mean() * found[:, 2].mean()
    assert abs(together) < 4 * np.sqrt(0.25 * 0.21 / found[:, 0].size)
    apart = [np.corrcoef(t, c)[0, 1] for t, _, c in found]
    assert 0.7 < np.std(apart) * np.sqrt(400) < 1.3


def test_each_number_stays_uniform_and_picks_members_evenly(network):
    tree, members = network.conditionals[1], len(network.conditionals[1].roots)
    split = RNG.integers(0, 2, (3, 1_000)).astype(np.uint8)
    uniform = RNG.random(1_000)
    spread(tree, split, uniform)
    assert ((uniform >= 0) & (uniform < 1)).all()
    assert (
        np.abs(np.bincount((uniform * members).astype(int), minlength=members) - 1_000 / members).max() < 10
    )
    left = np.sort(uniform * members % 1.0)
    assert np.abs(left - (np.arange(1_000) + 0.5) / 1_000).max() < 0.01
