"""The flow chart of a cohort: how many patients each step kept."""

from __future__ import annotations

from markupsafe import Markup

from locum.cohorts.attrition import Attrition
from locum.report import formats, svg

LINE, PAD, GAP = 15.0, 8.0, 34.0


def draw(attrition: Attrition, ident: str) -> svg.Chart:
    """Boxes from all patients down to the cohort, with those left out beside each step."""
    counts = [attrition.patients, *(step.left for step in attrition.steps)]
    labels = ["Patients in the records", *(step.label for step in attrition.steps)]
    y = 1.0
    shapes: list[Markup] = []
    for i, (label, count) in enumerate(zip(labels, counts, strict=True)):
        if i:
            shapes += _arrow(y, _left_out(counts[i - 1], count))
            y += GAP
        drawn, height = _box(y, label, people(count), last=i == len(labels) - 1)
        shapes += drawn
        y += height
    title = f"Who is in the cohort: {attrition.title}"
    desc = f"From {people(counts[0])} in the records, {len(labels) - 1} steps lead to {people(counts[-1])}."
    rows = [
        [label, people(count), _left_out(counts[i - 1], count) if i else formats.NONE]
        for i, (label, count) in enumerate(zip(labels, counts, strict=True))
    ]
    table = svg.Table(title, ["Step", "Patients left", "Left out"], rows)
    return svg.Chart(svg.picture(ident, y + 2, title, desc, *shapes), table)


def people(count: int | None) -> str:
    """A rounded count in words."""
    if count is None:
        return "fewer than 10"
    return f"{count:,}"


def _left_out(before: int | None, after: int | None) -> str:
    if before is None:
        return "none, or fewer than 10" if after is None else "fewer than 10"
    gone = before - (after or 0)
    return "none, or fewer than 10" if gone == 0 else f"about {gone:,}"


def _arrow(y: float, left_out: str) -> list[Markup]:
    middle, x = y + GAP / 2, 28.0
    head = Markup(
        f'<path d="M{x - 5} {y + GAP - 8} L{x + 5} {y + GAP - 8} L{x} {y + GAP - 1} Z" fill="{svg.INK}"/>'
    )
    return [
        svg.line(x, y, x, y + GAP - 7, svg.INK, 1.5),
        head,
        svg.line(x, middle - 2, 46, middle - 2, svg.GREY, 1.5),
        svg.text(52, middle + 2, f"left out: {left_out}", fill=svg.GREY),
    ]


def _box(y: float, label: str, count: str, last: bool) -> tuple[list[Markup], float]:
    width = svg.WIDTH - 2
    lines = svg.wrap(label, 12, width - 2 * PAD, most=3)
    height = 2 * PAD + LINE * (len(lines) + 1) + 4
    border: dict[str, str | float] = {
        "stroke": svg.BLUE if last else svg.GREY,
        "stroke_width": 2.5 if last else 1.25,
    }
    shapes = [svg.rect(1, y, width, height, fill="#eef5fb" if last else svg.WHITE, **border)]
    shapes.append(svg.text(1 + PAD, y + PAD + 14, count, size=15, weight="700"))
    for i, line in enumerate(lines):
        shapes.append(svg.text(1 + PAD, y + PAD + 14 + LINE * (i + 1) + 2, line, tip=label))
    return shapes, height
