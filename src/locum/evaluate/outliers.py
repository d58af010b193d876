"""Whether the most unusual training patients, every one of them, are repeated or nearly so.

Averages over patients cannot show that one outlier was copied. A patient far from every other real one has no
natural double: whoever of them stands at a fraction of that distance from a synthetic row came through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, Status
from locum.evaluate.neighbours import Embedding, Points, nearest
from locum.evaluate.sample import Sample, Trio, row_keys
from locum.evaluate.statistics import share_difference, wilson
from locum.evaluate.verdict import Judgement, metric, not_assessable

SEARCHED, QUICK_SEARCHED = 1_000, 400  # real rows among which isolation is first looked for
CANDIDATES, QUICK_CANDIDATES = 400, 150  # rows of each side whose nearest real row is then looked for exactly
PART = 0.02  # of the rows, those farthest from any other, that count as outliers
NEAR = 0.1  # of the distance to the nearest other real row
TITLE = "Is any of the most unusual patients repeated, one by one?"
METHOD = (
    "The fiftieth of the training patients, and of as many unseen ones, that stand farthest from any other real "
    "patient (numbers by their size): how many have a synthetic row within a tenth of that distance? Unseen patients "
    "have nearly none. One who is repeated exactly is a finding: an average cannot show one copied outlier. A copy "
    "that was blurred is found only where there are several."
)
Floats = npt.NDArray[np.float64]


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool) -> Metric:
    rows = min(len(trio.train), len(trio.holdout))
    if rows < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        why = f"the smallest table has {min(rows, len(trio.synthetic))} rows; at least {limits.MIN_ROWS} are needed"
        return _empty(why)
    members, controls = measure(trio, rng, quick=quick)
    if min(members.looked, controls.looked) < 1:
        return _empty("no real patient stands apart from all others")
    low, high = wilson(members.nearly, members.looked)
    return metric(
        "outliers_copied",
        "privacy",
        TITLE,
        answer=f"{_count(members.nearly).capitalize()} of the {members.looked} most unusual training patients, and "
        f"{_count(controls.nearly)} of {controls.looked} such unseen patients, are repeated nearly or exactly.",
        method=METHOD,
        value=members.nearly / members.looked,
        unit="share",
        interval=(low, high),
        ceiling=controls.nearly / controls.looked,
        floors={"copy of the training data": 1.0},
        judgement=_judge(members, controls, low),
    )


@dataclass(frozen=True)
class Found:
    """Of the outliers LOOKED at: how many a synthetic row repeats exactly, and how many NEARLY at least."""

    looked: int
    exactly: int
    nearly: int


def measure(trio: Trio, rng: np.random.Generator, *, quick: bool) -> tuple[Found, Found]:
    """Among training rows, and among as many unseen ones."""
    embedding = Embedding.on([trio.train, trio.holdout], rng)
    rows = min(len(trio.train), len(trio.holdout))
    few = QUICK_SEARCHED if quick else SEARCHED
    most = max(1, min(QUICK_CANDIDATES if quick else CANDIDATES, int(PART * rows)))
    real = (trio.train, trio.holdout)
    spread = _spread(trio)
    some = [s.draw(few, rng) for s in real]
    found = []
    for sample in real:
        whole = sample.draw(rows, rng)
        far = whole.take(_farthest(_apart(embedding, spread, whole, some), 2 * most))
        exact = _apart(embedding, spread, far, real)
        kept = _farthest(exact, most)
        kept = kept[exact[kept] > 0]
        points = _points(embedding, spread, far.take(kept))
        near = nearest(points, _points(embedding, spread, trio.synthetic)) < NEAR * exact[kept]
        same = np.isin(row_keys(far.take(kept)), row_keys(trio.synthetic))
        found.append(Found(len(kept), int(same.sum()), int((near | same).sum())))
    return found[0], found[1]


def _farthest(apart: Floats, most: int) -> npt.NDArray[np.int64]:
    return np.sort(np.argsort(-apart, kind="stable")[:most])


def _spread(trio: Trio) -> Floats:
    """Of each number the range that all but a fiftieth of training patients are in; NaN for levels."""
    out = np.full(len(trio.variables), np.nan)
    for place, column in enumerate(trio.train.columns):
        present = column.values[column.missing == 0]
        if column.variable.kind.is_numeric and len(present):
            low, high = np.quantile(present, [0.01, 0.99])
            out[place] = max(high - low, 1e-9)
    return out


def _points(embedding: Embedding, spread: Floats, sample: Sample) -> Points:
    """As the embedding has them, but numbers by their size, not their rank: an outlier's rank is next to others."""
    points = embedding.points(sample)
    for place, index in enumerate(embedding.order):
        column = sample.columns[index]
        if not np.isnan(spread[index]):
            scaled = np.clip(np.nan_to_num(column.values) / spread[index], -1e6, 1e6)
            points[:, place] = np.where(column.missing > 0, -2e7 * column.missing, scaled)
    return points


def _apart(embedding: Embedding, spread: Floats, sample: Sample, others: Sequence[Sample]) -> Floats:
    """The distance of each row to the nearest row of OTHERS of another patient."""
    points = _points(embedding, spread, sample)
    each = [nearest(points, _points(embedding, spread, o), sample.patients, o.patients) for o in others]
    return np.min(each, axis=0)


def _judge(members: Found, controls: Found, low: float) -> Judgement:
    what = (
        f"of the most unusual training patients {_count(members.nearly)} are repeated nearly or exactly and "
        f"{_count(members.exactly)} exactly; of unseen ones {_count(controls.nearly)} and {_count(controls.exactly)}"
    )
    if low > max(limits.OUTLIERS_FAIL, wilson(controls.nearly, controls.looked)[1]):
        return Judgement(Status.FAIL, (f"{what}; more than {100 * limits.OUTLIERS_FAIL:.0f} in 100",))
    if members.exactly - controls.exactly >= limits.OUTLIERS_WARN:
        return Judgement(Status.WARN, (f"{what}: look at them before anything is released",))
    excess = share_difference(members.nearly, controls.nearly, max(min(members.looked, controls.looked), 1))[
        0
    ]
    if excess > 0:
        return Judgement(Status.WARN, (f"{what}, which chance does not explain",))
    return Judgement(Status.PASS, (what,))


def _count(number: int) -> str:
    return "none" if number == 0 else str(number)


def _empty(why: str) -> Metric:
    return metric(
        "outliers_copied",
        "privacy",
        TITLE,
        answer="Not assessable.",
        method=METHOD,
        unit="share",
        judgement=not_assessable(why),
    )
