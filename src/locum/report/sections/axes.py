"""Axes of shares and of areas under the curve, and figures with their interval."""

from __future__ import annotations

import math

from locum.report import formats
from locum.report.row_charts import Axis


def hundredfold(bounds: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (100 * bounds[0], 100 * bounds[1])


def with_interval(value: str, interval: str) -> str:
    return f"{value} ({interval})" if interval and value != formats.NONE else value


def percent_axis(top: float, reference: tuple[float, str] | None = None) -> Axis:
    high = min(100.0, formats.nice_ceiling(top))
    ticks = [(t, formats.percent(t)) for t in (0.0, high / 2, high)]
    return Axis(0.0, high, ticks, reference)


def auc_axis(low: float, high: float) -> Axis:
    """From a little under 0.5 to a round number, so that small differences from chance can be seen."""
    start = min(0.45, math.floor(low * 20) / 20)
    end = max(0.6, math.ceil(high * 20) / 20)
    steps = round((end - start) / 0.05)
    every = 1 if steps <= 6 else 2
    ticks = [(start + 0.05 * i, formats.decimals(start + 0.05 * i, 2)) for i in range(0, steps + 1, every)]
    return Axis(start, end, ticks, (0.5, "chance"))
