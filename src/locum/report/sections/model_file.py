"""What whoever holds the model file could tell, apart from the verdict on the table."""

from __future__ import annotations

from locum.evaluate.metrics import Attack, Metrics, Status
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot
from locum.report.sections.attacks import attack_table, by_title, shape
from locum.report.sections.axes import auc_axis
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Chart, Table

MEANS = {
    Status.PASS: "The model file passes by itself: whoever holds it learns too little to tell who was in the data.",
    Status.WARN: "The model file calls for caution: whoever holds it may tell who was in the data.",
    Status.FAIL: "The model file fails: whoever holds it can tell who was in the data.",
    Status.NOT_ASSESSABLE: "What the model file gives away could not be judged.",
}


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "model_membership", "model_shadows")
    if not checks:
        return None
    status, attacks = metrics.model_file, metrics.model_attacks
    chart = _chart(attacks, names)
    return Section(
        "Apart from the verdict: what if the model file were given away?",
        checks,
        answer=f"{MEANS[status]} The verdict on the table stays as it is." if status else "",
        text=(
            "This concerns the model file, or so many rows drawn from it that it comes to the same: not the table that "
            "is shared, and not the verdict above. Whoever holds the model can ask it how probable it finds a person’s "
            "record, which tells more than any table drawn from it. A model file that does not pass stays inside the "
            "secure environment.",
        ),
        key=(
            ("disc", "all patients"),
            ("diamond", "a group at higher risk, such as the most isolated"),
            ("interval", "95% interval"),
            ("reference", "chance"),
        )
        if chart
        else (),
        charts=(chart,) if chart else (),
        folded=(Fold("The figures of each attack on the model", tables=(_table(attacks),)),)
        if attacks and not chart  # else it stands behind the chart
        else (),
    )


def _chart(attacks: list[Attack], names: Names) -> Chart | None:
    scored = [a for a in attacks if a.auc is not None]
    if not scored:
        return None
    rows = by_title(scored, lambda a: Dot(a.auc or 0.0, shape(a), a.auc_interval))
    worst = max(scored, key=lambda a: a.auc or 0.0)
    seen = [v for a in scored for v in (a.auc or 0.0, *(a.auc_interval or ()))]
    title = "Picks the right one of two patients (AUC)"
    desc = f"The strongest is {worst.title}, {worst.group}: {formats.decimals(worst.auc, 3)}. Chance is 0.5."
    axis = auc_axis(min(seen), max(seen))
    return row_charts.dots(names.new(), title, desc, rows, axis, _table(attacks))


def _table(attacks: list[Attack]) -> Table:
    return attack_table(attacks, "Attacks by whoever holds the model file", rarer=True)
