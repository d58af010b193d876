"""One variable: synthetic patients as filled bars, unseen real ones as an outline, training ones as a line."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from locum.evaluate.metrics import Marginal
from locum.report import formats, svg

MOST_ROWS = 8
"""Levels drawn; the rest are added up into one row and stand apart in the table."""

Bin = tuple[str, float, float, float]  # label, train, holdout, synthetic
LEFT, RIGHT = 38.0, svg.WIDTH - 10
PLOT_HEIGHT = 120.0


def draw(marginal: Marginal, ident: str) -> svg.Chart:
    bins: list[Bin] = list(
        zip(marginal.bins, marginal.train, marginal.holdout, marginal.synthetic, strict=False)
    )
    numeric = len(marginal.edges) - 1 if marginal.edges else 0
    if numeric > len(bins) or numeric < 2:
        numeric = 0
    rows = _fold(bins[numeric:])
    top = formats.nice_ceiling(max((max(b[1:]) for b in [*bins[:numeric], *rows]), default=1.0))
    shapes: list[Markup] = []
    height = 4.0
    if numeric:
        shapes += _histogram(bins[:numeric], marginal.edges or [], marginal.kind, _unit(marginal), top)
        height += PLOT_HEIGHT + (54 if _unit(marginal) else 38)
    if rows:
        drawn, height = _rows(rows, top, height)
        shapes += drawn
    title = f"{marginal.variable}: share of patients in each group"
    return svg.Chart(svg.picture(ident, height, title, _describe(bins), *shapes), _table(marginal, bins))


def _unit(marginal: Marginal) -> str:
    return marginal.unit or ""


def _describe(bins: list[Bin]) -> str:
    if not bins:
        return "No group holds enough patients to be shown."
    worst = max(bins, key=lambda b: abs(b[3] - b[2]))
    return (
        f"{len(bins)} groups. They differ most in “{worst[0]}”: {formats.share(worst[3])} of synthetic "
        f"and {formats.share(worst[2])} of unseen real patients."
    )


def _table(marginal: Marginal, bins: list[Bin]) -> svg.Table:
    return svg.Table(
        caption=f"{marginal.variable}: share of patients in each group",
        head=["Group", "Synthetic", "Real, unseen", "Real, training"],
        rows=[[b[0], formats.share(b[3]), formats.share(b[2]), formats.share(b[1])] for b in bins],
    )


def _fold(bins: list[Bin]) -> list[Bin]:
    """The largest groups in their own order; all others together as the last row."""
    if len(bins) <= MOST_ROWS:
        return bins
    kept = set(sorted(range(len(bins)), key=lambda i: (-max(bins[i][1:]), i))[: MOST_ROWS - 1])
    rest = [b for i, b in enumerate(bins) if i not in kept]
    together: Bin = (
        f"{len(rest)} smaller groups together",
        sum(b[1] for b in rest),
        sum(b[2] for b in rest),
        sum(b[3] for b in rest),
    )
    return [b for i, b in enumerate(bins) if i in kept] + [together]


def _histogram(bins: list[Bin], edges: list[float], kind: str, unit: str, top: float) -> list[Markup]:
    """Bars of equal width, one a range of values: ranges with equal patients would hide in true widths."""
    base, step = 6 + PLOT_HEIGHT, (RIGHT - LEFT) / len(bins)

    def y(value: float) -> float:
        return base - PLOT_HEIGHT * value / top

    shapes: list[Markup] = []
    for tick in (0.0, top / 2, top):
        shapes.append(svg.line(LEFT, y(tick), RIGHT, y(tick)))
        shapes.append(
            svg.text(LEFT - 5, y(tick) + 4, formats.share(tick), size=11, anchor="end", fill=svg.GREY)
        )
    for i, (label, train, holdout, synthetic) in enumerate(bins):
        tip = (
            f"{label}: synthetic {formats.share(synthetic)}, unseen {formats.share(holdout)}, "
            f"training {formats.share(train)}"
        )
        bar = svg.rect(LEFT + i * step + 0.5, y(synthetic), step - 1, base - y(synthetic), fill=svg.BLUE)
        shapes.append(svg.el("g", svg.el("title", tip), bar))
    shapes.append(svg.path(_steps([b[1] for b in bins], step, y), svg.GREY, 1.25, "3 2"))
    shapes.append(svg.path(_steps([b[2] for b in bins], step, y), svg.INK, 1.75))
    shapes.append(svg.line(LEFT, base, RIGHT, base, svg.INK))
    shapes += _edge_labels(edges, kind, step, base)
    if unit:
        shapes.append(
            svg.text(
                (LEFT + RIGHT) / 2,
                base + 34,
                unit,
                size=11,
                anchor="middle",
                fill=svg.GREY,
                room=RIGHT - LEFT,
            )
        )
    return shapes


def _steps(values: list[float], step: float, y: Callable[[float], float]) -> list[tuple[float, float]]:
    points = [(LEFT, y(0.0))]
    for i, value in enumerate(values):
        points += [(LEFT + i * step, y(value)), (LEFT + (i + 1) * step, y(value))]
    return [*points, (RIGHT, y(0.0))]


def _edge_labels(edges: list[float], kind: str, step: float, base: float) -> list[Markup]:
    """As many edges as fit without touching, the first and the last among them."""
    labels = [formats.edge(e, kind) for e in edges]
    shapes: list[Markup] = []
    used = -1e9
    final = min(LEFT + (len(labels) - 1) * step, svg.WIDTH - svg.text_width(labels[-1], 11) / 2)
    for i, label in enumerate(labels):
        half = svg.text_width(label, 11) / 2
        x = LEFT + i * step
        last = i == len(labels) - 1
        place = final if last else x
        fits = place - half > used + 6 and (
            last or place + half + 6 < final - svg.text_width(labels[-1], 11) / 2
        )
        shapes.append(svg.line(x, base, x, base + (5 if fits else 3), svg.INK))
        if fits:
            shapes.append(svg.text(place, base + 17, label, size=11, anchor="middle", fill=svg.GREY))
            used = place + half
    return shapes


def _rows(bins: list[Bin], top: float, start: float) -> tuple[list[Markup], float]:
    """A horizontal bar a level, its name above it at full width, so that long names stay whole."""
    left, right, tall = 4.0, RIGHT, 36.0

    def x(value: float) -> float:
        return left + (right - left) * value / top

    end = start + tall * len(bins)
    shapes = [svg.line(x(t), start, x(t), end, svg.GRID) for t in (0.0, top / 2, top)]
    for i, (label, train, holdout, synthetic) in enumerate(bins):
        y = start + i * tall
        shapes.append(svg.text(left, y + 13, label, room=right - left))
        shapes.append(svg.rect(left, y + 19, x(synthetic) - left, 10, fill=svg.BLUE))
        shapes.append(
            svg.rect(left, y + 17, x(holdout) - left, 14, fill="none", stroke=svg.INK, stroke_width=1.5)
        )
        shapes.append(svg.line(x(train), y + 15, x(train), y + 33, svg.GREY, 1.5, stroke_dasharray="3 2"))
    for tick, anchor in ((0.0, "start"), (top / 2, "middle"), (top, "end")):
        shapes.append(svg.text(x(tick), end + 14, formats.share(tick), size=11, anchor=anchor, fill=svg.GREY))
    return shapes, end + 20
