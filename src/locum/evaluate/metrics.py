"""The shape of ``metrics.json``: what was measured, beside what it must be compared with.

Nothing in here is a value of a patient: shares over bins that hold at least k patients, scores, curves on a
common grid, and words. The report is drawn from this alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Status(StrEnum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_ASSESSABLE = "not assessable"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Verdict(Part):
    """The worst status of the deciding metrics of each family."""

    fidelity: Status
    utility: Status
    privacy: Status


class About(Part):
    """What was compared, in numbers only."""

    locum_version: str
    created: str  # ISO date; given by the caller, so that the same call gives the same bytes
    seed: int
    quick: bool
    k: int
    train_rows: int
    train_patients: int
    holdout_rows: int
    holdout_patients: int
    synthetic_rows: int
    variables: int
    target: str | None
    notices: list[str]  # what was left out and why, rows that were subsampled, ...
    absent: dict[str, list[str]] = Field(
        default_factory=dict
    )  # variable to levels that no synthetic row has, and fewer than k training patients (or none) have
    synthetic_tables: int = 1  # the first is judged; the others count for combined effects
    title: str = ""  # of the report, so that the report drawn again is the same page
    made: dict[str, str] = Field(
        default_factory=dict
    )  # how the synthetic rows were made, where that is known
    files: dict[str, str] = Field(
        default_factory=dict
    )  # sha256 of the files that were read: "train", "holdout", "synthetic", "model"; of those in memory none
    artificial: bool | None = None  # the records that were learned from are; None where that is not known


MOST_ABSENT = 20  # variables and levels that a notice of absent ones names


def absent_words(absent: Mapping[str, Sequence[str]], k: int) -> str:
    """What no synthetic row has, by variable, in a sentence; empty where there is nothing."""
    if not absent:
        return ""
    named = [f"{name} ({', '.join(own[:MOST_ABSENT])})" for name, own in list(absent.items())[:MOST_ABSENT]]
    left = len(absent) - len(named)
    more = f", and levels of {left} more variable{'s' if left > 1 else ''}" if left else ""
    return (
        f"No synthetic row has these levels, which fewer than {k} of the patients learned from have, too few to learn "
        f"them from: {', '.join(named)}{more}."
    )


class Limit(Part):
    """What a status was judged by, where it was by one figure: of which less is better, often the part of the value
    beyond that of unseen real patients. Where several limits apply, the one that is nearest, or furthest exceeded."""

    figure: float
    par: float  # what as many real, unseen patients, or chance, would score
    caution: float
    fail: float | None  # None: no figure is large enough to fail by this limit


class Metric(Part):
    """One figure with all that is needed to read it."""

    name: str  # stable identifier, e.g. "c2st"
    family: Literal["fidelity", "utility", "privacy"]
    title: str  # plain words: "Can a classifier tell synthetic from real patients?"
    answer: str  # one or two sentences with the figures in words
    method: str  # how it is computed and its source (paper, section)
    value: float | None
    unit: str  # "AUC", "%", "difference in AUC", ...
    better: Literal["lower", "higher", "near ceiling"]
    interval: tuple[float, float] | None = None  # 95 %
    ceiling: float | None = None  # what as many real, unseen patients score
    floors: dict[str, float] = Field(default_factory=dict)  # "shuffled columns", "copy of the training data"
    status: Status
    reasons: list[str]  # why this status, naming the thresholds
    decides: bool = True  # False: description only, does not enter the verdict
    limit: Limit | None = None


class Marginal(Part):
    """One variable's distribution, real beside synthetic, over bins that hold at least k real patients."""

    variable: str
    kind: str
    unit: str | None
    description: str
    bins: list[str]  # labels of bins, e.g. "40 to 50", "female", "not recorded"; missing reasons come last
    edges: list[float] | None  # for numeric kinds: the edges of the numeric bins (len = numeric bins + 1)
    train: list[float]  # share of each bin, summing to 1
    holdout: list[float]
    synthetic: list[float]
    gap: float  # % ; KS for numeric kinds, total variation for levels; synthetic against holdout
    ceiling: float  # the same, train against holdout
    status: Status

    @property
    def furthest_first(self) -> tuple[int, float, float, str]:
        """The order in which variables are told: by status, then by how far the gap is above the ceiling."""
        graver = (Status.FAIL, Status.WARN, Status.PASS, Status.NOT_ASSESSABLE).index(self.status)
        return graver, round(self.ceiling - self.gap, 2), -self.gap, self.variable


