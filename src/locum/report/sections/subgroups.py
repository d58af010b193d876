"""Groups of patients: their size, and the patients within them."""

from __future__ import annotations

from dataclasses import dataclass

from locum.evaluate.metrics import Metrics, Subgroup
from locum.report import formats, row_charts
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import percent_axis
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Chart, Table

WORST = 5
"""Groups that are shown of each kind."""


def section(metrics: Metrics, names: Names) -> Section | None:
    checks = named(metrics, "subgroup_within", "subgroup_size")
    found = subgroups(metrics, names)
    if not checks and not metrics.subgroups:
        return None
    measured = any(x.value is not None for x in checks)
    nothing = measured and not found.within and not found.sizes
    return Section(
        "Are groups of patients right, too?",
        checks,
        text=(
            "Patients may look right on average and wrong for women who smoke. Groups by one variable and by two were "
            "compared in size, and the patients within them with the real ones of that group. The worst were searched "
            "for on one half of the patients; the figures are those of the other half, so that the search cannot "
            "exaggerate. Differences that chance explains are not shown.",
        ),
        nothing="No group was found that differs by more than chance explains." if nothing else "",
        key=(("disc", "synthetic"), ("band", "real against real")) if found.within else (),
        charts=(found.within,) if found.within else (),
        tables=(found.sizes,) if found.sizes else (),
        folded=(
            Fold(
                "The declared groups (quasi-identifiers and demographic variables)", tables=(found.declared,)
            ),
        )
        if found.declared
        else (),
    )


@dataclass(frozen=True)
class Groups:
    """Groups of patients: whose size is wrong, within which patients differ, and those that are declared."""

    sizes: Table | None
    within: Chart | None
    declared: Table | None


def subgroups(metrics: Metrics, names: Names) -> Groups:
    found = [g for g in metrics.subgroups if not g.declared]
    sizes = [g for g in found if g.variable is None]
    within = [g for g in found if g.variable is not None]
    known = [g for g in metrics.subgroups if g.declared]
    head = ["Group", "Synthetic", "Real, unseen", "Real, training"]
    return Groups(
        Table(
            "Groups whose size differs most from unseen real patients",
            head,
            [_sizes(g) for g in sizes[:WORST]],
        )
        if sizes
        else None,
        _within(within, names) if within else None,
        Table(
            "Declared groups",
            [*head, "Variable furthest off in it", "Synthetic against unseen", "Real against real"],
            [[*_sizes(g), g.variable or formats.NONE, *_gaps(g)] for g in known],
        )
        if known
        else None,
    )


def _sizes(group: Subgroup) -> list[str]:
    return [
        formats.tidy(group.group),
        *(formats.share(s) for s in (group.synthetic, group.holdout, group.train)),
    ]


def _gaps(group: Subgroup) -> list[str]:
    return [formats.NONE if g is None else formats.percent(g) for g in (group.gap, group.ceiling)]


def _within(groups: list[Subgroup], names: Names) -> Chart:
    rows = [
        Row(
            f"{g.variable}, among {formats.tidy(g.group)}",
            [[Dot(g.gap or 0.0, "disc")]],
            (0.0, g.ceiling or 0.0),
        )
        for g in groups[:WORST]
    ]
    title = "Variables that differ most within a group of patients"
    table = Table(
        title,
        ["Variable", "Group", "Synthetic against unseen", "Real against real"],
        [[g.variable or formats.NONE, formats.tidy(g.group), *_gaps(g)] for g in groups],
    )
    worst = max(groups, key=lambda g: g.gap or 0.0)
    desc = (
        f"The largest difference is in {worst.variable} among {formats.tidy(worst.group)}: {_gaps(worst)[0]}."
    )
    axis = percent_axis(max(max(g.gap or 0.0, g.ceiling or 0.0) for g in groups[:WORST]))
    return row_charts.dots(names.new(), title, desc, rows, axis, table)
