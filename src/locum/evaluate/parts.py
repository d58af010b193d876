"""What the assessment of each family brings. Fields have the names that they have in `Metrics`."""

from __future__ import annotations

from dataclasses import dataclass, field

from locum.evaluate.metrics import (
    Attack,
    BrokenRule,
    Combination,
    Effect,
    GiveAway,
    Importance,
    Marginal,
    Metric,
    MissingShare,
    Pairs,
    PredictedRisk,
    Prediction,
    Risk,
    SmallCells,
    Subgroup,
    SubgroupUtility,
    SurvivalCurve,
)


@dataclass(frozen=True)
class Fidelity:
    metrics: list[Metric]
    marginals: list[Marginal]
    pairs: Pairs
    missing: list[MissingShare]
    give_aways: list[GiveAway]
    combinations: list[Combination]
    subgroups: list[Subgroup]
    rules: list[BrokenRule]


@dataclass(frozen=True)
class Utility:
    metrics: list[Metric]
    predictions: list[Prediction]
    predicted_risks: list[PredictedRisk]
    importances: list[Importance]
    subgroup_utility: list[SubgroupUtility]
    effects: list[Effect]
    survival: list[SurvivalCurve]


@dataclass(frozen=True)
class Privacy:
    metrics: list[Metric]
    attacks: list[Attack]
    guesses: list[Risk]
    risks: list[Risk]
    small_cells: SmallCells | None


@dataclass(frozen=True)
class OfModel:
    """What a model file gives away; empty where none was given."""

    metrics: list[Metric] = field(default_factory=list)
    model_attacks: list[Attack] = field(default_factory=list)
