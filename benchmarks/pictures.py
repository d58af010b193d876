"""The pictures of the manual that are drawn and not photographed: the way of the data, one tree, the frontier.

    pictures.py

Writes docs/images/way.svg, threats.svg, tree.svg and frontier.svg. The frontier takes what the table gives away from
peers/results.json, and what the model gives away from the table under "The second attacker" in README.md.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.peers import results as kept

from locum.network.quantiles import KNOTS, grouped, quantile, shares_below, through
from locum.network.settings import BALANCED
from locum.network.splits import parameters
from locum.report import svg

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PALE = "#f3f6f6"
ORANGE = "#b8501d"
Point = tuple[float, float]


# --- the way of the data -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A step: its words, one entry a line, the first of them bold."""

    x: float
    y: float
    width: float
    height: float
    words: tuple[str, ...]
    fill: str = svg.WHITE

    @property
    def top(self) -> Point:
        return self.x + self.width / 2, self.y

    @property
    def bottom(self) -> Point:
        return self.x + self.width / 2, self.y + self.height

    def draw(self) -> list[Markup]:
        middle = self.x + self.width / 2
        first = self.y + self.height / 2 - 8 * (len(self.words) - 1) + 4
        return [
            svg.rect(self.x, self.y, self.width, self.height, fill=self.fill, stroke=svg.INK, rx=4),
            *(
                svg.text(
                    middle, first + 16 * i, words, size=12, anchor="middle", weight=None if i else "bold"
                )
                for i, words in enumerate(self.words)
            ),
        ]


RECORDS = Box(70, 52, 220, 42, ("Records, or any table", "real, with codes and dates"))
COHORT = Box(70, 122, 220, 42, ("Cohort", "one row a patient, typed"))
TRAIN = Box(22, 192, 150, 42, ("Training patients", "real"), PALE)
HOLDOUT = Box(188, 192, 150, 42, ("Holdout", "never learned from"), PALE)
MODEL = Box(22, 264, 150, 58, ("Model", "trees on codes that", "k patients share"))
DRAWN = Box(22, 352, 150, 42, ("Artificial patients", "drawn, then guarded"))
JUDGED = Box(188, 264, 150, 130, ("Evaluation", "faithful?", "useful?", "private?"))
GATE = Box(22, 432, 316, 42, ("Gate", "limits, least counts, and a person by name"))
PACKAGE = Box(22, 538, 316, 42, ("Package", "table, dictionary, evidence, signature"))
RECIPIENT = Box(22, 612, 316, 42, ("Recipient", "verifies, works, confirms on real patients"))
STEPS = (RECORDS, COHORT, TRAIN, HOLDOUT, MODEL, DRAWN, JUDGED, GATE, PACKAGE, RECIPIENT)
ARROWS: tuple[tuple[Point, ...], ...] = (
    (RECORDS.bottom, COHORT.top),
    ((120, 164), (120, 180), (97, 180), TRAIN.top),
    ((240, 164), (240, 180), (263, 180), HOLDOUT.top),
    (TRAIN.bottom, MODEL.top),
    ((150, 234), (150, 248), (212, 248), (212, 264)),
    (HOLDOUT.bottom, JUDGED.top),
    (MODEL.bottom, DRAWN.top),
    ((172, 373), (188, 373)),
    (DRAWN.bottom, (97, 432)),
    (JUDGED.bottom, (263, 432)),
    (GATE.bottom, PACKAGE.top),
    (PACKAGE.bottom, RECIPIENT.top),
)
ATTACKERS: tuple[tuple[str, float, float], ...] = (
    ("F", 290, 52),
    ("C", 338, 122),
    ("B", 22, 293),
    ("E", 180, 508),
    ("A", 22, 633),
    ("D", 338, 633),
    ("G", 338, 559),
)