class Pairs(Part):
    """Total variation (%) between two-way tables, for every pair of variables."""

    variables: list[str]
    gap: list[list[float]]  # synthetic against holdout, symmetric, zero diagonal
    ceiling: list[list[float]]  # train against holdout
    worst: list[tuple[str, str, float, float]]  # variable, variable, gap, ceiling; at most 10


class Combination(Part):
    """A set of three or four variables whose joint table is far from that of unseen real patients. In %."""

    variables: list[str]
    gap: float  # total variation, synthetic against holdout
    ceiling: float  # train against holdout
    worst_pair: float  # the largest gap of a pair within the set, on the same bins


class Subgroup(Part):
    """A group of patients by one variable or two: its share of each table, and the variable furthest off in it."""

    group: str  # such as "sex female, age 40 to 60"; held by many unseen patients
    declared: bool  # by a quasi-identifier or a demographic variable; else found as one of the worst
    holdout: float  # share of the table
    train: float
    synthetic: float
    variable: (
        str | None
    )  # whose distribution within the group is furthest off; None where only the size is told
    gap: float | None  # total variation within the group, in %, synthetic against holdout
    ceiling: float | None  # the same, train against holdout


class BrokenRule(Part):
    """A declared rule or formula, and the share of rows that break it."""

    rule: str
    synthetic: float
    interval: tuple[float, float]  # of synthetic, 95 %
    holdout: float  # 0 where fewer than k real rows, of train and holdout, break it
    train: float


class MissingShare(Part):
    variable: str
    train: float  # share missing
    holdout: float
    synthetic: float


class Curve(Part):
    """A ROC curve on the common grid of false-positive rates 0, 0.02, ..., 1."""

    label: str  # "trained on real patients", "trained on synthetic patients"
    false_positive_rate: list[float]
    true_positive_rate: list[float]
    auc: float


def outcome(name: str, event: str) -> str:
    """An outcome in words: its name alone where the event is that it holds, as of 0 and 1, else with the event."""
    return name if event.lower() in ("1", "true", "yes", "y") else f"{name} ({event})"


class Prediction(Part):
    """One model family trained on real and on synthetic patients, both judged on the holdout."""

    target: str
    event: str  # the level that counts as the outcome
    model: str  # "logistic regression", "gradient boosting"
    real: Curve
    synthetic: Curve
    shuffled: float  # AUC when trained on shuffled columns


class Tenth(Part):
    """Patients of like predicted risk: some tenths joined, so that k of them have the outcome and k have not."""

    predicted: float  # mean predicted risk
    observed: float  # share with the outcome
    interval: tuple[float, float]


class Readout(Part):
    """What the risks that a model gives unseen patients are worth."""

    slope: float  # of calibration; 1 is ideal
    intercept: float  # calibration in the large; 0 is ideal
    average_precision: float
    tenths: list[Tenth]  # the calibration curve
    net_benefit: list[float | None]  # at each threshold; None where fewer than k patients are on a side


class PredictedRisk(Part):
    """The risks of one model family trained on real and on synthetic patients, judged on the holdout."""

    target: str
    model: str
    thresholds: list[float]
    treat_all: list[float]  # net benefit of treating everyone, at each threshold
    real: Readout
    synthetic: Readout


class Importance(Part):
    """Fall of the AUC on the holdout when a variable is shuffled, as a share of all falls."""

    model: str
    variable: str
    real: float
    synthetic: float


class SubgroupUtility(Part):
    """A model trained on real and on synthetic patients, judged on unseen patients of one group."""

    group: str  # such as "sex female"; with many unseen patients of either outcome
    holdout: float  # share of the unseen patients
    real: float  # AUC when trained on real patients
    synthetic: float
    lost: float  # real less synthetic
    interval: tuple[float, float]  # of lost; valid for all groups at once
    level_real: float  # calibration in the large: log-odds to be added for the mean risk to come true
    level_synthetic: float


class Effect(Part):
    """A coefficient of a regression on real and on synthetic patients: a log odds ratio, or a log hazard ratio."""

    analysis: str  # "logistic regression", "Cox regression"
    outcome: str
    term: str  # such as "age, per standard deviation" or "smoker: current"
    holdout: float
    holdout_interval: tuple[float, float]  # 95 %
    train: float
    train_interval: tuple[float, float]
    synthetic: float
    synthetic_interval: tuple[float, float]
    overlap: float  # of the intervals of synthetic and unseen patients, 0 to 1 (Karr et al. 2006)
    standardised: float  # synthetic less unseen, in standard errors of unseen (Raab, Nowok & Dibben 2017)
    kept: bool  # whether sign and significance are those of unseen patients
    combined: float | None = None  # of all synthetic tables, where several were given
    combined_interval: tuple[float, float] | None = None  # 95 %, by the combining rules


