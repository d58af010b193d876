"""Whether the most unusual training patients, every one of them, are repeated or nearly so.

Averages over patients cannot show that one outlier was copied. A patient far from every other real one has no
natural double: whoever of them stands at a fraction of that distance from a synthetic row came through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, Status
from locum.evaluate.neighbours import LANE, Embedding, Points, farthest, nearest
from locum.evaluate.sample import Sample, Trio, held, row_keys
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
    order = Embedding.on([trio.train, trio.holdout], rng).order
    spread = _spread(trio)
    rows = min(len(trio.train), len(trio.holdout))
    few = QUICK_SEARCHED if quick else SEARCHED
    most = max(1, min(QUICK_CANDIDATES if quick else CANDIDATES, int(PART * rows)))
    real = [(s, _points(order, spread, s)) for s in (trio.train, trio.holdout)]
    some = [s.draw(few, rng) for s, _ in real]
    base = np.concatenate([_points(order, spread, s) for s in some])
    whose = np.concatenate([s.patients for s in some])
    candidates = []
    for sample, points in real:
        kept = _places(len(sample), rows, rng)
        far = kept[farthest(points[kept], base, sample.patients[kept], whose, 2 * most)]
        candidates.append((sample.take(far), points[far]))
    mine = np.concatenate([sample.patients for sample, _ in candidates])
    points = np.concatenate([points for _, points in candidates])
    exact = np.min([nearest(points, own, mine, s.patients) for s, own in real], axis=0)
    close = nearest(points, _points(order, spread, trio.synthetic), radius=NEAR * exact)
    synthetic = row_keys(trio.synthetic)
    found = []
    first = 0
    for sample, own in candidates:
        here = np.arange(first, first + len(own))
        first += len(own)
        here = here[_farthest(exact[here], most)]
        here = here[exact[here] > 0]
        keys = row_keys(sample.take(here - first + len(own)))
        same = np.isin(keys, synthetic[held(synthetic, np.sort(keys))])
        near = np.isfinite(close[here])
        found.append(Found(len(here), int(same.sum()), int((near | same).sum())))
    return found[0], found[1]


def _places(rows: int, most: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """MOST of ROWS at random, in order; all of them when there are no more."""
    return np.arange(rows) if most >= rows else np.sort(rng.choice(rows, most, replace=False))


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


def _points(order: npt.NDArray[np.int64], spread: Floats, sample: Sample) -> Points:
    """As an embedding has them, but numbers by their size, not their rank: an outlier's rank is next to others."""
    out = np.zeros((len(sample), -(-len(order) // LANE) * LANE), np.float32)
    for place, index in enumerate(order):
        column = sample.columns[index]
        values, reason = np.nan_to_num(column.values), -2.0 * column.missing.astype(np.float64)
        if not np.isnan(spread[index]):
            values, reason = np.clip(values / spread[index], -1e6, 1e6), 1e7 * reason
        out[:, place] = np.where(column.missing > 0, reason, values)
    return out


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
