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

from locum.evaluate.parallel import run_in_parts
from locum.evaluate.sample import Sample

Points = npt.NDArray[np.float32]
LANE = 8  # columns summed between two looks at whether to give up


@dataclass(frozen=True)
class Embedding:
    """Rows as points whose distance is the sum over columns of min(1, |difference|).

    Ranks lie in [0, 1]; levels are whole numbers, and missing reasons -2, -4, ..., so that min(1, .) makes
    every
    mismatch 1. Columns stand in order of how much they separate patients, which lets a search give up early.
    """

    scales: tuple[npt.NDArray[np.float64] | None, ...]
    order: npt.NDArray[np.int64]

    @classmethod
    def on(cls, real: Sequence[Sample], rng: np.random.Generator) -> Embedding:
        """Laid on REAL rows: ranks are among those present."""
        scales: list[npt.NDArray[np.float64] | None] = []
        for parts in zip(*(sample.columns for sample in real), strict=True):
            if parts[0].variable.kind.has_levels:
                scales.append(None)
            else:
                scales.append(np.sort(np.concatenate([c.values[c.missing == 0] for c in parts])))
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
            if scale is not None:  # mid-ranks: ties sit in the middle of their share
                below = np.searchsorted(scale, values, "left") + np.searchsorted(scale, values, "right")
                values = below / max(2 * len(scale), 1)
            out[:, place] = np.where(column.missing > 0, -2.0 * column.missing.astype(np.float64), values)
        return out


@njit(nogil=True, cache=True, fastmath=True)
def _nearest(query, base, mine, whose, first, last, out):  # type: ignore[no-untyped-def]
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
        out[q] = best


def nearest(
    query: Points,
    base: Points,
    mine: npt.NDArray[np.int64] | None = None,
    whose: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.float64]:
    """The distance of each row of QUERY to its nearest row of BASE; infinite when BASE is empty.

    mine, whose: int64, one a row of QUERY and of BASE; a row is not compared with those of the same person.
    """
    out = np.full(len(query), np.inf, np.float32)
    person = np.full(len(query), -1, np.int64) if mine is None else mine
    people = np.full(len(base), -2, np.int64) if whose is None else whose

    def part(bounds: tuple[int, int]) -> None:
        _nearest(query, base, person, people, bounds[0], bounds[1], out)

    run_in_parts(part, len(query), 256)
    return out.astype(np.float64)


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
