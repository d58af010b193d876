"""The learned graph: a box a variable, a line between each variable and those that help most to draw it.

A line has a direction only where tiers bind the order. Elsewhere the order is that in which variables are best drawn,
and an arrow from an outcome to a history would read as a cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from locum.report import formats, svg
from locum.report.graph_layout import BOX, Layout, Line, joined, lay_out

if TYPE_CHECKING:
    from locum.network.graph.schema import Graph, Node

MOST_BOXES = 48
"""Of more variables, those joined by the strongest lines are drawn."""
LEAST = 0.02  # share told by a parent that is drawn
FURTHER, BESIDE = 0.08, 0.4  # a second parent tells this share, and this part of what the first tells
MOST_PARENTS = 3

SAME = 0.985
"""A variable of which so much is known, or that a formula makes for most, is a copy of others or computed from them."""

STRONG = (5.0, "#0a3d73"), (2.75, "#1d70b8"), (1.25, "#5f7f99")
"""Widths and colours of lines, from the strongest."""
PARTS = 0.5, 0.2  # of the strongest line, from which a line is drawn in the first and second of these
SAME_LINE, DASH = (1.75, svg.GREY), "2 4"

SIZE, SMALL, LINE = 10.5, 9.5, 11.5
WIDTH, GAP, EDGE = 134.0, 42.0, 6.0
HEAD = 26.0  # room for the names of bands
LATENT = "Unmeasured"  # the band of a latent class where tiers bind the order: before them all
TIERS = ("Demographics", "History", "Symptoms", "Measurements", "Treatment", "Outcome")
"""What each tier is called (docs/how-to/declare-variables.md)."""


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn, and what that says, for the key. least: the strength from which it is, -1 of a copy."""

    least: float
    width: float
    colour: str
    says: str
    dash: str | None = None


@dataclass(frozen=True)
class Drawn:
    """The chart; boxes: how many variables are in it; alone: those whom no line joins; key: of its lines."""

    chart: svg.Chart
    boxes: int
    alone: tuple[str, ...]
    key: tuple[Stroke, ...]


def tier_name(tier: int) -> str:
    """What a tier is called; those beyond the ones with a name are numbered."""
    return TIERS[tier] if 0 <= tier < len(TIERS) else f"Tier {tier}"


def _is_same(node: Node) -> bool:
    return node.known >= SAME or sum(rule.share for rule in node.follows) >= SAME / 2


def _strokes(strengths: Sequence[float], copies: bool) -> tuple[Stroke, ...]:
    """The lines in widths by their STRENGTHS beside one another; copies: whether there are lines of those too."""
    top = max(strengths, default=0.0)
    first, second = (float(f"{part * top:.1g}") for part in PARTS)
    says = (
        f"takes away {formats.share(first)} or more of what is not known",
        f"{formats.share(second)} to {formats.share(first)}",
        "less",
    )
    found = [
        Stroke(least, *pen, words)
        for least, pen, words in zip((first, second, 0.0), STRONG, says, strict=True)
        if strengths
    ]
    same = "one is a copy of the other, or computed from it"
    return (*found, Stroke(-1.0, *SAME_LINE, same, DASH)) if copies else tuple(found)


def draw(graph: Graph, ident: str) -> Drawn | None:
    """The figure, by tiers where any is declared; None where no variable tells anything about another."""
    nodes = graph.variables
    number = {node.variable: i for i, node in enumerate(nodes)}
    weight: dict[tuple[int, int], float] = {}
    for child, node in enumerate(nodes):
        for rank, parent in enumerate(node.parents[:MOST_PARENTS]):
            enough = LEAST if rank == 0 else max(FURTHER, BESIDE * node.parents[0].strength)
            if parent.strength >= enough:
                weight[number[parent.variable], child] = parent.strength
    edges = joined(list(weight), weight, MOST_BOXES)
    if not edges:
        return None
    boxes = sorted({i for edge in edges for i in edge}, key=lambda i: nodes[i].place)
    shown = [nodes[i] for i in boxes]
    place = {i: box for box, i in enumerate(boxes)}
    tiers = sorted({node.tier for node in shown if node.tier is not None})
    bound = graph.ordered_by == "tiers"  # then only a latent class has no tier
    band = [
        tiers.index(node.tier) + bound if node.tier is not None else 0 if bound else len(tiers)
        for node in shown
    ]
    layout = lay_out(band, [(place[a], place[b]) for a, b in edges])
    strength = {(place[a], place[b]): weight[a, b] for a, b in edges}
    headings = [tier_name(tier) for tier in tiers]
    same = frozenset(i for i, node in enumerate(shown) if _is_same(node))
    strokes = _strokes(
        [s for (_, to), s in strength.items() if to not in same], bool(same & {b for _, b in strength})
    )
    picture = _Picture(shown, layout, strength, same, strokes, arrows=bound)
    names = [LATENT, *headings] if bound else [*headings, "No tier declared" if tiers else ""]
    touched = {i for edge in weight for i in edge}
    alone = tuple(node.variable for i, node in enumerate(nodes) if i not in touched)
    return Drawn(_picture(picture, names, ident), len(boxes), alone, strokes)


