"""What the section on usefulness shows besides ROC curves: risks, and what is called important."""

from __future__ import annotations

from locum.evaluate.metrics import Metric, Metrics, PredictedRisk
from locum.report import formats, risk_charts, row_charts
from locum.report.names import Names
from locum.report.row_charts import Axis, Dot, Row
from locum.report.svg import Chart, Table

MOST_ROWS = 12


def answers(metrics: Metrics, *names: str) -> list[Metric]:
    """The metrics of these names that were assessed, in that order."""
    found = {m.name: m for m in metrics.metrics}
    return [found[name] for name in names if name in found and found[name].value is not None]


def risk_table(metrics: Metrics) -> Table | None:
    if not metrics.predicted_risks:
        return None

    def both(read: str, places: int, risk: PredictedRisk) -> list[str]:
        return [formats.decimals(getattr(side, read), places) for side in (risk.real, risk.synthetic)]

    return Table(
        caption="Risks predicted for unseen real patients, after training on real and on synthetic patients",
        head=[
            "Model",
            "Added to log-odds (0 is ideal): real",
            "synthetic",
            "Slope (1 is ideal): real",
            "synthetic",
            "Average precision: real",
            "synthetic",
        ],
        rows=[
            [r.model, *both("intercept", 2, r), *both("slope", 2, r), *both("average_precision", 3, r)]
            for r in metrics.predicted_risks
        ],
    )


def risk_pictures(metrics: Metrics, names: Names) -> list[tuple[str, list[Chart]]]:
    """Each family's calibration and decision curve, the one that differs most first."""

    def apart(risk: PredictedRisk) -> float:
        return abs(risk.synthetic.intercept - risk.real.intercept) + abs(
            risk.synthetic.slope - risk.real.slope
        )

    out = []
    for risk in sorted(metrics.predicted_risks, key=lambda r: -apart(r)):
        drawn = [risk_charts.calibration(risk, names.new()), risk_charts.decision(risk, names.new())]
        charts = [chart for chart in drawn if chart is not None]
        if charts:
            out.append((risk.model, charts))
    return out


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
    return row_charts.dots(
        names.new(), f"Share of what each variable tells the {model}", desc, rows, axis, table
    )
