"""By which variables a classifier tells synthetic from real patients."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.sections.section import Section
from locum.report.svg import Chart, Table

MOST_ROWS = 12


def section(metrics: Metrics, names: Names) -> Section:
    given = {
        "give_aways": give_aways(metrics, names),
        "classified": any(x.name == "c2st" and x.value is not None for x in metrics.metrics),
    }
    return Section("What gives artificial patients away", template="give_aways.html.j2", given=given)


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
