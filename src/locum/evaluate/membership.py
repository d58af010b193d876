"""Membership inference: can someone who holds the synthetic table tell who was in the training data?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL, ISOLATED, SIZES, Attacked, attackable
from locum.evaluate.membership_figures import Scored, Words, figures
from locum.evaluate.metrics import Attack, Metric
from locum.evaluate.neighbours import nearest
from locum.evaluate.sample import Trio

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
POOL, QUICK_POOL = 60_000, 20_000  # synthetic rows searched
METHOD = (
    "For each training patient and each unseen control: the distance to the nearest of other unseen "
    "patients less the distance "
    "to the nearest synthetic patient (membership inference by calibrated distance; Hayes et al. 2019, "
    "Watson et al. 2022). "
    "Two missing values count as equal. Each half of the holdout is control once and reference once, split "
    f"by patient, one record a patient. {SIZES} The nearest is looked for among {POOL:,} synthetic rows ("
    f"{QUICK_POOL:,} in a quick look). One attack at chance is no proof of privacy; one well "
    "above chance is proof of a leak."
)
WORDS = Words(
    key="membership",
    name="distance, calibrated",
    question="Who is nearer to a synthetic patient than unseen people would make us expect?",
    titles={
        "auc": "Can an attacker tell who was in the training data?",
        "tpr": "How many training patients can an attacker name with near certainty?",
        "auc_isolated": "Can an attacker tell who of the most unusual patients was in the data?",
        "tpr_isolated": "How many of the most unusual patients can an attacker name?",
    },
    method=METHOD,
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
    def scored(self) -> Scored:
        """With the attack on a copy of the training data, over rows whose distance to it is known."""
        known = ~np.isnan(self.train)
        copy = self.member[known], (self.reference - self.train)[known]
        return Scored(self.member, self.reference - self.synthetic, self.patients, copy)

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
    why = too_few(trio, attacked)
    every = None if attacked is None or why else measure(trio, attacked, rng, quick=quick)
    metrics: list[Metric] = []
    attacks: list[Attack] = []
    for group in (ALL, ISOLATED):
        if every is None or attacked is None:
            more, attack = WORDS.unjudged(group, why, attackable(trio))
        else:
            more, attack = _judge(group, every if group == ALL else every.take(attacked.isolated))
        metrics += more
        attacks.append(attack)
    return metrics, attacks


def too_few(trio: Trio, attacked: Attacked | None) -> str:
    """Why nobody can be attacked by way of the synthetic table; empty where they can."""
    held = attackable(trio)
    if attacked is None or held < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        return (
            f"{held} patients can be attacked and {len(trio.synthetic)} synthetic rows searched; "
            f"at least {limits.MIN_ROWS} of each are needed"
        )
    return ""


def _judge(group: str, found: Distances) -> tuple[list[Metric], Attack]:
    members, controls = found.scored.sizes
    doubles = float((found.reference == 0).sum()) / max(members + controls, 1)
    if min(members, controls) < limits.MIN_ISOLATED:
        why = (
            f"{members} training patients and {controls} controls with no exact double are in this group; "
            f"{limits.MIN_ISOLATED} of each are needed"
        )
        return WORDS.unjudged(group, why, members)
    if doubles > limits.DOUBLES:
        why = (
            f"{100 * doubles:.0f} % of {group} have an exact double among unseen patients (limit "
            f"{100 * limits.DOUBLES:.0f} %): distance tells an attacker nothing about them"
        )
        return WORDS.unjudged(group, why, members)
    return figures(WORDS, group, found.scored)
