"""What the model itself gives away: membership inference by whoever holds the model file, or a very large draw from it.

This attacker has more than the table, so none of it enters the verdict on the table; it has a status of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.errors import BadInput
from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL, ISOLATED
from locum.evaluate.fitted import Fitted
from locum.evaluate.membership_figures import SHADOWED, Limits, Scored, Words, figures
from locum.evaluate.metrics import Attack, Metric
from locum.evaluate.sample import Trio, like, one_row_each
from locum.evaluate.shadows import scores, watch
from locum.variables import Role, Variables

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CAP, QUICK_CAP = 4_000, 1_500  # patients attacked, and as many controls
REFERENCE, QUICK_REFERENCE = 20_000, 3_000  # most rows that a reference model learns from
TARGETS = 50  # training patients on whom shadow models are tried,
PART = 20  # or one in so many,
SEARCHED = 50_000  # found among so many
HOLDER = "someone who holds the model file, or a very large draw from it,"
CONCERNS = (
    " This concerns whoever holds the model file, or so many rows drawn from it that it comes to the same; it says "
    "nothing about the table that is shared, and does not enter its verdict."
)
RATIO = Words(
    key="model_membership",
    name="likelihood ratio",
    question="Whom does the model hold to be more probable than a model of other patients does?",
    titles={
        "auc": "Can someone who holds the model file tell who was in the training data?",
        "tpr": "How many training patients can someone who holds the model file name?",
        "auc_isolated": "Can someone who holds the model file tell who of the most unusual patients was in the data?",
        "tpr_isolated": "How many of the most unusual patients can someone who holds the model file name?",
    },
    method="The log-probability of a record under the model less that under a reference model, which is learned in the "
    "same way from unseen patients, who are neither attacked nor control (likelihood-ratio attack: Murakonda et al. "
    "2021). Each half of the holdout is control once and reference once, split by patient, one record a patient. The "
    f"isolated tenth are those whom the reference model holds to be least probable. At most {CAP:,} training patients "
    f"and as many controls are attacked ({QUICK_CAP:,} in a quick look): the standard error of an AUC near chance is "
    f"then {1 / (6 * CAP) ** 0.5:.3f} ({1 / (6 * QUICK_CAP) ** 0.5:.3f})." + CONCERNS,
    attacker=HOLDER,
    groups={
        ALL: Limits(
            (limits.MODEL_AUC_WARN, limits.MODEL_AUC_FAIL), (limits.MODEL_TPR_WARN, limits.MODEL_TPR_FAIL)
        ),
        ISOLATED: Limits(
            (limits.MODEL_ISOLATED_AUC_WARN, limits.MODEL_ISOLATED_AUC_FAIL),
            (limits.MODEL_ISOLATED_TPR_WARN, limits.MODEL_ISOLATED_TPR_FAIL),
        ),
    },
    decides=False,
)
SHADOWS = Words(
    key="model_shadows",
    name="shadow models",
    question="Whom does the model treat as models do that saw them?",
    titles={
        "auc": "Can someone who learns many models like it tell whether it saw one of the most unusual patients?",
        "tpr": "How often is someone who learns many models like it sure, and right?",
    },
    method="Models are learned as this one was, each from a random half of the training patients, and half of them "
    "with each of the patients whom the reference model holds to be least probable. A patient's likelihood under one "
    "of them is held against all others (LiRA: Carlini et al. 2022, section V). Interval by patient."
    + CONCERNS,
    attacker="someone who holds the model file and can learn many like it",
    groups={
        SHADOWED: Limits(
            (limits.MODEL_SHADOWS_AUC_WARN, limits.MODEL_SHADOWS_AUC_FAIL),
            (limits.MODEL_ISOLATED_TPR_WARN, limits.MODEL_ISOLATED_TPR_FAIL),
        )
    },
    decides=False,
)
"""Its figures are on models of half of the patients: a little worse than the model's own."""


@dataclass(frozen=True)
class Real:
    """Training and unseen rows as the model reads them, and whose each row is (int64[rows])."""

    train: pa.Table
    holdout: pa.Table
    members: Ints
    unseen: Ints

    @classmethod
    def of(cls, train: pa.Table, holdout: pa.Table, trio: Trio, variables: Variables) -> Real:
        patient = variables.with_role(Role.PATIENT)
        tables = []
        for table in (train, holdout):
            own = like(table, train, variables)
            if patient is not None and patient.name in table.column_names:
                own = own.append_column(patient.name, table.column(patient.name))
            tables.append(own)
        return cls(tables[0], tables[1], trio.train.patients, trio.holdout.patients)


@dataclass(frozen=True)
class Ratio:
    """Of every attacked patient the score, and the log-likelihood under the reference model; the reference models."""

    scored: Scored
    reference: Floats
    references: tuple[Fitted, ...]

    @property
    def isolated(self) -> Ints:
        return least_probable(self.reference)


