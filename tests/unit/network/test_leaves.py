"""Leaves: quantiles with known answers, smoothing towards the parent, and what is drawn from them."""

from __future__ import annotations

import numpy as np
import pytest

from locum.errors import BadInput, UsageError
from locum.network import Network, Settings, fit
from locum.network.leaves import MILLION, RANKS
from locum.network.network import fit_network
from locum.network.quantiles import KNOTS
from tests.unit.network.columns import levels, numbers
from tests.unit.network.models import TWO_TREES, mixed_columns, mixed_network


def test_leaves_hold_whole_probabilities_and_rising_quantiles() -> None:
    for conditional in mixed_network().conditionals:
        assert (conditional.probability.sum(axis=1) == MILLION).all()
        assert (conditional.probability >= 0).all()
        assert (np.diff(conditional.knots, axis=1) >= 0).all()
        assert conditional.knots.min() >= 0
        assert conditional.knots.max() <= RANKS


@pytest.mark.parametrize("smoothing", [0.0, 1.0, 25.0])
@pytest.mark.parametrize("sure", [True, False])
def test_a_leaf_borrows_from_its_parent_the_less_the_surer_the_split(smoothing: float, sure: bool) -> None:
    x = np.repeat([0.0, 1.0], [400, 100])
    few = [0.0, 0, 0, 1] if sure else [0.0, 0, 1, 1]
    y = np.concatenate([np.tile(few, 100), np.ones(100) if sure else np.tile([0.0, 1, 1, 1], 25)])
    columns = [levels(y, 2, name="y"), levels(x, 2, name="x")]
    settings = Settings("test", 1, 1.0, 10, 1.0, smoothing, scores=False)
    network = fit(columns, k=10, settings=settings, seed=1, threads=1)
    first, second = network.order  # y given x, or x given y
    given, told = columns[first].values, columns[second].values
    count = np.array([[np.sum((given == g) & (told == t)) for t in (0, 1)] for g in (0, 1)])
    parent = count.sum(axis=0) / 500
    gain = sum(
        c * np.log(c / count[g].sum() / parent[t]) for g in (0, 1) for t, c in enumerate(count[g]) if c
    )
    parameters = max(1.0, np.sqrt(np.exp(-(parent * np.log(parent)).sum()) - 1))
    chance = parameters / (2 * gain)  # of the gain, what a split of no worth would show
    borrowed = smoothing * chance / (1 - chance) * np.prod(count.sum(axis=1)) / 500
    expected = (count[:, 1] + borrowed * parent[1]) / (count.sum(axis=1) + borrowed)
    shares = network.conditionals[second].probability[:, 2] / MILLION
    assert sorted(shares.tolist()) == pytest.approx(sorted(expected.tolist()), abs=3e-6)


def test_a_part_of_the_patients_fills_the_leaves_of_a_variable() -> None:
    """The same part in all members, another for each variable, and no more precise than that part is."""
    rng = np.random.default_rng(3)
    treated = (rng.random(2_000) < 0.3).astype(float)
    columns = [levels(treated, 2, name=name) for name in ("first", "again")]
    settings = Settings("test", 3, 1.0, 10, 1e6, 0.0, scores=False, taught=0.25)  # too dear to split

    def shares(seed: int) -> np.ndarray:
        """float64[variables, members]"""
        network = fit(columns, k=10, settings=settings, seed=seed, threads=1)
        return np.array([c.probability[c.leaf[c.roots], 2] / MILLION for c in network.conditionals])

    found = np.array([shares(seed) for seed in range(60)])
    assert (found == found[:, :, :1]).all()  # members agree
    assert (found[:, 0] != found[:, 1]).any(axis=1).mean() > 0.8  # variables do not
    expected = np.sqrt(treated.mean() * (1 - treated.mean()) / 500 * 0.75)
    assert 0.7 < found[:, :, 0].std() / expected < 1.3
    assert abs(found.mean() - treated.mean()) < 4 * expected / np.sqrt(120)


