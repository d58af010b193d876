"""Trees find the split that made the data, stop on noise, and keep k patients in a leaf."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from locum.network import Network, Settings, fit
from locum.network.conditional import Conditional
from locum.network.order import finest_first
from locum.variables import Column
from tests.unit.network.columns import levels, numbers

ONE = Settings("test", members=1, part=1.0, smallest_leaf=10, charge=1.5, smoothing=0.0, scores=False)


def learn(columns: list[Column], settings: Settings = ONE, k: int = 10, **more: object) -> Network:
    return fit(columns, k=k, settings=settings, seed=5, threads=1, **more)  # type: ignore[arg-type]


def goes_left(tree: Conditional, node: int, code: int) -> bool:
    return bool(int(tree.bits[node, code >> 6]) >> (code & 63) & 1)


def leaves(network: Network, target: int, columns: list[Column]) -> npt.NDArray[np.int64]:
    """int64[n]: the leaf of each row in the only tree for TARGET, walked in plain Python."""
    split = [c.split[c.encode(column)] for c, column in zip(network.cells, columns, strict=True)]
    tree = network.conditionals[target]
    found = []
    for row in range(len(columns[0])):
        node = 0
        while tree.variable[node] >= 0:
            left = goes_left(tree, node, int(split[tree.variable[node]][row]))
            node = int(tree.left[node] if left else tree.right[node])
        found.append(int(tree.leaf[node]))
    return np.array(found)


def test_a_threshold_is_found() -> None:
    rng = np.random.default_rng(1)
    x = np.round(rng.uniform(0, 100, 4000))
    y = np.where(x >= 37, rng.random(4000) < 0.9, rng.random(4000) < 0.2).astype(float)
    columns = [numbers(x, precision=1.0), levels(y, 2)]
    network = learn(columns)
    tree = network.conditionals[1]
    assert network.order == (0, 1)
    assert tree.variable.tolist() == [0, -1, -1]
    codes = network.cells[0].split[network.cells[0].encode(numbers(np.arange(101), precision=1.0))]
    left = [goes_left(tree, 0, int(c)) for c in codes]
    assert left == [i < 37 for i in range(101)]
    shares = tree.probability[:, 1:3] / 1e6
    assert shares[:, 1] == pytest.approx([np.mean(y[x < 37]), np.mean(y[x >= 37])], abs=2e-6)


@pytest.mark.parametrize("side", ["with the large", "alone"])
def test_the_side_of_the_missing_is_found(side: str) -> None:
    rng = np.random.default_rng(2)
    x = np.round(rng.uniform(0, 100, 6000))
    x[rng.random(6000) < 0.3] = np.nan
    high = np.isnan(x) if side == "alone" else np.isnan(x) | (np.nan_to_num(x) > 60)
    y = np.where(high, rng.random(6000) < 0.9, rng.random(6000) < 0.1).astype(float)
    network = learn([numbers(x, precision=1.0), levels(y, 2)])
    tree = network.conditionals[1]
    assert tree.variable.tolist() == [0, -1, -1]
    missing, low, large = (goes_left(tree, 0, int(c)) for c in network.cells[0].split[[0, 1, -1]])
    assert missing != low
    assert (missing == large) == (side == "with the large")


def test_a_subset_of_levels_with_three_classes_is_found() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 9, 8000)
    odd = np.isin(group, [1, 4, 8])
    chance = np.where(odd[:, None], [0.1, 0.2, 0.7], [0.6, 0.3, 0.1])
    y = (rng.random(8000)[:, None] > np.cumsum(chance, axis=1)).sum(axis=1).clip(0, 2)
    network = learn([levels(group.astype(float), 9), levels(y.astype(float), 3)])
    tree = network.conditionals[1]
    assert tree.variable.tolist() == [0, -1, -1]
    sides = [goes_left(tree, 0, 1 + level) for level in range(9)]
    assert {i for i in range(9) if sides[i] == sides[1]} == {1, 4, 8}


def test_noise_is_not_bought_at_the_full_price_but_for_nothing() -> None:
    rng = np.random.default_rng(4)
    columns = [numbers(rng.normal(0, 1, 3000), name="a"), numbers(rng.normal(0, 1, 3000), name="b")]
    columns += [
        levels(rng.integers(0, 4, 3000) + 0.0, 4, name="c"),
        levels(rng.integers(0, 2, 3000) + 0.0, 2),
    ]
    assert all(len(c.variable) == 1 for c in learn(columns).conditionals)
    free = learn(columns, replace(ONE, charge=0.0))
    assert sum(len(c.variable) for c in free.conditionals) > 100


@pytest.mark.parametrize("smallest", [10, 50])
def test_no_leaf_is_smaller_than_asked(smallest: int) -> None:
    rng = np.random.default_rng(5)
    columns = [numbers(rng.normal(0, 1, 2000)), levels(rng.integers(0, 2, 2000) + 0.0, 2)]
    network = learn(columns, replace(ONE, charge=0.0, smallest_leaf=smallest))
    for target in (0, 1):
        assert np.bincount(leaves(network, target, columns)).min() >= smallest
    assert len(network.conditionals[1].variable) > 3


def test_no_leaf_holds_fewer_than_k_patients_when_patients_repeat() -> None:
    """A patient with 300 rows whose outcome is unlike all others' makes no leaf of his own."""
    rng = np.random.default_rng(6)
    person = np.concatenate([np.arange(600), np.full(300, 3), rng.integers(0, 600, 600)])
    n = len(person)
    x = rng.uniform(0, 1, n)
    x[person == 3] = 0.95 + 0.05 * rng.random((person == 3).sum())
    y = np.where(person == 3, 1.0, (rng.random(n) < 0.2).astype(float))
    columns = [numbers(x), levels(y, 2), levels(rng.integers(0, 3, n) + 0.0, 3, name="c")]
    network = learn(columns, replace(ONE, charge=0.0, smallest_leaf=1), patient=person)
    for target in range(3):
        leaf = leaves(network, target, columns)
        for one in np.unique(leaf):
            assert len(set(person[leaf == one].tolist())) >= 10
    for cells, column in zip(network.cells, columns, strict=True):
        code = cells.encode(column)
        for one in np.flatnonzero(cells.mass > 0):
            assert len(set(person[code == one].tolist())) >= 10


def test_what_comes_in_later_rows_of_a_patient_is_learned() -> None:
    """Each first row says visit 0; levels and numbers of later visits are held by all patients too."""
    person = np.repeat(np.arange(400), 3)
    visit = np.tile([0.0, 1.0, 2.0], 400)
    columns = [levels(visit, 3), numbers(visit * 100, precision=1.0, name="day")]
    drawn = learn(columns, patient=person).sample(9000, seed=1, threads=1)
    assert np.bincount(drawn[0].values.astype(int), minlength=3) == pytest.approx([3000] * 3, abs=250)
    assert set(drawn[1].values.tolist()) == {0.0, 100.0, 200.0}


def test_the_finest_grained_comes_first_and_ties_stay_as_declared() -> None:
    rng = np.random.default_rng(7)
    flag = rng.integers(0, 2, 1000) + 0.0
    columns = [levels(flag, 2), levels(flag, 2), numbers(rng.normal(0, 1, 1000)), levels(flag * 2, 5)]
    network = learn(columns)
    assert network.order[0] == 2
    assert [v for v in network.order if v in (0, 1)] == [0, 1]
    assert list(network.order) == finest_first(network.cells)
