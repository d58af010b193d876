"""How often an attack is right about training patients, beside how often it is about unseen ones."""

from __future__ import annotations

from locum.evaluate.metrics import Risk
from locum.report import formats, row_charts, svg
from locum.report.row_charts import Axis, Dot, Row

OPEN = "all patients"
MOST_ROWS = 5


def draw(risks: list[Risk], title: str, what: str, ident: str) -> svg.Chart | None:
    """Risks for all patients, the surest first; those of other groups in the table. WHAT: the name of a row."""
    shown = sorted((g for g in risks if g.group == OPEN), key=lambda g: (-g.risk_interval[0], g.name))
    if not shown:
        return None
    rows = [
        Row(
            g.name,
            [[Dot(100 * g.train, "disc", _hundredfold(g.train_interval))]],
            _hundredfold(g.holdout_interval),
        )
        for g in shown[:MOST_ROWS]
    ]
    worst = shown[0]
    desc = (
        f"The largest difference is in {worst.name}: right for {formats.share(worst.train)} of "
        f"training and {formats.share(worst.holdout)} of unseen patients."
    )
    axis = Axis(0.0, 100.0, [(t, formats.percent(t)) for t in (0.0, 50.0, 100.0)])
    return row_charts.dots(ident, title, desc, rows, axis, _table(risks, title, what))


def _hundredfold(bounds: tuple[float, float]) -> tuple[float, float]:
    return 100 * bounds[0], 100 * bounds[1]


def _table(risks: list[Risk], caption: str, what: str) -> svg.Table:
    return svg.Table(
        caption=caption,
        head=[what, "Attempts", "Training (95% interval)", "Unseen (95% interval)", "Risk"],
        rows=[
            [
                g.name,
                f"{g.group}, {formats.count(g.attacked)}",
                f"{formats.share(g.train)} ({formats.interval(g.train_interval, 'share')})",
                f"{formats.share(g.holdout)} ({formats.interval(g.holdout_interval, 'share')})",
                formats.share(g.risk),
            ]
            for g in risks
        ],
    )
