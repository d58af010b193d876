"""Gradient-boosted trees as this package uses them: repeatable, and forgiving of columns without a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Boosted:
    model: HistGradientBoostingClassifier
    kept: npt.NDArray[np.int64]

    def predict(self, x: Floats) -> Floats:
        """The probability of the event in each row."""
        return np.asarray(self.model.predict_proba(x[:, self.kept])[:, 1])


def fit(x: Floats, y: Bools, *, trees: int, leaves: int = 31, rate: float = 0.1) -> Boosted:
    """Learn Y, of two classes, from X, where missing is NaN. Columns with nothing but NaN are left out."""
    kept = np.flatnonzero(~np.isnan(x).all(axis=0))
    if len(kept) == 0:
        kept, x = np.zeros(1, np.int64), np.zeros((len(x), 1))
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_leaf_nodes=leaves, learning_rate=rate, random_state=0, early_stopping=False
    )
    return Boosted(model.fit(x[:, kept], y), kept)
