"""Whether an artificial patient points to a real one."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import risk_chart
from locum.report.names import Names
from locum.report.sections.section import Section, named

POINTING = ("singling_out", "linkability", "outliers")
"""How the names of these metrics begin."""


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, *POINTING)
    if not checks:
        return None
    chart = risk_chart.draw(
        metrics.risks, "How often an attack points to the right patient", "Attack", names.new()
    )
    return Section(
        "Does an artificial patient point to a real one?",
        checks,
        text=(
            "An intruder looks for what sets one artificial patient apart, and who in the real world fits "
            "it; joins two files about the same person by way of an artificial patient; or looks for the "
            "most unusual people themselves. Some of that succeeds by chance, for people who were never in "
            "the data; only the difference is a leak.",
        ),
        key=(
            ("disc", "training patients"),
            ("interval", "95% interval"),
            ("band", "unseen patients, with what chance allows"),
        )
        if chart
        else (),
        charts=(chart,) if chart else (),
    )
