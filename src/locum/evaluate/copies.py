"""Synthetic rows that repeat a real row: as many as chance gives, or more?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, Status
from locum.evaluate.sample import Trio, held, row_keys
from locum.evaluate.statistics import Z, share_difference
from locum.evaluate.verdict import Judgement, judge_beyond_chance, metric, not_assessable

TITLE = "Are real patients repeated exactly, more often than chance does?"
METHOD = (
    "Share of synthetic rows identical to one of n training rows, less the share identical to one of n "
    "unseen rows: tables "
    "with few different rows have natural doubles, which unseen patients have as well. Numbers are "
    "compared at their "
    "declared precision. Interval after Newcombe (1998) from Wilson intervals; where unseen patients have doubles, "
    "also for the chance of the split: a kind of patient in one half alone might as well have been in the other."
)


def assess(trio: Trio, rng: np.random.Generator) -> Metric:
    """An excess above zero means that rows of training patients came through."""
    n = min(len(trio.train), len(trio.holdout))
    if n < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        least = min(n, len(trio.synthetic))
        why = not_assessable(f"the smallest table has {least} rows; at least {limits.MIN_ROWS} are needed")
        return metric(
            "copies_excess",
            "privacy",
            TITLE,
            answer="Not assessable.",
            method=METHOD,
            unit="%",
            judgement=why,
        )
    train, unseen = (_different(row_keys(s.draw(n, rng))) for s in (trio.train, trio.holdout))
    drawn = np.sort(row_keys(trio.synthetic))
    seen, other = held(drawn, train), held(drawn, unseen)
    only_train, only_unseen = int((seen & ~other).sum()), int((other & ~seen).sum())
    natural = float(held(unseen, train).mean())
    low, high = (100 * x for x in share_difference(only_train, only_unseen, len(drawn)))
    excess = 100 * (only_train - only_unseen) / len(drawn)
    if natural >= limits.COPIES_NATURAL:
        wide = 100 * Z * _which_half(drawn, train, unseen)
        low, high = min(low, excess - wide), max(high, excess + wide)
    copied = 100 * (1 - float(held(train, unseen).mean()))
    return metric(
        "copies_excess",
        "privacy",
        TITLE,
        answer=f"{100 * seen.mean():.2f} % of synthetic rows equal one of {n:,} training rows, "
        f"{100 * other.mean():.2f} % one of as "
        f"many unseen rows: an excess of {excess:.2f} points.",
        method=METHOD,
        value=excess,
        unit="%",
        interval=(low, high),
        ceiling=0.0,
        floors={"copy of the training data": copied},
        judgement=_judge(excess, low, high, only_train, natural, 100 * float(other.mean())),
    )


def _which_half(
    drawn: npt.NDArray[np.uint64], train: npt.NDArray[np.uint64], unseen: npt.NDArray[np.uint64]
) -> float:
    """Standard error of the difference of shares by chance of the split, where real people are alike.

    A kind of patient that one half has and the other has not might as well have been in the other: under no leak, each
    counts for or against with equal chance. Few kinds that many synthetic rows are of make for much chance.
    """
    apart = np.concatenate([train[~held(train, unseen)], unseen[~held(unseen, train)]])
    weight = np.searchsorted(drawn, apart, "right") - np.searchsorted(drawn, apart, "left")
    return float(np.sqrt(np.sum((weight / len(drawn)) ** 2)))


def _different(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """In rising order, each once. A sort is many times faster than numpy's table of them."""
    keys = np.sort(keys)
    return keys[np.r_[True, keys[1:] != keys[:-1]]]


def _judge(excess: float, low: float, high: float, repeated: int, natural: float, unseen: float) -> Judgement:
    """repeated: rows that equal a training row and no unseen one. natural: share of unseen rows with a double.

    unseen: percentage of synthetic rows that equal an unseen row.
    """
    if high < -limits.COPIES_FAIL:
        reason = (
            f"holdout patients are repeated {-excess:.2f} points more often than training patients (limit "
            f"{limits.COPIES_FAIL:.2f}): the table was made from patients meant to be unseen"
        )
        return Judgement(Status.FAIL, (reason,))
    warn = max(limits.COPIES_WARN, limits.COPIES_OF_NATURAL_WARN * unseen)
    fail = max(limits.COPIES_FAIL, limits.COPIES_OF_NATURAL_FAIL * unseen)
    judged = judge_beyond_chance(excess, low, 0.0, warn, fail, "the excess of copies", " points", 2)
    if judged.status is Status.PASS and low > 0 and natural < limits.COPIES_NATURAL:
        reason = (
            f"{repeated} rows equal a training row, which chance does not explain: real patients are hardly ever alike "
            "in this table"
        )
        return Judgement(Status.WARN, (reason,))
    return judged
