"""The worst sets of three and of four variables."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import percent_axis
from locum.report.sections.section import Section
from locum.report.svg import Chart, Table


def section(metrics: Metrics, names: Names) -> Section | None:
    chart = combinations(metrics, names)
    if chart is None:
        return None
    return Section(
        "Three and four variables at once", template="combinations.html.j2", given={"chart": chart}
    )


def combinations(metrics: Metrics, names: Names) -> Chart | None:
    """The worst sets of three and of four variables."""
    if not metrics.combinations:
        return None
    sets = [(" + ".join(c.variables), c) for c in metrics.combinations]
    table = Table(
        caption="The sets of three and four variables that differ most from unseen real patients",
        head=["Variables", "Synthetic against unseen", "Real against real", "Worst pair among them"],
        rows=[
            [name, formats.percent(c.gap), formats.percent(c.ceiling), formats.percent(c.worst_pair)]
            for name, c in sets
        ],
    )
    rows = [
        Row(name, [[Dot(c.gap, "disc"), Dot(c.worst_pair, "diamond"), Dot(c.ceiling, "outline")]])
        for name, c in sets
    ]
    axis = percent_axis(max(max(c.gap, c.ceiling, c.worst_pair) for _, c in sets))
    most = max(sets, key=lambda s: s[1].gap)
    desc = f"The largest difference is in {most[0]}: {formats.percent(most[1].gap)}."
    title = "Sets of three and four variables that differ most"
    return row_charts.dots(names.new(), title, desc, rows, axis, table)
