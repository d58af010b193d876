"""Singling out: does a description that fits one synthetic patient fit exactly one training patient?"""

from __future__ import annotations

import numpy as np

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL
from locum.evaluate.metrics import Metric, Risk
from locum.evaluate.predicates import matrix, on_one_column, on_rare_columns
from locum.evaluate.risk import Success, told
from locum.evaluate.sample import Trio
from locum.evaluate.verdict import judge_beyond_chance, metric, not_assessable

ROWS, QUICK_ROWS = 60_000, 20_000  # of each table
CLAIMS, QUICK_CLAIMS = 5_000, 2_000  # predicates
TRIED = 8  # as many predicates as are wanted, since not every one isolates a synthetic row
NARROWEST, WIDEST = 3, 5  # columns
TITLES = {
    "singling_out": "Does what sets one artificial patient apart point to one real patient?",
    "singling_out_univariate": "Does a single extreme or unique value point to one real patient?",
}
HOW = {
    "singling_out": f"{NARROWEST} to {WIDEST} variables of a random synthetic row, those in which it is rarest: levels "
    "as they are, numbers within the twentieth of rows around its value; so many that hardly anyone fits by chance "
    "(Cohen & Nissim 2020). ",
    "singling_out_univariate": "One variable: its least and largest synthetic value, and values that one synthetic "
    "row has. Shuffled columns keep such values too, so that this describes and does not enter the verdict. ",
}
NAMES = {"singling_out": "several variables", "singling_out_univariate": "one variable"}
METHOD = (
    "Descriptions that fit exactly one synthetic row are tried on the training patients and on as many unseen ones: "
    "how often do they fit exactly one? In any table some do by chance, in the unseen patients' too; only the "
    "difference is a leak. The figure is the share of what the control leaves open (Giomi et al. 2023, singling-out "
    f"risk; Wilson intervals). Up to {CLAIMS:,} descriptions of up to {ROWS:,} rows of each table ({QUICK_CLAIMS:,} "
    f"and {QUICK_ROWS:,} in a quick look): a share is then known to {100 * 1.96 * (0.25 / CLAIMS) ** 0.5:.1f} points "
    "or better."
)


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool) -> tuple[list[Metric], list[Risk]]:
    """Of each table as many rows are searched, so that chance is the same in all."""
    rows = min(len(trio.train), len(trio.holdout), len(trio.synthetic), QUICK_ROWS if quick else ROWS)
    if rows < limits.MIN_ROWS:
        why = f"the smallest table has {rows} rows; at least {limits.MIN_ROWS} are needed"
        return [_empty(key, why) for key in TITLES], []
    claims = QUICK_CLAIMS if quick else CLAIMS
    drawn, train, holdout = (s.draw(rows, rng) for s in (trio.synthetic, trio.train, trio.holdout))
    metrics: list[Metric] = []
    risks: list[Risk] = []
    for key in TITLES:
        if key == "singling_out":
            tried = on_rare_columns(drawn, TRIED * claims, NARROWEST, WIDEST, rng)
        else:
            tried = on_one_column(drawn, TRIED * claims, rng)
        kept = np.flatnonzero(tried.isolate(matrix(drawn)))[:claims]
        if len(kept) < limits.MIN_CLAIMS or (key == "singling_out" and len(trio.variables) < 2):
            why = f"{len(kept)} descriptions set one synthetic row apart; {limits.MIN_CLAIMS} are needed"
            metrics.append(_empty(key, why))
            continue
        hits = [int(tried.take(kept).isolate(matrix(s)).sum()) for s in (train, holdout)]
        success = Success(hits[0], len(kept), hits[1], len(kept))
        metrics.append(_metric(key, success, rows))
        risks.append(told("singled out by " + NAMES[key], ALL, success))
    return metrics, risks


def _metric(key: str, success: Success, rows: int) -> Metric:
    low, high = success.interval()
    what = f"the risk of being singled out by {NAMES[key]}"
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer=f"Of {success.attempts:,} descriptions by {NAMES[key]} that fit one artificial patient, "
        f"{100 * success.rate:.1f} in 100 fit exactly one of {rows:,} training patients, and "
        f"{100 * success.control_rate:.1f} in 100 exactly one of as many unseen ones.",
        method=HOW[key] + METHOD,
        value=success.risk,
        unit="share",
        interval=(low, high),
        ceiling=0.0,
        floors={"copy of the training data": 1.0},
        decides=key == "singling_out",
        judgement=judge_beyond_chance(success.risk, low, 0.0, limits.SINGLE_WARN, limits.SINGLE_FAIL, what),
    )


def _empty(key: str, why: str) -> Metric:
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer="Not assessable.",
        method=HOW[key] + METHOD,
        unit="share",
        decides=key == "singling_out",
        judgement=not_assessable(why),
    )
