"""Models trained on real and on synthetic patients, judged on the same unseen ones."""

from __future__ import annotations

from locum.evaluate.metrics import Metrics
from locum.report import formats, roc_chart, words
from locum.report.names import Names
from locum.report.sections.section import Section
from locum.report.svg import Chart, Table


def section(metrics: Metrics, names: Names) -> Section:
    given = {
        "rocs": rocs(metrics, names),
        "auc_table": auc_table(metrics),
        "conclusion": words.conclusion(metrics.predictions, metrics.verdict.utility),
    }
    return Section(
        "Would a developer who trained on this reach the same conclusion?",
        template="predictions.html.j2",
        given=given,
    )


def rocs(metrics: Metrics, names: Names) -> list[Chart]:
    return [roc_chart.draw(p, names.new()) for p in metrics.predictions]


def auc_table(metrics: Metrics) -> Table | None:
    if not metrics.predictions:
        return None
    return Table(
        caption="Area under the ROC curve on unseen real patients",
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
                f"{p.target}: {p.event}",
                formats.decimals(p.real.auc, 3),
                formats.decimals(p.synthetic.auc, 3),
                formats.decimals(p.synthetic.auc - p.real.auc, 3),
                formats.decimals(p.shuffled, 3),
            ]
            for p in metrics.predictions
        ],
    )
