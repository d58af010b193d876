"""Distributions of one number over the same ranges, as a histogram: synthetic filled, real as a line in a band."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from statistics import median

from markupsafe import Markup

from locum.report import chance, formats, svg

Bin = tuple[str, float, float, float]  # label, train, holdout, synthetic
LEFT, RIGHT = 38.0, svg.WIDTH - 10
HEIGHT = 120.0
SPIKE = 12.0
"""When the densest range is so many times denser than the middle one, all are drawn equally wide: the others
would be a flat line else."""


def draw(
    bins: list[Bin], patients: int | None, edges: list[float], kind: str, unit: str
) -> tuple[list[Markup], float]:
    """The shapes and how much height they take. The area of a bar is its share, unless it says otherwise.

    patients: how many unseen real ones there are; None to draw the synthetic ones alone.
    """
    places, dense = _places(edges), True
    heights = _heights(bins, places)
    middle = median(h for three in heights for h in three)
    if max(max(three) for three in heights) > SPIKE * middle:
        places, dense = [float(i) for i in range(len(edges))], False
        heights = _heights(bins, places)
    top = max(max(three) for three in heights) or 1.0
    top = top * 1.04 if dense else formats.nice_ceiling(top)
    left = 4.0 if dense else LEFT
    base = 6 + HEIGHT

    def x(place: float) -> float:
        return left + (RIGHT - left) * (place - places[0]) / (places[-1] - places[0])

    def y(height: float) -> float:
        return base - HEIGHT * height / top

    xs = [x(p) for p in places]
    shapes = [] if dense else _shares(top, y)
    for i, (label, train, holdout, synthetic) in enumerate(bins):
        tip = f"{label}: {formats.share(synthetic)}"
        if patients is not None:
            tip = (
                f"{label}: synthetic {formats.share(synthetic)}, unseen {formats.share(holdout)}, "
                f"training {formats.share(train)}"
            )
        high = y(heights[i][2])
        bar = svg.rect(xs[i] + 0.3, high, xs[i + 1] - xs[i] - 0.6, base - high, fill=svg.BLUE)
        shapes.append(svg.el("g", svg.el("title", tip), bar))
    if patients is not None:
        shapes.append(_band(bins, heights, patients, xs, y))
        shapes.append(svg.path(_steps([h[1] for h in heights], xs, y), svg.INK, 1.75))
    shapes.append(svg.line(left, base, RIGHT, base, svg.INK))
    shapes += _labels(edges, kind, xs, base)
    note = ", ".join(n for n in (unit, "" if dense else "ranges drawn equally wide") if n)
    if note:
        middle_x = (left + RIGHT) / 2
        shapes.append(
            svg.text(middle_x, base + 34, note, size=11, anchor="middle", fill=svg.GREY, room=RIGHT - left)
        )
    return shapes, base + (46 if note else 28)


def _band(
    bins: list[Bin],
    heights: list[tuple[float, float, float]],
    patients: int,
    xs: list[float],
    y: Callable[[float], float],
) -> Markup:
    """What chance allows as many unseen patients: from the low to the high end of each bar's interval."""
    parts = []
    for i, (b, h) in enumerate(zip(bins, heights, strict=True)):
        low, high = chance.interval(b[2], patients)
        scale = h[1] / b[2] if b[2] > 0 else 0.0
        above, below = max(y(high * scale), 1.0), y(low * scale)
        parts.append(
            svg.rect(xs[i], above, xs[i + 1] - xs[i], below - above, fill=svg.INK, fill_opacity=0.22)
        )
    return svg.el("g", *parts)


def _places(edges: list[float]) -> list[float]:
    """Where the edges stand. The outermost ranges are open, and drawn about as wide as their neighbours."""
    widths = [b - a for a, b in itertools.pairwise(edges)]
    inner = widths[1:-1] or widths
    usual = 2 * median(inner)
    widths[0] = min(widths[0], max(1.5 * inner[0], usual)) or usual
    widths[-1] = min(widths[-1], max(1.5 * inner[-1], usual)) or usual
    places = [0.0]
    for width in widths:
        places.append(places[-1] + width)
    return places if places[-1] > 0 else [float(i) for i in range(len(edges))]


def _heights(bins: list[Bin], places: list[float]) -> list[tuple[float, float, float]]:
    """Shares over widths; a range of no width is as dense as can be told."""
    least = (places[-1] - places[0]) / 1e4
    widths = [max(b - a, least) for a, b in itertools.pairwise(places)]
    return [(b[1] / w, b[2] / w, b[3] / w) for b, w in zip(bins, widths, strict=True)]


def _shares(top: float, y: Callable[[float], float]) -> list[Markup]:
    shapes = []
    for tick in (0.0, top / 2, top):
        shapes.append(svg.line(LEFT, y(tick), RIGHT, y(tick)))
        name = formats.share(tick)
        shapes.append(svg.text(LEFT - 5, y(tick) + 4, name, size=11, anchor="end", fill=svg.GREY))
    return shapes


def _steps(heights: list[float], xs: list[float], y: Callable[[float], float]) -> list[tuple[float, float]]:
    points = [(xs[0], y(0.0))]
    for i, height in enumerate(heights):
        points += [(xs[i], y(height)), (xs[i + 1], y(height))]
    return [*points, (xs[-1], y(0.0))]


def _labels(edges: list[float], kind: str, xs: list[float], base: float) -> list[Markup]:
    """As many inner edges as fit without touching; the outermost stand for everything beyond."""
    shapes: list[Markup] = []
    used = 0.0
    seen: set[str] = set()
    for edge, x in zip(edges[1:-1], xs[1:-1], strict=True):
        label = formats.edge(edge, kind)
        half = svg.text_width(label, 11) / 2
        fits = x - half > used + 5 and x + half < svg.WIDTH and label not in seen
        shapes.append(svg.line(x, base, x, base + (5 if fits else 3), svg.INK if fits else svg.GREY))
        if fits:
            shapes.append(svg.text(x, base + 17, label, size=11, anchor="middle", fill=svg.GREY))
            used = x + half
            seen.add(label)
    return shapes
