"""The sections of the report, a module each. A new one is written in a module of its own and registered here."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import words
from locum.report.names import Names
from locum.report.sections import (
    attacks,
    combinations,
    effects,
    give_aways,
    groups_served,
    guesses,
    missingness,
    model_file,
    pairs,
    pointing,
    predictions,
    ranking,
    risks,
    rules,
    small_cells,
    subgroups,
    survival,
    variables,
)
from locum.report.sections.section import Fold, Maker, Section

__all__ = ["SECTIONS", "Fold", "Section", "apart", "of"]

SECTIONS: dict[str, tuple[Maker, ...]] = {
    "fidelity": (
        variables.section,
        pairs.section,
        combinations.section,
        subgroups.section,
        rules.section,
        missingness.section,
        give_aways.section,
    ),
    "utility": (
        predictions.section,
        risks.section,
        ranking.section,
        groups_served.section,
        effects.section,
        survival.section,
    ),
    "privacy": (
        attacks.section,
        guesses.section,
        pointing.section,
        small_cells.section,
    ),
}
"""Which sections of the verdict each family has, in order: the only place to register one."""


OTHERS = {"fidelity": "Other checks", "utility": "Other checks", "privacy": "Copies and other checks"}
"""The heading of a family's deciding checks that no section of it shows."""


def of(metrics: Metrics, names: Names) -> dict[str, list[Section]]:
    """The sections of each family that have something to say; last the checks that none of them shows."""
    made: dict[str, list[Section]] = {}
    for family, makers in SECTIONS.items():
        some = [section for make in makers if (section := make(metrics, names))]
        shown = {check.name for section in some for check in section.checks}
        rest = tuple(m for m in words.deciding(metrics, family) if m.name not in shown)
        made[family] = [*some, Section(OTHERS[family], rest)] if rest else some
    return made


def apart(metrics: Metrics, names: Names) -> list[Section]:
    """What stands apart from the verdict, after all that it rests on."""
    section = model_file.section(metrics, names)
    return [section] if section else []
