"""Does a model trained on synthetic patients serve every group of patients, or only patients on average?

An effect that is turned round in one group hardly moves the figures of the whole table. Groups are those that are
declared (quasi-identifiers, demographic variables), else those by every variable; the worst counts, after allowing for
chance over all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import calibration
from locum.evaluate import grid as grids
from locum.evaluate import thresholds as limits
from locum.evaluate.excess import Excess, Figure, Scores, each_family
from locum.evaluate.metrics import Metric, SubgroupUtility
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import auc_and_influence
from locum.evaluate.subgroup_counts import BINS, declared
from locum.evaluate.targets import Target
from locum.evaluate.verdict import Judgement, Wording, judge_if_sure, not_assessable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FAMILY = "gradient boosting"  # it learns effects that differ between groups, which a linear model cannot
SHOWN = 40

TITLES = {
    "subgroup_auc": "Does a model trained on synthetic patients predict as well in every group of patients?",
    "subgroup_calibration": "Are predicted risks right on average in every group of patients?",
}
UNITS = {"subgroup_auc": "difference in AUC", "subgroup_calibration": "log-odds off"}
_JUDGED = (
    f" {FAMILY.capitalize()}, trained on synthetic and on as many real patients, judged on real unseen patients of "
    f"each group with at least {limits.MIN_SUBGROUP} rows, {limits.MIN_CLASS} of them with and {limits.MIN_CLASS} "
    "without the outcome; groups by each declared quasi-identifier and demographic variable (by every variable where "
    "none is declared), numbers in up to four ranges. The group whose loss is most certain counts. Interval: by "
    "patient, for "
    "the luck of training (two halves of the real patients), and for all groups at once (Bonferroni)."
)
METHODS = {
    "subgroup_auc": "Area under the ROC curve within groups." + _JUDGED,
    "subgroup_calibration": "Calibration in the large within groups: what must be added to every predicted log-odds "
    "for the mean risk to come true (Van Calster et al. 2019)." + _JUDGED,
}
_metric = Wording("utility", TITLES, METHODS, UNITS)


@dataclass(frozen=True)
class Group:
    """name: such as "sex female". rows: bool[holdout rows]."""

    name: str
    rows: Bools


def assess(
    trio: Trio, target: Target, holdout: Sample, scores: Scores
) -> tuple[list[Metric], list[SubgroupUtility]]:
    """scores: of `FAMILY`, on the rows of HOLDOUT."""
    happened = target.happened(holdout)
    found = groups(trio, target, holdout, happened)
    if not found:
        why = not_assessable(
            f"no group holds {limits.MIN_SUBGROUP} unseen patients, {limits.MIN_CLASS} of them with and "
            f"{limits.MIN_CLASS} without the outcome"
        )
        return empty(why), []
    masked = {g.name: _within(scores, g.rows) for g in found}

    def area(score: Floats, rows: Bools) -> tuple[float, Floats]:
        value, influence = auc_and_influence(happened[rows], score[rows])
        return -value, -influence

    def level(score: Floats, rows: Bools) -> tuple[float, Floats]:
        at = calibration.intercept(happened[rows], score[rows])
        return abs(at.value), np.sign(at.value) * at.influence

    lost = each_family(_figure(area), masked, holdout.patients)
    off = each_family(_figure(level), masked, holdout.patients)
    shown = [_shown(g, happened, scores, x) for g, x in zip(found, lost, strict=True)]
    return [_auc(lost), _level(off)], shown[:SHOWN]


def empty(why: Judgement) -> list[Metric]:
    return [_metric(name, "Not assessable.", why) for name in TITLES]


def groups(trio: Trio, target: Target, holdout: Sample, happened: Bools) -> list[Group]:
    """Groups of HOLDOUT with enough patients of either outcome, each set of patients once."""
    places = [p for p in sorted(declared(trio)) if p != target.place] or target.places
    out: list[Group] = []
    for place in places:
        grid = grids.lay([trio.train.columns[place], trio.holdout.columns[place]], BINS, trio.k)
        codes = np.minimum(grid.codes(holdout.columns[place]), grid.first_missing)
        name = grid.variable.name
        for code in np.unique(codes).tolist():
            rows = codes == code
            cases = int(happened[rows].sum())
            if rows.all() or rows.sum() < limits.MIN_SUBGROUP:
                continue
            if min(cases, int(rows.sum()) - cases) >= limits.MIN_CLASS:
                label = "not recorded" if code == grid.first_missing else grid.labels[code]
                out.append(Group(f"{name} {label}", rows))
    return out


def _within(scores: Scores, rows: Bools) -> Scores:
    """The same with NaN for the patients of other groups."""
    real, synthetic, shuffled, first, second = (
        np.where(rows, s, np.nan) for s in (scores.real, scores.synthetic, scores.shuffled, *scores.halves)
    )
    return Scores(real, synthetic, shuffled, (first, second))


def _figure(within: Callable[[Floats, Bools], tuple[float, Floats]]) -> Figure:
    def figure(score: Floats) -> tuple[float, Floats]:
        rows = ~np.isnan(score)
        value, own = within(score, rows)
        influence = np.zeros(len(score))
        influence[rows] = own
        return value, influence

    return figure


def _worst(found: list[Excess]) -> Excess:
    """The group whose loss is most certain: the largest loss alone would be that of the smallest group."""
    return max(found, key=lambda e: e.low)


def _auc(lost: list[Excess]) -> Metric:
    found = _worst(lost)
    real, synthetic, shuffled = -found.real, -found.synthetic, -found.shuffled
    answer = (
        f"Of {len(lost)} groups, the one served worst is {found.family}: there the model scores an AUC of "
        f"{synthetic:.3f} when trained on synthetic and {real:.3f} when trained on real patients."
    )
    judgement = judge_if_sure(
        found.value,
        found.low,
        limits.SUBGROUP_AUC_WARN,
        limits.SUBGROUP_AUC_FAIL,
        f"the AUC lost among {found.family}",
    )
    return _metric(
        "subgroup_auc",
        answer,
        judgement,
        value=found.value,
        interval=(found.low, found.high),
        ceiling=0.0,
        floors={"shuffled columns": real - shuffled},
    )


def _level(off: list[Excess]) -> Metric:
    found = _worst(off)
    answer = (
        f"Of {len(off)} groups, risks are furthest off among {found.family}: their odds are off by a factor of "
        f"{calibration.factor(found.synthetic)} after training on synthetic and of "
        f"{calibration.factor(found.real)} after training on real patients; 1 is right."
    )
    judgement = judge_if_sure(
        found.value,
        found.low,
        limits.CALIBRATION_LEVEL_WARN,
        limits.CALIBRATION_LEVEL_FAIL,
        f"what risks among {found.family} are further off than after training on real patients",
        "",
        2,
    )
    return _metric(
        "subgroup_calibration",
        answer,
        judgement,
        value=found.synthetic,
        interval=(max(0.0, found.real + found.low), found.real + found.high),
        ceiling=found.real,
        floors={"shuffled columns": found.shuffled},
    )


def _shown(group: Group, happened: Bools, scores: Scores, lost: Excess) -> SubgroupUtility:
    rows = group.rows

    def level(score: Floats) -> float:
        return round(calibration.intercept(happened[rows], score[rows]).value, 3)

    return SubgroupUtility(
        group=group.name,
        holdout=round(float(rows.mean()), 4),
        real=round(-lost.real, 4),
        synthetic=round(-lost.synthetic, 4),
        lost=round(lost.value, 4),
        interval=(round(lost.low, 4), round(lost.high, 4)),
        level_real=level(scores.real),
        level_synthetic=level(scores.synthetic),
    )
