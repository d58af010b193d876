"""Rules and evidence for the variables of a network: which clause is decided where, in the form that kernels read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from locum.network.allowed import AT_MOST, BELOW, EQUAL, UNEQUAL, WITHIN, Tests, count_broken, room
from locum.network.allowed_share import Places, Source
from locum.network.arrays import Bytes, Floats
from locum.network.cells import Cells, Drawable
from locum.network.conditional import Conditional
from locum.network.draw_allowed import Redrawn
from locum.network.implied import Held, last_of, support, variables_of, with_implied
from locum.network.restrict import redraw
from locum.variables import Column
from locum.variables.clauses import Clause, Interval, Within

OPS = {"<=": AT_MOST, "<": BELOW, "=": EQUAL, "!=": UNEQUAL}


@dataclass(frozen=True)
class Target:
    """What is decided when one variable is drawn. lines: the variables whose values are compared, its own first."""

    tests: Tests
    lines: tuple[int, ...]
    places: Places
    size: int


@dataclass(frozen=True)
class Restrictions:
    """All rules and evidence. impossible: they leave no patient.

    last: the last variable that evidence decides on; asked: how many variables it decides on.
    """

    targets: dict[int, Target] = field(default_factory=dict)
    impossible: bool = False
    last: int | None = None
    asked: int = 0

    def again(
        self,
        v: int,
        trees: Conditional,
        cells: Drawable,
        values: Sequence[Floats],
        given: Sequence[Floats],
        split: Bytes,
        uniform: Floats,
        log_weight: Floats,
    ) -> Redrawn:
        """Draw V again where it has to be: see `locum.network.restrict.redraw`.

        values: float64[n] of each variable, NaN where missing, V's as first drawn; uniform: float64[`streams`(v), n].
        """
        target, n = self.targets[v], len(values[v])
        redrawn = Redrawn(np.zeros(n, np.bool_), np.zeros(n), np.zeros(n), np.zeros(n))
        redraw(
            Source(trees, cells, target.places, np.stack(given) if given else np.zeros((0, n)), uniform),
            target.tests,
            np.stack([values[u] for u in target.lines]),
            split,
            redrawn,
            log_weight,
            target.size,
        )
        return redrawn

    def streams(self, v: int) -> int:
        """How many random numbers a row takes when V is drawn again."""
        tests = self.targets[v].tests
        return 4 + (len(tests.kept) if tests.kept.any() else 0)


def restrictions(held: Sequence[Held], order: Sequence[int], cells: Sequence[Cells]) -> Restrictions:
    """HELD and what it implies, each clause at the variable that is drawn last."""
    place = [list(order).index(v) for v in range(len(cells))]
    at: dict[int, list[Held]] = {}
    whole = with_implied(held, order, cells)
    if any(not h.clause for h in whole):
        return Restrictions(impossible=True)
    for h in whole:
        at.setdefault(last_of(h.clause, place), []).append(h)
    asked = [v for v, here in at.items() if any(h.evidence for h in here)]
    return Restrictions(
        {v: target(v, here, cells[v]) for v, here in at.items()},
        last=max(asked, key=lambda v: place[v]) if asked else None,
        asked=len(asked),
    )


def target(v: int, here: Sequence[Held], cells: Cells) -> Target:
    """The clauses decided at V."""
    used = set().union(*(variables_of(h.clause) for h in here))
    lines = (v, *sorted(used - {v}))
    tests = _tests(here, {u: line for line, u in enumerate(lines)}, support(cells)[0])
    return Target(tests, lines, _places(cells), room(tests))


def broken(
    clause: Clause,
    order: Sequence[int],
    cells: Sequence[Cells],
    columns: Sequence[Column],
    counted: npt.NDArray[np.bool_],
) -> tuple[int, int]:
    """(rows to which the variables before the last one leave CLAUSE open, those of them that break it).

    counted: bool[n], the rows that count.
    """
    place = [list(order).index(v) for v in range(len(cells))]
    own = target(v := last_of(clause, place), [Held(clause)], cells[v])
    return count_broken(own.tests, np.stack([columns[u].values for u in own.lines]), counted)


def _tests(here: Sequence[Held], line: dict[int, int], can: Sequence[Interval]) -> Tests:
    """HERE for kernels; LINE: where the values of each variable are, CAN: which of the target's can be drawn."""
    literals = [literal for h in here for literal in h.clause]
    sides = [
        (line[x.variable], -1) if isinstance(x, Within) else (line[x.left], line[x.right]) for x in literals
    ]
    intervals = [
        ()
        if not isinstance(x, Within)
        else _near(x, can)
        if h.evidence and not line[x.variable]
        else x.intervals
        for h in here
        for x in h.clause
    ]
    flat = np.array([i for own in intervals for i in own], np.float64).reshape(-1, 2)
    return Tests(
        first=np.cumsum([0, *(len(h.clause) for h in here)]),
        evidence=np.array([h.evidence for h in here], np.bool_),
        kept=np.array([h.kept for h in here], np.float64),
        kind=np.array([WITHIN if isinstance(x, Within) else OPS[x.op] for x in literals], np.int64),
        left=np.array([a for a, _ in sides], np.int64),
        right=np.array([b for _, b in sides], np.int64),
        missing=np.array([x.missing for x in literals], np.bool_),
        start=np.cumsum([0, *map(len, intervals)]),
        low=np.ascontiguousarray(flat[:, 0]),
        high=np.ascontiguousarray(flat[:, 1]),
    )


def _near(asked: Within, can: Sequence[Interval]) -> Sequence[Interval]:
    """The intervals that are not beyond all that CAN be drawn: each costs time for every row."""
    if not can:
        return asked.intervals
    return [(low, high) for low, high in asked.intervals if high >= can[0][0] and low <= can[-1][1]]


def _places(cells: Cells) -> Places:
    drawable = cells.drawable
    order = drawable.order
    leveled = cells.variable.kind.has_levels
    here = np.where(order >= cells.reasons, (order - cells.reasons).astype(np.float64), np.nan)
    formulas = cells.formulas
    formula = order - cells.first_formula if formulas else np.full(len(order), -1)
    made = np.full(len(formulas), -1, np.int64)
    for p in np.flatnonzero(formula >= 0):
        made[formula[p]] = cells.state[order[p]]
    known = (formula < 0) & (order >= cells.reasons)
    return Places(
        low=here if leveled else np.where(known, cells.low[order], np.nan),
        high=here if leveled else np.where(known, cells.high[order], np.nan),
        formula=np.maximum(formula, -1).astype(np.int64),
        state=cells.state[order].astype(np.int64),
        mass=cells.mass[order],
        absent=np.flatnonzero(order < cells.reasons),
        made=made,
        step=float(cells.variable.precision or 0.0) if not leveled else 0.0,
        leveled=leveled,
    )
