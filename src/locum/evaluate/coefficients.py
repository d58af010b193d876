"""Would a logistic regression on synthetic patients find the same effects as on real ones?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from locum.evaluate import effects, logistic, several, terms
from locum.evaluate import thresholds as limits
from locum.evaluate.effects import Analysis, Fits
from locum.evaluate.metrics import Effect, Metric
from locum.evaluate.parallel import run_one_by_one
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.targets import Target
from locum.evaluate.verdict import not_assessable

Bools = npt.NDArray[np.bool_]
CAP, QUICK_CAP = 50_000, 8_000
LOGISTIC = Analysis("logistic regression", "coefficients", "odds ratio")


@dataclass(frozen=True)
class Rows:
    """One row of each patient whose outcome is known, equally many of synthetic, training and shuffled patients."""

    holdout: Sample
    train: Sample
    synthetic: Sample
    shuffled: Sample

    @property
    def all(self) -> tuple[Sample, Sample, Sample, Sample]:
        return self.holdout, self.train, self.synthetic, self.shuffled


def assess(
    trio: Trio,
    target: Target | None,
    why: str,
    rng: np.random.Generator,
    *,
    quick: bool,
    more: Sequence[Sample] = (),
) -> tuple[list[Metric], list[Effect]]:
    """more: further synthetic tables of the same model."""
    if target is None:
        return effects.empty(LOGISTIC, not_assessable(why)), []
    cap = QUICK_CAP if quick else CAP
    rows = Rows(
        *(
            s.take(np.flatnonzero(target.known(s))).one_row_each(rng).draw(cap, rng)
            for s in (trio.holdout, trio.train_sized, trio.synthetic_sized, trio.shuffled)
        )
    )
    happened = [target.happened(s) for s in rows.all]
    least = min(min(int(y.sum()), int((~y).sum())) for y in happened[:2])
    if least < limits.MIN_CLASS or min(len(s) for s in rows.all) < limits.MIN_ROWS:
        reason = (
            f"{target.name} is known for too few patients: at least {limits.MIN_ROWS} of each table are needed, and "
            f"{limits.MIN_CLASS} of real ones with and without it"
        )
        return effects.empty(LOGISTIC, not_assessable(reason)), []
    of_train = happened[1]
    laid = terms.choose(
        rows.train,
        rows.holdout,
        target.places,
        (of_train, happened[0]),
        of_train - of_train.mean(),
        trio.k,
    )
    few = effects.few_terms(laid)
    if few is not None:
        return effects.empty(LOGISTIC, few), []
    tables = [laid.matrix(s) for s in rows.all]
    jobs = [partial(logistic.fit, x, y) for x, y in zip(tables, happened, strict=True)]
    fits = Fits(*run_one_by_one(jobs))  # so small that threads within one cost more than they save
    spread = np.cov(tables[0], rowvar=False)
    combined = several.combined(
        [trio.synthetic, *more],
        lambda s: np.flatnonzero(target.known(s)),
        lambda s: logistic.fit(laid.matrix(s), target.happened(s)),
        trio.train,
        cap,
        rng,
    )
    return effects.assess(LOGISTIC, target.outcome, laid, fits, spread, rng, combined)