@dataclass(frozen=True)
class _Picture:
    """nodes: of the boxes. strength: of the lines. same: boxes of copies and the computed. arrows: lines have heads."""

    nodes: list[Node]
    layout: Layout
    strength: dict[tuple[int, int], float]
    same: frozenset[int]
    strokes: tuple[Stroke, ...]
    arrows: bool

    def weight(self, own: Line) -> float:
        """The strength of a line that is no copy's; -1 of one that is."""
        return -1.0 if own.to in self.same else self.strength[own.from_, own.to]

    def stroke(self, own: Line) -> Stroke:
        return next(s for s in self.strokes if self.weight(own) >= s.least)


def _picture(p: _Picture, names: list[str], ident: str) -> svg.Chart:
    nodes, layout, strength = p.nodes, p.layout, p.strength
    head = HEAD if any(names) else 0.0
    last = max(layout.column)
    width = 2 * EDGE + (last + 1) * WIDTH + last * GAP + GAP / 2
    shapes: list[Markup] = []
    for c, band in enumerate(layout.bands):
        if names[band] and (c == 0 or layout.bands[c - 1] != band):
            shapes += _band_heading(names[band], c, layout.bands.count(band))
    ports = _ports(layout)
    for own in sorted(layout.lines, key=p.weight):
        one, other, share = own.from_, own.to, formats.share(strength[own.from_, own.to])
        tip = f"{nodes[one].variable} {'→' if p.arrows else '–'} {nodes[other].variable}: {share}"
        shapes += _line(layout, own, ports, head + EDGE, p.stroke(own), tip, p.arrows)
    for i, node in enumerate(nodes):
        shapes += _box(_x(layout.column[i]), head + EDGE + layout.y[i], node)
    title = f"What the model learned: {len(nodes)} variables and the {len(layout.lines)} strongest lines between them"
    strongest = max(layout.lines, key=p.weight)
    desc = (
        "Each box is a variable. A line "
        + (
            "leads from a variable to one that the model draws"
            if p.arrows
            else "joins a variable with one drawn"
        )
        + f" with its help; the wider, the more it tells. The strongest is between {nodes[strongest.from_].variable} "
        f"and {nodes[strongest.to].variable}."
    )
    rows = [
        [nodes[own.to].variable, nodes[own.from_].variable, formats.share(strength[own.from_, own.to])]
        for own in sorted(layout.lines, key=lambda one: -strength[one.from_, one.to])
    ]
    table = svg.Table(
        "The lines of the graph, the strongest first",
        ["Variable", "Drawn with the help of", "Of what is not known, this takes away"],
        rows,
    )
    height = head + layout.height + 2 * EDGE
    return svg.Chart(svg.picture(ident, height, title, desc, *shapes, width=width), table)


def _x(column: int) -> float:
    """The left side of the boxes of a column."""
    return EDGE + column * (WIDTH + GAP)


def _band_heading(name: str, column: int, columns: int) -> list[Markup]:
    left, right = _x(column), _x(column + columns - 1) + WIDTH
    return [
        svg.text(left, 13, name, size=12.5, weight="700", room=right - left),
        svg.line(left, 19, right, 19, svg.GREY, 1.5),
    ]


