"""One common grid of bins for a variable, laid on the real rows of both halves, on which all tables are
counted.

Counting each table on a grid of its own is how a shift of 40 mmHg goes unseen. No edge is a patient's
value: edges
are quantiles rounded to round numbers, and the outermost come from the k most extreme patients together.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from locum.variables import Column, Kind, Variable

CHART_BINS = 20
PAIR_BINS = 10
EPOCH = datetime.date(1970, 1, 1)
YEAR, MONTH = 365.25, 30.44

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Grid:
    """Bins in order: numeric bins or levels, then atoms (single values that many patients share), "other",
    then missing reasons.

    edges: of the numeric bins (their number + 1), ascending; the outer bins take everything beyond. Empty
    for levels. atoms: the values that are a bin of their own.
    levels: for kinds with levels, the bin of each level index, ``len(levels)`` being ``other``.
    labels: of all bins.
    """

    variable: Variable
    edges: Floats
    atoms: Floats
    levels: npt.NDArray[np.int64]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def numeric_bins(self) -> int:
        """Bins that are ranges of numbers; without an edge, one for whatever is no atom."""
        return 0 if self.variable.kind.has_levels else max(len(self.edges) - 1, 1)

    @property
    def first_missing(self) -> int:
        return len(self) - len(self.variable.missing_reasons)

    def codes(self, column: Column) -> Codes:
        """The bin of each row."""
        if self.variable.kind.has_levels:
            index = np.where(column.missing > 0, 0, np.nan_to_num(column.values)).astype(np.int64)
            out = self.levels[np.clip(index, 0, len(self.levels) - 1)]
        else:
            values = np.nan_to_num(column.values)
            bins = self.numeric_bins
            out = np.clip(np.searchsorted(self.edges, values, side="right") - 1, 0, bins - 1)
            if len(self.atoms):
                between = (self.atoms[1:] + self.atoms[:-1]) / 2
                place = np.searchsorted(between, values)  # the nearest atom
                # As 32-bit floats: another generator may have written no more.
                hit = self.atoms[place].astype(np.float32) == values.astype(np.float32)
                out = np.where(hit, bins + place, out)
        # A reason beyond the declared ones cannot be read; the last one stands for it.
        reasons = np.minimum(column.missing, len(self.variable.missing_reasons)).astype(np.int64)
        return np.where(reasons > 0, self.first_missing + reasons - 1, out).astype(np.uint8)


def lay(columns: Sequence[Column], most: int, k: int) -> Grid:
    """The grid of one variable from its COLUMNS in the real tables, at most MOST bins beside the missing
    reasons.

    Every bin holds at least K real rows, but "other" and missing reasons, which may hold fewer: `publishable`
    keeps those counts out of what is written.
    """
    variable = columns[0].variable
    missing = np.concatenate([c.missing for c in columns])
    values = np.concatenate([c.values for c in columns])[missing == 0]
    if variable.kind.has_levels:
        return _lay_levels(variable, values.astype(np.int64), most, k)
    return _lay_numbers(variable, values, most, k)


def _lay_levels(variable: Variable, values: npt.NDArray[np.int64], most: int, k: int) -> Grid:
    names = len(variable.levels)
    counts = np.bincount(np.clip(values, 0, names), minlength=names + 1)
    common = [i for i in range(names) if counts[i] >= k]
    kept = sorted(sorted(common, key=lambda i: (-counts[i], i))[: most - 1 if len(common) >= most else most])
    bins = np.full(names + 1, len(kept), np.int64)
    bins[kept] = np.arange(len(kept))
    other = f"other (fewer than {k} each)" if len(kept) == len(common) else "all other levels"
    labels = (*(variable.levels[i] for i in kept), other, *variable.missing_reasons)
    return Grid(variable, np.empty(0), np.empty(0), bins, labels)


def _lay_numbers(variable: Variable, values: Floats, most: int, k: int) -> Grid:
    if len(values) < k:
        # Too few patients have a number to show any: one bin without an edge.
        return Grid(
            variable,
            np.empty(0),
            np.empty(0),
            np.empty(0, np.int64),
            ("any value", *variable.missing_reasons),
        )
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= most // 2 and counts.min() >= k:  # a handful of values, each with many patients
        common = np.ones(len(distinct), bool)
    else:
        common = (counts >= k) & (counts >= len(values) / (most / 2))
    atoms, rest = distinct[common], values[~np.isin(values, distinct[common])]
    room = max(most - len(atoms), 1)
    if len(rest) < k:
        edges = np.empty(0)
        rest_labels: list[str] = [f"other (fewer than {k})"]
    else:
        edges = round_edges(rest, room, k, variable)
        rest_labels = _between(edges, variable)
    atom_labels = [text(a, variable) for a in atoms]
    return Grid(
        variable, edges, atoms, np.empty(0, np.int64), (*rest_labels, *atom_labels, *variable.missing_reasons)
    )


def round_edges(values: Floats, bins: int, k: int, variable: Variable) -> Floats:
    """At most BINS + 1 round numbers between which at least K of VALUES lie each."""
    ordered = np.sort(values)
    n = len(ordered)
    # The median of the k most extreme: one patient far out moves it by nothing.
    low, high = float(np.median(ordered[:k])), float(np.median(ordered[n - k :]))
    inner = np.quantile(ordered, np.linspace(0, 1, bins + 1)[1:-1]) if bins > 1 else np.empty(0)
    points = np.r_[low, inner, high]
    floor = variable.precision or 0.0
    gaps = np.diff(points)
    widest = max(high - low, floor, abs(high) * 1e-9, 1e-12)
    rounded = [
        _round(
            point, _step(max(float(gaps[max(i - 1, 0) : i + 1].mean()), widest / 100, floor) / 2), variable
        )
        for i, point in enumerate(points)
    ]
    step = _step(widest / max(bins, 1) / 2)
    rounded[0], rounded[-1] = _outward(low, step, variable, up=False), _outward(high, step, variable, up=True)
    edges = np.unique(np.clip(rounded, rounded[0], rounded[-1]))
    if len(edges) < 2:
        edges = np.array([rounded[0], rounded[0] + step])
    while len(edges) > 2:
        bin_of = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        counts = np.bincount(bin_of, minlength=len(edges) - 1)
        least = int(counts.argmin())
        if counts[least] >= k:
            break
        # Join the smallest bin to the smaller of its neighbours; a join of outer bins keeps the outer edge.
        right = least == 0 or (least < len(counts) - 1 and counts[least + 1] <= counts[least - 1])
        edges = np.delete(edges, least + 1 if right else least)
    return np.asarray(edges, dtype=np.float64)


def _step(width: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above WIDTH."""
    power = 10.0 ** np.floor(np.log10(width))
    return float(max((m * power for m in (1, 2, 5) if m * power <= width * (1 + 1e-9)), default=power))


