"""Likeness against privacy, a mark for each synthetic table: near the corner is best."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from locum.evaluate.metrics import Metric
from locum.report import formats, svg
from locum.report.comparison_words import Compared

LEFT, TOP, SIDE, TALL = 62.0, 14.0, 560.0, 330.0
LOW = 0.45  # where the axes start
ROOM, LINE = 140.0, 20.0  # of an anchor and its name: those that would touch a mark are left out
LIKENESS, PRIVACY = "c2st", "membership_auc"


def draw(sets: Sequence[Compared], ident: str) -> tuple[svg.Chart | None, list[str]]:
    """The picture and the names of those who lack a figure; no picture where all do."""
    found = [(s, _of(s, LIKENESS), _of(s, PRIVACY)) for s in sets]
    placed = [(s, x, y) for s, x, y in found if x and y and x.value is not None and y.value is not None]
    lacking = [s.name for s, x, y in found if not any(s is p for p, _, _ in placed)]
    if not placed:
        return None, lacking
    anchors = _anchors(placed[0][1], placed[0][2])
    seen = [v for _, x, y in placed for v in (x.value or 0.5, y.value or 0.5)]
    high_x = max(0.7, *(x.value or 0.5 for _, x, _ in placed), *(x for _, x, _ in anchors)) + 0.03
    high_y = max(0.62, *(y.value or 0.5 for _, _, y in placed)) + 0.02
    low = min(LOW, *(v - 0.02 for v in seen))

    def point(x: float, y: float) -> tuple[float, float]:
        return LEFT + SIDE * (x - low) / (high_x - low), TOP + TALL * (high_y - y) / (high_y - low)

    shapes: list[Markup] = []
    corner, far = point(low, low), point(high_x, high_y)
    for tick in _ticks(low, high_x):
        at = point(tick, low)[0]
        shapes += [svg.line(at, far[1], at, corner[1]), _label(at, corner[1] + 17, tick, "middle")]
    for tick in _ticks(low, high_y):
        at = point(low, tick)[1]
        shapes += [svg.line(corner[0], at, far[0], at), _label(corner[0] - 6, at + 4, tick, "end")]
    shapes += _limits(placed[0][1], placed[0][2], point, corner, far)
    marks = [point(x.value or 0.5, y.value or 0.5) for _, x, y in placed]
    for name, told, right in anchors:
        place = point(told, right)
        if right <= high_y and all(_clear(place, mark) for mark in marks):
            shapes += _cross(*place, name, far[0])
    for i, (s, _, _) in enumerate(placed):
        shapes += _mark(*marks[i], i, s.name, far[0])
    middle = TOP + TALL / 2
    turned = f"rotate(-90 14 {middle:g})"
    across, up = (
        "how often artificial patients are told from real ones",
        "how often an attacker is right about who was in",
    )
    shapes.append(svg.text(LEFT + SIDE / 2, TOP + TALL + 38, across, anchor="middle"))
    shapes.append(svg.text(14, middle, up, anchor="middle", transform=turned))
    title = "Likeness against privacy"
    best = min(placed, key=lambda p: (p[1].value or 0) + (p[2].value or 0))
    desc = f"Both axes are areas under the curve, 0.5 is best. Nearest to that corner is {best[0].name}."
    table = svg.Table(
        f"{title} (area under the curve; 0.5 is best)",
        ["Synthetic table", "Told from real patients (95% interval)", "Attacker is right (95% interval)"],
        [[s.name, _with(x), _with(y)] for s, x, y in placed],
    )
    width = LEFT + SIDE + 14
    return svg.Chart(svg.picture(ident, TOP + TALL + 48, title, desc, *shapes, width=width), table), lacking


def _of(s: Compared, name: str) -> Metric | None:
    return next((m for m in s.metrics.metrics if m.name == name), None)


def _with(metric: Metric) -> str:
    value, interval = formats.decimals(metric.value, 3), formats.interval(metric.interval, "AUC")
    return f"{value} ({interval})" if interval else value


def _clear(place: tuple[float, float], mark: tuple[float, float]) -> bool:
    return abs(place[0] - mark[0]) > ROOM or abs(place[1] - mark[1]) > LINE


def _anchors(likeness: Metric, privacy: Metric) -> list[tuple[str, float, float]]:
    found = [(name, x, 0.5) for name, x in likeness.floors.items()]
    return found + [(name, 0.5, y) for name, y in privacy.floors.items()]


def _ticks(low: float, high: float) -> list[float]:
    step = 0.05 if high - low < 0.3 else 0.1
    first = round(low / step + 0.499)
    return [round(step * i, 2) for i in range(first, int(high / step + 1e-9) + 1)]


def _label(x: float, y: float, tick: float, anchor: str) -> Markup:
    return svg.text(x, y, formats.decimals(tick, 2), size=11, anchor=anchor, fill=svg.GREY)


def _limits(
    likeness: Metric,
    privacy: Metric,
    point: Callable[[float, float], tuple[float, float]],
    corner: tuple[float, float],
    far: tuple[float, float],
) -> list[Markup]:
    """Dashed where caution begins, solid where a check fails; only within the picture."""
    shapes: list[Markup] = []
    for metric, upright in ((likeness, True), (privacy, False)):
        limit = metric.limit
        if limit is None:
            continue
        for at, word, dash in ((limit.caution, "caution", "6 4"), (limit.fail, "fail", "")):
            if at is None:
                continue
            x, y = point(at, at)
            dashes = {"stroke_dasharray": dash} if dash else {}
            if upright and corner[0] < x < far[0]:
                shapes.append(svg.line(x, far[1], x, corner[1], svg.INK, 1.25, **dashes))
                shapes.append(svg.text(x + 4, far[1] + 12, word, size=11))
            if not upright and far[1] < y < corner[1]:
                shapes.append(svg.line(corner[0], y, far[0], y, svg.INK, 1.25, **dashes))
                below = 12 if word == "caution" else -4
                shapes.append(svg.text(corner[0] + 4, y + below, word, size=11))
    return shapes


def _cross(x: float, y: float, name: str, edge: float) -> list[Markup]:
    after = x + 8 + svg.text_width(name, 11) < edge
    return [
        svg.line(x - 5, y - 5, x + 5, y + 5, svg.GREY, 2),
        svg.line(x - 5, y + 5, x + 5, y - 5, svg.GREY, 2),
        svg.text(x + 8 if after else x - 8, y + 4, name, size=11, fill=svg.GREY, anchor="start" if after else "end"),
    ]  # fmt: skip


def _mark(x: float, y: float, place: int, name: str, edge: float) -> list[Markup]:
    """Disc, diamond, square or triangle in turn, with the name beside it."""
    shapes = (
        f"M{x - 8:.1f} {y:.1f} L{x:.1f} {y - 8:.1f} L{x + 8:.1f} {y:.1f} L{x:.1f} {y + 8:.1f} Z",
        f"M{x - 6:.1f} {y - 6:.1f} H{x + 6:.1f} V{y + 6:.1f} H{x - 6:.1f} Z",
        f"M{x - 8:.1f} {y + 6:.1f} L{x:.1f} {y - 8:.1f} L{x + 8:.1f} {y + 6:.1f} Z",
    )
    fill = svg.BLUE if place % 2 == 0 else svg.WHITE
    drawn = (
        svg.el("circle", cx=x, cy=y, r=7, fill=fill, stroke=svg.INK, stroke_width=1.5)
        if place % 4 == 0
        else svg.el("path", d=shapes[place % 4 - 1], fill=fill, stroke=svg.INK, stroke_width=1.5)
    )
    after = x + 12 + svg.text_width(name, 12) < edge
    where = (x + 12, "start") if after else (x - 12, "end")
    return [drawn, svg.text(where[0], y - 6, name, weight="700", anchor=where[1], room=SIDE / 2)]
