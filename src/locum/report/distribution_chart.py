"""One variable of the synthetic patients alone: a bar a level, or a histogram of a number."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from locum.report import formats, histogram, marginal_chart, svg
from locum.report.histogram import Bin

FEW = 8
"""Up to so many ranges of a number are rows with their names, as levels are."""


def draw(
    name: str,
    ranges: Sequence[tuple[str, float]],
    levels: Sequence[tuple[str, float]],
    ident: str,
    *,
    edges: Sequence[float] = (),
    kind: str = "",
    unit: str = "",
) -> svg.Chart:
    """NAME: of the variable. RANGES of a number and LEVELS, reasons of being missing among them, with their shares.

    edges: of the ranges, one more than there are; of dates, days since 1970-01-01.
    """
    numbers, rows = _bins(ranges), _bins(levels)
    if len(numbers) <= FEW:
        numbers, rows = [], numbers + rows
    shapes: list[Markup] = []
    height = 4.0
    if numbers:
        shapes, height = histogram.draw(numbers, None, list(edges), kind, unit)
    if rows:
        named = [(f"{b[0]}: {formats.share(b[3])}", *b[1:]) for b in marginal_chart.fold(rows)]
        drawn, height = marginal_chart.draw_rows(named, None, height)
        shapes += drawn
    bins = _bins([*ranges, *levels])
    title = f"{name}: share of rows in each group"
    most = max(bins, key=lambda b: b[3], default=None)
    desc = f"{len(bins)} groups. " if most else "No row has a value."
    if most:
        desc += f"The largest is “{most[0]}” with {formats.share(most[3])} of the rows."
    table = svg.Table(title, ["Group", "Share of rows"], [[b[0], formats.share(b[3])] for b in bins])
    return svg.Chart(svg.picture(ident, height, title, desc, *shapes), table)


def _bins(shares: Sequence[tuple[str, float]]) -> list[Bin]:
    return [(label, share, share, share) for label, share in shares]