def way(marks: Sequence[tuple[str, float, float]] = ()) -> str:
    """What happens to the data, and what of it leaves; MARKS: letters of attackers, and where they stand."""
    shapes = [
        svg.rect(0, 0, 360, 666, fill=svg.WHITE),
        svg.rect(
            6, 8, 348, 482, fill="none", stroke=svg.GREY, stroke_width=1.5, stroke_dasharray="6 4", rx=6
        ),
        svg.text(18, 32, "inside the secure environment", size=13, fill=svg.GREY, weight="bold"),
        svg.text(18, 524, "outside", size=13, fill=svg.GREY, weight="bold"),
    ]
    for points in ARROWS:
        shapes += _arrow(points)
    for box in STEPS:
        shapes += box.draw()
    for letter, x, y in marks:
        shapes += [
            svg.el("circle", cx=x, cy=y, r=12, fill=ORANGE, stroke=svg.WHITE, stroke_width=2),
            svg.text(x, y + 5, letter, size=14, anchor="middle", fill=svg.WHITE, weight="bold"),
        ]
    desc = (
        "Inside the secure environment: records become a cohort of one row a patient; it is split into training "
        "patients and a holdout; the model learns from the training patients and draws artificial ones; the "
        "evaluation compares these with both; the gate decides. Outside: a package of table, dictionary, evidence and "
        "signature, and a recipient, who verifies it, works with it and confirms results on real patients."
    )
    title = "The way of the data"
    if marks:
        title = "Where attackers stand"
        desc += (
            " A stands with the recipient of the table; B with whoever holds the model; C inside, with the cohort; D "
            "with a recipient who passes it on; E between gate and package; F at what is read in; G at the service "
            "that hands packages out."
        )
    return f"{svg.picture('threats' if marks else 'way', 666, title, desc, *shapes, width=360)}\n"


def _arrow(points: Sequence[Point], colour: str = svg.INK) -> list[Markup]:
    (x0, y0), (x, y) = points[-2:]
    length = math.hypot(x - x0, y - y0)
    dx, dy = (x - x0) / length, (y - y0) / length
    back = (x - 6 * dx, y - 6 * dy)
    head = f"M{x:g} {y:g} L{back[0] - 4 * dy:g} {back[1] + 4 * dx:g} L{back[0] + 4 * dy:g} {back[1] - 4 * dx:g} Z"
    return [svg.path([*points[:-1], back], colour, 1.5), svg.el("path", d=head, fill=colour)]


# --- one tree, its leaf, and what is kept of it --------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """Patients of a node, and how many of them have diabetes; an invented table of 3,200."""

    patients: int
    diabetic: int
    question: str = ""

    @property
    def share(self) -> float:
        return self.diabetic / self.patients


PATH = (
    Node(3200, 320, "55 or older?"),
    Node(1500, 252, "BMI 30 or more?"),
    Node(320, 108, "systolic 165 or more?"),
    Node(24, 15),
)
OTHERS = (Node(1700, 68), Node(1180, 144), Node(296, 93))


def _log(node: Node) -> float:
    """Log-likelihood of a node's two classes."""
    return sum(n * math.log(n / node.patients) for n in (node.diabetic, node.patients - node.diabetic))


def gain(place: int) -> float:
    return _log(PATH[place + 1]) + _log(OTHERS[place]) - _log(PATH[place])


def _borrowed(place: int) -> float:
    """How many patients the children of a split borrow from it (`locum.network.leaves`)."""
    up, down, other = PATH[place], PATH[place + 1], OTHERS[place]
    chance = parameters(2, -_log(up) / up.patients) / (2 * gain(place))
    return BALANCED.smoothing * min(
        chance / max(1 - chance, 0.02) * down.patients * other.patients / up.patients, 50
    )


def kept_shares() -> list[float]:
    """The share with diabetes that each node of the path keeps."""
    shares = [PATH[0].share]
    for place in range(len(PATH) - 1):
        weight, node = _borrowed(place), PATH[place + 1]
        shares.append((node.diabetic + weight * shares[-1]) / (node.patients + weight))
    return shares


