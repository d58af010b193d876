"""Each variable: its distribution, real beside synthetic."""

from __future__ import annotations

from dataclasses import dataclass

from locum.evaluate.metrics import Marginal, Metrics, absent_words
from locum.report import formats, marginal_chart, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import percent_axis
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table

OPEN = 5
"""Variables shown open; the rest are folded."""


def section(metrics: Metrics, names: Names) -> Section:
    shown, folded = variables(metrics, names)
    absent = absent_words(metrics.about.absent, metrics.about.k)
    return Section(
        "Does each variable look right?",
        named(metrics, "marginal"),
        text=(absent,) if absent else (),
        template="variables.html.j2",
        nothing=""
        if shown
        else "No variable could be compared: too few patients share any value for it to be shown safely.",
        given={"shown": shown, "folded": folded, "overview": overview(metrics, names)},
    )


def overview(metrics: Metrics, names: Names) -> Chart | None:
    """The variables that differ most, beside what two groups of real patients differ by."""
    worst = _furthest_first(metrics)[:OPEN]
    if not worst:
        return None
    rows = [Row(m.variable or "(no name)", [[Dot(m.gap, "disc")]], (0.0, m.ceiling)) for m in worst]
    table = Table(
        "How far each variable is from unseen real patients",
        ["Variable", "Synthetic against unseen", "Real against real"],
        [[m.variable, formats.percent(m.gap), formats.percent(m.ceiling)] for m in _furthest_first(metrics)],
    )
    title = "The variables that differ most from unseen real patients"
    first = worst[0]
    apart, real = formats.percent(first.gap), formats.percent(first.ceiling)
    desc = f"{first.variable} differs by {apart}; two groups of real patients by {real}."
    axis = percent_axis(max(max(m.gap, m.ceiling) for m in worst))
    return row_charts.dots(names.new(), title, desc, rows, axis, table)


def _furthest_first(metrics: Metrics) -> list[Marginal]:
    """As the metric that names one of them orders them."""
    return sorted(metrics.marginals, key=lambda m: m.furthest_first)


@dataclass(frozen=True)
class Variable:
    marginal: Marginal
    measure: str
    chart: Chart


def variables(metrics: Metrics, names: Names) -> tuple[list[Variable], list[Variable]]:
    """The variables worst first: those to show and those to fold."""

    drawn = [
        Variable(
            m,
            "largest difference in the cumulative share"
            if m.edges
            else "share that would have to change group",
            marginal_chart.draw(m, metrics.about.holdout_patients, names.new()),
        )
        for m in _furthest_first(metrics)
    ]
    return drawn[:OPEN], drawn[OPEN:]
