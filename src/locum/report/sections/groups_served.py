"""Models judged within groups of unseen patients."""

from __future__ import annotations

import math

from locum.evaluate.metrics import Metrics
from locum.report import formats
from locum.report.names import Names
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Table

WORST = 5
MOST = 4.6  # a factor of a hundred; beyond it a figure says no more


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "subgroup_auc", "subgroup_calibration")
    groups = sorted(metrics.subgroup_utility, key=lambda g: -g.lost)
    if not checks and not groups:
        return None
    rows = [
        [
            formats.tidy(g.group),
            formats.share(g.holdout),
            formats.decimals(g.real, 3),
            formats.decimals(g.synthetic, 3),
            _factor(g.level_real),
            _factor(g.level_synthetic),
        ]
        for g in groups
    ]
    folded = (Fold("Every group", tables=(_table("Gradient boosting in every group", rows),)),)
    return Section(
        "Does it serve every group of patients?",
        checks,
        text=(
            "A model may do well on average and harm a group in which an effect is the other way round. One model, "
            "trained on real and on artificial patients, was judged on the unseen patients of each group. Where the "
            "odds in truth are those predicted, their ratio is 1; above it, risks are predicted too low.",
        ),
        tables=(_table("The groups that lose most", rows[:WORST]),) if rows else (),
        folded=folded if len(rows) > WORST else (),
    )


def _factor(added: float) -> str:
    """What is to be added to log-odds, as the factor of odds."""
    return formats.decimals(math.exp(min(max(added, -MOST), MOST)), 2)


def _table(caption: str, rows: list[list[str]]) -> Table:
    return Table(
        caption,
        [
            "Group",
            "Share of patients",
            "AUC, trained on real",
            "AUC, trained on synthetic",
            "Odds in truth to odds predicted, trained on real",
            "The same, trained on synthetic",
        ],
        rows,
    )
