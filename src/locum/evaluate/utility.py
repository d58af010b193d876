"""Would a model trained on synthetic patients serve real ones as well as a model trained on real patients?"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from locum.evaluate import boosting
from locum.evaluate import thresholds as limits
from locum.evaluate.matrix import Design, for_trees
from locum.evaluate.metrics import Curve, Metric, Prediction
from locum.evaluate.parallel import run_each
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import GRID, auc, auc_difference, roc
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, judge, judge_beyond_chance, metric, not_assessable, worst

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Fit = Callable[[Sample, Bools, Sample], Floats]
CAP, QUICK_CAP = 50_000, 8_000
METHOD = (
    "One model is trained on synthetic and one on as many training patients; both predict real patients "
    "that neither saw "
    "(train on synthetic, test on real: Esteban et al. 2017). Difference in the area under the ROC curve; "
    "interval after "
    "DeLong et al. (1988), paired, by patient."
)


def assess(
    trio: Trio, target: Target | None, why: str, rng: np.random.Generator, *, quick: bool
) -> tuple[list[Metric], list[Prediction]]:
    if target is None:
        return [_empty(name, not_assessable(why)) for name in MODELS], []
    cap = QUICK_CAP if quick else CAP
    holdout, train, synthetic, shuffled = (
        s.take(np.flatnonzero(target.known(s))).draw(cap, rng)
        for s in (trio.holdout, trio.train_sized, trio.synthetic_sized, trio.shuffled)
    )
    if min(len(synthetic), len(train), len(holdout)) < limits.MIN_ROWS:
        least = min(len(synthetic), len(train), len(holdout))
        reason = f"{target.name} is known for {least} rows; at least {limits.MIN_ROWS} are needed"
        return [_empty(name, not_assessable(reason)) for name in MODELS], []
    metrics, predictions = [], []
    happened = target.happened(holdout)
    for name, fit in _models(trio, target).items():
        with warnings.catch_warnings():  # outside the threads, which share the filters
            # Ranking is all that is asked of the model; a few steps short of the optimum change none.
            warnings.simplefilter("ignore", ConvergenceWarning)
            scores = run_each(
                [partial(_score, fit, s, target, holdout) for s in (train, synthetic, shuffled)]
            )
        metrics.append(_metric(name, target, happened, scores, holdout))
        predictions.append(
            Prediction(
                target=target.name,
                event=target.event,
                model=name,
                real=_curve("trained on real patients", happened, scores[0]),
                synthetic=_curve("trained on synthetic patients", happened, scores[1]),
                shuffled=round(auc(happened, scores[2]), 4),
            )
        )
    return metrics, predictions


MODELS = {"logistic regression": "utility_logistic", "gradient boosting": "utility_boosting"}


def _title(model: str) -> str:
    return f"Does a {model} trained on synthetic patients predict real ones as well?"


def _empty(model: str, why: Judgement) -> Metric:
    return metric(
        MODELS[model],
        "utility",
        _title(model),
        answer="Not assessable.",
        method=METHOD,
        unit="difference in AUC",
        judgement=why,
    )


def _models(trio: Trio, target: Target) -> dict[str, Fit]:
    design = Design.on(trio.train, target.places, trio.k)

    def logistic(rows: Sample, y: Bools, test: Sample) -> Floats:
        model = LogisticRegression(solver="newton-cholesky", max_iter=100)
        model.fit(design.matrix(rows), y)
        return np.asarray(model.decision_function(design.matrix(test)))

    def boosted(rows: Sample, y: Bools, test: Sample) -> Floats:
        model = boosting.fit(for_trees(rows, trio.train, target.places), y, trees=100, leaves=8, rate=0.07)
        return model.predict(for_trees(test, trio.train, target.places))

    return {"logistic regression": logistic, "gradient boosting": boosted}


def _score(fit: Fit, rows: Sample, target: Target, test: Sample) -> Floats:
    """The event's score for each row of TEST; all equal when ROWS hold but one class."""
    y = target.happened(rows)
    if min(y.sum(), (~y).sum()) < 2:
        return np.zeros(len(test))
    return fit(rows, y, test)


def _curve(label: str, happened: Bools, score: Floats) -> Curve:
    return Curve(
        label=label,
        false_positive_rate=[round(float(x), 2) for x in GRID],
        true_positive_rate=[round(float(x), 4) for x in roc(happened, score)],
        auc=round(auc(happened, score), 4),
    )


def _metric(name: str, target: Target, happened: Bools, scores: list[Floats], holdout: Sample) -> Metric:
    real, synthetic, shuffled = (auc(happened, s) for s in scores)
    value, low, high = auc_difference(happened, scores[0], scores[1], holdout.patients)
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
        MODELS[name],
        "utility",
        _title(name),
        answer=f"Predicting {target.name} ({target.event}) in real unseen patients, it scores an AUC of "
        f"{synthetic:.3f} when trained "
        f"on synthetic patients, {real:.3f} when trained on as many real ones, {shuffled:.3f} on shuffled "
        "columns.",
        method=METHOD,
        value=value,
        unit="difference in AUC",
        interval=(low, high),
        ceiling=0.0,
        floors={"shuffled columns": real - shuffled},
        judgement=judgement,
    )
