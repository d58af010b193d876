"""Neighbours, pairs, gaps and copies against slow oracles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.neighbors import NearestNeighbors

from locum.evaluate import marginals, pairs_kernel
from locum.evaluate.neighbours import Embedding, nearest
from locum.evaluate.sample import Sample, Trio, held, row_keys
from locum.variables import Kind
from tests.unit.evaluate.tables import levels, numbers, sample


def mixed(rows: int, seed: int) -> Sample:
    rng = np.random.default_rng(seed)
    columns = [
        numbers(f"x{i}", np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows))) for i in range(9)
    ]
    columns += [levels(f"c{i}", rng.integers(-1, 4, rows), ("a", "b", "c", "d")) for i in range(3)]
    return sample(*columns)


def test_nearest_neighbours_are_exact() -> None:
    base, query = mixed(300, 1), mixed(70, 2)
    embedding = Embedding.on([base, query], np.random.default_rng(0))
    a, b = embedding.points(query), embedding.points(base)
    search = NearestNeighbors(
        n_neighbors=1, algorithm="brute", metric=lambda x, y: np.minimum(1, np.abs(x - y)).sum()
    ).fit(b)
    assert nearest(a, b) == pytest.approx(search.kneighbors(a)[0][:, 0], abs=1e-4)


def test_a_copied_patient_with_gaps_is_at_distance_zero() -> None:
    base = mixed(200, 3)
    assert any(c.missing[5] for c in base.columns)
    embedding = Embedding.on([base], np.random.default_rng(0))
    points = embedding.points(base)
    assert nearest(points[5:6], points)[0] == 0
    assert nearest(points, points).max() == 0


def test_missing_against_present_and_one_level_against_another_are_one_apart() -> None:
    rows = sample(numbers("x", [1.0, np.nan] * 5), levels("c", [0, 1] * 5, ("a", "b")))
    embedding = Embedding.on([rows], np.random.default_rng(0))
    points = embedding.points(rows)
    assert nearest(points[:1], points[1:2])[0] == 2


def test_nothing_is_near_an_empty_table() -> None:
    points = np.zeros((2, 8), np.float32)
    assert np.isinf(nearest(points, points[:0])).all()


def test_two_way_gaps_agree_with_counting() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 5, (4, 200)).astype(np.uint8), rng.integers(0, 5, (4, 310)).astype(np.uint8)
    cuts_a, cuts_b = np.linspace(0, 200, 11).astype(np.int64), np.linspace(0, 310, 11).astype(np.int64)
    pairs = np.array([(i, j) for i in range(4) for j in range(i)], np.int64)
    gap, chance, loo_a, loo_b = pairs_kernel.two_way_gaps(a, b, cuts_a, cuts_b, pairs)

    def slow(x: np.ndarray, y: np.ndarray, i: int, j: int) -> float:
        tables = [np.histogram2d(z[i], z[j], bins=np.arange(6) - 0.5)[0] / z.shape[1] for z in (x, y)]
        return 0.5 * float(np.abs(tables[0] - tables[1]).sum())

    for t, (i, j) in enumerate(pairs):
        assert gap[t] == pytest.approx(slow(a, b, i, j))
        assert loo_a[t, 3] == pytest.approx(slow(np.delete(a, np.s_[60:80], axis=1), b, i, j))
        assert loo_b[t, 0] == pytest.approx(slow(a, b[:, 31:], i, j))
    assert gap.mean() == pytest.approx(
        chance.mean(), rel=0.25
    )  # both tables are uniform: chance is all there is


def test_ks_agrees_with_scipy() -> None:
    rng = np.random.default_rng(5)
    x, y = np.sort(np.round(rng.normal(size=200), 1)), np.sort(np.round(rng.normal(0.3, 1, 170), 1))
    assert marginals.ks(x, y) == pytest.approx(ks_2samp(x, y).statistic)
    assert marginals.ks(x, y[:0]) == 1
    assert marginals.ks(x[:0], y[:0]) == 0


def test_slack_is_hardly_exceeded_by_equal_distributions() -> None:
    rng = np.random.default_rng(6)
    beyond = 0
    for _ in range(200):
        a, b = (numbers("x", rng.normal(size=150)) for _ in range(2))
        c, d = (levels("c", rng.integers(0, 4, 150), ("a", "b", "c", "d")) for _ in range(2))
        beyond += marginals.gap(a, b, 0.05).low > 0
        beyond += marginals.gap(c, d, 0.05).low > 0
    assert beyond <= 400 * 0.07


def test_keys_are_equal_for_equal_rows_alone() -> None:
    one = mixed(500, 7)
    assert (row_keys(one) == row_keys(one)).all()
    assert len(np.unique(row_keys(one))) == 500
    swapped = sample(numbers("x", [1, 2]), numbers("y", [2, 1]))
    assert len(np.unique(row_keys(swapped))) == 2


def test_a_copy_is_seen_through_another_number_type_and_below_the_declared_precision() -> None:
    values = np.array([120.1, 95.3])
    plain, single = (sample(numbers("x", v)) for v in (values, values.astype(np.float32)))
    assert (row_keys(plain) == row_keys(single)).all()
    exact, off = (sample(numbers("x", v, Kind.CONTINUOUS, precision=0.1)) for v in (values, values + 1e-3))
    assert (row_keys(exact) == row_keys(off)).all()
    assert (row_keys(sample(numbers("x", [0.0]))) == row_keys(sample(numbers("x", [-0.0])))).all()


def test_a_quick_look_takes_as_many_rows_of_each_table_and_all_of_smaller_ones() -> None:
    rng = np.random.default_rng(8)
    tables = mixed(500, 8), mixed(300, 9), mixed(400, 10)
    sized = tables[0].draw(400, rng)
    trio = Trio(*tables, sized, tables[2], sized.shuffled(rng), 10)
    assert trio.of_rows(500, rng) is trio
    few = trio.of_rows(350, rng)
    assert [len(s) for s in (few.train, few.holdout, few.synthetic)] == [350, 300, 350]
    assert len(few.train_sized) == len(few.synthetic_sized) == len(few.shuffled) == 350
    assert held(np.sort(row_keys(few.synthetic)), np.sort(row_keys(tables[2]))).all()
