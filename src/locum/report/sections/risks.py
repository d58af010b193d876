"""What predicted risks are worth: calibration, precision, decisions."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics, PredictedRisk
from locum.report import formats, risk_charts
from locum.report.names import Names
from locum.report.sections.section import Section, named
from locum.report.svg import Chart, Table


def section(metrics: Metrics, names: Names) -> Section | None:
    table = risk_table(metrics)
    if table is None or not metrics.predictions:
        return None
    found = named(metrics, "calibration_level", "calibration_slope", "precision", "net_benefit")
    given = {
        "risk_answers": [x for x in found if x.value is not None],
        "risk_table": table,
        "risk_pictures": risk_pictures(metrics, names),
    }
    return Section("Are the risks right, and worth acting on?", template="risks.html.j2", given=given)


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
