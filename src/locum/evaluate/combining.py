"""One result from several synthetic tables of one model, with the standard error that it deserves.

Analysing synthetic rows as if they were patients gives standard errors that are too small, the more so the more rows
were drawn: the rows carry the information of the patients whom the model learned from, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput
from locum.evaluate.statistics import Z

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Combined:
    """Of each estimate, float64[p].

    estimate: mean over the tables. standard_error: of the estimate as one of the population's. real_error: what an
    analysis of the real patients would give as its standard error. low, high: 95 % interval for the population.
    """

    estimate: Floats
    standard_error: Floats
    real_error: Floats

    @property
    def low(self) -> Floats:
        return np.asarray(self.estimate - Z * self.standard_error)

    @property
    def high(self) -> Floats:
        return np.asarray(self.estimate + Z * self.standard_error)


def combine(
    estimates: Sequence[Floats] | Floats,
    variances: Sequence[Floats] | Floats,
    *,
    synthetic_rows: int,
    real_rows: int,
    proper: bool = False,
) -> Combined:
    """Combine the results of the same analysis on M wholly synthetic tables (Raab, Nowok & Dibben 2016, J Privacy
    and Confidentiality 7(3):67): with v the mean variance, k synthetic and n real rows, the variance is
    v (k/n + 1/m), and v (k/n + (1 + k/n)/m) where parameters were drawn from their posterior before each table.

    estimates, variances: [m, p] (or [m]), the variances being squares of the standard errors as they came out on each
    table of SYNTHETIC_ROWS. real_rows: patients whom the model learned from. proper: whether each table was drawn with
    parameters of its own; locum's are not. One table is enough.

    It holds where the model is right for what is estimated, which the evaluation has to show.
    Raises BadInput where the shapes differ, there is no table, a number is not finite, or a count is not positive.
    """
    found, own = np.asarray(estimates, np.float64), np.asarray(variances, np.float64)
    if found.shape != own.shape or found.ndim not in (1, 2) or not len(found):
        raise BadInput("give one estimate and one variance of each synthetic table, in the same order")
    if not (np.isfinite(found).all() and np.isfinite(own).all() and (own >= 0).all()):
        raise BadInput(
            "an estimate or a variance is no finite number, or a variance is negative: leave it out"
        )
    if synthetic_rows < 1 or real_rows < 1:
        raise BadInput("the rows of the synthetic tables and the real rows must be counted from 1")
    tables, ratio = len(found), synthetic_rows / real_rows
    each = own.mean(axis=0)
    between = (1 + ratio) / tables if proper else 1 / tables
    return Combined(
        np.atleast_1d(found.mean(axis=0)),
        np.atleast_1d(np.sqrt(each * (ratio + between))),
        np.atleast_1d(np.sqrt(each * ratio)),
    )
