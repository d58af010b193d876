"""Columns as matrices that classifiers take, laid on the training rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate.sample import Sample

Floats = npt.NDArray[np.float64]
MOST_LEVELS = 15


def for_trees(sample: Sample, model: Sample, places: list[int] | None = None) -> Floats:
    """float64[rows, columns]: levels by how common they are in MODEL (unknown ones last), missing as NaN,
    and one more column where there are several reasons of being missing."""
    out = []
    for place in range(len(sample.columns)) if places is None else places:
        column = sample.columns[place]
        values = column.values
        if column.variable.kind.has_levels:
            rank = model.commonness[place]
            values = rank[np.clip(np.nan_to_num(values).astype(np.int64), 0, len(rank) - 1)]
        out.append(np.where(column.missing > 0, np.nan, values))
        if len(column.variable.missing_reasons) > 1:
            out.append(column.missing.astype(np.float64))
    return np.stack(out, axis=1) if out else np.zeros((len(sample), 0))


def owners(sample: Sample) -> list[int]:
    """The variable that each column of `for_trees` comes from."""
    return [i for i, v in enumerate(sample.variables) for _ in range(2 if len(v.missing_reasons) > 1 else 1)]


@dataclass(frozen=True)
class Design:
    """A linear model's design matrix: numbers standardised by rank-free scale, levels as indicators, gaps
    as indicators.

    All constants come from one sample, so that models trained on different tables see the same columns.
    """

    centre: Floats
    spread: Floats
    levels: tuple[tuple[int, ...], ...]
    places: tuple[int, ...]

    @classmethod
    def on(cls, sample: Sample, places: list[int], k: int) -> Design:
        centre, spread, levels = [], [], []
        for place in places:
            column = sample.columns[place]
            present = column.values[column.missing == 0]
            if column.variable.kind.has_levels:
                counts = np.bincount(present.astype(np.int64), minlength=len(column.variable.levels) + 1)
                common = [int(i) for i in np.argsort(-counts, kind="stable")[:MOST_LEVELS] if counts[i] >= k]
                levels.append(tuple(common[1:]))  # the commonest is the reference
                centre.append(0.0)
                spread.append(1.0)
            else:
                levels.append(())
                centre.append(float(present.mean()) if len(present) else 0.0)
                spread.append(float(present.std()) if len(present) and present.std() > 0 else 1.0)
        return cls(np.array(centre), np.array(spread), tuple(levels), tuple(places))

    def matrix(self, sample: Sample) -> Floats:
        out: list[Floats] = []
        for position, place in enumerate(self.places):
            column = sample.columns[place]
            gone = column.missing > 0
            if column.variable.kind.has_levels:
                out.extend(np.where(gone, 0.0, column.values == level) for level in self.levels[position])
            else:
                scaled = (np.nan_to_num(column.values) - self.centre[position]) / self.spread[position]
                out.append(np.where(gone, 0.0, np.clip(scaled, -10, 10)))
            out.append(gone.astype(np.float64))
        return np.stack(out, axis=1).astype(np.float64) if out else np.zeros((len(sample), 0))