def tree() -> str:
    shapes: list[Markup] = [
        svg.rect(0, 0, 360, TALLEST, fill=svg.WHITE),
        svg.text(12, 24, "Who has diabetes? One member’s tree", size=14, weight="bold"),
    ]
    price = BALANCED.price(PATH[0].patients)
    for place, node in enumerate(PATH):
        y = 42.0 + ROW * place
        x = RIGHT if place else 102.0
        last = place == len(PATH) - 1
        shapes += _node(x, y, node, PALE_BLUE if last else svg.WHITE)
        if last:
            break
        told = f"gains {gain(place):.1f}, price {price:.1f}"
        shapes += [
            svg.text(x + HALF, y + 59, node.question, anchor="middle", weight="bold"),
            svg.text(x + HALF, y + 74, told, size=11, anchor="middle", fill=svg.GREY),
        ]
        for to, word in ((NEXT, "no"), (RIGHT + HALF, "yes")):
            shapes += _arrow(((x + HALF, y + 80), (to, y + ROW)), svg.GREY)
            side = (to - 8, "end") if word == "no" else (to + 8, "start")
            shapes.append(svg.text(side[0], y + ROW - 5, word, size=11, anchor=side[1], fill=svg.GREY))
        shapes += _node(12, y + ROW, OTHERS[place], svg.WHITE)
    shapes += [*_bars(446), *_curve(554)]
    kept = kept_shares()
    title = "One tree, its leaf, and what is kept of it"
    desc = (
        "An invented table: 10 % of 3,200 patients have diabetes. Three questions lead to a leaf of 24 patients, of "
        f"whom {_percent(PATH[-1].share)} have it; each split gains more than its price. The leaf keeps "
        f"{_percent(kept[-1])}, a little towards the {_percent(kept[-2])} of the node above. Below, the same for a "
        "number: where those of a leaf's 24 patients lie among the numbers of the node above. The kept curve runs "
        "through groups of two of them, a little towards the line on which the leaf would be as the node above is."
    )
    return f"{svg.picture('tree', TALLEST, title, desc, *shapes, width=360)}\n"


TALLEST, ROW = 750.0, 104.0
HALF, NEXT, RIGHT = (
    78.0,
    90.0,
    192.0,
)  # half of a node's width, the middle of those on the left, the left of the others
PALE_BLUE = "#dbe9f5"


