"""Would a developer call the same variables important?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from scipy.stats import rankdata

from locum.evaluate import agreement
from locum.evaluate import thresholds as limits
from locum.evaluate.agreement import FAMILIES, Trained
from locum.evaluate.excess import Scores
from locum.evaluate.metrics import Importance, Metric
from locum.evaluate.parallel import run_each
from locum.evaluate.predictors import Predictor
from locum.evaluate.sample import Sample
from locum.evaluate.statistics import auc_and_influence, standard_error
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, judge_beyond_chance, not_assessable, worst
from locum.variables import Column

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
SURE = 4.0  # standard errors that what variables matter to real patients must be above 0, to be divided by
CELLS, LEAST_ROWS, MOST_ROWS, QUICK_ROWS = 60_000, 500, 4_000, 1_500


def assess(
    target: Target, holdout: Sample, trained: Mapping[str, Trained], rng: np.random.Generator, *, quick: bool
) -> tuple[Metric, list[Importance]]:
    """Whether the variables rank alike."""
    if len(target.places) < limits.LEAST_VARIABLES:
        why = not_assessable(
            f"{len(target.places)} variables predict; at least {limits.LEAST_VARIABLES} are needed"
        )
        return agreement.described(agreement.WEIGHTS, "Not assessable.", why), []
    most = QUICK_ROWS if quick else MOST_ROWS
    rows = holdout.draw(int(np.clip(CELLS // len(target.places), LEAST_ROWS, most)), rng)
    happened = target.happened(rows)
    if min(happened.sum(), (~happened).sum()) < limits.MIN_CLASS:
        why = not_assessable(f"fewer than {limits.MIN_CLASS} of the patients looked at are of one kind")
        return agreement.described(agreement.WEIGHTS, "Not assessable.", why), []
    changed = [_with(rows, place, rng.permutation(len(rows))) for place in target.places]

    def read(model: Predictor) -> Floats:
        """[1 + variables, rows]: log-odds, and those with each variable shuffled."""
        return np.stack([model(rows), *(model(other) for other in changed)])

    def falls(told: Floats) -> tuple[Floats, Floats]:
        base, own = auc_and_influence(happened, told[0])
        after = [auc_and_influence(happened, other) for other in told[1:]]
        return np.array([base - area for area, _ in after]), np.stack([own - x for _, x in after])

    scores: dict[str, Scores] = {}
    for name in FAMILIES:
        read_by = run_each([partial(read, m) for m in trained[name].all])
        scores[name] = Scores(read_by[0], read_by[1], read_by[2], (read_by[3], read_by[4]))
    value, drawn_value, drawn_lost, ceiling, floor = [], [], [], [], []
    shown = []
    for name in FAMILIES:
        own = scores[name]
        fallen = run_each([partial(falls, x) for x in (own.real, own.synthetic, own.shuffled, *own.halves)])
        measured = np.stack([f for f, _ in fallen])  # [models, variables]
        noise = agreement.resampled(rows.patients, np.concatenate([i for _, i in fallen]), rng)
        drawn = measured + noise.reshape(agreement.DRAWS, *measured.shape)
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
    mattering = _mattering(happened, rows, scores)
    if mattering is not None:
        lost, why = mattering
        judgement = worst([judgement, why])
        answer += (
            f" All variables together matter {max(100 - lost, 0):.0f} % as much to models trained on synthetic as to "
            "those trained on real patients."
        )
    return agreement.described(
        agreement.WEIGHTS,
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


def _spearman(a: Floats, b: Floats) -> Floats:
    """Spearman's rank correlation along the last axis; 0 where one side tells nothing apart."""
    x, y = rankdata(a, axis=-1), rankdata(b, axis=-1)
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    scale = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return np.asarray((x * y).sum(axis=-1) / np.maximum(scale, 1e-12))
