"""By which variables a classifier tells synthetic from real patients."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table

MOST_ROWS = 5
"""Variables that are drawn."""


def section(metrics: Metrics, names: Names) -> Section:
    chart = give_aways(metrics, names)
    checks = named(metrics, "c2st")
    nothing = ""
    if chart is None and any(x.value is not None for x in checks):
        nothing = (
            "A classifier was trained to tell artificial from real patients; no variable helped it to do so."
        )
    elif chart is None:
        nothing = (
            "No classifier was trained to tell artificial from real patients, so nothing can be said about what "
            "gives them away."
        )
    return Section(
        "Could anyone tell them from real patients?",
        checks,
        text=(
            "A classifier was trained to tell artificial from real patients. These are the variables it looks at most; "
            "improve these first. If it does little better than a coin, they mean little.",
        )
        if chart
        else (),
        nothing=nothing,
        charts=(chart,) if chart else (),
    )


def give_aways(metrics: Metrics, names: Names) -> Chart | None:
    found = sorted(metrics.give_aways, key=lambda g: (-g.importance, g.variable))
    if not found:
        return None
    total = sum(max(g.importance, 0.0) for g in found)
    rows = [(g.variable, g.importance, formats.share(g.importance)) for g in found]
    table = Table(
        "What the classifier looks at", ["Variable", "Share of importance"], [[r[0], r[2]] for r in rows]
    )
    desc = (
        f"{rows[0][0]} gives away most ({rows[0][2]})." if total > 0 else "No variable gives anything away."
    )
    title = "Variables by which a classifier tells synthetic from real patients"
    return row_charts.bars(names.new(), title, desc, rows[:MOST_ROWS], table)
