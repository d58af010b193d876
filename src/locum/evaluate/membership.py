"""Membership inference: can someone who holds the synthetic table tell who was in the training data?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL, ISOLATED, Attacked, attackable
from locum.evaluate.metrics import Attack, Curve, Metric, Status
from locum.evaluate.neighbours import nearest
from locum.evaluate.sample import Trio
from locum.evaluate.statistics import GRID, auc, auc_interval, rate_at, roc, wilson
from locum.evaluate.verdict import Judgement, judge, judge_beyond_chance, metric, not_assessable

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
POOL, QUICK_POOL = 60_000, 20_000  # synthetic rows searched
NAME = "distance, calibrated"
ATTACK = "Who is nearer to a synthetic patient than unseen people would make us expect?"
METHOD = (
    "For each training patient and each unseen control: the distance to the nearest of other unseen "
    "patients less the distance "
    "to the nearest synthetic patient (membership inference by calibrated distance; Hayes et al. 2019, "
    "Watson et al. 2022). "
    "Two missing values count as equal. Each half of the holdout is control once and reference once, split "
    "by patient, one "
    "record a patient. One attack at chance is no proof of privacy; one well above chance is proof of a leak."
)


@dataclass(frozen=True)
class Distances:
    """Of attacked patients (members, then controls): whether member, distance to reference and to
    synthetic rows."""

    member: Bools
    patients: npt.NDArray[np.int64]
    reference: Floats
    synthetic: Floats
    train: Floats  # to the training rows: what a copy of the training data would give

    @property
    def score(self) -> Floats:
        return self.reference - self.synthetic

    def take(self, rows: npt.NDArray[np.int64]) -> Distances:
        return Distances(
            *(getattr(self, f)[rows] for f in ("member", "patients", "reference", "synthetic", "train"))
        )


def measure(trio: Trio, attacked: Attacked, rng: np.random.Generator, *, quick: bool) -> Distances:
    """All distances of the attack."""
    pool = QUICK_POOL if quick else POOL
    points = attacked.points
    to_train = np.zeros(len(attacked))
    # A copy of the training table holds every member; the search is needed for the controls alone.
    controls = np.flatnonzero(~attacked.member)
    training = attacked.embedding.points(trio.train.draw(pool, rng))
    to_train[controls] = _some(points[controls], training)
    synthetic = attacked.embedding.points(trio.synthetic.draw(pool, rng))
    return Distances(
        attacked.member, attacked.rows.patients, attacked.isolation, nearest(points, synthetic), to_train
    )


def _some(points: npt.NDArray[np.float32], training: npt.NDArray[np.float32]) -> Floats:
    """Distances for some two thousand, NaN for the others: a floor needs no more."""
    out = np.full(len(points), np.nan)
    every = -(-len(points) // 2000)
    out[::every] = nearest(points[::every], training)
    return out


def assess(
    trio: Trio, attacked: Attacked | None, rng: np.random.Generator, *, quick: bool
) -> tuple[list[Metric], list[Attack]]:
    """attacked: None where there are too few to attack."""
    held = attackable(trio)
    if attacked is None or held < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        why = not_assessable(
            f"{held} patients can be attacked and {len(trio.synthetic)} synthetic rows searched; "
            f"at least {limits.MIN_ROWS} of each are needed"
        )
        return [_empty(key, why) for key in TITLES], [_no_attack(group, held) for group in (ALL, ISOLATED)]
    every = measure(trio, attacked, rng, quick=quick)
    isolated = every.take(attacked.isolated)
    metrics: list[Metric] = []
    attacks: list[Attack] = []
    for group, found in ((ALL, every), (ISOLATED, isolated)):
        more, attack = _judge(group, found)
        metrics += more
        attacks.append(attack)
    return metrics, attacks


TITLES = {
    "membership_auc": "Can an attacker tell who was in the training data?",
    "membership_tpr": "How many training patients can an attacker name with near certainty?",
    "membership_auc_isolated": "Can an attacker tell who of the most unusual patients was in the data?",
    "membership_tpr_isolated": "How many of the most unusual patients can an attacker name?",
}


def _empty(key: str, why: Judgement) -> Metric:
    unit = "AUC" if "auc" in key else "share"
    return metric(
        key, "privacy", TITLES[key], answer="Not assessable.", method=METHOD, unit=unit, judgement=why
    )


def _no_attack(group: str, attacked: int) -> Attack:
    return Attack(
        name=NAME,
        title=ATTACK,
        group=group,
        auc=None,
        auc_interval=None,
        tpr_at_1pct=None,
        tpr_interval=None,
        curve=None,
        attacked=attacked,
    )


def _judge(group: str, found: Distances) -> tuple[list[Metric], Attack]:
    suffix = "" if group == ALL else "_isolated"
    members, controls = int(found.member.sum()), int((~found.member).sum())
    doubles = float((found.reference == 0).sum()) / max(members + controls, 1)
    why = None
    if min(members, controls) < limits.MIN_ISOLATED:
        why = (
            f"{members} training patients and {controls} controls with no exact double are in this group; "
            f"{limits.MIN_ISOLATED} of each are needed"
        )
    elif doubles > limits.DOUBLES:
        why = (
            f"{100 * doubles:.0f} % of {group} have an exact double among unseen patients (limit "
            f"{100 * limits.DOUBLES:.0f} %): "
            "distance tells an attacker nothing about them"
        )
    if why is not None:
        return [
            _empty(key + suffix, not_assessable(why)) for key in ("membership_auc", "membership_tpr")
        ], _no_attack(group, members)
    area, low, high = auc_interval(found.member, found.score, found.patients)
    hits, alarms = rate_at(found.member, found.score, 0.01)
    rate, rate_interval = hits / members, wilson(hits, members)
    metrics = [
        _auc_metric(group, found, area, (low, high)),
        _tpr_metric(group, found, rate, rate_interval, wilson(alarms, controls)[1]),
    ]
    curve = Curve(
        label=group,
        false_positive_rate=[round(float(x), 2) for x in GRID],
        true_positive_rate=[round(float(x), 4) for x in roc(found.member, found.score)],
        auc=round(area, 4),
    )
    attack = Attack(
        name=NAME,
        title=ATTACK,
        group=group,
        auc=round(area, 4),
        auc_interval=(round(low, 4), round(high, 4)),
        tpr_at_1pct=round(rate, 4),
        tpr_interval=(round(rate_interval[0], 4), round(rate_interval[1], 4)),
        curve=curve,
        attacked=members,
    )
    return metrics, attack


def _copy(found: Distances) -> tuple[Bools, Floats]:
    """The attack on a copy of the training data, over rows whose distance to it is known."""
    known = ~np.isnan(found.train)
    return found.member[known], (found.reference - found.train)[known]


def _auc_metric(group: str, found: Distances, area: float, interval: tuple[float, float]) -> Metric:
    key = "membership_auc" if group == ALL else "membership_auc_isolated"
    warn, fail = (
        (limits.MEMBER_AUC_WARN, limits.MEMBER_AUC_FAIL)
        if group == ALL
        else (limits.ISOLATED_AUC_WARN, limits.ISOLATED_AUC_FAIL)
    )
    copied, copy_score = _copy(found)
    floors = {"copy of the training data": auc(copied, copy_score)} if 0 < copied.mean() < 1 else {}
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer=f"Among {group}, shown one who was in the training data and one who was not, an attacker is "
        "right "
        f"{100 * area:.1f} times in 100; guessing gives 50"
        + (
            f", and a copy of the training data {100 * floors['copy of the training data']:.0f}."
            if floors
            else "."
        ),
        method=METHOD + " Interval after DeLong et al. (1988).",
        value=area,
        unit="AUC",
        interval=interval,
        ceiling=0.5,
        floors=floors,
        judgement=_judge_area(group, area, interval, warn, fail),
    )


def _judge_area(
    group: str, area: float, interval: tuple[float, float], warn: float, fail: float
) -> Judgement:
    """Far below chance the attack works the other way round: the table was made from the holdout patients."""
    if interval[1] < 1 - fail:
        reason = (
            f"the AUC of the attack on {group} is {area:.3f}, below {1 - fail:.3f}: the table is nearer to holdout "
            "than to training patients, so it was made from patients meant to be unseen"
        )
        return Judgement(Status.FAIL, (reason,))
    return judge_beyond_chance(area, interval[0], 0.5, warn, fail, f"the AUC of the attack on {group}")


def _tpr_metric(
    group: str, found: Distances, rate: float, interval: tuple[float, float], alarms_high: float
) -> Metric:
    """The cut is itself estimated from the controls, so a rate that the alarms' own interval covers is no
    finding."""
    key = "membership_tpr" if group == ALL else "membership_tpr_isolated"
    warn, fail = (
        (limits.MEMBER_TPR_WARN, limits.MEMBER_TPR_FAIL)
        if group == ALL
        else (limits.ISOLATED_TPR_WARN, limits.ISOLATED_TPR_FAIL)
    )
    warn, fail = max(warn, alarms_high), max(fail, alarms_high)
    copied, copy_score = _copy(found)
    floors = {}
    if 0 < copied.mean() < 1:
        floors["copy of the training data"] = rate_at(copied, copy_score, 0.01)[0] / int(copied.sum())
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer=f"Among {group}, accepting one false alarm in 100, an attacker names {100 * rate:.1f} of "
        "100 training patients; "
        "guessing names 1.",
        method=METHOD + " True-positive rate at 1 % false positives (Carlini et al. 2022); Wilson interval.",
        value=rate,
        unit="share",
        interval=interval,
        ceiling=0.01,
        floors=floors,
        judgement=judge(rate, interval[0], warn, fail, f"the share of {group} found at 1 % false alarms"),
    )