def check_model(model: Fitted, train: pa.Table) -> None:
    """Raises BadInput when MODEL is not of tables like TRAIN."""
    try:
        model.log_likelihood(train.slice(0, 1))
    except BadInput as error:
        raise BadInput(f"the model does not fit the training table: {error}") from error


def assess(
    model: Fitted, real: Real, rng: np.random.Generator, *, quick: bool
) -> tuple[list[Metric], list[Attack], Ratio | None]:
    """The attack by likelihood ratio, for all and for the isolated tenth."""
    patients = min(len(np.unique(real.unseen)) // 2, len(np.unique(real.members)))
    why, found = "", None
    if patients < limits.MIN_ROWS:
        why = f"{patients} patients can be attacked; at least {limits.MIN_ROWS} are needed"
    else:
        found = measure(model, real, rng, quick=quick)
        if min(found.scored.sizes) < limits.MIN_ROWS:
            why = f"the model holds all but {min(found.scored.sizes)} records to be impossible, such as every gap"
            found = None
    metrics: list[Metric] = []
    attacks: list[Attack] = []
    for group in (ALL, ISOLATED):
        if found is None:
            more, attack = RATIO.unjudged(group, why, patients)
        else:
            rows = found.scored if group == ALL else found.scored.take(found.isolated)
            more, attack = figures(RATIO, group, rows, certain=True)
        metrics += more
        attacks.append(attack)
    return metrics, attacks, found


def measure(model: Fitted, real: Real, rng: np.random.Generator, *, quick: bool) -> Ratio:
    """Members and controls in equal number; records that a model holds to be impossible are left out."""
    cap = QUICK_CAP if quick else CAP
    most = QUICK_REFERENCE if quick else REFERENCE
    members, controls = (one_row_each(whose, rng) for whose in (real.members, real.unseen))
    count = min(cap, len(members), len(controls)) // 2
    _, codes = np.unique(real.unseen, return_inverse=True)
    half = np.zeros(int(codes.max()) + 1, np.int64)
    half[codes[controls]] = np.arange(len(controls)) % 2
    parts, references = [], []
    for side in (0, 1):
        others = np.flatnonzero(half[codes] != side)
        if len(others) > most:
            others = np.sort(rng.choice(others, most, replace=False))
        reference = model.again(real.holdout.take(pa.array(others)), int(rng.integers(2**31)))
        references.append(reference)
        for is_member, table, whose, rows in (
            (True, real.train, real.members, members[side * count : (side + 1) * count]),
            (False, real.holdout, real.unseen, controls[side::2][:count]),
        ):
            records = table.take(pa.array(rows))
            own, other = model.log_likelihood(records), reference.log_likelihood(records)
            parts.append((np.full(len(rows), is_member), own, other, whose[rows]))
    member, own, other, patients = (np.concatenate(column) for column in zip(*parts, strict=True))
    known = np.isfinite(own) & np.isfinite(other)
    scored = Scored(member[known], own[known] - other[known], patients[known])
    return Ratio(scored, other[known], tuple(references))


def shadow(
    model: Fitted, real: Real, ratio: Ratio | None, fits: int, rng: np.random.Generator
) -> tuple[list[Metric], list[Attack]]:
    """FITS shadow models, tried on the training patients whom the reference models hold to be least probable."""
    people = len(np.unique(real.members))
    count = min(TARGETS, people // PART)
    if ratio is None or count < limits.MIN_ISOLATED:
        why = f"{count} of {people} training patients would be tried; {limits.MIN_ISOLATED} are needed"
        metrics, attack = SHADOWS.unjudged(SHADOWED, why, count)
        return metrics, [attack]
    first = one_row_each(real.members, rng)[:SEARCHED]
    records = real.train.take(pa.array(first))
    probable = np.mean([r.log_likelihood(records) for r in ratio.references], axis=0)
    # Whom a reference model holds to be impossible, another may not even be able to score.
    ranked = np.argsort(np.where(np.isfinite(probable), probable, np.inf), kind="stable")
    likelihood, sees = watch(model, real.train, real.members, first[ranked[:count]], fits, rng)
    known = np.isfinite(likelihood).all(axis=1)
    told = scores(likelihood[known], sees[known])
    patients = np.repeat(np.arange(len(told)), fits)
    found = Scored(sees[known].ravel(), told.ravel(), patients)
    metrics, attack = figures(SHADOWS, SHADOWED, found)
    return metrics, [attack]


def least_probable(reference: Floats, part: float = 0.1) -> Ints:
    """The places of the PART of patients whom the reference model (float64[n]) holds to be least probable."""
    return np.flatnonzero(reference <= np.quantile(reference, part))
