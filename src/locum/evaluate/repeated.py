"""A holdout that repeats the training table: what is left of the assessment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Attack, Metric, Status
from locum.evaluate.parts import OfModel, Privacy, Utility
from locum.evaluate.sample import Trio, held, row_keys

NOTICE = (
    "The holdout repeats the training table: utility and privacy cannot be judged without patients that the "
    "generator never saw."
)
REASON = "most holdout rows are training rows, so they are no unseen patients"


def same_table(trio: Trio) -> bool:
    """Whether most holdout rows equal a training row although training rows are nearly all different."""
    train, holdout = np.sort(row_keys(trio.train)), np.sort(row_keys(trio.holdout))
    again = train[1:] == train[:-1]
    doubled = float((np.r_[again, False] | np.r_[False, again]).mean())
    return bool(held(holdout, train).mean() > limits.SAME_TABLE and doubled < limits.SAME_TABLE / 2)


def useful(part: Utility) -> Utility:
    return replace(part, metrics=_unjudged(part.metrics), subgroup_utility=[], effects=[])


def private(part: Privacy) -> Privacy:
    return replace(
        part,
        metrics=_unjudged(part.metrics),
        attacks=_unmade(part.attacks),
        guesses=[],
        risks=[],
        small_cells=None,
    )


def of_model(part: OfModel) -> OfModel:
    return OfModel(_unjudged(part.metrics), _unmade(part.model_attacks))


def _unjudged(metrics: list[Metric]) -> list[Metric]:
    gone: dict[str, object] = {
        "status": Status.NOT_ASSESSABLE,
        "reasons": [REASON],
        "answer": "Not assessable.",
        "value": None,
        "interval": None,
        "ceiling": None,
        "floors": {},
        "limit": None,
    }
    return [m.model_copy(update=gone) for m in metrics]


def _unmade(attacks: list[Attack]) -> list[Attack]:
    """ATTACKS without their figures."""
    figures = (
        "auc",
        "auc_interval",
        "tpr_at_1pct",
        "tpr_interval",
        "tpr_at_01pct",
        "tpr_01_interval",
        "curve",
    )
    return [a.model_copy(update=dict.fromkeys(figures)) for a in attacks]
