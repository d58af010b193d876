"""Rows in boxes give what a look at every row gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from locum.evaluate.boxes import SIZE, Boxes
from locum.evaluate.linkability import joined
from locum.evaluate.neighbours import Points, farthest, nearest


def points(rows: int, seed: int, levels: int = 4) -> Points:
    """Ranks, levels and what is missing, as an embedding has them, padded."""
    rng = np.random.default_rng(seed)
    ranks = np.where(rng.random((rows, 5)) < 0.2, -2.0, rng.random((rows, 5)).round(2))
    out = np.zeros((rows, 16))
    out[:, :5], out[:, 5:12] = ranks, rng.integers(0, levels, (rows, 7))
    return out.astype(np.float32)


def apart(a: Points, b: Points) -> np.ndarray:
    return np.asarray(cdist(a, b, lambda x, y: np.minimum(1, np.abs(x - y)).sum()))


@pytest.mark.parametrize("rows", [1, SIZE - 1, SIZE, SIZE + 1, 1000])
def test_every_row_is_in_one_box_within_its_bounds(rows: int) -> None:
    boxes = Boxes.of(points(rows, 1))
    assert sorted(boxes.rows) == list(range(rows))
    laid = boxes.values.transpose(0, 2, 1).reshape(-1, 16)[:rows]
    assert (laid == points(rows, 1)[boxes.rows]).all()
    box = np.arange(rows) // SIZE
    assert (boxes.low.T[box] <= laid).all()
    assert (laid <= boxes.high.T[box]).all()


@pytest.mark.parametrize("rows", [1, SIZE, 1500])
def test_the_nearest_is_that_of_a_look_at_every_row(rows: int) -> None:
    base, query = points(rows, 2), points(60, 3)
    every = apart(query, base)
    assert nearest(query, Boxes.of(base)) == pytest.approx(every.min(axis=1), abs=1e-5)
    mine, whose = np.arange(60) % 7, np.arange(rows) % 7
    every[mine[:, None] == whose[None, :]] = np.inf
    assert nearest(query, Boxes.of(base), mine, whose) == pytest.approx(every.min(axis=1), abs=1e-5)


def test_a_row_repeated_is_at_distance_zero_and_rows_all_alike_are_no_trouble() -> None:
    base = points(700, 4)
    assert nearest(base, Boxes.of(base)).max() == 0
    alike = np.repeat(base[:1], 700, axis=0)
    assert nearest(base[:1], Boxes.of(alike))[0] == 0
    far = np.full((1, 16), 50, np.float32)
    assert nearest(far, Boxes.of(alike))[0] == 16


def test_nothing_is_near_no_rows() -> None:
    assert np.isinf(nearest(points(3, 5), Boxes.of(points(0, 5)))).all()


def test_two_files_are_joined_where_a_row_is_nearest_in_both() -> None:
    base, query = points(900, 6, levels=2)[:, :12], points(120, 7, levels=2)[:, :12]
    query[:40] = base[:40]
    file = np.arange(12) % 2 == 0
    a, b = apart(query[:, file], base[:, file]), apart(query[:, ~file], base[:, ~file])
    near = (a <= a.min(axis=1, keepdims=True) + 1e-5) & (b <= b.min(axis=1, keepdims=True) + 1e-5)
    found = joined(query, base, file)
    assert (found == near.any(axis=1)).all()
    assert found[:40].all()
    assert not found.all()


def test_the_farthest_are_those_of_a_look_at_every_row() -> None:
    query, base = points(900, 8), points(50, 9)
    mine, whose = np.arange(900), np.arange(50)
    every = apart(query, base)
    every[mine[:, None] == whose[None, :]] = np.inf
    least = every.min(axis=1)
    found = farthest(query, base, mine, whose, 30)
    assert len(found) == 30
    assert least[found].min() >= np.delete(least, found).max() - 1e-5
    assert farthest(query[:5], base, mine[:5], whose, 30).tolist() == [0, 1, 2, 3, 4]


def test_beyond_the_radius_there_is_nothing() -> None:
    query, base = points(40, 10), points(500, 11)
    least = apart(query, base).min(axis=1)
    for laid in (base, Boxes.of(base)):
        assert np.isinf(nearest(query, laid, radius=least * 0.99)).all()
        assert nearest(query, laid, radius=least * 1.01) == pytest.approx(least, abs=1e-5)
