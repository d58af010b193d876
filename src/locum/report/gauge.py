"""Where the checks of a family stand between what real patients score and the limits, as one bar."""

from __future__ import annotations

from markupsafe import Markup

from locum.evaluate.metrics import Limit, Metric, Status
from locum.report import formats, svg
from locum.report.levels import ZONES, explained, level, nearest
from locum.report.words import LABEL, SEVERITY

LEFT, RIGHT, TOP, TALL = 8.0, svg.WIDTH - 8, 34.0, 26.0
PASS, CAUTION = 0.5, 0.75  # of the bar's length, where caution and fail begin
FILLS = ("#e3f1ea", "#fff4c2", "#f6d7d2")


def draw(checks: list[Metric], name: str, ident: str) -> svg.Chart | None:
    """The bar of the family NAME, with a mark for each of its CHECKS; None where no check has a limit."""
    placed = [(level(x), x) for x in checks if x.status in ZONES and (x.limit or x.status is not Status.PASS)]
    if not placed:
        return None
    placed.sort(key=lambda pair: (SEVERITY.index(pair[1].status), nearest(pair[1])))
    at, worst = placed[0]
    shapes = _zones()
    for place, check in placed[1:]:
        if explained(check):
            shapes.append(_hollow(_x(place)))
            continue
        shapes.append(
            svg.line(_x(place), TOP + 5, _x(place), TOP + TALL - 5, svg.INK, 2, stroke_opacity="0.55")
        )
    shapes += _pointer(_x(at))
    shapes += [
        svg.text(LEFT, TOP + TALL + 16, "like real", size=12, fill=svg.INK),
        svg.text(_x(1), TOP + TALL + 16, "caution", size=12, anchor="middle", fill=svg.INK),
        svg.text(_x(2), TOP + TALL + 16, "fail", size=12, anchor="middle", fill=svg.INK),
    ]
    title = f"{name}: where the checks stand between real patients and the limits"
    desc = (
        f"Of {len(placed)} checks with a limit, the one nearest to it, or furthest beyond, is: "
        f"{worst.title} {_stands(at)}"
    )
    head = ["Check", "Result", "Figure judged", "Real patients, or chance", "Caution above", "Fail above"]
    rows = [[x.title, LABEL[x.status], *_figures(x.limit)] for _, x in placed]
    table = svg.Table(f"{name}: the limit of each check, the nearest first", head, rows)
    return svg.Chart(svg.picture(ident, TOP + TALL + 22, title, desc, *shapes), table)


def _x(place: float) -> float:
    ends = (0.0, PASS, CAUTION, 1.0)
    zone = min(int(place), 2)
    part = ends[zone] + (ends[zone + 1] - ends[zone]) * min(place - zone, 1.0)
    return LEFT + (RIGHT - LEFT) * part


def _zones() -> list[Markup]:
    """Plain, hatched, and hatched twice as densely, so that the zones differ without colour."""
    shapes: list[Markup] = []
    for zone, fill in enumerate(FILLS):
        start, end = _x(zone), _x(zone + 1)
        shapes.append(svg.rect(start, TOP, end - start, TALL, fill=fill))
        step = (0.0, 10.0, 5.0)[zone]
        x = start + step
        while step and x + 4 < end:
            shapes.append(svg.line(x - 4, TOP + TALL, x + 4, TOP, "#6b6f72", 0.75))
            x += step
    shapes.append(svg.rect(LEFT, TOP, RIGHT - LEFT, TALL, fill="none", stroke=svg.INK, stroke_width=1.25))
    shapes += [svg.line(_x(k), TOP - 4, _x(k), TOP + TALL + 4, svg.INK, 2) for k in (1, 2)]
    return shapes


def _pointer(x: float) -> list[Markup]:
    d = f"M{x - 8:.1f} {TOP - 16:.1f} L{x + 8:.1f} {TOP - 16:.1f} L{x:.1f} {TOP - 2:.1f} Z"
    return [
        svg.el("path", d=d, fill=svg.INK),
        svg.line(x, TOP - 2, x, TOP + TALL, svg.INK, 3.5),
    ]


def _hollow(x: float) -> Markup:
    y = TOP + TALL / 2
    d = f"M{x - 6:.1f} {y:.1f} L{x:.1f} {y - 6:.1f} L{x + 6:.1f} {y:.1f} L{x:.1f} {y + 6:.1f} Z"
    return svg.el("path", d=d, fill=svg.WHITE, stroke=svg.INK, stroke_width=1.5)


def _stands(place: float) -> str:
    if place < 1:
        return f"It has used {formats.share(max(place, 0.0))} of the room up to caution."
    return "It is beyond the limit to caution." if place < 2 else "It is beyond the limit to fail."


def _figures(limit: Limit | None) -> list[str]:
    if limit is None:
        return [formats.NONE] * 4
    return [formats.number(x) for x in (limit.figure, limit.par, limit.caution, limit.fail)]
