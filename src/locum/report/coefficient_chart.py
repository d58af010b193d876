"""A forest plot: what a regression finds in unseen real and in synthetic patients, line by line."""

from __future__ import annotations

import math

from locum.evaluate.metrics import Effect
from locum.report import formats, row_charts, svg
from locum.report.row_charts import Axis, Dot, Row

RATIOS = {"Cox regression": "Hazard ratio"}
ENDS = (1.25, 1.5, 2.0, 3.0, 4.0, 8.0, 16.0, 32.0)
"""Ratios at which an axis may end; a longer interval is cut off there, and is whole in the table."""


def draw(effects: list[Effect], ident: str) -> svg.Chart:
    """EFFECTS: of one analysis, at least one. The axis is logarithmic, so that half is as far from 1 as twice."""
    analysis, outcome = effects[0].analysis, effects[0].outcome
    ratio = RATIOS.get(analysis, "Odds ratio")
    bounds = [abs(x) for e in effects for x in (*e.holdout_interval, *e.synthetic_interval)]
    longest = math.exp(min(max(bounds), 10.0))
    end = next((x for x in ENDS if x >= longest), ENDS[-1])
    axis = Axis(
        -math.log(end),
        math.log(end),
        [(math.log(x), formats.number(x)) for x in (1 / end, 1.0, end)],
        (0.0, "no effect"),
    )
    rows = [
        Row(
            e.term,
            [
                [Dot(e.holdout, "outline", _inside(e.holdout_interval, axis))],
                [Dot(e.synthetic, "disc", _inside(e.synthetic_interval, axis))],
            ],
        )
        for e in effects
    ]
    title = f"{ratio}s of a {analysis}: {outcome}"
    kept = sum(e.kept for e in effects)
    desc = f"{kept} of {len(effects)} lead to the same conclusion in synthetic as in unseen real patients."
    table = svg.Table(
        f"{ratio}s with 95% intervals: {outcome}",
        ["Covariate", "Unseen real", "Training", "Synthetic", "Overlap of intervals", "Same conclusion"],
        [
            [
                e.term,
                _ratio(e.holdout, e.holdout_interval),
                _ratio(e.train, e.train_interval),
                _ratio(e.synthetic, e.synthetic_interval),
                formats.share(e.overlap),
                "yes" if e.kept else "no",
            ]
            for e in effects
        ],
    )
    if any(e.combined is not None for e in effects):
        table.head.append("Synthetic, all tables combined")
        for row, e in zip(table.rows, effects, strict=True):
            row.append(_combined(e))
    return row_charts.dots(ident, title, desc, rows, axis, table)


def _inside(interval: tuple[float, float], axis: Axis) -> tuple[float, float]:
    low, high = (min(max(x, axis.low), axis.high) for x in interval)
    return low, high


def _ratio(value: float, interval: tuple[float, float]) -> str:
    middle, low, high = (_written(math.exp(min(max(x, -20.0), 20.0))) for x in (value, *interval))
    return f"{middle} ({low} to {high})"


def _combined(effect: Effect) -> str:
    if effect.combined is None or effect.combined_interval is None:
        return formats.NONE
    return _ratio(effect.combined, effect.combined_interval)


def _written(ratio: float) -> str:
    if ratio > 1000:
        return "over 1,000"
    return "under 0.001" if ratio < 0.001 else formats.number(ratio)
