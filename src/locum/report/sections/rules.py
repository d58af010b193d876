"""The rules and formulas of the declaration, and who breaks them."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats
from locum.report.names import Names
from locum.report.sections.axes import hundredfold, with_interval
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Table

WORST = 5
"""Rules shown open."""


def section(metrics: Metrics, names: Names) -> Section | None:
    table = rules(metrics)
    checks = named(metrics, "rule_broken")
    if table is None and not checks:
        return None
    worst = () if table is None else (Table(table.caption, table.head, table.rows[:WORST]),)
    more = table is not None and len(table.rows) > WORST
    return Section(
        "Do they keep the rules?",
        checks,
        text=(
            "These are the rules and formulas of the declaration, those broken most beyond real patients first. What "
            f"fewer than {metrics.about.k} real patients break is shown as broken by none.",
        )
        if table
        else (),
        tables=worst,
        folded=(Fold("All rules", tables=(table,)),) if more and table else (),
    )


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
