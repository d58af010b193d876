"""Labels of the peers' picture: beside their marks, never on each other."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from benchmarks.peers.labels import Box, place

FRAME = Box(0, 0, 340, 340)
RADIUS = 6.0


def _crowd(seed: int) -> list[tuple[float, float]]:
    """Nine marks, most of them near one corner, as generators are; at least 14 apart, as marks that hide none."""
    rng = np.random.default_rng(seed)
    points: list[tuple[float, float]] = []
    while len(points) < 9:
        x, y = rng.uniform(20, 220, 2) if len(points) < 6 else rng.uniform(20, 320, 2)
        if all((x - a) ** 2 + (y - b) ** 2 >= 14**2 for a, b in points):
            points.append((float(x), float(y)))
    return points


@pytest.mark.parametrize("seed", range(8))
def test_labels_lie_on_nothing(seed: int) -> None:
    points = _crowd(seed)
    boxes = place(points, [(110.0, 15.0)] * len(points), FRAME, radius=RADIUS)
    marks = [Box(x, y, x, y).grown(RADIUS) for x, y in points]
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    assert not [(i, j) for i, box in enumerate(boxes) for j, mark in enumerate(marks) if box.overlaps(mark)]
    assert all(box.within(FRAME) for box in boxes)


def test_a_label_alone_stands_close_beside_its_mark() -> None:
    (box,) = place([(100.0, 100.0)], [(50.0, 15.0)], FRAME, radius=RADIUS)
    assert box.left == pytest.approx(109.0)
    assert (box.top + box.bottom) / 2 == pytest.approx(100.0)


def test_a_mark_at_the_right_edge_is_labelled_inside() -> None:
    (box,) = place([(338.0, 200.0)], [(80.0, 15.0)], FRAME, radius=RADIUS)
    assert box.right <= 338.0 - RADIUS


def test_a_label_keeps_off_what_is_taken() -> None:
    taken = Box(105, 80, 340, 120)
    (box,) = place([(100.0, 100.0)], [(50.0, 15.0)], FRAME, radius=RADIUS, taken=[taken])
    assert not box.overlaps(taken)


def test_the_same_points_give_the_same_places() -> None:
    points = _crowd(1)
    sizes = [(90.0, 15.0)] * len(points)
    assert place(points, sizes, FRAME) == place(points, sizes, FRAME)


def test_without_points_there_are_no_labels() -> None:
    assert place([], [], FRAME) == []


def test_a_label_wider_than_the_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        place([(100.0, 100.0)], [(400.0, 15.0)], FRAME)