def _box(x: float, y: float, node: Node) -> list[Markup]:
    """The short description with the name of the column under it, or that alone."""
    name, room = node.variable or "(no name)", WIDTH - 8
    said = svg.short(node.description, SIZE, room)
    lines = [(part, SIZE, svg.INK) for part in said or svg.wrap(name, SIZE, room, most=3)]
    if said:
        lines.append((svg.shorten(name, SMALL, room), SMALL, svg.GREY))
    top = y - LINE * len(lines) / 2 + SIZE - 1.5
    tip = f"{name}: {node.description}" if node.description else name
    shapes = [
        svg.rect(x, y - BOX / 2 + 2, WIDTH, BOX - 4, fill="#f4f8fb", stroke=svg.GREY, stroke_width=1, rx=3)
    ]
    return shapes + [
        svg.text(x + WIDTH / 2, top + LINE * i, part, size=size, anchor="middle", fill=fill, tip=tip)
        for i, (part, size, fill) in enumerate(lines)
    ]


def _side(layout: Layout, own: Line, end: int) -> int:
    """1 where the line meets the right side of the box END, -1 for the left."""
    a, b = layout.column[own.from_], layout.column[own.to]
    if a == b:
        return 1
    return 1 if (b > a) == (end == own.from_) else -1


def _ports(layout: Layout) -> dict[tuple[Line, int], float]:
    """The height at which each line meets each of its boxes: spread over the side, so that lines do not merge."""
    meet: dict[tuple[int, int], list[tuple[float, int, Line]]] = {}
    for i, own in enumerate(layout.lines):
        for end, other in ((own.from_, own.to), (own.to, own.from_)):
            heights = [y for _, y in own.via] or [layout.y[other]]
            towards = heights[0] if end == own.from_ else heights[-1]
            meet.setdefault((end, _side(layout, own, end)), []).append((towards, i, own))
    ports = {}
    for (box, _), lines in meet.items():
        step = min(7.0, (BOX - 12) / len(lines))
        for i, (_, _, own) in enumerate(sorted(lines, key=lambda one: one[:2])):
            ports[own, box] = layout.y[box] + step * (i - (len(lines) - 1) / 2)
    return ports


def _line(
    layout: Layout,
    own: Line,
    ports: dict[tuple[Line, int], float],
    down: float,
    stroke: Stroke,
    tip: str,
    arrow: bool,
) -> list[Markup]:
    """The line, and where it has a direction its head at the variable that it helps to draw."""
    tall, long = 3.5 + stroke.width, (5 + 1.6 * stroke.width if arrow else 1.0)
    from_side, to_side = _side(layout, own, own.from_), _side(layout, own, own.to)
    x1 = _x(layout.column[own.from_]) + (WIDTH if from_side > 0 else 0)
    x2 = _x(layout.column[own.to]) + (WIDTH if to_side > 0 else 0)
    y1, y2 = ports[own, own.from_] + down, ports[own, own.to] + down
    end = x2 + to_side * (long - 1)
    if layout.column[own.from_] == layout.column[own.to]:  # beside the column
        out = x1 + min(GAP - 8, 20 + 0.12 * abs(y2 - y1))
        d = f"M{x1:.1f} {y1:.1f} C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} {end:.1f} {y2:.1f}"
    else:
        d, x, y = f"M{x1:.1f} {y1:.1f}", x1, y1
        for column, height in own.via:
            near = _x(column) + (0 if from_side > 0 else WIDTH)
            far = _x(column) + (WIDTH if from_side > 0 else 0)
            d += _curve(x, y, near, height + down) + f" L{far:.1f} {height + down:.1f}"
            x, y = far, height + down
        d += _curve(x, y, end, y2)
    head = f"M{x2:.1f} {y2:.1f} L{x2 + to_side * long:.1f} {y2 - tall:.1f} V{y2 + tall:.1f} Z"
    return [
        svg.el(
            "path",
            svg.el("title", tip),
            d=d,
            fill="none",
            stroke=stroke.colour,
            stroke_width=stroke.width,
            stroke_opacity=0.85,
            stroke_dasharray=stroke.dash,
        ),
        *([svg.el("path", d=head, fill=stroke.colour)] if arrow else []),
    ]


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f" C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
