"""What each section of the page shows: charts chosen and put in order, and tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from locum.evaluate.metrics import Attack, Marginal, Metrics, Status, Subgroup
from locum.report import formats, heat_chart, marginal_chart, roc_chart, row_charts, words
from locum.report.names import Names
from locum.report.row_charts import Axis, Dot, Row
from locum.report.svg import Chart, Table

OPEN = 12
"""Variables shown open; when there are more than ``FOLD_ABOVE``, the rest are folded."""
FOLD_ABOVE = 24
MOST_ROWS = 12


@dataclass(frozen=True)
class Variable:
    marginal: Marginal
    measure: str
    chart: Chart


def variables(metrics: Metrics, names: Names) -> tuple[list[Variable], list[Variable]]:
    """The variables worst first: those to show and those to fold."""

    def excess(m: Marginal) -> tuple[bool, float, float, str]:
        return (m.status is Status.NOT_ASSESSABLE, m.ceiling - m.gap, -m.gap, m.variable)

    drawn = [
        Variable(
            m,
            "largest difference in the cumulative share"
            if m.edges
            else "share that would have to change group",
            marginal_chart.draw(m, names.new()),
        )
        for m in sorted(metrics.marginals, key=excess)
    ]
    return (drawn[:OPEN], drawn[OPEN:]) if len(drawn) > FOLD_ABOVE else (drawn, [])


def heat(metrics: Metrics, names: Names) -> Chart | None:
    return heat_chart.draw(metrics.pairs, names.new()) if len(metrics.pairs.variables) > 1 else None


def worst_pairs(metrics: Metrics) -> Table | None:
    if not metrics.pairs.worst:
        return None
    return Table(
        caption="The pairs of variables that differ most from unseen real patients",
        head=["Variable", "Variable", "Synthetic against unseen", "Real against real"],
        rows=[[a, b, formats.percent(g), formats.percent(c)] for a, b, g, c in metrics.pairs.worst[:10]],
    )


def combinations(metrics: Metrics, names: Names) -> Chart | None:
    """The worst sets of three and of four variables."""
    if not metrics.combinations:
        return None
    sets = [(" + ".join(c.variables), c) for c in metrics.combinations]
    table = Table(
        caption="The sets of three and four variables that differ most from unseen real patients",
        head=["Variables", "Synthetic against unseen", "Real against real", "Worst pair among them"],
        rows=[
            [name, formats.percent(c.gap), formats.percent(c.ceiling), formats.percent(c.worst_pair)]
            for name, c in sets
        ],
    )
    rows = [
        Row(name, [[Dot(c.gap, "disc"), Dot(c.worst_pair, "diamond"), Dot(c.ceiling, "outline")]])
        for name, c in sets
    ]
    axis = _percent_axis(max(max(c.gap, c.ceiling, c.worst_pair) for _, c in sets))
    most = max(sets, key=lambda s: s[1].gap)
    desc = f"The largest difference is in {most[0]}: {formats.percent(most[1].gap)}."
    title = "Sets of three and four variables that differ most"
    return row_charts.dots(names.new(), title, desc, rows, axis, table)


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
        Table("Groups whose size differs most from unseen real patients", head, [_sizes(g) for g in sizes])
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
                _with(formats.share(r.synthetic), formats.interval(_hundredfold(r.interval), "%")),
                formats.share(r.holdout),
                formats.share(r.train),
            ]
            for r in order
        ],
    )


def _sizes(group: Subgroup) -> list[str]:
    return [group.group, *(formats.share(s) for s in (group.synthetic, group.holdout, group.train))]


def _gaps(group: Subgroup) -> list[str]:
    return [formats.NONE if g is None else formats.percent(g) for g in (group.gap, group.ceiling)]


def _within(groups: list[Subgroup], names: Names) -> Chart:
    rows = [
        Row(
            f"{g.variable}, among {g.group}",
            [[Dot(g.gap or 0.0, "disc"), Dot(g.ceiling or 0.0, "outline")]],
        )
        for g in groups
    ]
    title = "Variables that differ most within a group of patients"
    table = Table(
        title,
        ["Variable", "Group", "Synthetic against unseen", "Real against real"],
        [[g.variable or formats.NONE, g.group, *_gaps(g)] for g in groups],
    )
    worst = max(groups, key=lambda g: g.gap or 0.0)
    desc = f"The largest difference is in {worst.variable} among {worst.group}: {_gaps(worst)[0]}."
    axis = _percent_axis(max(max(g.gap or 0.0, g.ceiling or 0.0) for g in groups))
    return row_charts.dots(names.new(), title, desc, rows, axis, table)


def missingness(metrics: Metrics, names: Names) -> tuple[Chart | None, int]:
    """The variables whose share missing differs most, and how many others with missing values there are."""
    some = [m for m in metrics.missing if max(m.train, m.holdout, m.synthetic) > 0]
    some.sort(key=lambda m: (-abs(m.synthetic - m.holdout), m.variable))
    if not some:
        return None, 0
    rows = [
        Row(m.variable, [[Dot(100 * m.synthetic, "disc"), Dot(100 * m.holdout, "outline")]])
        for m in some[:MOST_ROWS]
    ]
    table = Table(
        caption="Share of patients whose value is missing",
        head=["Variable", "Synthetic", "Real, unseen", "Real, training"],
        rows=[
            [m.variable, formats.share(m.synthetic), formats.share(m.holdout), formats.share(m.train)]
            for m in some
        ],
    )
    worst = some[0]
    desc = (
        f"The largest difference is in {worst.variable}: {formats.share(worst.synthetic)} of synthetic and "
        f"{formats.share(worst.holdout)} of unseen real patients have no value."
    )
    drawn_top = max(100 * max(m.synthetic, m.holdout) for m in some[:MOST_ROWS])
    axis = _percent_axis(drawn_top)
    title = "Share of patients whose value is missing"
    return row_charts.dots(names.new(), title, desc, rows, axis, table), max(0, len(some) - MOST_ROWS)


def give_aways(metrics: Metrics, names: Names) -> Chart | None:
    found = sorted(metrics.give_aways, key=lambda g: (-g.importance, g.variable))
    if not found:
        return None
    total = sum(max(g.importance, 0.0) for g in found)
    rows = [(g.variable, g.importance, formats.share(g.importance)) for g in found]
    table = Table(
        "What the classifier looks at", ["Variable", "Share of importance"], [[r[0], r[2]] for r in rows]
    )
    desc = (
        f"{rows[0][0]} gives away most ({rows[0][2]})." if total > 0 else "No variable gives anything away."
    )
    title = "Variables by which a classifier tells synthetic from real patients"
    return row_charts.bars(names.new(), title, desc, rows[:MOST_ROWS], table)


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


def attack_charts(metrics: Metrics, names: Names) -> list[Chart]:
    """One chart for the area under the curve, one for the people recognised; only what was measured."""
    charts = []
    scored = [a for a in metrics.attacks if a.auc is not None]
    if scored:
        rows = _by_title(scored, lambda a: Dot(a.auc or 0.0, _shape(a), a.auc_interval))
        seen = [v for a in scored for v in (a.auc or 0.0, *(a.auc_interval or ()))]
        axis = _auc_axis(min(seen), max(seen))
        worst = max(scored, key=lambda a: a.auc or 0.0)
        desc = (
            f"The strongest is {worst.title}, {worst.group}: {formats.decimals(worst.auc, 3)}. Chance is 0.5."
        )
        title = "How often each attack picks the right one of two patients (AUC)"
        charts.append(row_charts.dots(names.new(), title, desc, rows, axis, _columns(scored, title, 2)))
    rated = [a for a in metrics.attacks if a.tpr_at_1pct is not None]
    if rated:
        rows = _by_title(
            rated, lambda a: Dot(100 * (a.tpr_at_1pct or 0.0), _shape(a), _hundredfold(a.tpr_interval))
        )
        top = max(100 * v for a in rated for v in (a.tpr_at_1pct or 0.0, *(a.tpr_interval or ())))
        axis = _percent_axis(max(top, 2.0), (1.0, "chance 1%"))
        most = max(rated, key=lambda a: a.tpr_at_1pct or 0.0)
        desc = f"The most is {formats.share(most.tpr_at_1pct)} ({most.title}, {most.group}). Chance is 1%."
        title = "Training patients recognised when 1% of others are wrongly accused"
        charts.append(row_charts.dots(names.new(), title, desc, rows, axis, _columns(rated, title, 3)))
    return charts


def attack_table(attacks: list[Attack]) -> Table:
    return Table(
        caption="Attacks on privacy",
        head=[
            "Attack",
            "Patients attacked",
            "AUC (95% interval)",
            "Recognised at 1% false alarms (95% interval)",
        ],
        rows=[
            [
                a.title,
                f"{a.group}, {formats.count(a.attacked)}",
                _with(formats.decimals(a.auc, 3), formats.interval(a.auc_interval, "AUC")),
                _with(formats.share(a.tpr_at_1pct), formats.interval(_hundredfold(a.tpr_interval), "%")),
            ]
            for a in attacks
        ],
    )


def _columns(attacks: list[Attack], caption: str, column: int) -> Table:
    """The table of attacks with one of its figures."""
    whole = attack_table(attacks)
    return Table(
        caption, [*whole.head[:2], whole.head[column]], [[*row[:2], row[column]] for row in whole.rows]
    )


def attack_words(attacks: list[Attack]) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each attack, what it means for each group attacked."""
    found: dict[str, list[tuple[str, str]]] = {}
    for a in attacks:
        found.setdefault(a.title, []).append((a.group, words.attack(a)))
    return list(found.items())


