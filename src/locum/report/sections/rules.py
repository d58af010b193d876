"""The rules and formulas of the declaration, and who breaks them."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats
from locum.report.names import Names
from locum.report.sections.axes import hundredfold, with_interval
from locum.report.sections.section import Section
from locum.report.svg import Table


def section(metrics: Metrics, names: Names) -> Section | None:
    table = rules(metrics)
    return Section("Rules", template="rules.html.j2", given={"rules": table}) if table else None


def rules(metrics: Metrics) -> Table | None:
    if not metrics.rules:
        return None
    order = sorted(metrics.rules, key=lambda r: r.holdout - r.synthetic)
    return Table(
        "Share of patients who break each rule",
        ["Rule", "Synthetic (95% interval)", "Real, unseen", "Real, training"],
        [
            [
                r.rule,
                with_interval(formats.share(r.synthetic), formats.interval(hundredfold(r.interval), "%")),
                formats.share(r.holdout),
                formats.share(r.train),
            ]
            for r in order
        ],
    )
