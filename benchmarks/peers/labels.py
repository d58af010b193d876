"""Where to write a label beside each mark, so that none lies on another, on a mark, or outside the frame."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

GAPS = (9.0, 12.0, 15.0, 18.0, 22.0, 26.0, 30.0, 35.0, 40.0, 46.0, 53.0, 61.0, 70.0, 80.0, 91.0, 103.0)
"""How far from its mark a label may stand, nearest first."""
ANGLES = (0, 180, 90, 270, 45, 315, 135, 225, 20, 340, 160, 200, 65, 295, 115, 245)
"""In which directions, in degrees, best first; 0 is to the right and 90 below."""
STEEP = 0.5  # above or below rather than beside, where the direction is less sideways than this
SHARES = (0.5, 0.1, 0.9)  # of a label that stands left of its mark, above or below it, best first
ORDERS = 16  # in which points are served that are tried beside those that come to mind
AIR = 1.5  # between two labels


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, frame: Box) -> bool:
        return (
            self.left >= frame.left
            and self.right <= frame.right
            and self.top >= frame.top
            and self.bottom <= frame.bottom
        )

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Its point that is nearest to (x, y)."""
        return min(max(x, self.left), self.right), min(max(y, self.top), self.bottom)


Point = tuple[float, float]


def place(
    points: Sequence[Point],
    sizes: Sequence[Point],
    frame: Box,
    *,
    radius: float = 6.0,
    taken: Sequence[Box] = (),
) -> list[Box]:
    """A box of each of SIZES (width, height) beside the point of the same index, within FRAME.

    radius: of a mark, on which no label may lie. taken: what else is to be kept free. Points are served in the order
    that keeps labels nearest to their marks, of a few that are tried; where there is no free place, the last resort is
    the place with the least in its way.
    """
    marks = [Box(x, y, x, y).grown(radius) for x, y in points]
    found = [_in_order(order, points, sizes, frame, marks, taken) for order in _orders(points)]
    return min(found, key=lambda one: one[0])[1] if found else []


def _orders(points: Sequence[Point]) -> list[list[int]]:
    """Crowded ones first, from each side, and some at random, the same ones each time."""
    if not points:
        return []
    every = range(len(points))
    crowd = [sum(1 / (20 + math.dist(points[i], other)) for other in points) for i in every]
    keys = [lambda i: -crowd[i], lambda i: points[i][0], lambda i: -points[i][0], lambda i: points[i][1]]
    thought_of = [sorted(every, key=key) for key in [*keys, lambda i: -points[i][1]]]
    shuffled = random.Random(0)
    return thought_of + [shuffled.sample(every, len(every)) for _ in range(ORDERS)]


def _in_order(
    order: list[int],
    points: Sequence[Point],
    sizes: Sequence[Point],
    frame: Box,
    marks: list[Box],
    taken: Sequence[Box],
) -> tuple[float, list[Box]]:
    """The cost of serving points in that order, and the boxes."""
    placed: dict[int, Box] = {}
    leaders: list[list[Point]] = []
    cost = 0.0
    for i in order:
        blocked = [*marks, *taken, *(box.grown(AIR) for box in placed.values())]
        best: tuple[float, Box] | None = None
        for gap, angle, share in itertools.product(GAPS, ANGLES, SHARES):
            box = _beside(points[i], sizes[i], gap, angle, share)
            if not box.within(frame):
                continue
            line = _line(points[i], box)
            hits = sum(box.overlaps(other) for other in blocked)
            hits += sum(box.holds(*point) for leader in leaders for point in leader)
            hits += sum(other.holds(*point) for other in placed.values() for point in line)
            if best is None or hits * 1e3 + gap < best[0]:
                best = hits * 1e3 + gap, box
            if hits == 0:
                break
        if best is None:
            raise ValueError("a label does not fit into the frame")
        cost += best[0]
        placed[i] = best[1]
        leaders.append(_line(points[i], best[1]))
    return cost, [placed[i] for i in range(len(points))]


def _beside(point: Point, size: Point, gap: float, angle: int, share: float) -> Box:
    dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    (x, y), (width, height) = point, size
    left = x + gap * dx - (width * share if abs(dx) < STEEP else width if dx < 0 else 0.0)
    top = y + gap * dy - height / 2 + (math.copysign(height / 2, dy) if abs(dx) < STEEP else 0.0)
    return Box(left, top, left + width, top + height)


def _line(point: Point, box: Box, steps: int = 12) -> list[Point]:
    """Points along the line from a mark to its label."""
    end = box.nearest(*point)
    return [
        (point[0] + (end[0] - point[0]) * k / steps, point[1] + (end[1] - point[1]) * k / steps)
        for k in range(steps)
    ]
