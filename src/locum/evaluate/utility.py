"""Would a model trained on synthetic patients serve real ones as well as a model trained on real patients?"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning

from locum.evaluate import agreement, importances, risks, subgroup_utility
from locum.evaluate import thresholds as limits
from locum.evaluate.agreement import Trained
from locum.evaluate.excess import Scores
from locum.evaluate.metrics import (
    Curve,
    Importance,
    Metric,
    PredictedRisk,
    Prediction,
    SubgroupUtility,
)
from locum.evaluate.parallel import run_each, run_one_by_one
from locum.evaluate.predictors import FAMILIES, Family, Predictor, fits, learn
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import GRID, auc, auc_difference, roc
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, judge, judge_beyond_chance, metric, not_assessable, worst

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
LEAST, CAP = 20_000, 50_000  # rows of each table: as many as hold `CASES`
QUICK_CAP = 8_000
METHOD = (
    "One model is trained on synthetic and one on as many training patients; both predict real patients "
    "that neither saw "
    "(train on synthetic, test on real: Esteban et al. 2017). Difference in the area under the ROC curve; "
    "interval after "
    "DeLong et al. (1988), paired, by patient. Of larger tables, as many random rows as hold "
    f"{limits.CASES:,} patients with and without the outcome ({LEAST:,} to {CAP:,}; networks and forests learn from "
    "10,000)."
)


@dataclass(frozen=True)
class Useful:
    """What the family found, and what the report draws of it."""

    metrics: list[Metric]
    predictions: list[Prediction] = field(default_factory=list)
    risks: list[PredictedRisk] = field(default_factory=list)
    importances: list[Importance] = field(default_factory=list)
    groups: list[SubgroupUtility] = field(default_factory=list)


def assess(trio: Trio, target: Target | None, why: str, rng: np.random.Generator, *, quick: bool) -> Useful:
    if target is None:
        return _nothing(not_assessable(why))
    cap = QUICK_CAP if quick else wanted(float(target.happened(trio.train).mean()))
    holdout, train, synthetic, shuffled = (
        s.take(np.flatnonzero(target.known(s))).draw(cap, rng)
        for s in (trio.holdout, trio.train_sized, trio.synthetic_sized, trio.shuffled)
    )
    if min(len(synthetic), len(train), len(holdout)) < limits.MIN_ROWS:
        least = min(len(synthetic), len(train), len(holdout))
        reason = f"{target.name} is known for {least} rows; at least {limits.MIN_ROWS} are needed"
        return _nothing(not_assessable(reason))
    halves = _halves(train, rng)
    with warnings.catch_warnings():  # outside the threads, which share the filters
        # Ranking is all that is asked of the model; a few steps short of the optimum change none.
        warnings.simplefilter("ignore", ConvergenceWarning)
        ways = fits(trio, target, quick=quick)
        jobs: dict[str, list[Callable[[], Predictor]]] = {}
        for family in FAMILIES:
            most = family.quick_cap if quick else family.cap
            tables = [s.draw(most, rng) for s in (train, synthetic, shuffled)]
            tables += [s.draw(most // 2, rng) for s in halves]
            jobs[family.name] = [partial(learn, ways[family.name], rows, target) for rows in tables]
        models = _run(jobs)
        told = _run({name: [partial(model, holdout) for model in own] for name, own in models.items()})
    trained = {name: Trained(own[0], own[1], own[2], (own[3], own[4])) for name, own in models.items()}
    scores = {name: Scores(own[0], own[1], own[2], (own[3], own[4])) for name, own in told.items()}
    happened = target.happened(holdout)
    metrics = [_metric(family, target, happened, scores[family.name], holdout) for family in FAMILIES]
    predictions = [
        Prediction(
            target=target.name,
            event=target.event,
            model=name,
            real=_curve("trained on real patients", happened, own.real),
            synthetic=_curve("trained on synthetic patients", happened, own.synthetic),
            shuffled=round(auc(happened, own.shuffled), 4),
        )
        for name, own in scores.items()
    ]
    judged, drawn = risks.assess(target, holdout, scores, trio.k)
    metrics += judged
    judged, groups = subgroup_utility.assess(trio, target, holdout, scores[subgroup_utility.FAMILY])
    metrics += judged
    metrics.append(agreement.ranking(target, holdout, scores, rng))
    alike, shown = importances.assess(target, holdout, trained, rng, quick=quick)
    metrics.append(alike)
    return Useful(metrics, predictions, drawn, shown, groups)


def wanted(share: float) -> int:
    """Rows of each table that are looked at, where SHARE of them have the outcome."""
    rarer = max(min(share, 1 - share), limits.CASES / CAP)
    return max(LEAST, round(limits.CASES / rarer))


def _run(jobs: dict[str, list[Callable[[], T]]]) -> dict[str, list[T]]:
    """The results of each family's jobs, those that may not run in threads first."""
    alone = {f.name: run_one_by_one(jobs[f.name]) for f in FAMILIES if not f.threads}
    beside = [name for name in jobs if name not in alone]
    done = iter(run_each([job for name in beside for job in jobs[name]]))
    return {name: alone[name] if name in alone else [next(done) for _ in own] for name, own in jobs.items()}


