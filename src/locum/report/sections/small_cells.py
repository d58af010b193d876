"""Combinations of what outsiders may know, that few people have."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics, SmallCells
from locum.report import formats
from locum.report.names import Names
from locum.report.sections.section import Section, named
from locum.report.svg import Table

STAND_IN = (
    "No variable is declared as a quasi-identifier, so the demographic ones stand in for them, as a description "
    "only."
)


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "small_cells")
    cells = metrics.small_cells
    if not checks and cells is None:
        return None
    text = (
        "A neighbour may know a person’s age, sex and region, and look for the one artificial patient with the same. "
        "Some combinations are rare in any table; that artificial patients meet those of training patients more often "
        "than those of unseen ones would be a leak.",
    )
    return Section(
        "Are people with rare combinations given away?",
        checks,
        text=text if cells is None or cells.declared else (*text, STAND_IN),
        tables=(_table(cells),) if cells else (),
    )


def _table(cells: SmallCells) -> Table:
    unique = (
        f"fewer than {cells.k}" if cells.real_unique is None else f"about {formats.count(cells.real_unique)}"
    )
    return Table(
        caption="Combinations of " + ", ".join(cells.variables),
        head=["What is counted", "Figure"],
        rows=[
            [
                f"Artificial patients in a combination that fewer than {cells.k} real patients have",
                formats.share(cells.synthetic_small),
            ],
            ["Combinations that one artificial patient has", formats.count(cells.synthetic_unique)],
            ["Combinations that one real patient has", unique],
        ],
    )