@pytest.mark.parametrize("smoothing", [0.0, 5.0, 1e6])
def test_numbers_of_a_leaf_are_moved_towards_the_parent_not_mixed_with_it(smoothing: float) -> None:
    """Of two groups that do not overlap, a leaf lies between its own and its parent's: a shift, no second hump."""
    columns = [numbers(np.arange(400.0), name="y"), levels(np.repeat([0.0, 1.0], 200), 2, name="x")]
    settings = Settings("test", 1, 1.0, 10, 1.0, smoothing, scores=False)
    network = fit_network(columns, k=10, settings=settings, seed=1, threads=1, late=[1, 0])
    knots = network.conditionals[0].knots / RANKS
    assert len(knots) == 2
    share = np.linspace(0, 1, KNOTS + 1)[4:-4]  # at one end the two are the same
    own, groups = knots[:, 4:-4], np.array([share / 2, 0.5 + share / 2])
    inner = (own - share) / (groups - share)
    assert inner == pytest.approx(np.full(inner.shape, inner.mean()), abs=0.03)
    assert 0 < inner.mean() < 1.02
    assert (inner.mean() > 0.97) == (smoothing == 0)


def test_draws_follow_the_quantiles_of_the_leaf() -> None:
    """Two groups whose numbers do not overlap: nothing is drawn in between, each half follows its own."""
    rng = np.random.default_rng(1)
    group = rng.integers(0, 2, 4000)
    value = np.where(group == 1, rng.normal(100, 5, 4000), rng.normal(0, 5, 4000))
    settings = Settings("test", 5, 0.8, 10, 1.0, 0.0)
    columns = [numbers(value), levels(group + 0.0, 2)]
    drawn = fit(columns, k=10, settings=settings, seed=1, threads=1).sample(20_000, seed=3, threads=1)
    x, g = drawn[0].values, drawn[1].values
    assert np.mean((x > 50) == (g == 1)) > 0.995  # a cell of k patients bridges the gap
    for one in (0, 1):
        real = np.quantile(value[group == one], [0.05, 0.25, 0.5, 0.75, 0.95])
        assert np.quantile(x[g == one], [0.05, 0.25, 0.5, 0.75, 0.95]) == pytest.approx(real, abs=0.6)


def test_likelihood_and_frequency_agree() -> None:
    """The shares of drawn cells of the first variable are their probabilities."""
    network = mixed_network()
    first = network.order[0]
    drawn = network.sample(200_000, seed=1)
    cells = network.cells[first]
    every = cells.decode(np.arange(cells.size), np.full(cells.size, 0.5))
    alone = Network((cells,), (0,), (network.conditionals[first],), network.settings, 5, 1, 1)
    probability = np.exp(alone.log_likelihood([every]))
    share = np.bincount(cells.encode(drawn[first]), minlength=cells.size) / 200_000
    assert probability[cells.mass > 0].sum() == pytest.approx(1, abs=1e-6)
    assert np.abs(share - probability).sum() / 2 < 0.01


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_seed_gives_the_same_draw_whatever_the_threads(threads: int) -> None:
    columns = mixed_columns(600, 3)
    again = fit(columns, k=5, settings=TWO_TREES, seed=7, threads=threads)
    one, other = (
        mixed_network().sample(70_000, seed=5, threads=1),
        again.sample(70_000, seed=5, threads=threads),
    )
    for a, b in zip(one, other, strict=True):
        assert a.values.tobytes() == b.values.tobytes()
        assert a.missing.tobytes() == b.missing.tobytes()


def test_seeds_parts_and_blocks_differ() -> None:
    network = mixed_network()
    whole = network.sample(140_000, seed=5)[3].values
    block = 65_536
    assert not np.array_equal(whole[:1000], whole[block : block + 1000])
    few = network.sample(1000, seed=5)[3].values
    assert not np.array_equal(few, network.sample(1000, seed=6)[3].values)
    assert not np.array_equal(few, network.sample(1000, seed=5, part=1)[3].values)
    a, b = whole[:block], whole[block : 2 * block]
    assert a.mean() == pytest.approx(b.mean(), abs=5 * a.std() / np.sqrt(block) * 1.5)
    assert not np.isnan(whole).all()


@pytest.mark.parametrize(
    ("rows", "seed", "error"), [(0, 0, BadInput), (-3, 0, BadInput), (5, -1, UsageError)]
)
def test_what_cannot_be_drawn_is_said_in_one_line(rows: int, seed: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        mixed_network().sample(rows, seed=seed)


def test_nothing_to_learn_from_is_said_in_one_line() -> None:
    with pytest.raises(BadInput, match="no variable"):
        fit([], k=10)
    with pytest.raises(BadInput, match="too few"):
        fit([numbers(np.arange(19.0))], k=10)
    with pytest.raises(BadInput, match="too few"):
        fit([numbers(np.arange(1000.0))], k=10, patient=np.arange(1000) % 19)
    with pytest.raises(UsageError):
        fit([numbers(np.arange(100.0))], k=10, seed=-1)