def _node(x: float, y: float, node: Node, fill: str) -> list[Markup]:
    return [
        svg.rect(x, y, 156, 42, fill=fill, stroke=svg.INK, rx=4),
        svg.text(x + 78, y + 18, f"{node.patients:,} patients", anchor="middle", weight="bold"),
        svg.text(x + 78, y + 34, f"{_percent(node.share)} have it", anchor="middle"),
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _bars(top: float) -> list[Markup]:
    """What the leaf keeps of its share."""
    kept = kept_shares()
    shapes = [svg.text(12, top, "What the leaf keeps of a share", size=14, weight="bold")]
    rows = (
        ("node above", kept[-2], svg.GREY),
        ("leaf’s own", PATH[-1].share, svg.INK),
        ("kept", kept[-1], svg.BLUE),
    )
    for i, (name, share, colour) in enumerate(rows):
        y = top + 14 + 24 * i
        shapes += [
            svg.text(96, y + 13, name, anchor="end"),
            svg.rect(104, y, 180 * share / 0.7, 16, fill=colour),
            svg.text(110 + 180 * share / 0.7, y + 13, _percent(share), weight="bold"),
        ]
    return shapes


OWN = np.array(
    [
        *(0.22, 0.31, 0.34, 0.43, 0.45, 0.52, 0.55, 0.57, 0.63, 0.64, 0.68, 0.71),
        *(0.73, 0.77, 0.79, 0.82, 0.85, 0.86, 0.89, 0.91, 0.93, 0.955, 0.97, 0.985),
    ]
)
"""Where the leaf's 24 numbers lie among those of the node above, invented."""


def _curve(top: float) -> list[Markup]:
    """What the leaf keeps of a number: its quantile function in the parent's ranks."""
    up = np.linspace(0, 1, KNOTS + 1)
    points, weight, own = OWN.copy(), np.empty(len(OWN)), np.empty(KNOTS + 1)
    shares_below(up, points, len(points))
    through(points, weight, grouped(points, weight, len(points)), own)
    borrowed = _borrowed(len(PATH) - 2)
    n = len(OWN)
    kept = [quantile(up, (n * own[j] + borrowed * j / KNOTS) / (n + borrowed)) for j in range(KNOTS + 1)]
    shapes = [svg.text(12, top, "What a leaf keeps of a number", size=14, weight="bold")]
    x0, y0, side, tall = 62.0, top + 158, 180.0, 140.0

    def at(share: float, place: float) -> Point:
        return x0 + side * share, y0 - tall * place

    for tick in (0.0, 0.5, 1.0):
        shapes += [
            svg.line(*at(0, tick), *at(1, tick)),
            svg.line(*at(tick, 0), *at(tick, 1)),
            svg.text(at(tick, 0)[0], y0 + 15, f"{tick:g}", size=11, anchor="middle", fill=svg.GREY),
            svg.text(x0 - 6, at(0, tick)[1] + 4, f"{tick:g}", size=11, anchor="end", fill=svg.GREY),
        ]
    shapes.append(svg.path([at(0, 0), at(1, 1)], svg.GREY, 1.5, "5 4"))
    shapes.append(svg.path([at(j / KNOTS, place) for j, place in enumerate(kept)], svg.BLUE, 2.5))
    for i, place in enumerate(OWN):
        x, y = at((i + 0.5) / n, float(place))
        shapes.append(svg.el("circle", cx=x, cy=y, r=2.2, fill=svg.INK))
    shapes.append(svg.text(x0 + side / 2, y0 + 31, "share of the leaf’s patients", size=11, anchor="middle"))
    turn = f"rotate(-90 18 {y0 - tall / 2:g})"
    shapes.append(
        svg.text(18, y0 - tall / 2, "rank in the node above", size=11, anchor="middle", transform=turn)
    )
    key = (("24 patients", svg.INK), ("kept", svg.BLUE), ("as the node", svg.GREY))
    for i, (name, colour) in enumerate(key):
        y = y0 - tall + 20 + 22 * i
        shapes.append(
            svg.el("circle", cx=264, cy=y - 4, r=2.5, fill=colour)
            if i == 0
            else svg.line(
                254, y - 4, 274, y - 4, colour, 2.5, **({"stroke_dasharray": "5 4"} if i == 2 else {})
            )
        )
        shapes.append(svg.text(280, y, name, size=11))
    shapes.append(svg.text(280, y0 - tall + 78, "above is", size=11))
    return shapes


# --- the frontier --------------------------------------------------------------------------------------

DIAL = ("open", "balanced", "strict")
HOLDER = {"adult": (0.736, 0.617, 0.509), "framingham": (0.834, 0.637, 0.531)}
"""AUC of the likelihood ratio of whoever holds the model: README.md, "The second attacker", rows "all"."""
LEFT, SIDE, TALL = 56.0, 288.0, 200.0
ACROSS, UP = (0.5, 0.75), (0.48, 0.9)


def frontier(results: kept.Results) -> str:
    shapes: list[Markup] = [svg.rect(0, 0, 360, 636, fill=svg.WHITE)]
    told = []
    for i, name in enumerate(HOLDER):
        rows, columns = results.shapes[name]
        found = {s.generator: s.scores for s in kept.summary(results, name, [f"locum-{d}" for d in DIAL])}
        likeness = [found[f"locum-{d}"]["c2st"] or 0.5 for d in DIAL]
        table = [found[f"locum-{d}"]["member_auc"] or 0.5 for d in DIAL]
        shapes += _panel(44 + 286.0 * i, f"{name}: {rows:,} × {columns}", likeness, table, HOLDER[name])
        told.append(
            f"{name}: "
            + "; ".join(
                f"{d}, told apart {x:.3f}, from the table {y:.3f}, from the model {z:.3f}"
                for d, x, y, z in zip(DIAL, likeness, table, HOLDER[name], strict=True)
            )
        )
    shapes.append(svg.text(12, 22, "Faithful against private", size=14, weight="bold"))
    shapes.append(svg.line(24, 606, 48, 606, svg.INK, 2))
    shapes.append(svg.text(56, 610, "an attacker who has the table"))
    shapes.append(svg.line(24, 624, 48, 624, ORANGE, 2, stroke_dasharray="6 4"))
    shapes.append(svg.text(56, 628, "an attacker who has the model file"))
    title = "Faithful against private, by the three steps of the dial"
    desc = (
        "Across: how often a classifier picks the artificial one of two people. Upwards: how often an attacker picks "
        "the one who was learned from. Both are 0.5 at best, in the lower left corner. "
        + ". ".join(told)
        + "."
    )
    return f"{svg.picture('frontier', 636, title, desc, *shapes, width=360)}\n"


def _panel(
    top: float, heading: str, likeness: Sequence[float], table: Sequence[float], model: Sequence[float]
) -> list[Markup]:
    shapes = [svg.text(LEFT, top + 4, heading, size=13, weight="bold")]
    low = top + 14 + TALL

    def at(x: float, y: float) -> Point:
        return (
            LEFT + SIDE * (x - ACROSS[0]) / (ACROSS[1] - ACROSS[0]),
            low - TALL * (y - UP[0]) / (UP[1] - UP[0]),
        )

    for tick in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75):
        x = at(tick, UP[0])[0]
        shapes += [
            svg.line(x, low, x, low - TALL),
            svg.text(x, low + 15, f".{tick * 100:.0f}", size=11, anchor="middle"),
        ]
    for tick in (0.5, 0.6, 0.7, 0.8):
        y = at(0.5, tick)[1]
        shapes += [
            svg.line(LEFT, y, LEFT + SIDE, y),
            svg.text(LEFT - 6, y + 4, f".{tick * 100:.0f}", size=11, anchor="end"),
        ]
    shapes.append(svg.path([at(x, y) for x, y in zip(likeness, model, strict=True)], ORANGE, 2, "6 4"))
    shapes.append(svg.path([at(x, y) for x, y in zip(likeness, table, strict=True)], svg.INK, 2))
    for step, x, y, z in zip(DIAL, likeness, table, model, strict=True):
        (px, py), (_, pz) = at(x, y), at(x, z)
        shapes += [
            svg.el("circle", cx=px, cy=py, r=5, fill=svg.INK),
            svg.rect(px - 5, pz - 5, 10, 10, fill=svg.WHITE, stroke=ORANGE, stroke_width=2),
            svg.text(px + 9, pz - 6, step, weight="bold"),
        ]
    shapes.append(
        svg.text(LEFT + SIDE / 2, low + 31, "told from real patients (C2ST)", size=11, anchor="middle")
    )
    turn = f"rotate(-90 18 {low - TALL / 2:g})"
    shapes.append(
        svg.text(18, low - TALL / 2, "attacker right (AUC)", size=11, anchor="middle", transform=turn)
    )
    return shapes


def drawn() -> dict[str, str]:
    """Every picture by the name of its file."""
    results = kept.read(Path(__file__).parent / "peers" / "results.json")
    if results is None:
        raise SystemExit("benchmarks/peers/results.json is missing; run benchmarks/peers/run.py")
    pictures = {"way": way(), "threats": way(ATTACKERS), "tree": tree(), "frontier": frontier(results)}
    return {f"{name}.svg": picture for name, picture in pictures.items()}


def main() -> None:
    for name, picture in drawn().items():
        (IMAGES / name).write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
