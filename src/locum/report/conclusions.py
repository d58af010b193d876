"""What regressions, survival curves and groups of patients say about usefulness, for the page."""

from __future__ import annotations

from dataclasses import dataclass

from locum.evaluate.metrics import Metric, Metrics
from locum.report import coefficient_chart, formats, survival_chart
from locum.report.names import Names
from locum.report.svg import Chart, Table

SHOWN = 3  # curves that are not folded away: all patients, and the two furthest off


@dataclass(frozen=True)
class Regression:
    analysis: str
    outcome: str
    chart: Chart
    answers: list[Metric]


@dataclass(frozen=True)
class Conclusions:
    regressions: list[Regression]
    survival: list[tuple[str, Chart]]
    survival_folded: list[tuple[str, Chart]]
    survival_answers: list[Metric]
    groups: Table | None
    group_answers: list[Metric]


def drawn(metrics: Metrics, names: Names) -> Conclusions:
    regressions = []
    for analysis in dict.fromkeys(e.analysis for e in metrics.effects):
        own = [e for e in metrics.effects if e.analysis == analysis]
        stem = "hazards_" if analysis.startswith("Cox") else "coefficients_"
        chart = coefficient_chart.draw(own, names.new())
        regressions.append(Regression(analysis, own[0].outcome, chart, _answers(metrics, stem)))
    first, rest = metrics.survival[:1], metrics.survival[1:]
    ordered = [*first, *sorted(rest, key=lambda c: c.ceiling - c.gap)]
    curves = [(c.group, survival_chart.draw(c, names.new())) for c in ordered]
    return Conclusions(
        regressions,
        curves[:SHOWN],
        curves[SHOWN:],
        _answers(metrics, "survival_curves", "concordance"),
        _groups(metrics),
        _answers(metrics, "subgroup_auc", "subgroup_calibration"),
    )


def _answers(metrics: Metrics, *stems: str) -> list[Metric]:
    return [m for m in metrics.metrics if m.name.startswith(stems) and m.value is not None]


def _groups(metrics: Metrics) -> Table | None:
    if not metrics.subgroup_utility:
        return None
    return Table(
        "Gradient boosting within groups of unseen real patients, those that lose most first",
        [
            "Group",
            "Share of patients",
            "AUC, trained on real",
            "AUC, trained on synthetic",
            "Added to log-odds (0 is ideal): real",
            "synthetic",
        ],
        [
            [
                g.group,
                formats.share(g.holdout),
                formats.decimals(g.real, 3),
                formats.decimals(g.synthetic, 3),
                formats.decimals(g.level_real, 2),
                formats.decimals(g.level_synthetic, 2),
            ]
            for g in sorted(metrics.subgroup_utility, key=lambda g: -g.lost)
        ],
    )
