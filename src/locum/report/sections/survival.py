"""How long patients stay without the event."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import survival_chart
from locum.report.names import Names
from locum.report.sections.section import Fold, Section, named

SHOWN = 2  # curves that are not folded away: all patients, and the group furthest off


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "survival_curves", "concordance")
    curves = [*metrics.survival[:1], *sorted(metrics.survival[1:], key=lambda c: c.ceiling - c.gap)]
    if not curves and all(check.value is None for check in checks):
        return None  # no time and event are declared
    charts = tuple(survival_chart.draw(curve, names.new()) for curve in curves)
    return Section(
        "Do artificial patients stay without the event for as long?",
        checks,
        text=(
            "The share of patients without the event, by time (Kaplan–Meier). The nearer the dashed line stays to the "
            "band, the better. The share is drawn from just below the lowest curve, not from 0, so that differences "
            "can be seen. A curve ends where too few patients are still in follow-up.",
        ),
        key=(
            ("band", "unseen real patients, 95% interval"),
            ("solid", "training patients"),
            ("dashed", "synthetic patients"),
        )
        if charts
        else (),
        charts=charts[:SHOWN],
        folded=(Fold("The other groups", charts=charts[SHOWN:]),) if charts[SHOWN:] else (),
    )
