"""The worst sets of three and of four variables."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import percent_axis
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table

WORST = 5
"""Sets that are drawn."""


def section(metrics: Metrics, names: Names) -> Section | None:
    chart = combinations(metrics, names)
    checks = named(metrics, "triple", "quadruple")
    if chart is None and not checks:
        return None
    return Section(
        "And three or four variables at once?",
        checks,
        text=(
            "Every pair may look right and the patients still be wrong: a drug that helps women and harms men looks "
            "like one that does nothing. These are the sets, of those compared, that differ most from unseen real "
            "patients. Where the disc lies far to the right of the diamond, the set shows what no pair in it does.",
        ),
        key=(
            ("disc", "synthetic"),
            ("band", "real against real"),
            ("diamond", "synthetic, worst pair in the set"),
        )
        if chart
        else (),
        charts=(chart,) if chart else (),
    )


def combinations(metrics: Metrics, names: Names) -> Chart | None:
    """The worst sets of three and of four variables."""
    if not metrics.combinations:
        return None
    sets = [(" + ".join(c.variables), c) for c in metrics.combinations]
    drawn = sorted(sets, key=lambda s: s[1].ceiling - s[1].gap)[:WORST]
    table = Table(
        caption="The sets of three and four variables that differ most from unseen real patients",
        head=["Variables", "Synthetic against unseen", "Real against real", "Worst pair among them"],
        rows=[
            [name, formats.percent(c.gap), formats.percent(c.ceiling), formats.percent(c.worst_pair)]
            for name, c in sets
        ],
    )
    rows = [
        Row(name, [[Dot(c.worst_pair, "diamond"), Dot(c.gap, "disc")]], (0.0, c.ceiling)) for name, c in drawn
    ]
    axis = percent_axis(max(max(c.gap, c.ceiling, c.worst_pair) for _, c in drawn))
    most = max(sets, key=lambda s: s[1].gap)
    desc = f"The largest difference is in {most[0]}: {formats.percent(most[1].gap)}."
    title = "The sets of variables that differ most"
    return row_charts.dots(names.new(), title, desc, rows, axis, table)
