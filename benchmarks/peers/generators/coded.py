"""Columns as whole numbers from 0, for a generator that knows neither numbers nor gaps; and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

CELLS = 20  # that a number is cut into, at quantiles; also the most distinct ones that stay as they are


@dataclass(frozen=True)
class Codes:
    """How a column was laid into cells; the code after the last stands for what is missing.

    held: for each cell the values of the column in it, one of which is drawn for it: so digits and peaks stay.
    """

    held: tuple[np.ndarray, ...]
    codes: np.ndarray

    @classmethod
    def of(cls, column: pd.Series) -> Codes:
        missing = column.isna().to_numpy()
        present = column[~missing].to_numpy()
        levels, cells = np.unique(present, return_inverse=True)
        if pd.api.types.is_numeric_dtype(column) and len(levels) > CELLS:
            cuts = np.unique(np.quantile(present, np.arange(1, CELLS) / CELLS))
            cells = np.unique(np.searchsorted(cuts, present, side="right"), return_inverse=True)[1]
        size = int(cells.max()) + 1 if len(cells) else 0
        codes = np.full(len(column), size)
        codes[~missing] = cells
        return cls(tuple(present[cells == cell] for cell in range(size)), codes)

    def decode(self, codes: np.ndarray, rng: np.random.Generator) -> pd.Series:
        """Values for CODES; None, or NaN among numbers, where missing."""
        out = pd.Series([None] * len(codes), dtype=object)
        for cell, values in enumerate(self.held):
            rows = np.flatnonzero(codes == cell)
            out.iloc[rows] = values[rng.integers(len(values), size=len(rows))]
        return out.infer_objects()
