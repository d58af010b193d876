"""The families of prediction models that utility is tried on, each a function from rows to a risk model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from locum.evaluate import boosting
from locum.evaluate.forest import chance
from locum.evaluate.matrix import Design, for_trees
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.targets import Target

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Predictor = Callable[[Sample], Floats]
"""The log-odds of the event for each row."""

LEAST_RISK = 1e-4  # risks are kept this far from 0 and 1, so that one sure mistake is not the whole figure


@dataclass(frozen=True)
class Family:
    """name: as the reader sees it. metric: of the AUC that it loses. cap: most rows that it is trained on.

    threads: whether several may be fitted side by side. scikit-learn's forests set the warning filters, which all
    threads share, for every tree: side by side they leave them changed.
    """

    name: str
    metric: str
    cap: int
    quick_cap: int
    threads: bool = True


FAMILIES = (
    Family("logistic regression", "utility_logistic", 50_000, 8_000),
    Family("gradient boosting", "utility_boosting", 50_000, 8_000),
    # These two cost most and gain least from more rows: the interval follows from the holdout's size.
    Family("random forest", "utility_forest", 10_000, 2_000, threads=False),
    Family("neural network", "utility_network", 10_000, 2_000),
)
TREES, QUICK_TREES = 100, 40


def fits(trio: Trio, target: Target, *, quick: bool) -> dict[str, Callable[[Sample, Bools], Predictor]]:
    """How each family learns, by its name. All see the same columns, laid on the training rows."""
    design = Design.on(trio.train, target.places, trio.k)

    def logistic(rows: Sample, y: Bools) -> Predictor:
        model = LogisticRegression(solver="newton-cholesky", max_iter=100)
        model.fit(design.matrix(rows), y)
        return lambda test: np.asarray(model.decision_function(design.matrix(test)))

    def boosted(rows: Sample, y: Bools) -> Predictor:
        model = boosting.fit(for_trees(rows, trio.train, target.places), y, trees=100, leaves=8, rate=0.07)
        return lambda test: log_odds(model.predict(for_trees(test, trio.train, target.places)))

    def forest(rows: Sample, y: Bools) -> Predictor:
        trees = QUICK_TREES if quick else TREES
        model = RandomForestClassifier(trees, min_samples_leaf=10, max_features="sqrt", random_state=0)
        model.fit(design.matrix(rows), y)
        return lambda test: log_odds(chance(model, design.matrix(test)))

    def network(rows: Sample, y: Bools) -> Predictor:
        model = MLPClassifier((32,), alpha=0.1, learning_rate_init=0.005, max_iter=20, random_state=0)
        model.fit(design.matrix(rows), y)
        return lambda test: log_odds(model.predict_proba(design.matrix(test))[:, 1])

    return dict(zip((f.name for f in FAMILIES), (logistic, boosted, forest, network), strict=True))


def learn(fit: Callable[[Sample, Bools], Predictor], rows: Sample, target: Target) -> Predictor:
    """The model of ROWS; where they hold but one class, their share of the event for everyone."""
    y = target.happened(rows)
    if min(y.sum(), (~y).sum()) < 2:
        share = log_odds(np.array([(y.sum() + 0.5) / (len(y) + 1)]))[0]
        return lambda test: np.full(len(test), share)
    return fit(rows, y)


def log_odds(risk: Floats) -> Floats:
    kept = np.clip(risk, LEAST_RISK, 1 - LEAST_RISK)
    return np.asarray(np.log(kept / (1 - kept)))
