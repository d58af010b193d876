"""Effects that regressions find, on real and on synthetic patients."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import coefficient_chart
from locum.report.names import Names
from locum.report.sections.section import Section, named


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "coefficients_", "hazards_")
    if not checks:
        return None
    charts = tuple(
        coefficient_chart.draw([e for e in metrics.effects if e.analysis == analysis], names.new())
        for analysis in dict.fromkeys(e.analysis for e in metrics.effects)
    )
    return Section(
        "Would a study find the same effects?",
        checks,
        text=(
            "The same regression was computed on unseen real and on artificial patients. Numbers count in standard "
            "deviations, groups against the commonest one; right of the line the outcome is more likely. Where the "
            "lines of a pair overlap, both say the same.",
        )
        if charts
        else (),
        key=(
            ("outline", "unseen real patients, with 95% interval"),
            ("disc", "synthetic patients, with 95% interval"),
        )
        if charts
        else (),
        charts=charts,
    )
