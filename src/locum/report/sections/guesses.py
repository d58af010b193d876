"""What an intruder who knows the rest of a record can guess."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import risk_chart
from locum.report.names import Names
from locum.report.sections.section import Section, named


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "attribute")
    if not checks:
        return None
    title = "How often a variable is guessed right from the rest of the record"
    chart = risk_chart.draw(metrics.guesses, title, "Variable", names.new())
    return Section(
        "Can someone who knows most of a record guess the rest?",
        checks,
        text=(
            "An intruder who knows all but one of a patient’s values looks up the most similar artificial "
            "patients and takes theirs. That is right for unseen patients too, as far as one value follows "
            "from others; only what is right more often for training patients is a leak.",
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
