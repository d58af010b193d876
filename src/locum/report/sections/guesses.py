"""What an intruder who knows the rest of a record can guess."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import risk_chart, words
from locum.report.names import Names
from locum.report.sections.section import Section


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = tuple(x for x in words.deciding(metrics, "privacy") if x.name.startswith("attribute"))
    if not checks:
        return None
    chart = risk_chart.draw(
        metrics.guesses,
        "How often a variable is guessed right from the rest of the record",
        "Variable",
        names.new(),
    )
    return Section(
        "Guessing the rest of a record", checks, template="guesses.html.j2", given={"chart": chart}
    )
