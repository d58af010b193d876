"""Rows laid out in boxes of neighbours, so that an exact search may leave out boxes that are too far away.

Rows are halved again and again at a value of the column that separates them most (Friedman, Bentley & Finkel 1977,
ACM TOMS 3:209), then cut into boxes of equally many. What a row is away from the box's least and largest values is a
lower bound of what it is away from any row inside. Within a box values stand column by column, so that the processor
takes several rows at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Points = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
SIZE = 64  # rows of a box
TOGETHER = 16  # rows looked for at a time, so that a box is fetched once for all of them
SAMPLED = 64  # rows that tell in which columns another row is rare
LOOKED_AT = 16  # rows of a part that tell which column separates it most
FAR = 1e9  # stands in for rows that a last box lacks


@dataclass(frozen=True)
class Boxes:
    """rows: int64[n], which row stands where. values: float32[boxes, columns, SIZE]. low, high: float32[columns,
    boxes]."""

    rows: Ints
    values: Points
    low: Points
    high: Points

    @classmethod
    def of(cls, points: Points) -> Boxes:
        n, width = points.shape
        rows = np.arange(n, dtype=np.int64)
        _order(points, rows)
        count = -(-n // SIZE)
        values = np.empty((count, width, SIZE), np.float32)
        low, high = np.empty((width, count), np.float32), np.empty((width, count), np.float32)
        _lay(points, rows, values, low, high)
        return cls(rows, values, low, high)

    def __len__(self) -> int:
        return len(self.rows)


@njit(nogil=True, cache=True)
def _separating(points, rows, first, last, some):  # type: ignore[no-untyped-def]
    """The column that separates a part's rows most, and where to cut it; -1 where they are alike."""
    count = min(LOOKED_AT, last - first)
    most, which, cut = np.float32(0.0), -1, np.float32(0.0)
    for column in range(points.shape[1]):
        for i in range(count):
            some[i] = points[rows[first + (i * (last - first)) // count], column]
        for i in range(1, count):  # by insertion: so few
            x, j = some[i], i
            while j > 0 and some[j - 1] > x:
                some[j] = some[j - 1]
                j -= 1
            some[j] = x
        place = count // 2
        while place < count and some[place] == some[0]:
            place += 1
        if place == count:
            continue
        apart = np.float32(0.0)
        for i in range(count):
            for j in range(i):
                if some[j] < some[place] <= some[i]:
                    apart += min(np.float32(1.0), some[i] - some[j])
        if apart > most:
            most, which, cut = apart, column, some[place]
    return which, cut


@njit(nogil=True, cache=True)
def _order(points, rows):  # type: ignore[no-untyped-def]
    """Put ROWS, in place, in an order in which those that are alike stand together."""
    some = np.empty(LOOKED_AT, np.float32)
    waiting = [(0, len(rows))]
    while len(waiting) > 0:
        first, last = waiting.pop()
        if last - first <= SIZE // 2:
            continue
        column, cut = _separating(points, rows, first, last, some)
        if column < 0:
            continue
        i, j = first, last - 1
        while i <= j:
            if points[rows[i], column] < cut:
                i += 1
            else:
                rows[i], rows[j] = rows[j], rows[i]
                j -= 1
        waiting.append((first, i))
        waiting.append((i, last))


@njit(nogil=True, cache=True)
def _lay(points, rows, values, low, high):  # type: ignore[no-untyped-def]
    for box in range(values.shape[0]):
        held = min(SIZE, len(rows) - box * SIZE)
        for r in range(SIZE):
            for column in range(values.shape[1]):
                values[box, column, r] = points[rows[box * SIZE + r], column] if r < held else FAR
        for column in range(values.shape[1]):
            low[column, box] = values[box, column, :held].min()
            high[column, box] = values[box, column, :held].max()


@njit(nogil=True, fastmath=True, cache=True)
def bounds(row, low, high, out):  # type: ignore[no-untyped-def]
    """OUT: float32[boxes], what ROW is away from each box at least."""
    one, zero = np.float32(1.0), np.float32(0.0)
    out[:] = 0
    for column in range(len(row)):
        x = row[column]
        for box in range(len(out)):
            apart = max(max(low[column, box] - x, x - high[column, box]), zero)
            out[box] += min(apart, one)


@njit(nogil=True, fastmath=True, cache=True)
def telling(row, values, out):  # type: ignore[no-untyped-def]
    """OUT: int64[columns], first those in which ROW differs most from others: what is rare in it."""
    boxes, width = len(values), len(row)
    apart = np.zeros(width, np.float32)
    for i in range(SAMPLED):
        box = (i * boxes) // SAMPLED
        for column in range(width):
            apart[column] -= min(abs(row[column] - values[box, column, 0]), np.float32(1.0))
    out[:] = np.argsort(apart, kind="mergesort")


@njit(nogil=True, fastmath=True, cache=True)
def inside(row, values, order, most, out):  # type: ignore[no-untyped-def]
    """How many rows of a box are at MOST away from ROW or nearer. OUT: float32[SIZE], what ROW is away from each; where
    there is none, given up early. order: of the columns."""
    one = np.float32(1.0)
    out[:] = 0
    width = len(row)
    near = np.int32(0)
    first = 0
    while first < width:
        for i in range(first, min(first + 4, width)):
            column = order[i]
            x = row[column]
            for r in range(SIZE):
                out[r] += min(abs(x - values[column, r]), one)
        near = np.int32(0)
        for r in range(
            SIZE
        ):  # counted, not compared one with the next, which the processor would do row by row
            near += np.int32(out[r] <= most)
        if near == 0:
            break
        first += 4
    return near
