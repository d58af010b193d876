"""Every pair of variables, synthetic against real and real against real."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, heat_chart
from locum.report.names import Names
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table

WORST = 5
"""Pairs in the table."""


def section(metrics: Metrics, names: Names) -> Section:
    given = {
        "heat": heat(metrics, names),
        "heat_key": heat_chart.key(),
        "heat_variables": len(heat_chart.shown(metrics.pairs)),
        "worst_pairs": worst_pairs(metrics),
    }
    return Section(
        "Do variables hang together as in real patients?",
        named(metrics, "pair"),
        template="pairs.html.j2",
        nothing=""
        if given["heat"]
        else "Pairs were not compared: there are fewer than two variables that could be.",
        given=given,
    )


def heat(metrics: Metrics, names: Names) -> Chart | None:
    return heat_chart.draw(metrics.pairs, names.new()) if len(metrics.pairs.variables) > 1 else None


def worst_pairs(metrics: Metrics) -> Table | None:
    if not metrics.pairs.worst:
        return None
    return Table(
        caption="The pairs that differ most",
        head=["Variable", "Variable", "Synthetic against unseen", "Real against real"],
        rows=[[a, b, formats.percent(g), formats.percent(c)] for a, b, g, c in metrics.pairs.worst[:WORST]],
    )
