"""Who has no value."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import percent_axis
from locum.report.sections.section import Section
from locum.report.svg import Chart, Table

MOST_ROWS = 12


def section(metrics: Metrics, names: Names) -> Section:
    missing, more = missingness(metrics, names)
    given = {"missing": missing, "missing_more": more}
    return Section("Missing values", template="missingness.html.j2", given=given)


def missingness(metrics: Metrics, names: Names) -> tuple[Chart | None, int]:
    """The variables whose share missing differs most, and how many others with missing values there are."""
    some = [m for m in metrics.missing if max(m.train, m.holdout, m.synthetic) > 0]
    some.sort(key=lambda m: (-abs(m.synthetic - m.holdout), m.variable))
    if not some:
        return None, 0
    rows = [
        Row(m.variable, [[Dot(100 * m.synthetic, "disc"), Dot(100 * m.holdout, "outline")]])
        for m in some[:MOST_ROWS]
    ]
    table = Table(
        caption="Share of patients whose value is missing",
        head=["Variable", "Synthetic", "Real, unseen", "Real, training"],
        rows=[
            [m.variable, formats.share(m.synthetic), formats.share(m.holdout), formats.share(m.train)]
            for m in some
        ],
    )
    worst = some[0]
    desc = (
        f"The largest difference is in {worst.variable}: {formats.share(worst.synthetic)} of synthetic and "
        f"{formats.share(worst.holdout)} of unseen real patients have no value."
    )
    drawn_top = max(100 * max(m.synthetic, m.holdout) for m in some[:MOST_ROWS])
    axis = percent_axis(drawn_top)
    title = "Share of patients whose value is missing"
    return row_charts.dots(names.new(), title, desc, rows, axis, table), max(0, len(some) - MOST_ROWS)
