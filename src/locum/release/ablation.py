"""What the parts of the method buy on public tables, and not on this dataset, as ``benchmarks/README.md`` has it.

A test compares every figure with that page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ablation:
    """A part of the method on a public TABLE: the figure without it and with it, as it was published.

    heading: under which it was.
    """

    part: str
    figure: str
    table: str
    without: str
    with_it: str
    heading: str


C2ST = "told from real patients"
ISOLATED = "the most unusual patients found"

ADULT, FRAMINGHAM = "adult, 16,280 × 15", "framingham, 2,217 × 34"
NAFLD, RHC = "nafld1, 8,774 × 7", "rhc, 2,867 × 55"
SPLITS = "Splits judged at two resolutions"
STATE = "Missing as a state, not complete cases"
SPREAD = "Draws that share chance out"
LATENT = "Latent classes (off unless asked for)"
GUARD = "Drawing again who comes too near"

PARTS = (
    Ablation(SPLITS, C2ST, ADULT, ".568", ".550", "Quality"),
    Ablation(SPLITS, C2ST, FRAMINGHAM, ".672", ".652", "Quality"),
    Ablation(STATE, C2ST, FRAMINGHAM, ".645", ".593", "Arms of missingness"),
    Ablation(SPREAD, C2ST, ADULT, ".553", ".544", "Draws that share chance out"),
    Ablation(SPREAD, C2ST, FRAMINGHAM, ".590", ".600", "Draws that share chance out"),
    Ablation(SPREAD, C2ST, NAFLD, ".533", ".522", "Draws that share chance out"),
    Ablation(LATENT, C2ST, RHC, ".684", ".651", "Latent classes"),
    Ablation(LATENT, C2ST, FRAMINGHAM, ".593", ".603", "Latent classes"),
    Ablation(LATENT, C2ST, ADULT, ".553", ".556", "Latent classes"),
    Ablation(GUARD, ISOLATED, NAFLD, ".567", ".563", "Isolated patients"),
    Ablation(GUARD, ISOLATED, FRAMINGHAM, ".511", ".502", "Isolated patients"),
)


@dataclass(frozen=True)
class Step:
    """A privacy setting, and how often an attacker who holds the model file is right: AUC, then members named at 1 %
    false alarms."""

    name: str
    adult: str
    framingham: str


DIAL = (
    Step("open", ".736, 3.9 %", ".834, 4.9 %"),
    Step("balanced", ".617, 2.2 %", ".637, 2.4 %"),
    Step("strict", ".509, 1.4 %", ".531, 1.9 %"),
)
"""As published in ``docs/explanation/privacy.md``."""
