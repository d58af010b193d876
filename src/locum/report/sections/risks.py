"""What predicted risks are worth: calibration, precision, decisions."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics, PredictedRisk
from locum.report import formats, risk_charts
from locum.report.names import Names
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Chart, Table

READING = (
    "The pictures are those of the model whose risks differ most, {model}. Left: predicted risk against the share who "
    "had the outcome, by tenths of risk that are joined until {k} patients with and {k} without the outcome are in "
    "each; on the dotted line every risk comes true. Right: what deciding by the model is worth at each threshold; the "
    "dotted line is treating everyone, zero is treating no one."
)


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "calibration_level", "calibration_slope", "precision", "net_benefit")
    table = risk_table(metrics)
    if table is None and not any(x.value is not None for x in checks):
        return None
    pictures = risk_pictures(metrics, names)
    shown = tuple(pictures[0][1]) if pictures else ()
    others = tuple(chart for _, charts in pictures[1:] for chart in charts)
    folded = [Fold("The other models", charts=others)] if others else []
    if table:
        folded.append(Fold("Figures of every model", tables=(table,)))
    return Section(
        "Are the risks right, and worth acting on?",
        checks,
        text=(READING.format(model=pictures[0][0], k=metrics.about.k),) if pictures else (),
        key=(("solid", "trained on real patients"), ("dashed", "trained on synthetic patients"))
        if shown
        else (),
        charts=shown,
        folded=tuple(folded),
    )


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
