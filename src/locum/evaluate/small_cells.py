"""Small cells on quasi-identifiers (k-map): do synthetic rows stand where one person of the training data stands alone?

A cell is a combination of values that outsiders may know. k-map asks how many people of the population hold a cell that
a released row is in (Sweeney 2002; El Emam & Dankar 2008, Protecting privacy using k-anonymity, section "k-map"). A
synthetic row in a cell that one training patient holds may be read as that person (El Emam, Mosquera & Bass 2020,
Evaluating identity disclosure risk in fully synthetic health data), but rows fall on single unseen patients as well:
only the difference tells of the training data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.grid import PAIR_BINS, lay
from locum.evaluate.metrics import Metric, SmallCells, Status
from locum.evaluate.sample import Trio
from locum.evaluate.statistics import share_difference, wilson
from locum.evaluate.verdict import Judgement, judge_beyond_chance, metric, not_assessable
from locum.variables import Role

Ints = npt.NDArray[np.int64]
DEMOGRAPHIC = 0  # the first tier of a causal reading
ROUNDED = 10  # counts of real patients
TITLES = {
    "small_cells_excess": "Do artificial patients single out training patients by what outsiders know?",
    "small_cells": "How many artificial patients have a combination of known values that few real ones have? "
    "(description only)",
}
METHOD = (
    "Combinations of the quasi-identifiers, numbers in at most ten ranges: share of synthetic rows in one that exactly "
    "one of n training patients holds, less the share in one that exactly one of n unseen patients holds. In any table "
    "some are, by chance; only the difference is a leak (k-map: El Emam & Dankar 2008; identity disclosure in "
    "synthetic data: El Emam et al. 2020). Interval after Newcombe (1998) from Wilson intervals, for as many "
    "independent rows as the rows of a cell are worth."
)
HOW_SMALL = (
    "Share of synthetic rows in a combination of the quasi-identifiers that fewer than k real patients, training and "
    "unseen ones together, hold; those that nobody holds are among them. Counts of real patients are rounded to ten."
)
DECLARE = (
    "no variable is declared as a quasi-identifier: give what outsiders may know of a person, such as year of birth, "
    'sex and region, the role "quasi-identifier" in variables.toml'
)


@dataclass(frozen=True)
class Known:
    """The variables that outsiders are taken to know; declared as such, or else by their tier."""

    places: tuple[int, ...]
    declared: bool


def known(trio: Trio) -> Known:
    declared = tuple(i for i, v in enumerate(trio.variables) if v.role is Role.QUASI_IDENTIFIER)
    by_tier = tuple(i for i, v in enumerate(trio.variables) if v.tier == DEMOGRAPHIC)
    return Known(declared or by_tier, bool(declared))


def assess(trio: Trio, rng: np.random.Generator) -> tuple[list[Metric], SmallCells | None]:
    outside = known(trio)
    if not outside.places:
        return _empty(DECLARE, decides=False), None
    least = min(trio.train.distinct_patients, trio.holdout.distinct_patients, len(trio.synthetic))
    if least < limits.MIN_ROWS:
        why = f"the smallest table has {least} patients; at least {limits.MIN_ROWS} are needed"
        return _empty(why, decides=outside.declared), None
    cells = Cells.of(trio, outside.places, rng)
    found = cells.describe(trio, outside)
    return [_excess(cells, found), _small(found)], found


@dataclass(frozen=True)
class Cells:
    """Of each cell (int64[cells]): how many synthetic rows, real patients, and of n training and n unseen patients."""

    synthetic: Ints
    real: Ints
    train: Ints
    unseen: Ints
    patients: int  # n

    @classmethod
    def of(cls, trio: Trio, places: tuple[int, ...], rng: np.random.Generator) -> Cells:
        # One row a patient: who has several would else be several people.
        train, unseen = (s.one_row_each(rng) for s in (trio.train, trio.holdout))
        n = min(len(train), len(unseen))
        samples = (trio.synthetic, train, unseen)
        grids = [lay([trio.train.columns[i], trio.holdout.columns[i]], PAIR_BINS, trio.k) for i in places]
        whole = np.concatenate(
            [
                np.stack([g.codes(s.columns[i]) for g, i in zip(grids, places, strict=True)], axis=1)
                for s in samples
            ]
        )
        _, cell = np.unique(whole, axis=0, return_inverse=True)
        cell = cell.ravel()
        width = int(cell.max()) + 1

        def count(rows: Ints) -> Ints:
            return np.bincount(rows, minlength=width).astype(np.int64)

        a, b = len(trio.synthetic), len(trio.synthetic) + len(train)
        return cls(count(cell[:a]), count(cell[a:]), count(cell[a:b][:n]), count(cell[b:][:n]), n)

    @property
    def rows(self) -> int:
        return int(self.synthetic.sum())

    def alone(self) -> tuple[int, int]:
        """Synthetic rows in cells that one of n training patients holds, and one of n unseen ones."""
        return int(self.synthetic[self.train == 1].sum()), int(self.synthetic[self.unseen == 1].sum())

    def crowding(self) -> float:
        """How many synthetic rows of one cell count as one: rows of a cell point to the same person together.

        The design effect of cells as clusters: sum of squares by sum, over cells that only one side holds alone.
        """
        rows = self.synthetic[(self.train == 1) != (self.unseen == 1)].astype(np.float64)
        return max(1.0, float((rows**2).sum() / max(rows.sum(), 1)))

    def excess(self) -> tuple[float, float, float]:
        """In points, with its interval."""
        apart = (self.train == 1) != (self.unseen == 1)
        train = int(self.synthetic[apart & (self.train == 1)].sum())
        unseen = int(self.synthetic[apart & (self.unseen == 1)].sum())
        worth = self.crowding()
        low, high = share_difference(train / worth, unseen / worth, self.rows / worth)
        return 100 * (train - unseen) / self.rows, 100 * low, 100 * high

    def copy(self, k: int) -> float | None:
        """The excess, in points, of a table that holds the n training patients; None where it tells of fewer than K."""
        alone = int((self.train == 1).sum())
        both = int((self.train[self.unseen == 1]).sum())
        return None if min(alone, both) < k else 100 * (alone - both) / self.patients

    def describe(self, trio: Trio, outside: Known) -> SmallCells:
        train, unseen = self.alone()
        worth = self.crowding()
        unique = int((self.real == 1).sum())

        def interval(rows: int) -> tuple[float, float]:
            low, high = wilson(rows / worth, self.rows / worth)
            return round(low, 4), round(high, 4)

        return SmallCells(
            variables=[trio.variables[i].name for i in outside.places],
            declared=outside.declared,
            k=trio.k,
            synthetic_small=round(float(self.synthetic[self.real < trio.k].sum() / self.rows), 4),
            synthetic_unique=int((self.synthetic == 1).sum()),
            real_unique=None if unique < trio.k else ROUNDED * round(unique / ROUNDED),
            to_training=round(train / self.rows, 4),
            to_training_interval=interval(train),
            to_unseen=round(unseen / self.rows, 4),
            to_unseen_interval=interval(unseen),
        )


def _excess(cells: Cells, found: SmallCells) -> Metric:
    value, low, high = cells.excess()
    copy = cells.copy(found.k)
    by = " and ".join([", ".join(found.variables[:-1]), found.variables[-1]]) if found.variables[1:] else ""
    return metric(
        "small_cells_excess",
        "privacy",
        TITLES["small_cells_excess"],
        answer=f"By {by or found.variables[0]}, {100 * found.to_training:.2f} % of synthetic rows fit exactly one of "
        f"{cells.patients} training patients, {100 * found.to_unseen:.2f} % exactly one of as many unseen patients.",
        method=METHOD,
        value=value,
        unit="%",
        interval=(low, high),
        ceiling=0.0,
        floors={} if copy is None else {"copy of the training data": copy},
        decides=found.declared,
        judgement=judge_beyond_chance(
            value,
            low,
            0.0,
            limits.KMAP_WARN,
            limits.KMAP_FAIL,
            "the excess of rows that fit one patient",
            " points",
            2,
        ),
    )


def _small(found: SmallCells) -> Metric:
    alone = f"fewer than {found.k}" if found.real_unique is None else f"some {found.real_unique}"
    return metric(
        "small_cells",
        "privacy",
        TITLES["small_cells"],
        answer=f"{100 * found.synthetic_small:.1f} % of synthetic rows have a combination that fewer than {found.k} "
        f"real patients have. {found.synthetic_unique} combinations are held by one synthetic row, {alone} by one real "
        "patient.",
        method=HOW_SMALL,
        value=100 * found.synthetic_small,
        unit="%",
        judgement=_describing(found),
        decides=False,
    )


def _describing(found: SmallCells) -> Judgement:
    reason = "description only: it has no threshold and does not enter the verdict"
    if not found.declared:
        reason += "; no quasi-identifier is declared, so demographic variables stand in for them"
    return Judgement(Status.PASS, (reason,))


def _empty(why: str, *, decides: bool) -> list[Metric]:
    return [
        metric(
            key,
            "privacy",
            title,
            answer="Not assessable.",
            method=METHOD if key == "small_cells_excess" else HOW_SMALL,
            unit="%",
            judgement=not_assessable(why),
            decides=decides and key == "small_cells_excess",
        )
        for key, title in TITLES.items()
    ]
