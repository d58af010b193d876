"""The coefficients of a regression from several synthetic tables of one model, with the intervals they deserve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from locum.evaluate.combining import Combined, combine
from locum.evaluate.logistic import Fit
from locum.evaluate.parallel import run_one_by_one
from locum.evaluate.sample import Sample


def combined(
    tables: Sequence[Sample],
    known: Callable[[Sample], npt.NDArray[np.int64]],
    fit: Callable[[Sample], Fit],
    real: Sample,
    cap: int,
    rng: np.random.Generator,
) -> Combined | None:
    """The results of FIT on each of TABLES, by the rules of `combine`; None where there is but one, or where the
    outcome is known for nobody in one of them.

    known: the rows of a table that can be used. real: the rows that the model learned from. cap: most rows of each;
    all tables are cut down to the smallest.
    """
    if len(tables) < 2:
        return None
    used = [t.take(known(t)).one_row_each(rng) for t in tables]
    rows = min(cap, *(len(t) for t in used))
    patients = len(np.unique(real.patients[known(real)]))
    if rows < 1 or patients < 1:
        return None
    cut = [t.draw(rows, rng) for t in used]
    fits = run_one_by_one([partial(fit, t) for t in cut])
    estimates, variances = np.stack([f.estimate for f in fits]), np.stack([f.error**2 for f in fits])
    return combine(estimates, variances, synthetic_rows=rows, real_rows=patients)
