"""Each variable: its distribution, real beside synthetic."""

from __future__ import annotations

from dataclasses import dataclass

from locum.evaluate.metrics import Marginal, Metrics, Status
from locum.report import marginal_chart
from locum.report.names import Names
from locum.report.sections.section import Section
from locum.report.svg import Chart

OPEN = 12
"""Variables shown open; when there are more than ``FOLD_ABOVE``, the rest are folded."""
FOLD_ABOVE = 24


def section(metrics: Metrics, names: Names) -> Section:
    shown, folded = variables(metrics, names)
    return Section("Each variable", template="variables.html.j2", given={"shown": shown, "folded": folded})


@dataclass(frozen=True)
class Variable:
    marginal: Marginal
    measure: str
    chart: Chart


def variables(metrics: Metrics, names: Names) -> tuple[list[Variable], list[Variable]]:
    """The variables worst first: those to show and those to fold."""

    def excess(m: Marginal) -> tuple[bool, float, float, str]:
        return (m.status is Status.NOT_ASSESSABLE, m.ceiling - m.gap, -m.gap, m.variable)

    drawn = [
        Variable(
            m,
            "largest difference in the cumulative share"
            if m.edges
            else "share that would have to change group",
            marginal_chart.draw(m, names.new()),
        )
        for m in sorted(metrics.marginals, key=excess)
    ]
    return (drawn[:OPEN], drawn[OPEN:]) if len(drawn) > FOLD_ABOVE else (drawn, [])
