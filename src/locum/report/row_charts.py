"""Charts of one row a name: dots with intervals against a reference, and plain bars."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from locum.report import svg

LEFT, RIGHT = 6.0, svg.WIDTH - 6
LINE, TRACK = 16.0, 20.0  # heights of a line of a name, and of a line of a marker


@dataclass(frozen=True)
class Dot:
    """shape: disc, diamond or outline; told apart without colour."""

    value: float
    shape: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    """A name and its tracks: a line of markers each. band: what real patients score, drawn behind the first track."""

    label: str
    tracks: list[list[Dot]]
    band: tuple[float, float] | None = None


@dataclass(frozen=True)
class Axis:
    low: float
    high: float
    ticks: list[tuple[float, str]]
    reference: tuple[float, str] | None = None

    def x(self, value: float) -> float:
        inner = min(max(value, self.low), self.high)
        return LEFT + 6 + (RIGHT - LEFT - 12) * (inner - self.low) / (self.high - self.low)


def dots(ident: str, title: str, desc: str, rows: list[Row], axis: Axis, table: svg.Table) -> svg.Chart:
    y = start = 24.0 if axis.reference else 4.0
    names: list[Markup] = []
    marks: list[Markup] = []
    for row in rows:
        lines = svg.wrap(row.label, 12, RIGHT - LEFT)
        names += [svg.text(LEFT, y + 13 + LINE * i, line, tip=row.label) for i, line in enumerate(lines)]
        y += LINE * len(lines) + 4
        for place, track in enumerate(row.tracks):
            middle = y + TRACK / 2
            if row.band and place == 0:
                marks.append(band(axis.x(row.band[0]), axis.x(row.band[1]), middle - 7, 14))
            marks.append(svg.line(LEFT, middle, RIGHT, middle, "#b1b4b6"))
            if axis.reference:
                x = axis.x(axis.reference[0])
                marks.append(svg.line(x, middle - 9, x, middle + 9, svg.INK, 2))
            marks += [shape for dot in track for shape in marker(dot, axis, middle)]
            y += TRACK
        y += 4
    shapes = [svg.line(axis.x(t), start, axis.x(t), y) for t, _ in axis.ticks]
    shapes += names + marks
    if axis.reference:
        at, name = axis.reference
        x = axis.x(at)
        anchor = "start" if x < svg.WIDTH / 3 else "end" if x > 2 * svg.WIDTH / 3 else "middle"
        shapes.append(svg.text(x, 14, name, size=11, anchor=anchor, weight="bold"))
    for k, (tick, name) in enumerate(axis.ticks):
        anchor = "start" if k == 0 else "end" if k == len(axis.ticks) - 1 else "middle"
        shapes.append(svg.text(axis.x(tick), y + 14, name, size=11, anchor=anchor, fill=svg.GREY))
    return svg.Chart(svg.picture(ident, y + 20, title, desc, *shapes), table)


def band(start: float, end: float, y: float, tall: float) -> Markup:
    """Where real patients lie: pale, with a dark edge, so that it is seen without colour."""
    start, end = (start, end) if end - start >= 2 else ((start + end) / 2 - 1, (start + end) / 2 + 1)
    return svg.rect(start, y, end - start, tall, fill=svg.BAND, stroke=svg.INK, stroke_width=1)


def marker(dot: Dot, axis: Axis, y: float) -> list[Markup]:
    shapes: list[Markup] = []
    if dot.interval:
        low, high = axis.x(dot.interval[0]), axis.x(dot.interval[1])
        shapes.append(svg.line(low, y, high, y, svg.BLUE, 4, stroke_opacity="0.55"))
        shapes += [svg.line(e, y - 5, e, y + 5, svg.BLUE, 1.5) for e in (low, high)]
    x = axis.x(dot.value)
    if dot.shape == "diamond":
        d = f"M{x - 6:.1f} {y:.1f} L{x:.1f} {y - 6:.1f} L{x + 6:.1f} {y:.1f} L{x:.1f} {y + 6:.1f} Z"
        shapes.append(svg.el("path", d=d, fill=svg.WHITE, stroke=svg.INK, stroke_width=1.75))
    elif dot.shape == "outline":
        shapes.append(svg.el("circle", cx=x, cy=y, r=6.5, fill="none", stroke=svg.INK, stroke_width=1.75))
    else:
        shapes.append(svg.el("circle", cx=x, cy=y, r=5, fill=svg.BLUE))
    return shapes


def bars(
    ident: str, title: str, desc: str, rows: list[tuple[str, float, str]], table: svg.Table
) -> svg.Chart:
    """Bars with their figure written behind them: label, value, figure."""
    top = max((value for _, value, _ in rows), default=0.0) or 1.0
    tall = 36.0
    shapes: list[Markup] = []
    for i, (label, value, figure) in enumerate(rows):
        y = 4 + i * tall
        length = (RIGHT - LEFT - 50) * max(value, 0.0) / top
        shapes.append(svg.text(LEFT, y + 13, label, room=RIGHT - LEFT))
        shapes.append(svg.rect(LEFT, y + 18, max(length, 1), 12, fill=svg.BLUE))
        shapes.append(svg.text(LEFT + length + 6, y + 28, figure, fill=svg.INK))
    return svg.Chart(svg.picture(ident, 8 + tall * len(rows), title, desc, *shapes), table)
