"""Small cells on quasi-identifiers (k-map): do synthetic rows stand where one person of the training data stands alone?

A cell is a combination of values that outsiders may know. k-map asks how many people of the population hold a cell
that a released row is in (Sweeney 2002; El Emam & Dankar 2008, Protecting privacy using k-anonymity). A synthetic row
in a cell that one training patient holds may be read as that person (El Emam, Mosquera & Bass 2020, Evaluating identity
disclosure risk in fully synthetic health data), but single unseen patients are met as well: only the difference tells
of the training data.

It is counted in cells, not in rows. Of a copied table each cell of one training patient holds one row, while a cell of
one unseen patient, who is as many people's like, may hold several: by rows, a copy may look safer than chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL
from locum.evaluate.grid import PAIR_BINS, lay
from locum.evaluate.metrics import Metric, Risk, SmallCells, Status
from locum.evaluate.risk import Success, told
from locum.evaluate.sample import Trio
from locum.evaluate.verdict import Judgement, judge_beyond_chance, metric, not_assessable
from locum.variables import Column, Role

Ints = npt.NDArray[np.int64]
DEMOGRAPHIC = 0  # the first tier of a causal reading
NAME = "singled out by quasi-identifiers"
ROUNDED = 10  # counts of real patients
TITLES = {
    "small_cells_excess": "Do artificial patients single out training patients by what outsiders know?",
    "small_cells": "How many artificial patients have a combination of known values that few real ones have? "
    "(description only)",
}
METHOD = (
    "Combinations of the quasi-identifiers, levels as they are, numbers in at most ten ranges. Of those that n "
    "synthetic rows have: how many does exactly one of n training patients have, and how many exactly one of n unseen "
    "patients? In any table some do, by chance; only the difference is a leak. The figure is the share of what the "
    "control leaves open (k-map: El Emam & Dankar 2008; identity disclosure in synthetic data: El Emam et al. 2020; "
    "Wilson intervals)."
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


def assess(trio: Trio, rng: np.random.Generator) -> tuple[list[Metric], SmallCells | None, list[Risk]]:
    outside = known(trio)
    if not outside.places:
        return _empty(DECLARE, decides=False), None, []
    least = min(trio.train.distinct_patients, trio.holdout.distinct_patients, len(trio.synthetic))
    if least < limits.MIN_ROWS:
        why = f"the smallest table has {least} patients; at least {limits.MIN_ROWS} are needed"
        return _empty(why, decides=outside.declared), None, []
    cells = Cells.of(trio, outside.places, rng)
    unique = int((cells.real == 1).sum())
    found = SmallCells(
        variables=[trio.variables[i].name for i in outside.places],
        declared=outside.declared,
        k=trio.k,
        synthetic_small=round(float(cells.synthetic[cells.real < trio.k].sum() / cells.synthetic.sum()), 4),
        synthetic_unique=int((cells.synthetic == 1).sum()),
        real_unique=None if unique < trio.k else ROUNDED * round(unique / ROUNDED),
    )
    success = cells.success
    if success.attempts < limits.MIN_CLAIMS:
        why = f"artificial patients have {success.attempts} different combinations; {limits.MIN_CLAIMS} are needed"
        return [_empty(why, decides=outside.declared)[0], _small(found)], found, []
    return [_excess(cells, found), _small(found)], found, [told(NAME, ALL, success)]


@dataclass(frozen=True)
class Cells:
    """Of each cell (int64[cells]): how many synthetic rows and real patients of all tables, and of n rows of each how
    many synthetic ones, training patients and unseen patients."""

    synthetic: Ints
    real: Ints
    drawn: Ints
    train: Ints
    unseen: Ints

    @classmethod
    def of(cls, trio: Trio, places: tuple[int, ...], rng: np.random.Generator) -> Cells:
        # One row a patient: who has several would else be several people.
        train, unseen = (s.one_row_each(rng) for s in (trio.train, trio.holdout))
        synthetic = trio.synthetic.take(rng.permutation(len(trio.synthetic)))
        n = min(len(train), len(unseen), len(synthetic))
        samples = (synthetic, train, unseen)
        codes = [_codes([s.columns[i] for s in samples], trio.k) for i in places]
        _, cell = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
        cell = cell.ravel()
        width = int(cell.max()) + 1
        a, b = len(synthetic), len(synthetic) + len(train)
        parts = (cell[:a], cell[a:], cell[:n], cell[a:b][:n], cell[b:][:n])
        return cls(*(np.bincount(part, minlength=width).astype(np.int64) for part in parts))

    @property
    def success(self) -> Success:
        """Of the cells of n synthetic rows, those that exactly one of n training patients holds, and of n unseen."""
        held = self.drawn > 0
        return Success(
            int((held & (self.train == 1)).sum()),
            int(held.sum()),
            int((held & (self.unseen == 1)).sum()),
            int(held.sum()),
        )

    def copy(self, k: int) -> float | None:
        """The risk of a table that holds the n training patients; None where it tells of fewer than K of them."""
        alone = self.train == 1
        both = int((alone & (self.unseen == 1)).sum())
        held = self.train > 0
        control = int((held & (self.unseen == 1)).sum())
        if min(int(alone.sum()), both, control) < k:
            return None
        return Success(int(alone.sum()), int(held.sum()), control, int(held.sum())).risk


def _codes(columns: list[Column], k: int) -> Ints:
    """A code of each row of COLUMNS (synthetic, training, unseen) one below the other."""
    if columns[0].variable.kind.has_levels:
        return np.concatenate(
            [np.where(c.missing > 0, -c.missing.astype(np.float64), c.values) for c in columns]
        ).astype(np.int64)
    grid = lay(columns[1:], PAIR_BINS, k)
    return np.concatenate([grid.codes(c) for c in columns]).astype(np.int64)


def _excess(cells: Cells, found: SmallCells) -> Metric:
    success, copy = cells.success, cells.copy(found.k)
    low, high = success.interval()
    return metric(
        "small_cells_excess",
        "privacy",
        TITLES["small_cells_excess"],
        answer=f"Of {success.attempts:,} combinations of {_listed(found.variables)} that artificial patients have, "
        f"{100 * success.rate:.1f} in 100 fit exactly one of {int(cells.train.sum()):,} training patients, and "
        f"{100 * success.control_rate:.1f} in 100 exactly one of as many unseen ones.",
        method=METHOD,
        value=success.risk,
        unit="share",
        interval=(low, high),
        ceiling=0.0,
        floors={} if copy is None else {"copy of the training data": copy},
        decides=found.declared,
        judgement=judge_beyond_chance(
            success.risk,
            low,
            0.0,
            limits.KMAP_WARN,
            limits.KMAP_FAIL,
            "the risk of being singled out by what is known",
        ),
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _small(found: SmallCells) -> Metric:
    alone = f"fewer than {found.k}" if found.real_unique is None else f"some {found.real_unique:,}"
    return metric(
        "small_cells",
        "privacy",
        TITLES["small_cells"],
        answer=f"{100 * found.synthetic_small:.1f} % of synthetic rows have a combination that fewer than {found.k} "
        f"real patients have. {found.synthetic_unique:,} combinations are held by one synthetic row, {alone} by one "
        "real patient.",
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
            unit="share" if key == "small_cells_excess" else "%",
            judgement=not_assessable(why),
            decides=decides and key == "small_cells_excess",
        )
        for key, title in TITLES.items()
    ]
