"""Several synthetic tables, or settings, side by side on one page. It sees evidence, and no patient."""

from __future__ import annotations

from collections.abc import Sequence

from locum.evaluate.metrics import Metric, Metrics
from locum.report import comparison_words, formats, frontier_chart, gauge, words
from locum.report.comparison_words import Compared
from locum.report.names import Names
from locum.report.page import UNWRITABLE, environment, page_style
from locum.report.svg import Table
from locum.version import VERSION

TOLD = 8
"""Differences that are told open; the rest are folded."""


def render_comparison(sets: Sequence[tuple[str, Metrics]], *, title: str) -> str:
    """The page. SETS: a name, told apart from the others, and its evidence. The same give the same text.

    Raises ValueError for fewer than two sets.
    """
    if len(sets) < 2:
        raise ValueError("a comparison needs two sets of evidence or more")
    names = Names()
    compared = [Compared(f"{_letter(i)}: {name}", metrics) for i, (name, metrics) in enumerate(sets)]
    found = comparison_words.differences(compared)
    picture, lacking = frontier_chart.draw(compared, names.new())
    html = (
        environment()
        .get_template("comparison.html.j2")
        .render(
            title=title,
            style=page_style(),
            sets=[(s.name, s.metrics, _gauges(s.metrics, names)) for s in compared],
            conclusion=comparison_words.conclusion(compared),
            alike=comparison_words.alike(compared),
            told=found[:TOLD],
            more=found[TOLD:],
            picture=picture,
            lacking=lacking,
            figures=[(words.FAMILY[family][0], _figures(compared, family)) for family in words.FAMILY],
            settings=_settings(compared),
            version=VERSION,
        )
    )
    return UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", html)


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _gauges(metrics: Metrics, names: Names) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "status": getattr(metrics.verdict, family),
            "gauge": gauge.draw(words.deciding(metrics, family), name, names.new()),
        }
        for family, (name, _) in words.FAMILY.items()
    ]


def _figures(sets: Sequence[Compared], family: str) -> Table | None:
    """The figure and status of each check, beside what unseen real patients score."""
    rows = []
    for title, of, found in comparison_words.rows(sets):
        if of == family:
            ceilings = [formats.quantity(m.ceiling, m.unit) if m else formats.NONE for m in found]
            same = ceilings[:1] if len(set(ceilings)) == 1 else ceilings
            rows.append([_unit(title, found), *(_cell(m) for m in found), " / ".join(same)])
    head = ["Check", *(s.name for s in sets), "Unseen real patients (of each, where they differ)"]
    return Table(f"{words.FAMILY[family][0]}: every check that counts", head, rows) if rows else None


def _unit(title: str, found: Sequence[Metric | None]) -> str:
    unit = next((m.unit for m in found if m), "")
    return title if unit.strip() in ("%", "share") else f"{title} ({unit})"


def _cell(metric: Metric | None) -> str:
    if metric is None or metric.value is None:
        return "not measured"
    return f"{comparison_words.figure(metric)}, {words.LABEL[metric.status].lower()}"


def _settings(sets: Sequence[Compared]) -> Table:
    """How each was made and judged; what differs comes first."""
    facts: list[dict[str, str]] = []
    for s in sets:
        about = s.metrics.about
        judged = {
            "Artificial records": formats.count(about.synthetic_rows),
            "Training patients": formats.count(about.train_patients),
            "Unseen patients": formats.count(about.holdout_patients),
            "Outcome": about.target or "none named",
            "Judged with": f"locum {about.locum_version}, {'quick' if about.quick else 'full'}, seed {about.seed}",
        }
        facts.append({**about.made, **judged})
    every = dict.fromkeys(name for fact in facts for name in fact)
    rows = [[name, *(fact.get(name, "not told") for fact in facts)] for name in every]
    rows.sort(key=lambda row: len(set(row[1:])) == 1)
    return Table(
        "How each was made and judged, what differs first", ["Setting", *(s.name for s in sets)], rows
    )