def _by_title(attacks: list[Attack], dot: Callable[[Attack], Dot]) -> list[Row]:
    tracks: dict[str, list[list[Dot]]] = {}
    for a in attacks:
        tracks.setdefault(a.title, []).append([dot(a)])
    return [Row(title, found) for title, found in tracks.items()]


def _with(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval and value != formats.NONE else value


def _shape(attack: Attack) -> str:
    return "disc" if attack.group == "all patients" else "diamond"


def _hundredfold(bounds: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (100 * bounds[0], 100 * bounds[1])


def _percent_axis(top: float, reference: tuple[float, str] | None = None) -> Axis:
    high = min(100.0, formats.nice_ceiling(top))
    ticks = [(t, formats.percent(t)) for t in (0.0, high / 2, high)]
    return Axis(0.0, high, ticks, reference)


def _auc_axis(low: float, high: float) -> Axis:
    """From a little under 0.5 to a round number, so that small differences from chance can be seen."""
    start = min(0.45, math.floor(low * 20) / 20)
    end = max(0.6, math.ceil(high * 20) / 20)
    steps = round((end - start) / 0.05)
    every = 1 if steps <= 6 else 2
    ticks = [(start + 0.05 * i, formats.decimals(start + 0.05 * i, 2)) for i in range(0, steps + 1, every)]
    return Axis(start, end, ticks, (0.5, "chance"))
