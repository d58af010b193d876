"""Models trained on real and on synthetic patients, judged on the same unseen ones."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics, outcome
from locum.report import formats, roc_chart, words
from locum.report.names import Names
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Table

QUESTION = "Would a developer who trained on this reach the same conclusion?"
FAMILIES = ("utility_logistic", "utility_boosting", "utility_forest", "utility_network")
"""The checks of families of models."""


def section(metrics: Metrics, names: Names) -> Section:
    checks = named(metrics, *FAMILIES)
    status = Section(QUESTION, checks).status or metrics.verdict.utility
    ranked = any(m.value is not None for m in named(metrics, "model_ranking"))
    if not metrics.predictions:
        target = metrics.about.target
        why = (
            f" for {target}: there were too few patients with or without the outcome"
            if target
            else ": no outcome was named. Evaluate with a target to test this"
        )
        return Section(QUESTION, checks, nothing=f"No prediction model was trained{why}.")
    order = sorted(metrics.predictions, key=lambda p: p.synthetic.auc - p.real.auc)
    charts = tuple(roc_chart.draw(p, names.new()) for p in order)
    first = order[0]
    table = auc_table(metrics)
    return Section(
        QUESTION,
        checks,
        answer=words.conclusion(metrics.predictions, status, ranked=ranked),
        text=(
            "Each model was trained twice, on real and on artificial patients, and judged both times on the same real "
            f"patients whom neither had seen. The picture is that of the model that loses most, {first.model}, "
            f"predicting {outcome(first.target, first.event)}. The closer the dashed line lies to the solid one, the "
            "better artificial patients stand in for real ones.",
        ),
        key=(
            ("solid", "trained on real patients"),
            ("dashed", "trained on synthetic patients"),
            ("dotted", "a coin"),
        ),
        charts=charts[:1],
        tables=(table,) if table else (),
        folded=(Fold("The curves of the other models", charts=charts[1:]),) if charts[1:] else (),
    )


def auc_table(metrics: Metrics) -> Table | None:
    if not metrics.predictions:
        return None
    return Table(
        caption="How well each model ranks unseen real patients (area under the curve: 0.5 is a coin, 1 is perfect)",
        head=[
            "Model",
            "Outcome",
            "Trained on real",
            "Trained on synthetic",
            "Difference",
            "Trained on shuffled columns",
        ],
        rows=[
            [
                p.model,
                outcome(p.target, p.event),
                formats.decimals(p.real.auc, 3),
                formats.decimals(p.synthetic.auc, 3),
                formats.decimals(p.synthetic.auc - p.real.auc, 3),
                formats.decimals(p.shuffled, 3),
            ]
            for p in metrics.predictions
        ],
    )
