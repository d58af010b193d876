"""Would a developer pick the same model, and call the same variables important?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from scipy.stats import norm, rankdata

from locum.evaluate import thresholds as limits
from locum.evaluate.excess import Scores
from locum.evaluate.metrics import Importance, Metric, Status
from locum.evaluate.parallel import run_each
from locum.evaluate.predictors import Predictor
from locum.evaluate.sample import Sample
from locum.evaluate.statistics import auc_and_influence, standard_error
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, judge_beyond_chance, metric, not_assessable, worst
from locum.variables import Column

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
DRAWS = 200
SURE = 4.0  # standard errors that what variables matter to real patients must be above 0, to be divided by
CELLS, LEAST_ROWS, MOST_ROWS, QUICK_ROWS = 60_000, 500, 4_000, 1_500
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
    return [_metric(name, "Not assessable.", why) for name in TITLES]


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
    noise = _noise(holdout.patients, influences.reshape(-1, len(happened)), rng).reshape(DRAWS, *areas.shape)
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
    return _metric(
        RANKS,
        answer,
        judgement,
        value=tau[1],
        interval=_percentiles(drawn),
        ceiling=float(_tau(areas[:, 3], areas[:, 4])),
        floors={"shuffled columns": tau[2]},
    )


def importances(
    target: Target, holdout: Sample, trained: Mapping[str, Trained], rng: np.random.Generator, *, quick: bool
) -> tuple[Metric, list[Importance]]:
    """Whether the variables rank alike."""
    if len(target.places) < limits.LEAST_VARIABLES:
        why = not_assessable(
            f"{len(target.places)} variables predict; at least {limits.LEAST_VARIABLES} are needed"
        )
        return _metric(WEIGHTS, "Not assessable.", why), []
    most = QUICK_ROWS if quick else MOST_ROWS
    rows = holdout.draw(int(np.clip(CELLS // len(target.places), LEAST_ROWS, most)), rng)
    happened = target.happened(rows)
    if min(happened.sum(), (~happened).sum()) < limits.MIN_CLASS:
        why = not_assessable(f"fewer than {limits.MIN_CLASS} of the patients looked at are of one kind")
        return _metric(WEIGHTS, "Not assessable.", why), []
    changed = [_with(rows, place, rng.permutation(len(rows))) for place in target.places]

    def read(model: Predictor) -> Floats:
        """[1 + variables, rows]: log-odds, and those with each variable shuffled."""
        return np.stack([model(rows), *(model(other) for other in changed)])

    def falls(told: Floats) -> tuple[Floats, Floats]:
        base, own = auc_and_influence(happened, told[0])
        after = [auc_and_influence(happened, other) for other in told[1:]]
        return np.array([base - area for area, _ in after]), np.stack([own - x for _, x in after])

    told: dict[str, Scores] = {}
    for name in FAMILIES:
        read_by = run_each([partial(read, m) for m in trained[name].all])
        told[name] = Scores(read_by[0], read_by[1], read_by[2], (read_by[3], read_by[4]))
    value, drawn_value, drawn_lost, ceiling, floor = [], [], [], [], []
    shown = []
    for name in FAMILIES:
        own = told[name]
        fallen = run_each([partial(falls, x) for x in (own.real, own.synthetic, own.shuffled, *own.halves)])
        measured = np.stack([f for f, _ in fallen])  # [models, variables]
        noise = _noise(rows.patients, np.concatenate([i for _, i in fallen]), rng)
        drawn = measured + noise.reshape(DRAWS, *measured.shape)
        value.append(float(_spearman(measured[0], measured[1])))
        ceiling.append(float(_spearman(measured[3], measured[4])))
        floor.append(float(_spearman(measured[0], measured[2])))
        drawn_value.append(_spearman(drawn[:, 0], drawn[:, 1]))
        drawn_lost.append(_spearman(drawn[:, 3], drawn[:, 4]) - drawn_value[-1])
        shares = np.maximum(measured[:2], 0.0)
        shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
        shown += [
            Importance(
                model=name,
                variable=rows.variables[place].name,
                real=round(float(shares[0, i]), 3),
                synthetic=round(float(shares[1, i]), 3),
            )
            for i, place in enumerate(target.places)
        ]
    centre, real = float(np.mean(value)), float(np.mean(ceiling))
    # Noise is added to figures that hold some: the spread of the draws is taken, not their centre. Which few
    # variables there are is chance too: standard error of a rank correlation (Bonett & Wright 2000, first order).
    few = [(1 - r**2) / np.sqrt(len(target.places) - 1) for r in (centre, real)]
    half = 1.96 * float(np.hypot(np.std(np.mean(drawn_value, axis=0)), few[0]))
    spread = float(np.sqrt(np.var(np.mean(drawn_lost, axis=0)) + few[0] ** 2 + few[1] ** 2))
    judgement = judge_beyond_chance(
        real - centre,
        real - centre - 1.96 * spread,
        0.0,
        limits.IMPORTANCE_LOST_WARN,
        limits.IMPORTANCE_LOST_FAIL,
        "the rank correlation lost against two halves of the real patients",
        "",
        2,
    )
    answer = (
        f"Ranked by importance, variables agree with a correlation of {centre:.2f} between models trained on synthetic "
        f"and on real patients; between two halves of the real patients it is {real:.2f}."
    )
    mattering = _mattering(happened, rows, told)
    if mattering is not None:
        lost, why = mattering
        judgement = worst([judgement, why])
        answer += (
            f" All variables together matter {max(100 - lost, 0):.0f} % as much to models trained on synthetic as to "
            "those trained on real patients."
        )
    return _metric(
        WEIGHTS,
        answer,
        judgement,
        value=centre,
        interval=(max(-1.0, centre - half), min(1.0, centre + half)),
        ceiling=real,
        floors={"shuffled columns": float(np.mean(floor))},
    ), shown


def _mattering(happened: Bools, rows: Sample, told: Mapping[str, Scores]) -> tuple[float, Judgement] | None:
    """How much, in %, of what the variables matter in all is lost. Ranks alone cannot tell: models of shuffled columns
    rank the variables too, at random, and by chance much as others do. None where they do not matter to real patients.

    What they matter is the rise of the Brier score when each is shuffled. It is proportional to how strongly the
    predictions move with what is true, while the AUC of the faintest right prediction is as good as any.
    """

    def figure(logits: Floats) -> tuple[float, Floats]:
        error = (expit(logits) - happened) ** 2
        each = (error[1:] - error[0]).sum(axis=0)
        return float(each.mean()), (each - each.mean()) / len(each)

    lost, influences, luck = [], [], []
    for own in told.values():
        (real, of_real), (synthetic, of_synthetic) = figure(own.real), figure(own.synthetic)
        if real <= SURE * standard_error(of_real, rows.patients):
            continue
        lost.append(1 - synthetic / real)
        influences.append((synthetic / real * of_real - of_synthetic) / real)
        halves = [figure(x)[0] / real for x in own.halves]
        luck.append(
            (halves[0] - halves[1]) ** 2 / 2
        )  # of a half, twice that of the whole, and two wholes differ
    if not lost:
        return None
    judged = standard_error(np.mean(influences, axis=0), rows.patients)
    value = 100 * float(np.mean(lost))
    return value, judge_beyond_chance(
        value,
        value - 196 * float(np.sqrt(judged**2 + np.mean(luck))),
        0.0,
        100 * limits.IMPORTANCE_SIZE_WARN,
        100 * limits.IMPORTANCE_SIZE_FAIL,
        "the part lost of what all variables matter together",
        " %",
        0,
    )


def _with(rows: Sample, place: int, order: npt.NDArray[np.int64]) -> Sample:
    """ROWS with one column permuted."""
    columns: list[Column] = list(rows.columns)
    columns[place] = columns[place].take(order)
    return Sample(tuple(columns), rows.patients)


def _noise(patients: npt.NDArray[np.int64], influences: Floats, rng: np.random.Generator) -> Floats:
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


def _spearman(a: Floats, b: Floats) -> Floats:
    """Spearman's rank correlation along the last axis; 0 where one side tells nothing apart."""
    x, y = rankdata(a, axis=-1), rankdata(b, axis=-1)
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    scale = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return np.asarray((x * y).sum(axis=-1) / np.maximum(scale, 1e-12))


def _metric(
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
