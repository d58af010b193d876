"""The learned graph: a box a variable, a line from each variable to those that it helps to draw."""

from __future__ import annotations

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

STRENGTHS = [
    (0.3, 5.0, "#0a3d73", "takes away 30% or more of what is not known"),
    (0.1, 2.75, "#1d70b8", "10% to 30%"),
    (0.0, 1.25, "#5f7f99", "less"),
]
"""From which strength, the width and colour of the line, and the key."""

SIZE, LINE = 11.0, 11.5
WIDTH, GAP, EDGE = 112.0, 46.0, 6.0
HEAD = 26.0  # room for the names of bands
LATENT = "Unmeasured"  # the band of a latent class where tiers bind the order: before them all
BANDS = {0: "Demographics", 1: "History"}
"""The tiers that mean the same everywhere (see `locum.variables.Variable`)."""


@dataclass(frozen=True)
class Drawn:
    """The chart; boxes: how many variables are in it; alone: those whom no line joins; weaker: lines not drawn."""

    chart: svg.Chart
    boxes: int
    alone: tuple[str, ...]


def key() -> list[tuple[float, str, str]]:
    """Width, colour and what it stands for."""
    return [(width, colour, words) for _, width, colour, words in STRENGTHS]


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
    headings = [_heading(tier) for tier in tiers]
    names = [LATENT, *headings] if bound else [*headings, "No tier declared" if tiers else ""]
    touched = {i for edge in weight for i in edge}
    alone = tuple(node.variable for i, node in enumerate(nodes) if i not in touched)
    return Drawn(_picture(shown, layout, strength, names, ident), len(boxes), alone)


def _heading(tier: int) -> str:
    return BANDS.get(tier, f"Tier {tier}")


def _picture(
    nodes: list[Node],
    layout: Layout,
    strength: dict[tuple[int, int], float],
    names: list[str],
    ident: str,
) -> svg.Chart:
    head = HEAD if any(names) else 0.0
    last = max(layout.column)
    width = 2 * EDGE + (last + 1) * WIDTH + last * GAP + GAP / 2
    shapes: list[Markup] = []
    for c, band in enumerate(layout.bands):
        if names[band] and (c == 0 or layout.bands[c - 1] != band):
            shapes += _band_heading(names[band], c, layout.bands.count(band))
    ports = _ports(layout)
    for own in sorted(layout.lines, key=lambda one: strength[one.from_, one.to]):
        _, thick, colour, _ = next(s for s in STRENGTHS if strength[own.from_, own.to] >= s[0])
        tip = f"{nodes[own.from_].variable} → {nodes[own.to].variable}: {formats.share(strength[own.from_, own.to])}"
        shapes += _line(layout, own, ports, head + EDGE, thick, colour, tip)
    for i, node in enumerate(nodes):
        shapes += _box(_x(layout.column[i]), head + EDGE + layout.y[i], node.variable)
    title = f"What the model learned: {len(nodes)} variables and the {len(layout.lines)} strongest lines between them"
    strongest = max(layout.lines, key=lambda one: strength[one.from_, one.to])
    desc = (
        "Each box is a variable. A line leads from a variable to one that the model draws with its help; the wider, "
        f"the more it tells. The strongest leads from {nodes[strongest.from_].variable} to "
        f"{nodes[strongest.to].variable}."
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


def _box(x: float, y: float, name: str) -> list[Markup]:
    lines = svg.wrap(name or "(no name)", SIZE, WIDTH - 8, most=3)
    top = y - LINE * len(lines) / 2 + SIZE - 1.5
    shapes = [
        svg.rect(x, y - BOX / 2 + 2, WIDTH, BOX - 4, fill="#f4f8fb", stroke=svg.GREY, stroke_width=1, rx=3)
    ]
    return shapes + [
        svg.text(x + WIDTH / 2, top + LINE * i, part, size=SIZE, anchor="middle", tip=name)
        for i, part in enumerate(lines)
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
    thick: float,
    colour: str,
    tip: str,
) -> list[Markup]:
    """The line and its head at the variable that it helps to draw."""
    tall, long = 3.5 + thick, 5 + 1.6 * thick
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
            stroke=colour,
            stroke_width=thick,
            stroke_opacity=0.85,
        ),
        svg.el("path", d=head, fill=colour),
    ]


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f" C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
