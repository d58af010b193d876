"""Whether the same model, and the same variables, come out on top."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Axis, Dot, Row
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table

MOST_ROWS = 5
"""Variables that are drawn."""


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = tuple(x for x in named(metrics, "model_ranking", "importances") if x.value is not None)
    if not checks:
        return None
    chart = importances(metrics, names)
    return Section(
        "Would the same model and the same variables come out on top?",
        checks,
        text=(
            "A variable matters as much as the model gets worse when its values are shuffled. Shares are of all "
            "variables together.",
        )
        if chart
        else (),
        key=(("disc", "trained on synthetic patients"), ("outline", "trained on real patients"))
        if chart
        else (),
        charts=(chart,) if chart else (),
    )


def importances(metrics: Metrics, names: Names) -> Chart | None:
    """Importances in the family whose rankings differ most in words; gradient boosting where it is there."""
    models = list(dict.fromkeys(i.model for i in metrics.importances))
    if not models:
        return None
    model = models[-1]
    some = sorted((i for i in metrics.importances if i.model == model), key=lambda i: (-i.real, i.variable))
    shown = some[:MOST_ROWS]
    rows = [Row(i.variable, [[Dot(100 * i.synthetic, "disc"), Dot(100 * i.real, "outline")]]) for i in shown]
    high = formats.nice_ceiling(max(100 * max(i.real, i.synthetic) for i in shown))
    axis = Axis(0.0, high, [(t, formats.percent(t)) for t in (0.0, high / 2, high)])
    table = Table(
        f"Importance of each variable, {model}",
        ["Variable", "Trained on real", "Trained on synthetic"],
        [[i.variable, formats.share(i.real), formats.share(i.synthetic)] for i in some],
    )
    desc = f"Most important after training on real patients is {some[0].variable} ({formats.share(some[0].real)})."
    return row_charts.dots(names.new(), f"How much each variable matters to {model}", desc, rows, axis, table)
