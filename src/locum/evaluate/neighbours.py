"""Exact nearest neighbours among patients with numbers, levels and missing values.

The distance is Gower's (1971) with missing as a state: numbers by the difference of their ranks among real
patients, levels 0 or 1, two missing values equal, a missing and a present one 1 apart. A copied patient with
gaps in the record is therefore at distance 0; measures that call two missing values different put him far
away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate.boxes import SIZE, TOGETHER, Boxes, bounds, inside, telling
from locum.evaluate.parallel import run_in_parts
from locum.evaluate.sample import Sample

Points = npt.NDArray[np.float32]
LANE = 8  # columns summed between two looks at whether to give up
RANKED = 100_000  # rows of each table that ranks are taken among: they are then known to a third of a point
WORTH = (
    500,
    4_000,
)  # rows looked for, and rows searched, from which laying boxes takes less time than it saves


@dataclass(frozen=True)
class Ranks:
    """Of a column of numbers: the different VALUES, ascending, and how many rows hold less (float64[values + 1])."""

    values: npt.NDArray[np.float64]
    less: npt.NDArray[np.float64]

    @classmethod
    def among(cls, numbers: npt.NDArray[np.float64]) -> Ranks:
        values, counts = np.unique(numbers, return_counts=True)
        return cls(values, np.r_[0.0, np.cumsum(counts)])

    def of(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Mid-ranks, 0 to 1: ties sit in the middle of their share. There are far fewer values than rows to look in."""
        if len(self.values) == 0:
            return np.zeros(len(numbers))
        place = np.searchsorted(self.values, numbers)
        equal = self.values[np.minimum(place, len(self.values) - 1)] == numbers
        return np.asarray((self.less[place] + self.less[place + equal]) / (2 * self.less[-1]))


