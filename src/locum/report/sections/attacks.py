"""Was this person among those whom the model learnt from?"""

from __future__ import annotations

from collections.abc import Callable

from locum.evaluate.metrics import Attack, Metrics
from locum.report import formats, row_charts, words
from locum.report.names import Names
from locum.report.row_charts import Dot, Row
from locum.report.sections.axes import auc_axis, hundredfold, percent_axis, with_interval
from locum.report.sections.section import Fold, Section, named
from locum.report.svg import Chart, Table

QUESTION = "Can anyone tell who was in the training data?"
MEANS = (
    "Shown one patient who was in the training data and one who was not, a coin picks the right one 50 times in 100. "
    "When 1 in 100 innocent patients may be accused, blind guessing recognises 1 in 100 training patients."
)


def section(metrics: Metrics, names: Names) -> Section:
    checks = named(metrics, "membership")
    if not metrics.attacks:
        why = "No attack was made, so privacy has not been tested. Treat the data as if it were patient data."
        return Section(QUESTION, checks, nothing=why)
    charts = attack_charts(metrics, names)
    told = tuple(
        f"{title} Against {group}: {meaning}"
        for title, groups in attack_words(metrics.attacks)
        for group, meaning in groups
    )
    table = attack_table(metrics.attacks)
    return Section(
        QUESTION,
        checks,
        text=(
            "We attack the data as an intruder would: given a real patient’s record, was this person among those the "
            "model learnt from? Unseen patients serve as control. An attack that does no better than chance learns "
            "nothing about anyone.",
        ),
        key=(
            ("disc", "all patients"),
            ("diamond", "a group at higher risk, such as the most isolated"),
            ("interval", "95% interval"),
            ("reference", "chance"),
        )
        if charts
        else (),
        charts=tuple(charts),
        # The figures stand behind the charts, and here only where there is none.
        folded=(Fold("What each attack means", text=(MEANS, *told), tables=() if charts else (table,)),),
    )


def attack_charts(metrics: Metrics, names: Names) -> list[Chart]:
    """One chart for the area under the curve, one for the people recognised; only what was measured."""
    charts = []
    scored = [a for a in metrics.attacks if a.auc is not None]
    if scored:
        rows = by_title(scored, lambda a: Dot(a.auc or 0.0, shape(a), a.auc_interval))
        seen = [v for a in scored for v in (a.auc or 0.0, *(a.auc_interval or ()))]
        axis = auc_axis(min(seen), max(seen))
        worst = max(scored, key=lambda a: a.auc or 0.0)
        desc = (
            f"The strongest is {worst.title}, {worst.group}: {formats.decimals(worst.auc, 3)}. Chance is 0.5."
        )
        title = "Picks the right one of two patients (AUC)"
        charts.append(row_charts.dots(names.new(), title, desc, rows, axis, _columns(scored, title, 2)))
    rated = [a for a in metrics.attacks if a.tpr_at_1pct is not None]
    if rated:
        rows = by_title(
            rated, lambda a: Dot(100 * (a.tpr_at_1pct or 0.0), shape(a), hundredfold(a.tpr_interval))
        )
        top = max(100 * v for a in rated for v in (a.tpr_at_1pct or 0.0, *(a.tpr_interval or ())))
        axis = percent_axis(max(top, 2.0), (1.0, "chance 1%"))
        most = max(rated, key=lambda a: a.tpr_at_1pct or 0.0)
        desc = f"The most is {formats.share(most.tpr_at_1pct)} ({most.title}, {most.group}). Chance is 1%."
        title = "Recognised when 1% of others are wrongly accused"
        charts.append(row_charts.dots(names.new(), title, desc, rows, axis, _columns(rated, title, 3)))
    return charts


def attack_table(attacks: list[Attack], caption: str = "Attacks on privacy", *, rarer: bool = False) -> Table:
    """RARER: with what is recognised at 0.1 % false alarms too."""
    return Table(
        caption=caption,
        head=[
            "Attack",
            "Patients attacked",
            "AUC (95% interval)",
            "Recognised at 1% false alarms (95% interval)",
            *(("At 0.1%",) if rarer else ()),
        ],
        rows=[
            [
                a.title,
                f"{a.group}, {formats.count(a.attacked)}",
                with_interval(formats.decimals(a.auc, 3), formats.interval(a.auc_interval, "AUC")),
                with_interval(
                    formats.share(a.tpr_at_1pct), formats.interval(hundredfold(a.tpr_interval), "%")
                ),
                *((formats.share(a.tpr_at_01pct),) if rarer else ()),
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


def by_title(attacks: list[Attack], dot: Callable[[Attack], Dot]) -> list[Row]:
    tracks: dict[str, list[list[Dot]]] = {}
    for a in attacks:
        tracks.setdefault(a.title, []).append([dot(a)])
    return [Row(title, found) for title, found in tracks.items()]


def shape(attack: Attack) -> str:
    return "disc" if attack.group == "all patients" else "diamond"