class SurvivalCurve(Part):
    """Kaplan-Meier curves of all patients or of a group, on a common grid; None where too few are at risk."""

    group: str  # "all patients", or such as "sex female"
    unit: str | None  # of time
    time: list[float]
    holdout: list[float | None]  # share without the event
    low: list[float | None]  # 95 % interval of holdout, at each time
    high: list[float | None]
    train: list[float | None]
    synthetic: list[float | None]
    gap: float  # the largest vertical distance of synthetic and holdout, in points
    ceiling: float  # the same of train and holdout


class Attack(Part):
    """An attack on privacy: how often it is right, for all patients and for the most isolated."""

    name: str
    title: str
    group: str  # "all patients", "the most isolated tenth"
    auc: float | None
    auc_interval: tuple[float, float] | None
    tpr_at_1pct: float | None  # true-positive rate at 1 % false positives
    tpr_interval: tuple[float, float] | None
    curve: Curve | None
    attacked: int  # training patients attacked; as many unseen patients serve as control
    tpr_at_01pct: float | None = None  # at 0.1 %, where there are enough controls and it is asked
    tpr_01_interval: tuple[float, float] | None = None


class Risk(Part):
    """How often an attack is right about training patients, and about unseen ones (Giomi et al. 2023)."""

    name: str  # the attack, or the variable that is guessed
    group: str  # "all patients", "the most isolated tenth"
    train: float  # share of training patients, or of claims about them, that the attack gets right
    train_interval: tuple[float, float]
    holdout: float  # the same of as many unseen patients
    holdout_interval: tuple[float, float]
    risk: float  # (train - holdout) / (1 - holdout)
    risk_interval: tuple[float, float]
    attacked: int  # training patients, or claims about them; as many about unseen ones serve as control


class SmallCells(Part):
    """Combinations of quasi-identifiers that few people have. Counts of real patients are rounded to ten."""

    variables: list[str]
    declared: bool  # as quasi-identifiers; else of the demographic tier, for want of those
    k: int  # a cell is small where fewer real patients, of both tables, hold it
    synthetic_small: float  # share of synthetic rows in small cells, those that nobody holds among them
    synthetic_unique: int  # cells that one synthetic row holds
    real_unique: int | None  # cells that one real patient holds; None where there are fewer than k


class GiveAway(Part):
    """A variable by which a classifier tells synthetic from real patients, with its share of importance."""

    variable: str
    importance: float


class Metrics(Part):
    """``metrics.json``. The verdict stands first."""

    verdict: Verdict
    about: About
    metrics: list[Metric]
    marginals: list[Marginal]
    pairs: Pairs
    missing: list[MissingShare]
    give_aways: list[GiveAway]
    predictions: list[Prediction]
    attacks: list[Attack]
    combinations: list[Combination] = Field(default_factory=list)  # the worst few, triples first
    risks: list[Risk] = Field(default_factory=list)  # singling out, linkability, small cells
    guesses: list[Risk] = Field(default_factory=list)  # of each variable from the rest of the record
    subgroups: list[Subgroup] = Field(default_factory=list)  # the worst sizes, the worst within, the declared
    rules: list[BrokenRule] = Field(default_factory=list)  # in declared order, then formulas
    predicted_risks: list[PredictedRisk] = Field(default_factory=list)
    importances: list[Importance] = Field(default_factory=list)
    small_cells: SmallCells | None = None  # where quasi-identifiers, or demographic variables, are declared
    model_attacks: list[Attack] = Field(
        default_factory=list
    )  # by whoever holds the model, where it was given
    model_file: Status | None = None  # the worst status of these, for a model file; None where none was given
    subgroup_utility: list[SubgroupUtility] = Field(default_factory=list)
    effects: list[Effect] = Field(default_factory=list)  # of the logistic, then of the Cox regression
    survival: list[SurvivalCurve] = Field(default_factory=list)  # all patients first

    def titled(self, title: str) -> Metrics:
        """The same evidence under the title TITLE."""
        return self.model_copy(update={"about": self.about.model_copy(update={"title": title})})
