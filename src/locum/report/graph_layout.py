"""Where the boxes of a graph stand and how its lines run: columns from left to right, few crossings.

The steps are those of Sugiyama, Tagawa & Toda (1981): columns, an invisible box wherever a line passes a column, an
order within each column that crosses few lines, then heights that keep lines straight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

COLUMNS = 6
"""Columns, unless there are more bands."""
BOX, WAY = 58.0, 12.0  # height of a box, and of the way of a line between boxes
BETWEEN = 6.0  # between two of either
DRAWN_IN = (
    0.05  # how much of its way to the middle a box is moved at each sweep, so that parts do not drift away
)
SWEEPS = 24


@dataclass(frozen=True)
class Line:
    """A line from the box FROM_ to the box TO. via: (column, height) of the columns that it passes on its way."""

    from_: int
    to: int
    via: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Layout:
    """column, y: of each box (the middle of its height); bands: of each column; height: of the whole."""

    column: tuple[int, ...]
    y: tuple[float, ...]
    lines: tuple[Line, ...]
    bands: tuple[int, ...]
    height: float


def lay_out(bands: Sequence[int], edges: Sequence[tuple[int, int]]) -> Layout:
    """BANDS: of each box, 0 leftmost; EDGES: pairs of boxes (from, to) without a cycle."""
    column, band_of = _columns(bands, edges)
    items: list[list[int]] = [[] for _ in band_of]
    for box, c in enumerate(column):
        items[c].append(box)
    at = list(column)  # of boxes, then of ways
    next_to: list[list[int]] = [[] for _ in column]
    aside: list[list[int]] = [[] for _ in column]  # boxes of the same column that a line joins
    ways: list[list[int]] = []
    for a, b in edges:
        way: list[int] = []
        step = 1 if column[b] > column[a] else -1
        for c in range(column[a] + step, column[b], step) if column[a] != column[b] else ():
            way.append(len(at))
            items[c].append(len(at))
            at.append(c)
            next_to.append([])
            aside.append([])
        ways.append(way)
        if column[a] == column[b]:
            aside[a].append(b)
            aside[b].append(a)
        for one, other in pairwise([a, *way, b]) if column[a] != column[b] else ():
            next_to[one].append(other)
            next_to[other].append(one)
    _order(items, at, next_to, aside)
    tall = [BOX] * len(bands) + [WAY] * (len(at) - len(bands))
    y = _heights(items, [a + b for a, b in zip(next_to, aside, strict=True)], tall)
    lines = tuple(
        Line(a, b, tuple((at[i], y[i]) for i in way)) for (a, b), way in zip(edges, ways, strict=True)
    )
    height = max((y[i] + tall[i] / 2 for i in range(len(y))), default=0.0)
    return Layout(tuple(column), tuple(y[: len(bands)]), lines, tuple(band_of), height)


def _columns(bands: Sequence[int], edges: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """(column of each box, band of each column): a band with many boxes has several, by the depth of its lines."""
    within: dict[int, list[tuple[int, int]]] = {band: [] for band in sorted(set(bands))}
    for a, b in edges:
        if bands[a] == bands[b]:
            within[bands[a]].append((a, b))
    members = {band: [i for i, own in enumerate(bands) if own == band] for band in within}
    depth = {band: _depths(members[band], within[band]) for band in within}
    while (
        True
    ):  # two neighbouring depths of a band become one column, where that costs least, until few are left
        width = {band: max(depth[band].values()) + 1 for band in within}
        if sum(width.values()) <= max(COLUMNS, len(within)):
            break
        costs = [
            (_cost(depth[band], within[band], d), d, band) for band in within for d in range(width[band] - 1)
        ]
        _, shallow, chosen = min(costs)
        depth[chosen] = {box: d - (d > shallow) for box, d in depth[chosen].items()}
    column = [0] * len(bands)
    band_of: list[int] = []
    for band in within:
        for box in members[band]:
            column[box] = len(band_of) + depth[band][box]
        band_of += [band] * width[band]
    return column, band_of


def _cost(depth: Mapping[int, int], edges: Sequence[tuple[int, int]], shallow: int) -> float:
    """What it costs to put the boxes at SHALLOW and the next depth into one column: lines within it, and its height."""
    within = sum(depth[a] in (shallow, shallow + 1) and depth[b] in (shallow, shallow + 1) for a, b in edges)
    return within + sum(d in (shallow, shallow + 1) for d in depth.values()) / 4


def _depths(boxes: Sequence[int], edges: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How many lines lead to each box at most; a box that no line leads to stands just before the first it leads to."""
    depth = dict.fromkeys(boxes, 0)
    for _ in boxes:
        deeper = {b: depth[a] + 1 for a, b in edges if depth[a] >= depth[b]}
        if not deeper:
            break
        for a, b in edges:
            depth[b] = max(depth[b], depth[a] + 1)
    led_to = {b for _, b in edges}
    for box in boxes:
        ahead = [depth[b] for a, b in edges if a == box]
        if box not in led_to and ahead:
            depth[box] = min(ahead) - 1
    return depth


