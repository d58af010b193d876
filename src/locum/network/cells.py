"""Cells: the small integer codes in which the network sees a variable.

A *cell* is a level, or a stretch of the number line, held by at least k training patients. Learning and drawing see
nothing finer, so nothing below k patients can enter the model. Two maps lead out of a cell:

* ``split``: at most 256 codes, on which trees split;
* ``state``: what a leaf holds a probability for: each missing reason, each level, each *atom* (a single number that
  many patients share), and, for numbers, one *body* that stands for all else.

Within the body a value is a *rank*: its place in [0, 1] among all training patients' body values.

A number that may follow from other variables (`locum.variables.formula`) has one more cell, and state, for each
formula; the others are laid over the patients for whom no formula holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Floats, Integers
from locum.network.limits import FARTHEST
from locum.network.points import Points, points_of
from locum.network.within import Within
from locum.variables import Column, Formula, Variable
from locum.variables.writing import on_grid

MOST_CELLS = 2000  # per variable: a cell holds at least 1/2000 of the patients, however many there are
MOST_SPLITS = 120  # groups of cells a tree may tell apart in a number
MOST_CLASSES = 32  # groups of cells whose likelihood decides where the tree for a number splits
COARSE_GROUPS = 4  # groups of those classes, for splits that change little else
MOST_LEVELS = 250  # codes for levels: where there are more, rare ones share one (`locum.variables.rollup`)
ATOM_SHARE = 0.02  # a single number held by this share of the patients is a state of its own,
STANDS_OUT = 3.0  # where it is so many times as common as its neighbours: 0 cigarettes, no age of 60
NEIGHBOURS = 3  # cells to either side that are
DOMINANT = 0.75  # of a cell that one number holds (and k patients do): an atom, where the cell is that common
ALONE = 0.97  # of a cell that one number holds: the cell is that number


class Drawable(NamedTuple):
    """The cells that a variable can be drawn from.

    order: int64[drawable], the cells, those of a state together; first: int64[states + 1], where each state begins in
        ORDER; edges: float64[drawable], where each cell begins in [0, 1] among its state's mass.
    split: uint8[drawable]; body: the state drawn from a leaf's quantile function, or -1.
    """

    order: Integers
    first: Integers
    edges: Floats
    split: npt.NDArray[np.uint8]
    body: int


def on_line(variable: Variable, values: Floats) -> Floats:
    """Numbers moved into the declared range and onto multiples of the declared precision within it.

    Magnitudes beyond 1e100 and under 1e-100, where arithmetic overflows, are moved to that, and to 0.
    """
    step = variable.precision
    least = -FARTHEST if variable.low is None else variable.low
    most = FARTHEST if variable.high is None else variable.high
    if step is not None and variable.low is not None:
        least = np.ceil(least / step - 1e-9) * step
    if step is not None and variable.high is not None:
        most = np.floor(most / step + 1e-9) * step
    values = np.clip(np.where(np.abs(values) < 1 / FARTHEST, 0.0, values), least, max(least, most))
    return on_grid(values, step)


@dataclass(frozen=True)
class Cells:
    """The cells of one variable. Cell codes 0 .. reasons-1 are the missing reasons.

    low, high: float64[cells], the inclusive bounds of each number cell (NaN for levels and missing reasons).
        A cell with low == high is a single number.
    mass: float64[cells], the share of training patients in each cell, smoothed and rounded.
    split, state: uint8[cells], see the module.
    body: the state that stands for all numbers that are no atoms, or -1 when there is none.
    formulas: by which the value follows from other variables, one for each of the last cells.
    all: the cells of every patient's value, which trees split on, when there are formulas; else None.
    within: where inside their cells numbers lie; None when evenly.
    """

    variable: Variable
    reasons: int
    low: Floats
    high: Floats
    mass: Floats
    split: npt.NDArray[np.uint8]
    state: npt.NDArray[np.uint8]
    body: int
    formulas: tuple[Formula, ...] = ()
    all: Cells | None = None
    within: Within | None = None

    @property
    def size(self) -> int:
        return len(self.mass)

    @property
    def first_formula(self) -> int:
        """The first of the cells that stand for a formula; the number of cells when there is none."""
        return self.size - len(self.formulas)

    @property
    def ordered(self) -> bool:
        """Whether splits are thresholds; levels without order are split into subsets."""
        return self.variable.kind not in ("nominal", "binary")

    @property
    def seen(self) -> Cells:
        """The cells that trees split on."""
        return self.all or self

    @property
    def splits(self) -> int:
        return int(self.seen.split.max()) + 1

    @property
    def states(self) -> int:
        return int(self.state.max()) + 1

    @property
    def entropy(self) -> float:
        """Nats of the cell distribution: how finely grained the variable is."""
        p = self.mass[self.mass > 0]
        return float(-(p * np.log(p)).sum())

    @cached_property
    def drawable(self) -> Drawable:
        """The cells that can be drawn, those of a state together."""
        held = np.flatnonzero(self.mass > 0)
        order = held[np.argsort(self.state[held], kind="stable")]
        first = np.searchsorted(self.state[order], np.arange(self.states + 1))
        edges = np.zeros(len(order))
        for a, b in pairwise(first):
            ends = np.cumsum(self.mass[order[a:b]])
            edges[a + 1 : b] = ends[:-1] / ends[-1] if b > a else 0.0
        return Drawable(order, first, edges, self.split[order], self.body)

    @cached_property
    def points(self) -> Points:
        """The values that can be drawn, those of a state together."""
        return points_of(self)

    def shares(self) -> Floats:
        """float64[cells]: the share of each cell in the mass of its state."""
        held = np.bincount(self.state, self.mass, minlength=self.states)[self.state]
        return np.divide(self.mass, held, out=np.zeros(self.size), where=held > 0)

    def ranks(self) -> Floats:
        """float64[cells + 1]: where each body cell begins in [0, 1]; cells outside the body have no width."""
        inside = np.where(self.state == self.body, self.mass, 0.0) if self.body >= 0 else np.zeros(self.size)
        ends = np.concatenate([[0.0], np.cumsum(inside)])
        return ends / ends[-1] if ends[-1] > 0 else ends

    def encode(self, column: Column) -> npt.NDArray[np.uint16]:
        """uint16[n]: the cell of each value, no formula considered."""
        codes = column.missing.astype(np.int64) - 1
        present = column.missing == 0
        values = column.values[present]
        if self.variable.kind.has_levels:
            codes[present] = self.reasons + np.minimum(column.nearest[present], self.size - self.reasons - 1)
        elif self.first_formula > self.reasons:
            values = on_line(self.variable, values)
            cell = np.searchsorted(self.low[self.reasons : self.first_formula], values, side="right") - 1
            codes[present] = self.reasons + np.maximum(cell, 0)
        else:  # never seen in training: the closest is a formula, or to say that it is missing
            codes[present] = self.reasons if self.formulas else 0
        return codes.astype(np.uint16)

    def decode(self, cell: Integers, inside: Floats) -> Column:
        """The values of cells; INSIDE in [0, 1) says where within its cell each number lies."""
        missing = np.where(cell < self.reasons, cell + 1, 0).astype(np.uint8)
        if self.variable.kind.has_levels:
            values = (cell - self.reasons).astype(np.float64)
        else:
            low, high = self.low[cell], self.high[cell]
            step = self.variable.precision
            if self.within is not None:
                values = np.full(len(cell), np.nan)
                number = (cell >= self.reasons) & (cell < self.first_formula)
                values[number] = self.within.place(
                    cell[number] - self.reasons,
                    inside[number],
                    self.low[self.reasons : self.first_formula],
                    self.high[self.reasons : self.first_formula],
                    step or 0.0,
                )
                values = on_grid(values, step)
            elif step:
                places = np.rint((high - low) / step) + 1
                values = on_grid(low + np.floor(inside * places) * step, step)
            else:
                values = low + inside * (high - low)
        values[missing > 0] = np.nan
        return Column(self.variable, values, missing)