def _nothing(why: Judgement) -> Useful:
    models = [_empty(family, why) for family in FAMILIES]
    return Useful([*models, *risks.empty(why), *subgroup_utility.empty(why), *agreement.empty(why)])


def _halves(rows: Sample, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """Two random halves that keep patients whole."""
    order, offsets = rows.blocks(2, rng)
    first, second = (order.take(np.arange(a, b)) for a, b in pairwise(offsets))
    return first, second


def _title(model: str) -> str:
    article = "" if model == "gradient boosting" else "a "
    return f"Does {article}{model} trained on synthetic patients predict real ones as well?"


def _empty(family: Family, why: Judgement) -> Metric:
    return metric(
        family.metric,
        "utility",
        _title(family.name),
        answer="Not assessable.",
        method=METHOD,
        unit="difference in AUC",
        judgement=why,
    )


def _curve(label: str, happened: Bools, score: Floats) -> Curve:
    return Curve(
        label=label,
        false_positive_rate=[round(float(x), 2) for x in GRID],
        true_positive_rate=[round(float(x), 4) for x in roc(happened, score)],
        auc=round(auc(happened, score), 4),
    )


def _metric(family: Family, target: Target, happened: Bools, scores: Scores, holdout: Sample) -> Metric:
    real, synthetic, shuffled = (auc(happened, s) for s in (scores.real, scores.synthetic, scores.shuffled))
    value, low, high = auc_difference(happened, scores.real, scores.synthetic, holdout.patients)
    judgements = [judge(value, low, limits.UTILITY_WARN, limits.UTILITY_FAIL, "the AUC lost")]
    gain = real - 0.5
    if real < limits.WEAK_AUC:
        judgement = not_assessable(
            f"even real patients predict {target.name} with an AUC of {real:.3f} only (below "
            f"{limits.WEAK_AUC})"
        )
    else:
        judgements.append(
            judge_beyond_chance(
                100 * value / gain,
                100 * low / gain,
                0.0,
                100 * limits.UTILITY_LOST_WARN,
                100 * limits.UTILITY_LOST_FAIL,
                "the part lost of what real patients gain over chance",
                " %",
                0,
            )
        )
        judgement = worst(judgements)
    return metric(
        family.metric,
        "utility",
        _title(family.name),
        answer=f"Predicting {target.outcome} in real unseen patients, {family.name} scores an AUC of "
        f"{synthetic:.3f} when trained on synthetic patients, {real:.3f} when trained on as many real ones, "
        f"{shuffled:.3f} on shuffled columns.",
        method=METHOD,
        value=value,
        unit="difference in AUC",
        interval=(low, high),
        ceiling=0.0,
        floors={"shuffled columns": real - shuffled},
        judgement=judgement,
    )
