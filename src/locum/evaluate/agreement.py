"""Would a developer pick the same model?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from locum.evaluate.excess import Scores
from locum.evaluate.metrics import Metric, Status
from locum.evaluate.predictors import Predictor
from locum.evaluate.sample import Sample
from locum.evaluate.statistics import auc_and_influence, standard_error
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, metric, not_assessable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
DRAWS = 200
FAMILIES = (
    "logistic regression",
    "gradient boosting",
)  # whose importances are compared: the two that are fast
RANKS, WEIGHTS = "model_ranking", "importances"
TITLES = {
    RANKS: "Would the same kind of model come out best?",
    WEIGHTS: "Would the same variables be called important?",
}
METHODS = {
    RANKS: "Kendall's rank correlation of the AUCs of four model families, trained on synthetic and on real patients, "
    "on the same unseen ones; the ceiling is that of two halves of the real training patients. Only families that real "
    "patients tell apart (paired DeLong, for six pairs) can change places.",
    WEIGHTS: "Spearman's rank correlation of permutation importances (Breiman 2001: the fall of the AUC on unseen real "
    "patients when a variable is shuffled) between models trained on synthetic and on real patients; mean of "
    f"{FAMILIES[0]} and {FAMILIES[1]}. The ceiling is the same between two halves of the real training patients. "
    "Interval by bootstrap of the unseen patients, and for how few variables there are. Beside the ranks, what all "
    "variables matter together is judged, by the rise of the Brier score: of shuffled columns too, some rank first.",
}


@dataclass(frozen=True)
class Trained:
    """A family's models, by what they were trained on."""

    real: Predictor
    synthetic: Predictor
    shuffled: Predictor
    halves: tuple[Predictor, Predictor]

    @property
    def all(self) -> tuple[Predictor, ...]:
        return (self.real, self.synthetic, self.shuffled, *self.halves)


def empty(why: Judgement) -> list[Metric]:
    return [described(name, "Not assessable.", why) for name in TITLES]


def ranking(
    target: Target, holdout: Sample, scores: Mapping[str, Scores], rng: np.random.Generator
) -> Metric:
    """Whether families that real patients tell apart change places."""
    happened, names = target.happened(holdout), list(scores)
    tables = [[s.real, s.synthetic, s.shuffled, *s.halves] for s in scores.values()]
    found = [[auc_and_influence(happened, x) for x in row] for row in tables]
    areas = np.array([[area for area, _ in row] for row in found])  # [families, tables]
    influences = np.array([[own for _, own in row] for row in found])
    tau = [float(_tau(areas[:, 0], areas[:, i])) for i in range(areas.shape[1])]
    noise = resampled(holdout.patients, influences.reshape(-1, len(happened)), rng).reshape(
        DRAWS, *areas.shape
    )
    drawn = _tau((areas + noise)[:, :, 0], (areas + noise)[:, :, 1])
    told, turned = 0, []
    pairs = list(combinations(range(len(names)), 2))
    z = float(norm.isf(0.025 / len(pairs)))
    for a, b in pairs:
        gaps = areas[a] - areas[b]
        errors = [standard_error(influences[a, t] - influences[b, t], holdout.patients) for t in (0, 1)]
        if abs(gaps[0]) > z * errors[0]:
            told += 1
            if gaps[0] * gaps[1] < 0 and abs(gaps[1]) > z * errors[1]:
                turned.append(f"{names[a]} and {names[b]}")
    if turned:
        judgement = Judgement(Status.WARN, (f"these change places, beyond chance: {', '.join(turned)}",))
    elif told:
        judgement = Judgement(
            Status.PASS,
            (f"none of the {told} pairs of families that real patients tell apart is turned over",),
        )
    else:
        judgement = not_assessable("real patients do not tell the families apart, so none can change places")
    best = [names[int(areas[:, t].argmax())] for t in (0, 1)]
    answer = (
        f"The {best[0]} comes out best either way."
        if best[0] == best[1]
        else f"The {best[1]} comes out best after training on synthetic, the {best[0]} after training on real patients."
    ) + (" Real patients do not tell the families apart." if not told else "")
    return described(
        RANKS,
        answer,
        judgement,
        value=tau[1],
        interval=_percentiles(drawn),
        ceiling=float(_tau(areas[:, 3], areas[:, 4])),
        floors={"shuffled columns": tau[2]},
    )


def resampled(patients: npt.NDArray[np.int64], influences: Floats, rng: np.random.Generator) -> Floats:
    """float64[draws, figures]: what drawing other patients would change (multiplier bootstrap)."""
    _, codes = np.unique(patients, return_inverse=True)
    weights = rng.normal(size=(DRAWS, int(codes.max()) + 1))
    return np.asarray(weights[:, codes] @ influences.T)


def _percentiles(drawn: Floats) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _tau(a: Floats, b: Floats) -> Floats:
    """Kendall's tau-b along the last axis; 0 where one side tells nothing apart."""
    first, second = np.triu_indices(a.shape[-1], 1)
    x, y = np.sign(a[..., first] - a[..., second]), np.sign(b[..., first] - b[..., second])
    scale = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return np.asarray((x * y).sum(axis=-1) / np.maximum(scale, 1e-12))


def described(
    name: str,
    answer: str,
    judgement: Judgement,
    *,
    value: float | None = None,
    interval: tuple[float, float] | None = None,
    ceiling: float | None = None,
    floors: dict[str, float] | None = None,
) -> Metric:
    return metric(
        name,
        "utility",
        TITLES[name],
        answer=answer,
        method=METHODS[name],
        unit="rank correlation",
        judgement=judgement,
        value=value,
        interval=interval,
        ceiling=ceiling,
        floors=floors,
        better="higher",
        decides=False,
    )
