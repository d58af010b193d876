"""Who has no value."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import chance, formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import percent_axis
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table

MOST_ROWS = 5
"""Variables that are drawn."""


def section(metrics: Metrics, names: Names) -> Section:
    chart, more = missingness(metrics, names)
    text = ["Who has a value missing often says something about them."] if chart else []
    if chart and more:
        others = (
            "One other variable differs"
            if more == 1
            else f"{more} other variables with missing values differ"
        )
        text.append(f"{others} less; the table has the figures of all.")
    return Section(
        "Are values missing as in real patients?",
        named(metrics, "missing"),
        text=tuple(text),
        nothing=""
        if chart
        else "No variable with missing values was reported, in the real or in the artificial patients.",
        key=(("disc", "synthetic"), ("band", "real, unseen, with what chance allows")) if chart else (),
        charts=(chart,) if chart else (),
    )


def _band(share: float, patients: int) -> tuple[float, float]:
    low, high = chance.interval(share, patients)
    return 100 * low, 100 * high


def missingness(metrics: Metrics, names: Names) -> tuple[Chart | None, int]:
    """The variables whose share missing differs most, and how many others with missing values there are."""
    some = [m for m in metrics.missing if max(m.train, m.holdout, m.synthetic) > 0]
    some.sort(key=lambda m: (-abs(m.synthetic - m.holdout), m.variable))
    if not some:
        return None, 0
    rows = [
        Row(m.variable, [[Dot(100 * m.synthetic, "disc")]], _band(m.holdout, metrics.about.holdout_patients))
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
