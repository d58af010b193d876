"""Every pair of variables, synthetic against real and real against real."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, heat_chart
from locum.report.names import Names
from locum.report.sections.section import Section
from locum.report.svg import Chart, Table


def section(metrics: Metrics, names: Names) -> Section:
    given = {
        "heat": heat(metrics, names),
        "heat_key": heat_chart.key(),
        "heat_variables": len(heat_chart.shown(metrics.pairs)),
        "worst_pairs": worst_pairs(metrics),
    }
    return Section("Pairs of variables", template="pairs.html.j2", given=given)


def heat(metrics: Metrics, names: Names) -> Chart | None:
    return heat_chart.draw(metrics.pairs, names.new()) if len(metrics.pairs.variables) > 1 else None


def worst_pairs(metrics: Metrics) -> Table | None:
    if not metrics.pairs.worst:
        return None
    return Table(
        caption="The pairs of variables that differ most from unseen real patients",
        head=["Variable", "Variable", "Synthetic against unseen", "Real against real"],
        rows=[[a, b, formats.percent(g), formats.percent(c)] for a, b, g, c in metrics.pairs.worst[:10]],
    )
