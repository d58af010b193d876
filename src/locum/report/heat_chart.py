"""All pairs of variables at once: synthetic against unseen below the diagonal, real against real above it."""

from __future__ import annotations

import itertools
from bisect import bisect_right

from markupsafe import Markup

from locum.evaluate.metrics import Pairs
from locum.report import formats, svg

MOST = 40
"""Up to so many variables are all drawn; of more, only the worst ``SHOWN``."""
SHOWN = 25

LIMITS = [2.0, 5.0, 10.0, 20.0, 40.0]  # %, the same in every report, so that two can be compared
SHADES = ["#f1f5f9", "#cfe0f0", "#93bde0", "#4b8fc9", "#1f5d9c", "#0a2a52"]
CELL, SIZE, LABEL_ROOM = 17.0, 11.5, 144.0
LEAST_WIDTH = 1.5 * svg.WIDTH  # keeps the labels of few variables to the size of the text around them


def shown(pairs: Pairs) -> list[int]:
    """Which variables are drawn: all in their own order, or the worst ones first."""
    n = len(pairs.variables)
    if n <= MOST:
        return list(range(n))

    def excess(i: int) -> float:
        return sum(max(0.0, pairs.gap[i][j] - pairs.ceiling[i][j]) for j in range(n) if j != i)

    return sorted(range(n), key=lambda i: (-excess(i), i))[:SHOWN]


def draw(pairs: Pairs, ident: str) -> svg.Chart:
    chosen = shown(pairs)
    names = [pairs.variables[i] for i in chosen]
    label = 8 + min(LABEL_ROOM, max(svg.text_width(name, SIZE) for name in names))
    shapes: list[Markup] = []
    for r, i in enumerate(chosen):
        y = label + r * CELL
        shapes.append(svg.text(label - 5, y + 12.5, names[r], size=SIZE, anchor="end", room=LABEL_ROOM))
        x = label + r * CELL + 12.5
        turn = f"rotate(-90 {x:g} {label - 5:g})"
        shapes.append(svg.text(x, label - 5, names[r], size=SIZE, room=LABEL_ROOM, transform=turn))
        shapes += [_cell(pairs, i, j, label + c * CELL, label + r * CELL) for c, j in enumerate(chosen)]
    side = label + CELL * len(chosen) + 6
    title = f"Differences in pairs of variables, {len(chosen)} variables"
    desc = (
        "Each square is a pair of variables; the darker, the more the two groups differ. Below the "
        "diagonal: synthetic "
        "against unseen real patients. Above it: training against unseen real patients. If the "
        "halves look alike, "
        "synthetic patients are as close to real ones as real ones are to each other."
    )
    return svg.Chart(
        svg.picture(ident, side, title, desc, *shapes, width=max(side, LEAST_WIDTH)),
        _table(pairs, chosen),
    )


def _cell(pairs: Pairs, i: int, j: int, x: float, y: float) -> Markup:
    if i == j:
        return svg.rect(x, y, CELL - 1, CELL - 1, fill=svg.WHITE, stroke="#b1b4b6", stroke_width=0.5)
    value = pairs.gap[i][j] if y > x else pairs.ceiling[i][j]
    who = "synthetic against unseen" if y > x else "real against real"
    tip = f"{pairs.variables[i]} and {pairs.variables[j]}, {who}: {formats.percent(value)}"
    shade = SHADES[bisect_right(LIMITS, value)]
    return svg.el("rect", svg.el("title", tip), x=x, y=y, width=CELL - 1, height=CELL - 1, fill=shade)


def key() -> list[tuple[str, str]]:
    """Shade and what it stands for."""
    names = [f"under {LIMITS[0]:g}%"]
    names += [f"{a:g}% to {b:g}%" for a, b in itertools.pairwise(LIMITS)]
    return list(zip(SHADES, [*names, f"{LIMITS[-1]:g}% or more"], strict=True))


def _table(pairs: Pairs, chosen: list[int]) -> svg.Table:
    def value(i: int, j: int, r: int, c: int) -> str:
        if i == j:
            return formats.NONE
        return formats.percent(pairs.gap[i][j] if r > c else pairs.ceiling[i][j])

    return svg.Table(
        caption=(
            "Difference in each pair: below the diagonal synthetic against unseen, above it real against real"
        ),
        head=["Variable", *(pairs.variables[j] for j in chosen)],
        rows=[
            [pairs.variables[i], *(value(i, j, r, c) for c, j in enumerate(chosen))]
            for r, i in enumerate(chosen)
        ],
    )
