"""Whether an artificial patient points to a real one."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import risk_chart, words
from locum.report.names import Names
from locum.report.sections.section import Section

POINTING = ("singling_out", "linkability", "outliers")
"""How the names of these metrics begin."""


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = tuple(x for x in words.deciding(metrics, "privacy") if x.name.startswith(POINTING))
    if not checks:
        return None
    chart = risk_chart.draw(
        metrics.risks,
        "How often an attack points to the right patient",
        "Attack",
        names.new(),
    )
    return Section("Pointing to a person", checks, template="pointing.html.j2", given={"chart": chart})
