"""What the section on privacy shows besides the attacks on the table: the model file, and small cells."""

from __future__ import annotations

from dataclasses import dataclass

from locum.evaluate.metrics import Attack, Metric, Metrics, SmallCells, Status
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Axis, Dot, Row
from locum.report.svg import Chart, Table

MODEL = ("model_membership", "model_shadows")
"""What the names of metrics begin with that concern whoever holds the model."""


@dataclass(frozen=True)
class More:
    """status: of the model file, None where no model was given. checks: its metrics, the worst first."""

    status: Status | None
    checks: list[Metric]
    chart: Chart | None
    attacks: Table | None
    cells: Table | None
    cells_declared: bool


def more(metrics: Metrics, names: Names) -> More:
    order = [Status.FAIL, Status.WARN, Status.PASS, Status.NOT_ASSESSABLE]
    checks = sorted(filter(concerns_model, metrics.metrics), key=lambda m: order.index(m.status))
    attacks, cells = metrics.model_attacks, metrics.small_cells
    return More(
        status=metrics.model_file,
        checks=checks,
        chart=_chart(attacks, names),
        attacks=_table(attacks) if attacks else None,
        cells=_cells(cells) if cells else None,
        cells_declared=cells is not None and cells.declared,
    )


def concerns_model(metric: Metric) -> bool:
    return metric.name.startswith(MODEL)


def _chart(attacks: list[Attack], names: Names) -> Chart | None:
    scored = [a for a in attacks if a.auc is not None]
    if not scored:
        return None
    rows = [
        Row(f"{a.name[:1].upper()}{a.name[1:]}: {a.group}", [[Dot(a.auc or 0.0, "disc", a.auc_interval)]])
        for a in scored
    ]
    worst = max(scored, key=lambda a: a.auc or 0.0)
    title = "How often whoever holds the model picks the right one of two patients (AUC)"
    desc = f"The strongest is {worst.name}, {worst.group}: {formats.decimals(worst.auc, 3)}. Chance is 0.5."
    low = min(0.4, *(v for a in scored for v in (a.auc or 0.5, *(a.auc_interval or ()))))
    ticks = [(t, formats.decimals(t, 2)) for t in (0.5, 0.75, 1.0)]
    return row_charts.dots(
        names.new(), title, desc, rows, Axis(low, 1.0, ticks, (0.5, "chance")), _table(attacks)
    )


def _table(attacks: list[Attack]) -> Table:
    return Table(
        caption="Attacks by whoever holds the model file",
        head=[
            "Attack",
            "Patients attacked",
            "AUC (95% interval)",
            "Recognised at 1% false alarms (95% interval)",
            "At 0.1%",
        ],
        rows=[
            [
                a.name,
                f"{a.group}, {formats.count(a.attacked)}",
                _with(formats.decimals(a.auc, 3), formats.interval(a.auc_interval, "AUC")),
                _with(formats.share(a.tpr_at_1pct), formats.interval(a.tpr_interval, "share")),
                formats.share(a.tpr_at_01pct),
            ]
            for a in attacks
        ],
    )


def _with(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval and value != formats.NONE else value


def _cells(cells: SmallCells) -> Table:
    unique = (
        f"fewer than {cells.k}" if cells.real_unique is None else f"about {formats.count(cells.real_unique)}"
    )

    return Table(
        caption="Combinations of " + ", ".join(cells.variables),
        head=["What is counted", "Figure"],
        rows=[
            [
                f"Artificial patients in a combination that fewer than {cells.k} real patients have",
                formats.share(cells.synthetic_small),
            ],
            ["Combinations that one artificial patient has", formats.count(cells.synthetic_unique)],
            ["Combinations that one real patient has", unique],
        ],
    )
