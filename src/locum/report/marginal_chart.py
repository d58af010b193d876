"""One variable: synthetic patients as filled bars, unseen real ones as a line in a band of what chance allows."""

from __future__ import annotations

import re

from markupsafe import Markup

from locum.evaluate.metrics import Marginal
from locum.report import chance, formats, histogram, svg
from locum.report.histogram import Bin

MOST_ROWS = 8
"""Levels drawn; the rest are added up into one row and stand apart in the table."""


def draw(marginal: Marginal, patients: int, ident: str) -> svg.Chart:
    """PATIENTS: how many unseen real ones there are, for the width of the band."""
    labels = [_exactly(label) for label in marginal.bins] if marginal.edges else marginal.bins
    bins: list[Bin] = list(zip(labels, marginal.train, marginal.holdout, marginal.synthetic, strict=False))
    numeric = len(marginal.edges) - 1 if marginal.edges else 0
    if numeric > len(bins) or numeric < 2:
        numeric = 0
    rows = fold(bins[numeric:])
    shapes: list[Markup] = []
    height = 4.0
    if numeric:
        shapes, height = histogram.draw(
            bins[:numeric], patients, marginal.edges or [], marginal.kind, marginal.unit or ""
        )
    if rows:
        drawn, height = draw_rows(rows, patients, height)
        shapes += drawn
    title = f"{marginal.variable}: share of patients in each group"
    return svg.Chart(svg.picture(ident, height, title, _describe(bins), *shapes), _table(marginal, bins))


def _exactly(label: str) -> str:
    """A value of its own among the ranges of a number, such as the last day of follow-up; with a true minus sign."""
    said = formats.tidy(label)
    return f"exactly {said}" if re.fullmatch(r"[\d.,−-]+", said) else said


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


def fold(bins: list[Bin]) -> list[Bin]:
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


def draw_rows(bins: list[Bin], patients: int | None, start: float) -> tuple[list[Markup], float]:
    """A horizontal bar a level, its name above it at full width, so that long names stay whole.

    patients: how many unseen real ones there are; None to draw the synthetic ones alone.
    """
    left, right, tall = 4.0, svg.WIDTH - 10, 36.0
    top = formats.nice_ceiling(max(max(b[1:]) for b in bins))

    def x(value: float) -> float:
        return left + (right - left) * value / top

    end = start + tall * len(bins)
    shapes = [svg.line(x(t), start, x(t), end, svg.GRID) for t in (0.0, top / 2, top)]
    for i, (label, _, holdout, synthetic) in enumerate(bins):
        y = start + i * tall
        shapes.append(svg.text(left, y + 13, label, room=right - left))
        shapes.append(svg.rect(left, y + 19, x(synthetic) - left, 10, fill=svg.BLUE))
        if patients is None:
            continue
        low, high = chance.interval(holdout, patients)
        width = max(x(min(high, top)) - x(low), 1.5)
        shapes.append(svg.rect(x(low), y + 16, width, 16, fill=svg.INK, fill_opacity=0.22))
        shapes.append(svg.line(x(holdout), y + 15, x(holdout), y + 33, svg.INK, 2.25))
    for tick, anchor in ((0.0, "start"), (top / 2, "middle"), (top, "end")):
        shapes.append(svg.text(x(tick), end + 14, formats.share(tick), size=11, anchor=anchor, fill=svg.GREY))
    return shapes, end + 20
