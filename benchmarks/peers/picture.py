"""Fidelity against privacy, a panel for each table: one SVG that needs no colour, with its figures in words."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence

from benchmarks.peers.labels import Box, Point, place
from benchmarks.peers.registry import GENERATORS, Family
from benchmarks.peers.results import Results, Summary, summary
from markupsafe import Markup

from locum.report import svg

PANELS = 2
SIDE, LEFT, TOP, BETWEEN = 340.0, 58.0, 88.0, 68.0
WIDTH = LEFT + PANELS * SIDE + (PANELS - 1) * BETWEEN + 14.0
HEIGHT = TOP + SIDE + 88.0
TICKS = (0.5, 0.51, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0)
SIZE, LINE = 12.0, 15.0  # of a label, and its height
MARK = 6.0  # half of its width
NEAR = 12.0  # a label further from its mark has a line to it
BAND = "#eef0f1"
IDEAL = "real unseen patients"
TITLE = "Generators by how faithful, how private and how fast they are"
NOTES = (
    (30.0, "no leak is shown here: within two standard errors of chance"),
    (
        0.0,
        "Seconds of one processor, to learn and draw. Scales are stretched near 0.5; what is less is drawn at 0.5.",
    ),
)
KINDS: tuple[tuple[Family, str], ...] = (
    ("locum", "locum, its three settings joined"),
    ("peer", "other generators"),
    ("anchor", "never to be released, for scale"),
)


def draw(results: Results) -> str:
    """The first tables of RESULTS, as many as there are panels."""
    names = list(results.shapes)[:PANELS]
    shapes: list[Markup] = [svg.rect(0, 0, WIDTH, HEIGHT, fill=svg.WHITE), *_legend()]
    told = []
    for i, name in enumerate(names):
        found = _shown(results, name)
        rows, columns = results.shapes[name]
        heading = f"{name}: {rows:,} people, {columns} variables"
        shapes += _panel(Box(*_corners(i)), heading, found)
        told.append(f" {name}: {'; '.join(_words(one) for one in found)}.")
    desc = (
        "Across: how often a classifier picks the artificial one of two people (C2ST). Upwards: how often an "
        "attacker picks the one who was learned from (membership AUC). Both begin at 0.5, chance, in the lower "
        "left corner, where real unseen patients stand. Seconds are of one processor." + "".join(told)
    )
    return f"{svg.picture('peers', HEIGHT, TITLE, desc, *shapes, width=WIDTH)}\n"


def scaled(value: float) -> float:
    """From 0 at chance to 1 at certainty, by the square root, so that those near the corner can be told apart."""
    return math.sqrt(min(max(value - 0.5, 0.0), 0.5) / 0.5)


def seconds(value: float) -> str:
    """No more exact than they are known on a shared machine."""
    return f"{value:.0f} s" if value >= 3 else f"{value:.1f} s"


def _corners(panel: int) -> tuple[float, float, float, float]:
    left = LEFT + panel * (SIDE + BETWEEN)
    return left, TOP, left + SIDE, TOP + SIDE


def _shown(results: Results, table: str) -> list[Summary]:
    """Those that have both figures; who failed is in the table of figures."""
    both = ("c2st", "member_auc")
    return [
        one
        for one in summary(results, table, GENERATORS)
        if all(one.scores.get(name) is not None for name in both)
    ]


def _of(one: Summary, name: str) -> float:
    value = one.scores[name]
    return 0.5 if value is None else value


def _family(one: Summary) -> Family:
    return GENERATORS[one.generator].family


def _label(one: Summary) -> str:
    label = GENERATORS[one.generator].label
    return label if _family(one) == "anchor" else f"{label}, {seconds(one.processor)}"


def _words(one: Summary) -> str:
    return f"{_label(one)}: {_of(one, 'c2st'):.3f}, {_of(one, 'member_auc'):.3f}"


def _panel(frame: Box, heading: str, found: Sequence[Summary]) -> list[Markup]:
    at = [_at(frame, _of(one, "c2st"), _of(one, "member_auc")) for one in found]
    shapes = [svg.text(frame.left, TOP - 12, heading, size=13, weight="bold"), *_axes(frame, found)]
    dial = [point for one, point in zip(found, at, strict=True) if _family(one) == "locum"]
    if len(dial) > 1:
        shapes.append(svg.path(dial, svg.BLUE, 1.5))
    corner = _at(frame, 0.5, 0.5)
    labels = [*(_label(one) for one in found), IDEAL]
    bold = [*(_family(one) == "locum" for one in found), False]
    sizes = [
        (svg.text_width(text, SIZE) * (1.06 if heavy else 1.0), LINE)
        for text, heavy in zip(labels, bold, strict=True)
    ]
    points = [*at, corner]
    boxes = place(points, sizes, frame.grown(-3), radius=MARK + 1, taken=_along(dial))
    shapes += [_leader(point, box) for point, box in zip(points, boxes, strict=True)]
    shapes += [mark(_family(one), *point) for one, point in zip(found, at, strict=True)]
    shapes.append(_target(*corner))
    for text, heavy, box in zip(labels, bold, boxes, strict=True):
        weight = "bold" if heavy else None
        shapes.append(svg.text(box.left, box.bottom - 3.5, text, size=SIZE, weight=weight))
    return shapes


def _at(frame: Box, c2st: float, member: float) -> Point:
    width, height = frame.right - frame.left, frame.bottom - frame.top
    return frame.left + width * scaled(c2st), frame.bottom - height * scaled(member)


def _along(points: Sequence[Point], steps: int = 8) -> list[Box]:
    """Small boxes along a line through POINTS, to keep labels off it."""
    return [
        Box(x, y, x, y).grown(1.0)
        for (x0, y0), (x1, y1) in itertools.pairwise(points)
        for x, y in ((x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(steps))
    ]


def _axes(frame: Box, found: Sequence[Summary]) -> list[Markup]:
    errors = [error for one in found if (error := one.scores.get("member_auc_se")) is not None]
    shapes = []
    if errors:
        top = _at(frame, 0.5, 0.5 + 2 * statistics.median(errors))[1]
        shapes.append(svg.rect(frame.left, top, frame.right - frame.left, frame.bottom - top, fill=BAND))
    for tick in TICKS:
        x, y = _at(frame, tick, tick)
        shapes += [svg.line(x, frame.top, x, frame.bottom), svg.line(frame.left, y, frame.right, y)]
        shown = f"{tick:.2f}".removesuffix("0")
        shapes.append(svg.text(x, frame.bottom + 18, shown, size=11, anchor="middle", fill=svg.GREY))
        shapes.append(svg.text(frame.left - 10, y + 4, shown, size=11, anchor="end", fill=svg.GREY))
    across, up = "C2ST: told from unseen real patients", "membership AUC: told who was learned from"
    middle = (frame.left + frame.right) / 2, (frame.top + frame.bottom) / 2
    shapes.append(svg.text(middle[0], frame.bottom + 36, across, size=12, anchor="middle"))
    x = frame.left - 42
    turned = f"rotate(-90 {x:g} {middle[1]:g})"
    shapes.append(svg.text(x, middle[1], up, size=12, anchor="middle", transform=turned))
    return shapes


def mark(family: Family, x: float, y: float) -> Markup:
    """Full for locum, an empty square for others, a cross for anchors: told apart without colour."""
    if family == "locum":
        return svg.el("circle", cx=x, cy=y, r=MARK, fill=svg.BLUE, stroke=svg.WHITE, stroke_width=1)
    if family == "peer":
        side = 2 * MARK - 1
        return svg.rect(
            x - side / 2, y - side / 2, side, side, fill=svg.WHITE, stroke=svg.INK, stroke_width=2
        )
    a = MARK - 1
    lines = [svg.line(x - a, y + b, x + a, y - b, stroke=svg.INK, width=2) for b in (a, -a)]
    return Markup("").join(lines)


def _target(x: float, y: float) -> Markup:
    rings = [
        svg.el("circle", cx=x, cy=y, r=r, fill="none", stroke=svg.INK, stroke_width=1.5) for r in (8.0, 4.0)
    ]
    return Markup("").join(rings)


def _leader(point: Point, box: Box) -> Markup:
    end = box.nearest(*point)
    if math.dist(point, end) <= NEAR:
        return Markup("")
    return svg.line(*point, *end, stroke=svg.GREY, width=0.75)


def _legend() -> list[Markup]:
    shapes = [svg.text(LEFT, 20, TITLE, size=15, weight="bold")]
    x = LEFT + MARK
    for family, text in KINDS:
        shapes += [mark(family, x, 40), svg.text(x + 12, 44, text, size=SIZE)]
        x += svg.text_width(text, SIZE) + 36
    shapes += [_target(x, 40), svg.text(x + 14, 44, "the aim", size=SIZE)]
    shapes.append(svg.rect(LEFT, HEIGHT - 38, 22, 12, fill=BAND, stroke=svg.GRID))
    for i, (indent, note) in enumerate(NOTES):
        shapes.append(svg.text(LEFT + indent, HEIGHT - 28 + 17 * i, note, size=11, fill=svg.GREY))
    return shapes
