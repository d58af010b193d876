"""Models judged within groups of unseen patients."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats
from locum.report.names import Names
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Table

WORST = 5


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "subgroup_auc", "subgroup_calibration")
    groups = sorted(metrics.subgroup_utility, key=lambda g: -g.lost)
    if not checks and not groups:
        return None
    rows = [
        [
            g.group,
            formats.share(g.holdout),
            formats.decimals(g.real, 3),
            formats.decimals(g.synthetic, 3),
            formats.decimals(g.level_real, 2),
            formats.decimals(g.level_synthetic, 2),
        ]
        for g in groups
    ]
    folded = (Fold("Every group", tables=(_table("Gradient boosting in every group", rows),)),)
    return Section(
        "Does it serve every group of patients?",
        checks,
        text=(
            "A model may do well on average and harm a group in which an effect is the other way round. One model, "
            "trained on real and on artificial patients, was judged on the unseen patients of each group.",
        ),
        tables=(_table("The groups that lose most", rows[:WORST]),) if rows else (),
        folded=folded if len(rows) > WORST else (),
    )


def _table(caption: str, rows: list[list[str]]) -> Table:
    return Table(
        caption,
        [
            "Group",
            "Share of patients",
            "AUC, trained on real",
            "AUC, trained on synthetic",
            "Added to log-odds (0 is ideal): real",
            "synthetic",
        ],
        rows,
    )
