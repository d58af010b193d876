"""Random forests whose predictions may be made in threads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier

Floats = npt.NDArray[np.float64]


def chance(model: RandomForestClassifier, x: Floats) -> Floats:
    """float64[n]: how probable the forest finds the second class of each row of X (float64[n, p]).

    The mean over the trees, as ``predict_proba`` has it (Breiman 2001). That one sets the filters of warnings while it
    runs, which all threads share.
    """
    rows = np.ascontiguousarray(x, np.float32)  # as trees read them
    return np.asarray(
        np.mean([tree.predict_proba(rows, check_input=False)[:, 1] for tree in model.estimators_], axis=0)
    )
