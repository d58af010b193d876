"""Two ROC curves of one model: trained on real, and on synthetic patients."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from locum.evaluate.metrics import Curve, Prediction
from locum.report import formats, svg

LEFT, TOP, SIDE = 44.0, 10.0, 280.0
EVERY = 5  # of the points, in the table


def draw(prediction: Prediction, ident: str) -> svg.Chart:
    def point(false: float, true: float) -> tuple[float, float]:
        return LEFT + SIDE * min(max(false, 0.0), 1.0), TOP + SIDE * (1 - min(max(true, 0.0), 1.0))

    shapes: list[Markup] = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        (x, y), (x0, y0), (x1, y1) = point(tick, tick), point(0, 0), point(1, 1)
        shapes += [svg.line(x, y0, x, y1), svg.line(x0, y, x1, y)]
        shapes.append(svg.text(x0 - 5, y + 4, f"{100 * tick:.0f}%", size=11, anchor="end", fill=svg.GREY))
        shapes.append(svg.text(x, y0 + 15, f"{100 * tick:.0f}%", size=11, anchor="middle", fill=svg.GREY))
    shapes.append(svg.path([point(0, 0), point(1, 1)], svg.GREY, 1.25, "1 4"))
    shapes.append(svg.path(_points(prediction.real, point), svg.INK, 2))
    shapes.append(svg.path(_points(prediction.synthetic, point), svg.BLUE, 2.75, "7 4"))
    middle, bottom = LEFT + SIDE / 2, TOP + SIDE
    shapes.append(
        svg.text(
            middle, bottom + 33, "false alarms among those without the outcome", size=11, anchor="middle"
        )
    )
    shapes.append(
        svg.text(
            10, TOP + SIDE / 2, "found among those with the outcome", size=11, anchor="middle",
            transform=f"rotate(-90 10 {TOP + SIDE / 2:g})",
        )
    )  # fmt: skip
    title = f"ROC curves: {prediction.model} predicting {prediction.target}"
    desc = (
        "Judged on unseen real patients, the area under the curve is "
        f"{formats.decimals(prediction.real.auc, 3)} when "
        f"trained on real and {formats.decimals(prediction.synthetic.auc, 3)} when trained on "
        "synthetic patients."
    )
    return svg.Chart(svg.picture(ident, bottom + 40, title, desc, *shapes), _table(prediction))


def _points(curve: Curve, point: Callable[[float, float], tuple[float, float]]) -> list[tuple[float, float]]:
    pairs = list(zip(curve.false_positive_rate, curve.true_positive_rate, strict=False))
    return [point(f, t) for f, t in pairs] or [point(0, 0)]


def _table(prediction: Prediction) -> svg.Table:
    real, synthetic = prediction.real, prediction.synthetic
    rows = zip(real.false_positive_rate, real.true_positive_rate, synthetic.true_positive_rate, strict=False)
    return svg.Table(
        caption=(
            f"{prediction.model}, {prediction.target}: share of outcomes found at each rate of false alarms"
        ),
        head=["False alarms", "Found, trained on real", "Found, trained on synthetic"],
        rows=[[formats.share(f), formats.share(r), formats.share(s)] for f, r, s in list(rows)[::EVERY]],
    )
