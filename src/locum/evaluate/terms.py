"""The few covariates of a regression whose coefficients are compared, each table laid out alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate.sample import Sample
from locum.variables import Column, Variable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
MOST_VARIABLES, MOST_TERMS = (
    8,
    12,
)  # what an article's table shows, and at some ten events a term what a table bears
ALIKE = 0.9  # correlation with a term that is there already, above which coefficients cannot be told apart
FAR = 5.0  # standard deviations at which numbers are cut off, so that one row is not a line's slope


@dataclass(frozen=True)
class Term:
    """A number in standard deviations of the training rows, or an indicator: of a level, or of being missing.

    level: index; None for a number; -1 for missing.
    """

    place: int
    variable: Variable
    level: int | None = None
    centre: float = 0.0
    spread: float = 1.0

    @property
    def label(self) -> str:
        if self.level is None:
            return f"{self.variable.name}, per standard deviation"
        return (
            f"{self.variable.name}: {'not recorded' if self.level < 0 else self.variable.levels[self.level]}"
        )

    def column(self, sample: Sample) -> Floats:
        column = sample.columns[self.place]
        gone = column.missing > 0
        if self.level is None:
            scaled = (np.nan_to_num(column.values) - self.centre) / self.spread
            return np.where(gone, 0.0, np.clip(scaled, -FAR, FAR))
        return np.asarray(gone if self.level < 0 else ~gone & (column.values == self.level), np.float64)


@dataclass(frozen=True)
class Terms:
    terms: tuple[Term, ...]

    def __len__(self) -> int:
        return len(self.terms)

    def matrix(self, sample: Sample) -> Floats:
        """float64[rows, terms]."""
        return np.stack([t.column(sample) for t in self.terms], axis=1)


def choose(
    train: Sample, holdout: Sample, places: list[int], happened: tuple[Bools, Bools], residual: Floats, k: int
) -> Terms:
    """The terms of the variables of PLACES that tell most about RESIDUAL, float64[train rows], what the outcome is
    beyond its mean.

    happened: in train and in holdout. An indicator is left out unless it, and its absence, hold K patients with and K
    without the outcome in either table: its coefficient would tell of a few, and be chance.
    """
    tables = ((train, happened[0]), (holdout, happened[1]))
    found: list[tuple[float, list[tuple[Term, Floats, float]]]] = []
    for place in places:
        own = []
        for term in _candidates(train.columns[place], place):
            if term.level is not None and not all(_enough(term.column(s), y, k) for s, y in tables):
                continue
            values = term.column(train)
            if values.std() > 0:
                own.append((term, values, abs(float(np.corrcoef(values, residual)[0, 1]))))
        if own:
            found.append((max(strength for *_, strength in own), own))
    chosen: list[Term] = []
    columns: list[Floats] = []
    variables = 0
    for _, own in sorted(found, key=lambda f: (-f[0], f[1][0][0].place)):
        new = [(t, v) for t, v, _ in sorted(own, key=lambda o: -o[2]) if not _repeats(v, columns)]
        new = new[: MOST_TERMS - len(chosen)]
        variables += bool(new)
        chosen += [t for t, _ in new]
        columns += [v for _, v in new]
        if variables == MOST_VARIABLES or len(chosen) == MOST_TERMS:
            break
    return Terms(tuple(sorted(chosen, key=lambda t: (t.place, t.level is not None, t.level or 0))))


def _candidates(column: Column, place: int) -> list[Term]:
    variable, present = column.variable, column.values[column.missing == 0]
    gone = [Term(place, variable, -1)]
    if not len(present):
        return []
    if variable.kind.has_levels:
        counts = np.bincount(present.astype(np.int64), minlength=len(variable.levels) + 1)[
            : len(variable.levels)
        ]
        if not len(counts):
            return []
        commonest = int(counts.argmax())
        return [Term(place, variable, i) for i in range(len(counts)) if i != commonest and counts[i]] + gone
    spread = float(present.std())
    return [Term(place, variable, None, float(present.mean()), spread), *gone] if spread > 0 else []


def _enough(indicator: Floats, happened: Bools, k: int) -> bool:
    inside = indicator > 0
    return all(int((part & side).sum()) >= k for part in (inside, ~inside) for side in (happened, ~happened))


def _repeats(values: Floats, columns: list[Floats]) -> bool:
    return any(abs(float(np.corrcoef(values, other)[0, 1])) > ALIKE for other in columns)
