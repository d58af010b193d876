"""Kaplan-Meier curves: unseen real patients as a band, training patients and synthetic ones as lines."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from locum.evaluate.metrics import SurvivalCurve
from locum.report import formats, svg

LEFT, TOP, SIDE, TALL = 58.0, 10.0, 266.0, 200.0
BAND = "#c9cdd0"
EVERY = 6  # of the times, in the table
Place = Callable[[float, float], tuple[float, float]]


def draw(curve: SurvivalCurve, ident: str) -> svg.Chart:
    values = [v for side in (curve.low, curve.train, curve.synthetic) for v in side if v is not None]
    low = 1 - min(1.0, formats.nice_ceiling(1 - min(values, default=0.0)))
    last = curve.time[-1] or 1.0

    def point(time: float, share: float) -> tuple[float, float]:
        inner = min(max(share, low), 1.0)
        return LEFT + SIDE * time / last, TOP + TALL * (1 - inner) / (1 - low)

    shapes = _grid(point, low, last)
    band = _band(curve, point)
    if band is not None:
        shapes.append(band)
    for side, colour, width, dash in (
        (curve.train, svg.INK, 2.0, None),
        (curve.synthetic, svg.BLUE, 2.75, "7 4"),
    ):
        points = [point(t, v) for t, v in zip(curve.time, side, strict=True) if v is not None]
        if len(points) > 1:
            shapes.append(svg.path(points, colour, width, dash))
    when = f"time ({curve.unit})" if curve.unit else "time"
    shapes.append(svg.text(LEFT + SIDE / 2, TOP + TALL + 33, when, size=11, anchor="middle"))
    middle = TOP + TALL / 2
    turned = f"rotate(-90 10 {middle:g})"
    shapes.append(svg.text(10, middle, "without the event", size=11, anchor="middle", transform=turned))
    title = f"Survival curves: {formats.tidy(curve.group)}"
    desc = (
        f"Synthetic patients are up to {formats.number(curve.gap, 2)} points from unseen real ones, training patients "
        f"up to {formats.number(curve.ceiling, 2)}."
    )
    return svg.Chart(svg.picture(ident, TOP + TALL + 40, title, desc, *shapes), _table(curve))


def _band(curve: SurvivalCurve, point: Place) -> Markup | None:
    """The 95% interval of unseen real patients."""
    edges = [
        (t, a, b)
        for t, a, b in zip(curve.time, curve.low, curve.high, strict=True)
        if a is not None and b is not None
    ]
    if len(edges) < 2:
        return None
    corners = [point(t, b) for t, _, b in edges] + [point(t, a) for t, a, _ in reversed(edges)]
    d = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + " Z"
    return svg.el("path", d=d, fill=BAND, stroke=svg.GREY, stroke_width=0.75)


def _grid(point: Place, low: float, last: float) -> list[Markup]:
    shapes: list[Markup] = []
    for i in range(5):
        time, share = last * i / 4, low + (1 - low) * i / 4
        (x, bottom), (x1, top) = point(time, low), point(time, 1)
        shapes.append(svg.line(x, bottom, x1, top))
        shapes.append(svg.text(x, bottom + 15, formats.number(time), size=11, anchor="middle", fill=svg.GREY))
        (x, y), (x1, y1) = point(0, share), point(last, share)
        shapes.append(svg.line(x, y, x1, y1))
        shapes.append(svg.text(x - 5, y + 4, _percent(share), size=11, anchor="end", fill=svg.GREY))
    return shapes


def _percent(share: float) -> str:
    """A whole percentage, or with the decimals that tell it from its neighbours on the axis."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def _table(curve: SurvivalCurve) -> svg.Table:
    rows = [
        [
            formats.number(curve.time[i], 4),
            formats.share(curve.holdout[i]),
            formats.share(curve.train[i]),
            formats.share(curve.synthetic[i]),
        ]
        for i in range(0, len(curve.time), EVERY)
    ]
    head = [
        f"Time ({curve.unit})" if curve.unit else "Time",
        "Unseen real",
        "Training",
        "Synthetic",
    ]
    return svg.Table(f"Share without the event: {formats.tidy(curve.group)}", head, rows)
