"""Charts of one row a name: dots with intervals against a reference, and plain bars."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from locum.report import svg

LEFT, RIGHT = 6.0, svg.WIDTH - 6
TALL = 40.0


@dataclass(frozen=True)
class Dot:
    """shape: disc, diamond or outline; told apart without colour."""

    value: float
    shape: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    label: str
    dots: list[Dot]


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
    start = 24.0 if axis.reference else 4.0
    end = start + TALL * len(rows)
    shapes = [svg.line(axis.x(t), start, axis.x(t), end) for t, _ in axis.ticks]
    for i, row in enumerate(rows):
        y = start + i * TALL
        shapes.append(svg.text(LEFT, y + 14, row.label, room=RIGHT - LEFT))
        shapes.append(svg.line(LEFT, y + 28, RIGHT, y + 28, "#b1b4b6"))
    if axis.reference:
        at, name = axis.reference
        x = axis.x(at)
        anchor = "start" if x < svg.WIDTH / 3 else "end" if x > 2 * svg.WIDTH / 3 else "middle"
        shapes.append(svg.text(x, 14, name, size=11, anchor=anchor, fill=svg.INK, weight="bold"))
        for i in range(len(rows)):
            y = start + i * TALL
            shapes.append(svg.line(x, y + 19, x, y + 37, svg.INK, 2))
    for i, row in enumerate(rows):
        for dot in row.dots:
            shapes += marker(dot, axis, start + i * TALL + 28)
    for k, (tick, name) in enumerate(axis.ticks):
        anchor = "start" if k == 0 else "end" if k == len(axis.ticks) - 1 else "middle"
        shapes.append(svg.text(axis.x(tick), end + 15, name, size=11, anchor=anchor, fill=svg.GREY))
    return svg.Chart(svg.picture(ident, end + 22, title, desc, *shapes), table)


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


def bars(ident: str, title: str, desc: str, rows: list[tuple[str, float, str]], table: svg.Table) -> svg.Chart:
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