@dataclass(frozen=True)
class Embedding:
    """Rows as points whose distance is the sum over columns of min(1, |difference|).

    Ranks lie in [0, 1]; levels are whole numbers, and missing reasons -2, -4, ..., so that min(1, .) makes
    every
    mismatch 1. Columns stand in order of how much they separate patients, which lets a search give up early.
    """

    scales: tuple[Ranks | None, ...]
    order: npt.NDArray[np.int64]

    @classmethod
    def on(cls, real: Sequence[Sample], rng: np.random.Generator) -> Embedding:
        """Laid on REAL rows, up to RANKED of each table: ranks are among those present."""
        real = [sample.draw(RANKED, rng) for sample in real]
        scales: list[Ranks | None] = []
        for parts in zip(*(sample.columns for sample in real), strict=True):
            if parts[0].variable.kind.has_levels:
                scales.append(None)
            else:
                scales.append(Ranks.among(np.concatenate([c.values[c.missing == 0] for c in parts])))
        embedding = cls(tuple(scales), np.arange(len(scales), dtype=np.int64))
        some = embedding.points(real[0].draw(2000, rng))
        apart = np.minimum(1.0, np.abs(some - some[rng.permutation(len(some))])).mean(axis=0)[: len(scales)]
        return cls(tuple(scales), np.argsort(-apart, kind="stable").astype(np.int64))

    def points(self, sample: Sample) -> Points:
        """float32[rows, columns padded to a multiple of LANE]."""
        width = -(-len(self.order) // LANE) * LANE
        out = np.zeros((len(sample), width), np.float32)
        for place, index in enumerate(self.order):
            column, scale = sample.columns[index], self.scales[index]
            values = np.nan_to_num(column.values)
            if scale is not None:
                values = scale.of(values)
            out[:, place] = np.where(column.missing > 0, -2.0 * column.missing.astype(np.float64), values)
        return out


@njit(nogil=True, cache=True, fastmath=True)
def _nearest(query, base, mine, whose, enough, first, last, out):  # type: ignore[no-untyped-def]
    lanes = query.shape[1] // LANE
    one = np.float32(1.0)
    for q in range(first, last):
        best = np.float32(np.inf)
        for b in range(base.shape[0]):
            if mine[q] == whose[b]:
                continue
            total = np.float32(0.0)
            for part in range(lanes):
                start = part * LANE
                for j in range(LANE):  # a constant length, so that the compiler unrolls and vectorises it
                    apart = abs(query[q, start + j] - base[b, start + j])
                    total += apart if apart < one else one
                if total >= best:
                    break
            if total < best:
                best = total
                if best < enough:
                    break
        out[q] = best


@njit(nogil=True, cache=True, fastmath=True)
def _nearest_boxed(query, rows, values, low, high, mine, whose, radius, first, last, out):  # type: ignore[no-untyped-def]
    boxes = low.shape[1]
    bound, apart = np.empty((TOGETHER, boxes), np.float32), np.empty(SIZE, np.float32)
    order, best = np.empty((TOGETHER, query.shape[1]), np.int64), np.empty(TOGETHER, np.float32)
    for start in range(first, last, TOGETHER):
        count = min(TOGETHER, last - start)
        for i in range(count):
            bounds(query[start + i], low, high, bound[i])
            telling(query[start + i], values, order[i])
            best[i] = radius[start + i]
        for step in range(-1, boxes):
            for i in range(count):
                q = start + i
                box = np.argmin(bound[i]) if step < 0 else step  # first the one most likely to hold it
                if bound[i, box] >= best[i] or inside(query[q], values[box], order[i], best[i], apart) == 0:
                    continue
                for r in range(min(SIZE, len(rows) - box * SIZE)):
                    if apart[r] < best[i] and mine[q] != whose[rows[box * SIZE + r]]:
                        best[i] = apart[r]
        for i in range(count):
            if best[i] < radius[start + i]:
                out[start + i] = best[i]


def nearest(
    query: Points,
    base: Points | Boxes,
    mine: npt.NDArray[np.int64] | None = None,
    whose: npt.NDArray[np.int64] | None = None,
    radius: npt.NDArray[np.float64] | None = None,
) -> npt.NDArray[np.float64]:
    """The distance of each row of QUERY to its nearest row of BASE; infinite when BASE is empty.

    mine, whose: int64, one a row of QUERY and of BASE; a row is not compared with those of the same person.
    radius: float64, one a row of QUERY; where nothing is nearer than that, the distance is infinite.
    """
    query = np.ascontiguousarray(query)  # any other layout would be compiled for anew
    out = np.full(len(query), np.inf, np.float32)
    person = np.full(len(query), -1, np.int64) if mine is None else mine
    people = np.full(len(base), -2, np.int64) if whose is None else whose
    nearer = np.full(len(query), np.inf, np.float32) if radius is None else radius.astype(np.float32)
    base = laid_for(base, len(query))

    def part(span: tuple[int, int]) -> None:
        if isinstance(base, Boxes):
            laid = base.rows, base.values, base.low, base.high
            _nearest_boxed(query, *laid, person, people, nearer, span[0], span[1], out)
        else:
            _nearest(query, base, person, people, np.float32(0), span[0], span[1], out)

    if len(base):
        run_in_parts(part, len(query), 64)
    return np.where(out < nearer, out, np.inf).astype(np.float64)


def laid_for(base: Points | Boxes, queries: int) -> Points | Boxes:
    """BASE in boxes, where as many QUERIES make it worth while."""
    if isinstance(base, Boxes) or queries < WORTH[0] or len(base) < WORTH[1]:
        return base
    return Boxes.of(base)


def farthest(
    query: Points,
    base: Points,
    mine: npt.NDArray[np.int64],
    whose: npt.NDArray[np.int64],
    most: int,
) -> npt.NDArray[np.int64]:
    """The places, ascending, of the MOST rows of QUERY that are farthest from their nearest row of BASE; the first
    where several are as far. mine, whose: as for `nearest`.

    A row is given up as soon as it is nearer than MOST others are: few rows need a look at all of BASE.
    """
    apart = np.full(len(query), -np.inf, np.float32)
    done, enough = 0, np.float32(0)
    while done < len(query):
        end = min(max(2 * done, 4 * most), len(query))

        def part(span: tuple[int, int], done: int = done, enough: np.float32 = enough) -> None:
            _nearest(query, base, mine, whose, enough, done + span[0], done + span[1], apart)

        run_in_parts(part, end - done, 256)
        done = end
        if done >= most:
            enough = np.partition(apart[:done], done - most)[done - most]
    return np.sort(np.argsort(-apart, kind="stable")[:most]).astype(np.int64)


@njit(nogil=True, cache=True, fastmath=True)
def _within(query, base, radius, out):  # type: ignore[no-untyped-def]
    lanes = query.shape[1] // LANE
    one = np.float32(1.0)
    for q in range(query.shape[0]):
        for b in range(base.shape[0]):
            total = np.float32(0.0)
            for part in range(lanes):
                start = part * LANE
                for j in range(LANE):
                    apart = abs(query[q, start + j] - base[b, start + j])
                    total += apart if apart < one else one
                if total >= radius[b]:
                    break
            if total < radius[b]:
                out[q] = True
                break


def within(query: Points, base: Points, radius: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """bool[rows of QUERY]: which are nearer to some row of BASE than the RADIUS (float32) of that row."""
    out = np.zeros(len(query), np.bool_)
    _within(query, base, radius, out)
    return out