def _order(
    items: list[list[int]],
    at: Sequence[int],
    next_to: Sequence[Sequence[int]],
    aside: Sequence[Sequence[int]],
) -> None:
    """Sort each column of ITEMS so that few lines cross: by the mean place of what each is joined to."""
    place = [0.0] * len(at)

    def number(column: Sequence[int]) -> None:
        for i, item in enumerate(column):
            place[item] = (i + 0.5) / len(column)

    for column in items:
        number(column)
    best, fewest = [list(column) for column in items], _crossings(items, at, next_to, aside)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for c in range(len(items)) if forward else range(len(items) - 1, -1, -1):

            def wanted(item: int, c: int = c, forward: bool = forward) -> float:
                before = [place[o] for o in next_to[item] if (at[o] < c) == forward]
                joined = before or [place[o] for o in next_to[item]]
                joined = joined + [place[o] for o in aside[item]]
                return sum(joined) / len(joined) if joined else place[item]

            items[c].sort(key=wanted)  # stable: ties stay as they are
            number(items[c])
        crossings = _crossings(items, at, next_to, aside)
        if crossings < fewest:
            best, fewest = [list(column) for column in items], crossings
    items[:] = best


def _crossings(
    items: Sequence[Sequence[int]],
    at: Sequence[int],
    next_to: Sequence[Sequence[int]],
    aside: Sequence[Sequence[int]],
) -> float:
    """Pairs of lines that cross between neighbouring columns, and how far the lines within columns reach."""
    place = {item: i for column in items for i, item in enumerate(column)}
    total = sum(abs(place[i] - place[o]) for i, others in enumerate(aside) for o in others) / 8
    for c, column in enumerate(items[:-1]):
        ends = [sorted(place[o] for o in next_to[item] if at[o] == c + 1) for item in column]
        flat = [end for own in ends for end in own]
        total += sum(a > b for i, a in enumerate(flat) for b in flat[i + 1 :])
    return total


def _heights(
    items: Sequence[Sequence[int]], joined_to: Sequence[Sequence[int]], tall: Sequence[float]
) -> list[float]:
    """The middle of each item: near those it is joined to, none overlapping, in the order of its column."""
    y = [0.0] * len(tall)
    for column in items:
        whole = sum(tall[i] + BETWEEN for i in column)
        top = -whole / 2
        for i in column:
            y[i] = top + tall[i] / 2
            top += tall[i] + BETWEEN
    for sweep in range(SWEEPS):
        for column in items if sweep % 2 == 0 else reversed(items):
            wish = [
                (1 - DRAWN_IN)
                * (sum(y[o] for o in joined_to[i]) / len(joined_to[i]) if joined_to[i] else y[i])
                for i in column
            ]
            for i, height in zip(column, _apart(wish, [tall[i] for i in column]), strict=True):
                y[i] = height
    top = min((y[i] - tall[i] / 2 for i in range(len(y))), default=0.0)
    return [value - top for value in y]


def _apart(wish: Sequence[float], tall: Sequence[float]) -> list[float]:
    """The heights nearest to WISH (least squares) in the same order without overlap: isotonic regression."""
    offset, below = [], 0.0
    for i, own in enumerate(tall):
        below += (tall[i - 1] + own) / 2 + BETWEEN if i else 0.0
        offset.append(below)
    blocks: list[tuple[float, int]] = []  # mean and size of each run that has to move together
    for value, gap in zip(wish, offset, strict=True):
        mean, size = value - gap, 1
        while blocks and blocks[-1][0] >= mean:
            other, count = blocks.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        blocks.append((mean, size))
    flat = [mean for mean, size in blocks for _ in range(size)]
    return [mean + gap for mean, gap in zip(flat, offset, strict=True)]


def joined(
    edges: Sequence[tuple[int, int]], weight: Mapping[tuple[int, int], float], most: int
) -> list[tuple[int, int]]:
    """The strongest of EDGES, in their order, that together join no more than MOST boxes."""
    kept: set[tuple[int, int]] = set()
    boxes: set[int] = set()
    for edge in sorted(edges, key=lambda e: (-weight[e], e)):
        if len(boxes | {*edge}) <= most:
            boxes |= {*edge}
            kept.add(edge)
    return [edge for edge in edges if edge in kept]
