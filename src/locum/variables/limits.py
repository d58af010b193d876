"""Precision and plausible range of numbers, told without telling any patient's value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.variables.reading import Floats
from locum.variables.writing import on_grid

_FINEST = 6  # decimals
_LARGEST = 1e100  # beyond it arithmetic overflows, and no measurement lies
_STEPS_IN_RANGE = 20  # an end of the range moves outward by at most this part of it


@dataclass(frozen=True)
class Ends:
    """Where the values of the k lowest and k highest patients lie, and whether all k share one value."""

    low: float
    low_shared: bool
    high: float
    high_shared: bool


@dataclass(frozen=True)
class Holders:
    """Who holds the rows: counts are of patients, not of rows, where rows of one person are known.

    patients: int64[n], the code of each row's patient; None when every row is one.
    """

    patients: npt.NDArray[np.int64] | None
    k: int

    def count(self, codes: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
        """How many patients hold each of the codes 0..SIZE-1; a negative code is held by nobody."""
        here = codes >= 0
        codes = codes[here]
        if self.patients is not None and len(codes):
            people = int(self.patients.max()) + 1
            codes = np.unique(codes * people + self.patients[here]) // people
        return np.bincount(codes, minlength=size)

    def ends(self, values: Floats) -> Ends | None:
        """The medians of the k lowest and the k highest patients' own extremes; None with fewer than k.

        A median of k is moved by no patient alone, however extreme.
        """
        here = ~np.isnan(values)
        values = np.clip(values[here], -2 * _LARGEST, 2 * _LARGEST)
        lows = highs = values
        if self.patients is not None and len(values):
            order = np.argsort(self.patients[here], kind="stable")
            starts = np.flatnonzero(np.diff(self.patients[here][order], prepend=-1))
            lows = np.minimum.reduceat(values[order], starts)
            highs = np.maximum.reduceat(values[order], starts)
        if len(lows) < self.k:
            return None
        lowest = np.partition(lows, self.k - 1)[: self.k]
        highest = np.partition(highs, len(highs) - self.k)[-self.k :]
        return Ends(
            float(np.median(lowest)),
            bool(np.ptp(lowest) == 0),
            float(np.median(highest)),
            bool(np.ptp(highest) == 0),
        )


def precision_of(values: Floats) -> float | None:
    """The largest of 1, 0.1, ..., 0.000001 of which every value is a multiple, None when there is none."""
    values = values[~np.isnan(values)]
    if not len(values) or np.abs(values).max() > _LARGEST:
        return None
    for decimals in range(_FINEST + 1):
        per_one = 10.0**decimals
        if _all_whole(values * per_one):
            return 1 / per_one
    return None


def precision_of_moments(days: Floats) -> float | None:
    """Whole days, minutes or seconds, in days; None for anything finer."""
    micro = np.rint(days[~np.isnan(days)] * 86_400_000_000)
    return next(
        (1 / n for n in (1, 1_440, 86_400) if len(micro) and not np.any(micro % (86_400_000_000 // n))), None
    )


def _all_whole(scaled: Floats) -> bool:
    """Whole up to the noise of arithmetic in float64, and closer than full digits come by chance."""
    return bool(np.all(np.abs(scaled - np.rint(scaled)) <= np.minimum(1e-9 * np.abs(scaled), 1e-3)))


def plausible(
    values: Floats, holders: Holders, precision: float | None
) -> tuple[float, float] | tuple[None, None]:
    """The range to generate in, from the k most extreme patients together, rounded outward.

    An end that all k share (the last day of follow-up, an age cut off at 90) is nobody's own, and is kept.
    """
    ends = holders.ends(values)
    if ends is None:
        return None, None
    spread = ends.high - ends.low or abs(ends.low) or 1.0
    if not 1 / _LARGEST < spread < _LARGEST:
        return None, None
    step = max(_round_step(spread), precision or 0.0)
    kept_low, kept_high = on_grid(np.array([ends.low, ends.high]), precision)
    low = float(kept_low) if ends.low_shared else _floor(ends.low, step)
    high = float(kept_high) if ends.high_shared else -_floor(-ends.high, step)
    return low, high


def plausible_dates(days: Floats, holders: Holders) -> tuple[float, float] | tuple[None, None]:
    """The same for dates: whole years for a range over ten years, months over four months, else days."""
    ends = holders.ends(days)
    if ends is None:
        return None, None
    spread = ends.high - ends.low
    unit = "Y" if spread > 3_650 else "M" if spread > 120 else "D"
    first, last = np.floor(np.array([ends.low, ends.high])).astype("datetime64[D]")
    low = first.astype(f"datetime64[{unit}]").astype("datetime64[D]")
    high = (last.astype(f"datetime64[{unit}]") + 1).astype("datetime64[D]") - int(unit != "D")
    return (
        ends.low if ends.low_shared else float(low.astype(np.int64)),
        ends.high if ends.high_shared else float(high.astype(np.int64)),
    )


def _round_step(spread: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is at most a twentieth of SPREAD."""
    target = spread / _STEPS_IN_RANGE
    power = np.floor(np.log10(target))
    return float(max(m * 10.0**power for m in (1, 2, 5) if m * 10.0**power <= target * (1 + 1e-9)))


def _floor(value: float, step: float) -> float:
    steps = np.floor(value / step + 1e-9)
    return float(format(steps * step, ".12g")) + 0.0