def _round(value: float, step: float, variable: Variable) -> float:
    if variable.kind is Kind.DATE and step > MONTH / 4:
        return _calendar(value, step)
    if variable.kind in (Kind.COUNT, Kind.DATE) or (variable.precision or 0) >= 1:
        step = max(step, 1.0)
    return float(np.round(np.round(value / step) * step, 12))


def _outward(value: float, step: float, variable: Variable, *, up: bool) -> float:
    if variable.kind is Kind.DATE and step > MONTH / 4:
        edge = _calendar(value, step)
        while (edge <= value) if up else (edge > value):
            stride = max(
                step, 1.2 * MONTH if step <= YEAR / 4 else 0.6 * YEAR
            )  # over half of what is rounded to
            further = _calendar(edge + (1 if up else -1) * stride, step)
            if further == edge:  # the calendar ends here
                break
            edge = further
        return edge
    if variable.kind in (Kind.COUNT, Kind.DATE) or (variable.precision or 0) >= 1:
        step = max(step, 1.0)
    steps = np.floor(value / step) + 1 if up else np.floor(value / step)
    return float(np.round(steps * step, 12))


def _calendar(days: float, step: float) -> float:
    """The nearest first of a month, or of a year where bins are years wide."""
    first, last = (d.toordinal() - EPOCH.toordinal() for d in (datetime.date.min, datetime.date.max))
    day = EPOCH + datetime.timedelta(days=min(max(round(days), first), last))
    if step > YEAR / 4:
        day = datetime.date(min(day.year + (day.month > 6), datetime.MAXYEAR), 1, 1)
    elif day.day > 15 and (day.year, day.month) != (datetime.MAXYEAR, 12):
        day = datetime.date(day.year + (day.month == 12), day.month % 12 + 1, 1)
    else:
        day = day.replace(day=1)
    return float((day - EPOCH).days)


def _between(edges: Floats, variable: Variable) -> list[str]:
    words = [text(e, variable) for e in edges]
    if len(words) == 2:
        return [f"about {words[0]} to {words[1]}"]
    inner = [f"{a} to {b}" for a, b in pairwise(words[1:-1])]
    return [f"under {words[1]}", *inner, f"{words[-2]} and over"]


def text(value: float, variable: Variable) -> str:
    """A number or a date as a person would write it."""
    if variable.kind is Kind.DATE:
        day = EPOCH + datetime.timedelta(days=int(np.floor(value)))
        return day.isoformat()
    return f"{value:.10g}"


def shares(codes: Codes, bins: int) -> Floats:
    return np.bincount(codes, minlength=bins) / max(len(codes), 1)


ROUNDED_TO = 5
"""Counts of real rows are rounded to this where they are told, as OpenSAFELY does."""


def publishable(counts: Sequence[npt.NDArray[np.int64]], k: int) -> list[Floats]:
    """Shares of real tables from their COUNTS, each bin rounded to ROUNDED_TO rows, one of fewer than K shown as empty.

    Since all bins are rounded, those that are shown do not tell how many are in one that is not.
    """
    shown = [np.where(c >= k, ROUNDED_TO * np.rint(c / ROUNDED_TO), 0.0) for c in counts]
    return [s / max(float(s.sum()), 1.0) for s in shown]
