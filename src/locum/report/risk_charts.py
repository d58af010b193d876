"""What predicted risks are worth: calibration curves and decision curves, trained on real and on synthetic."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from locum.evaluate.metrics import PredictedRisk, Readout
from locum.report import formats, svg

LEFT, TOP, SIDE, TALL = 58.0, 10.0, 262.0, 200.0
Place = Callable[[float, float], tuple[float, float]]


def calibration(risk: PredictedRisk, ident: str) -> svg.Chart | None:
    """Predicted against observed risk, by joined tenths; None where there are too few patients for any."""
    every = [*risk.real.tenths, *risk.synthetic.tenths]
    if not every:
        return None
    top = min(1.0, formats.nice_ceiling(max(max(t.predicted, t.observed) for t in every)))

    def point(x: float, y: float) -> tuple[float, float]:
        return LEFT + SIDE * min(x / top, 1.0), TOP + SIDE * (1 - min(y / top, 1.0))

    shapes = _grid(point, [top * i / 4 for i in range(5)], [top * i / 4 for i in range(5)], SIDE)
    shapes.append(svg.path([point(0, 0), point(top, top)], svg.GREY, 1.25, "1 4"))
    for readout, colour, width, dash in _sides(risk):
        points = [point(t.predicted, t.observed) for t in readout.tenths]
        if len(points) > 1:
            shapes.append(svg.path(points, colour, width, dash))
        shapes += [_dot(x, y, colour, dash) for x, y in points]
    shapes += _names("predicted risk", "share who had the outcome", SIDE)
    title = f"Calibration: {risk.model} predicting {risk.target}"
    desc = (
        f"The slope, ideally 1, is {formats.decimals(risk.real.slope, 2)} after training on real and "
        f"{formats.decimals(risk.synthetic.slope, 2)} after training on synthetic patients."
    )
    rows = [
        [side, formats.share(t.predicted), formats.share(t.observed), _range(t.interval)]
        for side, readout in (("real", risk.real), ("synthetic", risk.synthetic))
        for t in readout.tenths
    ]
    head = ["Trained on", "Predicted", "Observed", "95% interval"]
    table = svg.Table(f"{risk.model}, {risk.target}: predicted and observed risk", head, rows)
    return svg.Chart(svg.picture(ident, TOP + SIDE + 42, title, desc, *shapes), table)


def decision(risk: PredictedRisk, ident: str) -> svg.Chart | None:
    """Net benefit against the risk at which one would treat; None where no threshold can be shown."""
    values = [v for r in (risk.real, risk.synthetic) for v in r.net_benefit if v is not None]
    if not values:
        return None
    high = formats.nice_ceiling(max([*values, max(risk.treat_all), 0.001]))
    low = min(-high / 4, max(min(values), -high))
    start, end = risk.thresholds[0], risk.thresholds[-1]

    def point(x: float, y: float) -> tuple[float, float]:
        inner = min(max(y, low), high)
        return LEFT + SIDE * (x - start) / max(end - start, 1e-9), TOP + TALL * (high - inner) / (high - low)

    ticks = [start + (end - start) * i / 3 for i in range(4)]
    shapes = _grid(point, ticks, [0.0, high / 2, high], TALL, _short)
    every = [(t, b) for t, b in zip(risk.thresholds, risk.treat_all, strict=False) if b >= low]
    if len(every) > 1:
        shapes.append(svg.path([point(t, b) for t, b in every], svg.GREY, 1.25, "1 4"))
    for readout, colour, width, dash in _sides(risk):
        points = [
            point(t, b) for t, b in zip(risk.thresholds, readout.net_benefit, strict=False) if b is not None
        ]
        if len(points) > 1:
            shapes.append(svg.path(points, colour, width, dash))
    shapes += _names("risk at which one would treat", "net benefit", TALL)
    title = f"Decision curves: {risk.model} predicting {risk.target}"
    desc = "Net benefit per patient at each threshold of risk; the dotted line is treating everyone."
    rows = [
        [formats.share(t), _benefit(r), _benefit(s), _benefit(a)]
        for t, r, s, a in zip(
            risk.thresholds, risk.real.net_benefit, risk.synthetic.net_benefit, risk.treat_all, strict=False
        )
    ]
    head = ["Threshold", "Trained on real", "Trained on synthetic", "Treating everyone"]
    table = svg.Table(f"{risk.model}, {risk.target}: net benefit", head, rows)
    return svg.Chart(svg.picture(ident, TOP + TALL + 40, title, desc, *shapes), table)


def _sides(risk: PredictedRisk) -> tuple[tuple[Readout, str, float, str | None], ...]:
    return ((risk.real, svg.INK, 2, None), (risk.synthetic, svg.BLUE, 2.75, "7 4"))


def _grid(
    point: Place,
    across: list[float],
    up: list[float],
    tall: float,
    say: Callable[[float], str] = formats.share,
) -> list[Markup]:
    shapes: list[Markup] = []
    for tick in up:
        y = point(across[0], tick)[1]
        shapes += [svg.line(LEFT, y, LEFT + SIDE, y), _tick(LEFT - 5, y + 4, say(tick), "end")]
    for tick in across:
        x = point(tick, up[0])[0]
        shapes += [svg.line(x, TOP, x, TOP + tall), _tick(x, TOP + tall + 15, formats.share(tick), "middle")]
    return shapes


def _tick(x: float, y: float, words: str, anchor: str) -> Markup:
    return svg.text(x, y, words, size=11, anchor=anchor, fill=svg.GREY)


def _names(across: str, up: str, tall: float) -> list[Markup]:
    middle = TOP + tall / 2
    turned = f"rotate(-90 10 {middle:g})"
    return [
        svg.text(LEFT + SIDE / 2, TOP + tall + 33, across, size=11, anchor="middle"),
        svg.text(9, middle, up, size=11, anchor="middle", transform=turned),
    ]


def _dot(x: float, y: float, colour: str, dash: str | None) -> Markup:
    fill = svg.WHITE if dash is None else colour  # told apart without colour
    return svg.el("circle", cx=x, cy=y, r=4, fill=fill, stroke=colour, stroke_width=1.75)


def _range(bounds: tuple[float, float]) -> str:
    return f"{formats.share(bounds[0])} to {formats.share(bounds[1])}"


def _short(value: float) -> str:
    return formats.decimals(value, 2 if value >= 0.1 else 3) if value else "0"


def _benefit(value: float | None) -> str:
    return formats.decimals(value, 3)
