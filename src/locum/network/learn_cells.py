"""Lay the cells of a variable over the training patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput
from locum.network.arrays import Floats, Integers
from locum.network.cells import (
    ALONE,
    ATOM_SHARE,
    COARSE_GROUPS,
    DOMINANT,
    MOST_CELLS,
    MOST_CLASSES,
    MOST_LEVELS,
    MOST_SPLITS,
    NEIGHBOURS,
    STANDS_OUT,
    Cells,
    on_line,
)
from locum.network.histogram import even_out
from locum.network.learn_within import learn_within
from locum.network.limits import cut_between, outward_limit
from locum.network.splits import CODES
from locum.network.within import SMALLEST, widths
from locum.variables import Column, Formula, Kind, Variable
from locum.variables.rollup import roll_up

MOST_REASONS = 100  # of being missing; more would leave trees no codes for the values
SHARE_DIGITS = 5  # shares are kept to 1/100,000, so that no count can be worked back


def learn_cells(
    column: Column, k: int, counted: npt.NDArray[np.bool_], price: float = 0.0
) -> tuple[Cells, npt.NDArray[np.uint8]]:
    """(cells, class of each cell): the cells of COLUMN, each held by at least k patients.

    The classes, uint8[cells], are the coarser codes whose likelihood decides where a tree for the variable splits.
    counted: bool[n], true for one row of each patient; only these count towards k.
    price: nats for which a number's own distribution takes a further step (`locum.network.histogram`).
    Raises BadInput when there are more levels or missing reasons than codes.
    """
    reasons = len(column.variable.missing_reasons)
    levels = len(column.variable.levels)
    if reasons > MOST_REASONS or reasons + levels >= np.iinfo(np.uint16).max:
        what = f"{reasons} missing reasons" if reasons > MOST_REASONS else f"{levels} levels"
        raise BadInput(f'column "{column.variable.name}" has {what}, too many to model; group them')
    missing = np.bincount(column.missing, minlength=reasons + 1)[1:].astype(np.float64)
    missing[np.bincount(column.missing[counted], minlength=reasons + 1)[1:] < k] = 0.0
    if column.variable.kind.has_levels:
        return _level_cells(column, missing, k, counted)
    return _number_cells(column, missing, k, counted, price)


def with_formulas(
    column: Column,
    k: int,
    counted: npt.NDArray[np.bool_],
    formulas: Sequence[Formula],
    held: npt.NDArray[np.bool_],
    seen: Cells,
    price: float,
) -> tuple[Cells, npt.NDArray[np.uint8]]:
    """The cells of COLUMN when it follows from others by FORMULAS: (cells, class of each cell).

    held: bool[formulas, n], where each is the one that counts, k patients or more; SEEN: its cells without formulas.
    price: as for `learn_cells`.
    The other patients have cells of their own, or, when they are fewer than k, count with the first formula.
    """
    apart = held.any(axis=0)
    other = Column(column.variable, column.values[~apart], column.missing[~apart])
    own, classes = learn_cells(other, k, counted[~apart], price)
    mass = own.mass * len(other)
    if own.size == own.reasons:  # too few patients for numbers
        count = np.bincount(other.missing, minlength=own.reasons + 1)[1:]
        mass = np.where(own.mass > 0, count, 0).astype(np.float64)
    nothing = np.full(len(formulas), np.nan)
    more = np.arange(len(formulas))
    return Cells(
        variable=column.variable,
        reasons=own.reasons,
        low=np.concatenate([own.low, nothing]),
        high=np.concatenate([own.high, nothing]),
        mass=_shares(np.concatenate([mass, held.sum(axis=1)])),
        split=np.concatenate([own.split, np.full(len(formulas), own.reasons, np.uint8)]),
        state=np.concatenate([own.state, own.states + more]).astype(np.uint8),
        body=own.body,
        formulas=tuple(formulas),
        all=replace(seen, within=None),
        within=own.within,
    ), np.concatenate([classes, int(classes.max()) + 1 + more]).astype(np.uint8)


def coarse_groups(cells: Cells, classes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """uint8[classes]: the few groups that the classes of a variable form, for splits that change little else.

    Each missing reason and each common class is one; the numbers form quarters, the rarer levels one group.
    """
    mass: Floats = np.bincount(classes, cells.mass)[cells.reasons :].astype(np.float64)
    formulas = len(cells.formulas)
    if cells.ordered:
        numbers = mass[: len(mass) - formulas]
        group = _groups(numbers, COARSE_GROUPS) if len(numbers) else np.zeros(0, np.int64)
        group = np.concatenate([group, group.max(initial=-1) + 1 + np.arange(formulas)])
    else:
        common = mass >= mass.sum() / (2 * COARSE_GROUPS)
        group = np.where(common, np.cumsum(common) - 1, common.sum())
    return np.concatenate([np.arange(cells.reasons), cells.reasons + group]).astype(np.uint8)


def _level_cells(
    column: Column, missing: Floats, k: int, counted: npt.NDArray[np.bool_]
) -> tuple[Cells, npt.NDArray[np.uint8]]:
    """One cell a level, and one for ``other``. Levels that are rolled up share one code, one state and one class.

    A row that is read as other counts with the level nearest to it, where the hierarchy says which.
    """
    variable = column.variable
    reasons, levels = len(missing), len(variable.levels)
    present = column.missing == 0
    values = column.values[present].astype(np.int64)
    count = np.bincount(values, minlength=levels + 1).astype(np.float64)
    patients = np.bincount(column.values[present & counted].astype(np.int64), minlength=levels + 1)
    count[patients < k] = 0.0  # a declared level that too few training patients hold is never drawn
    code = np.arange(levels + 1)
    if variable.hierarchy or levels + 1 + reasons > MOST_LEVELS:
        held = np.bincount(column.nearest[present & counted], minlength=levels + 1).astype(np.float64)
        code = _rolled_up(variable, held, count, MOST_LEVELS - reasons, k)
    codes = np.concatenate([np.arange(reasons), reasons + code]).astype(np.uint8)
    nothing = np.full(reasons + levels + 1, np.nan)
    mass = _shares(np.concatenate([missing, count]))
    return Cells(variable, reasons, nothing, nothing, mass, codes, codes, -1), codes


def _rolled_up(variable: Variable, held: Floats, count: Floats, most: int, k: int) -> Integers:
    """int64[levels + 1]: fewer than MOST codes for the levels and ``other``, which stands alone where it can."""
    levels = len(variable.levels)
    if variable.kind is Kind.ORDINAL:  # neighbours stay together, and in order
        group = _groups(held[:levels], (most - 1) // 2)
    else:
        group = roll_up(variable.levels, variable.hierarchy, held[:levels], most - 1, k)
    drawn = np.bincount(group, count[:levels] > 0, minlength=group.max(initial=0) + 1) > 0
    group = np.where(
        drawn[group], group, len(drawn)
    )  # patients whose group has no level to give are ``other``
    return np.unique(np.append(group, len(drawn)), return_inverse=True)[1].astype(np.int64)


def _number_cells(
    column: Column, missing: Floats, k: int, counted: npt.NDArray[np.bool_], price: float
) -> tuple[Cells, npt.NDArray[np.uint8]]:
    """Stretches of the number line between round numbers; single numbers where k patients share one."""
    variable, reasons = column.variable, len(missing)
    present = column.missing == 0
    own = present & counted
    if (
        np.count_nonzero(own) < k
    ):  # too few patients to say anything about a number: only that it was not recorded
        alike = column.missing <= 1
        missing[0] = alike.sum() if (alike & counted).sum() >= k else 0
        empty, zero = np.full(reasons, np.nan), np.arange(reasons, dtype=np.uint8)
        return Cells(variable, reasons, empty, empty, _shares(missing), zero, zero, -1), zero
    numbers, count = np.unique(on_line(variable, column.values[own]), return_counts=True)
    group = _merge(count, max(k, int(count.sum()) // MOST_CELLS))
    low, high, dominated = _bounds(numbers, count, group, k, variable.precision or 0.0)
    low, high = on_line(variable, low), on_line(variable, high)
    every, times = numbers, count
    if np.count_nonzero(own) < np.count_nonzero(present):  # of all rows, not of one a patient
        every, times = np.unique(on_line(variable, column.values[present]), return_counts=True)
    cell = np.maximum(np.searchsorted(low, every, side="right") - 1, 0)
    mass = np.bincount(cell, times, minlength=len(low)).astype(np.float64)
    few = len(low) <= MOST_CLASSES  # every single number of a short scale is a state
    within = learn_within(variable, numbers, count, low, high, k)
    width = widths(within, low, high, variable.precision or 0.0)
    common = mass >= ATOM_SHARE * mass.sum()
    atom = dominated & (few | (common & (mass >= STANDS_OUT * width * _density_around(mass, width))))
    inner = ~atom
    inner[[0, -1]] = False  # they reach out to a round number, beyond where patients are
    shared = mass.copy()
    shared[inner] = even_out(mass[inner], width[inner], price)
    nothing = np.full(reasons, np.nan)
    first = np.arange(reasons)
    state = np.where(atom, reasons + np.cumsum(atom) - 1, reasons + atom.sum())
    cells = Cells(
        variable=variable,
        reasons=reasons,
        low=np.concatenate([nothing, low]),
        high=np.concatenate([nothing, high]),
        mass=_shares(np.concatenate([missing, shared])),
        split=np.concatenate(
            [first, reasons + _groups(mass, min(MOST_SPLITS, (CODES - 1 - reasons) // 2))]
        ).astype(np.uint8),
        state=np.concatenate([first, state]).astype(np.uint8),
        body=-1 if atom.all() else int(reasons + atom.sum()),
        within=within,
    )
    return cells, np.concatenate([first, reasons + _groups(mass, MOST_CLASSES, apart=atom)]).astype(np.uint8)


def _density_around(mass: Floats, width: Floats) -> Floats:
    """float64[cells]: the density of the cells to either side of each, without itself; 0 where there are none."""
    others = np.ones(2 * NEIGHBOURS + 1)
    others[NEIGHBOURS] = 0.0
    held, wide = (np.convolve(x, others)[NEIGHBOURS:-NEIGHBOURS] for x in (mass, width))
    return held / np.maximum(wide, SMALLEST)


def _merge(count: Integers, least: int) -> Integers:
    """int64[numbers]: a group for each distinct number, such that each group holds at least LEAST patients.

    A run of rare numbers grows until it is large enough; one that meets a number common enough to stand alone
    joins the smaller of its two neighbours.
    """
    sizes: list[int] = []
    group = np.empty(len(count), np.int64)
    run = 0  # patients in the open run
    start = 0
    for i, c in enumerate(count.tolist()):
        if run and c >= least and sizes and sizes[-1] < c:
            group[start:i] = len(sizes) - 1
            sizes[-1] += run
            start, run = i, 0
        run += c
        if run >= least:
            group[start : i + 1] = len(sizes)
            sizes.append(run)
            start, run = i + 1, 0
    if run:  # the last run is too small: it joins the cell before it
        group[start:] = max(len(sizes) - 1, 0)
    return group


def _bounds(
    numbers: Floats, count: Integers, group: Integers, k: int, step: float
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """The inclusive bounds of each group, at round numbers between patients, and where one number dominates."""
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    ends = np.append(starts[1:], len(numbers)) - 1
    total = np.add.reduceat(count, starts)
    largest = np.maximum.reduceat(count, starts)
    shared = set(numbers[count >= k].tolist())
    lowest = np.repeat(numbers[:k], count[:k])[:k]
    highest = np.repeat(numbers[-k:], count[-k:])[-k:]
    least, most = (
        outward_limit(extreme, up=up, step=step, shared=inner if inner in shared else None)
        for extreme, up, inner in (
            (lowest, False, float(lowest[-1])),
            (highest, True, float(highest[0])),
        )
    )
    cuts = [
        cut_between(a, b, step)
        for a, b in zip(numbers[ends[:-1]].tolist(), numbers[starts[1:]].tolist(), strict=True)
    ]
    low = np.array([least, *cuts])
    high = np.array([*(c - step for c in cuts), most])
    high = np.maximum(high, low)
    single = (largest >= k) & (largest >= ALONE * total)
    for i in np.flatnonzero(single):
        numbers_here = slice(starts[i], ends[i] + 1)
        low[i] = high[i] = numbers[numbers_here][np.argmax(count[numbers_here])]
    return low, high, (low == high) | ((largest >= k) & (largest >= DOMINANT * total))


def _groups(mass: Floats, most: int, apart: npt.NDArray[np.bool_] | None = None) -> Integers:
    """int64[cells]: neighbouring cells joined until a group holds 1/MOST of the patients; APART cells stay alone."""
    share = mass.sum() / most
    group = np.empty(len(mass), np.int64)
    current, held = 0, 0.0
    for i, m in enumerate(mass.tolist()):
        alone = m >= share or (apart is not None and bool(apart[i]))
        if alone and held > 0:
            current, held = current + 1, 0.0
        group[i] = current
        held += m
        if alone or held >= share:
            current, held = current + 1, 0.0
    return group


def _shares(count: Floats) -> Floats:
    """Shares of the patients, rounded; all in the first missing reason when nothing is held by k patients."""
    if not count.any():
        return np.eye(1, len(count))[0]
    return np.maximum(np.round(count / count.sum(), SHARE_DIGITS), 10.0**-SHARE_DIGITS * (count > 0))
