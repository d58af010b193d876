"""What pairs of variables say about each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, Pairs, Status
from locum.evaluate.pairs_kernel import two_way_gaps
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z, jackknife_variance
from locum.evaluate.verdict import Judgement, judge, metric, not_assessable, worst

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BLOCKS = 10
SHOWN = 10


@dataclass(frozen=True)
class Gaps:
    """Total variation of each pair between a table and the holdout, and without each block of either."""

    gap: Floats
    chance: Floats
    without_table: Floats
    without_holdout: Floats


@dataclass(frozen=True)
class Lost:
    """How far a mean over pairs is from what real patients score (0) towards shuffled columns (1). Points
    in %."""

    value: float
    ceiling: float
    floor: float
    error: float  # standard error of value - ceiling
    share: float | None  # None where the floor is too near the ceiling to tell them apart
    share_low: float | None

    @property
    def excess(self) -> float:
        return self.value - self.ceiling

    @property
    def interval(self) -> tuple[float, float]:
        return max(0.0, self.value - Z * self.error), min(100.0, self.value + Z * self.error)


@dataclass(frozen=True)
class Comparison:
    """All two-way tables of synthetic, train (ceiling) and shuffled (floor) rows against the holdout's."""

    pairs: Ints
    synthetic: Gaps
    train: Gaps
    shuffled: Gaps

    def lost(self, chosen: npt.NDArray[np.bool_]) -> Lost:
        """Over the CHOSEN pairs."""
        s, t, f = ((g.gap[chosen].mean(), g) for g in (self.synthetic, self.train, self.shuffled))
        value, ceiling, floor = (100 * float(x[0]) for x in (s, t, f))

        def mean(x: Floats) -> Floats:
            return 100 * np.asarray(x[chosen].mean(axis=0))

        def error(a: Gaps) -> float:
            return float(
                np.sqrt(
                    jackknife_variance(mean(a.without_table))
                    + jackknife_variance(mean(self.train.without_table))
                    + jackknife_variance(mean(a.without_holdout) - mean(self.train.without_holdout))
                )
            )

        mine, room = error(self.synthetic), floor - ceiling
        if room <= max(limits.PAIRS_POINTS_NEGLIGIBLE, 3 * error(self.shuffled)):
            return Lost(value, ceiling, floor, mine, None, None)
        excess = value - ceiling
        return Lost(value, ceiling, floor, mine, excess / room, (excess - Z * mine) / room)


def compare(trio: Trio, rng: np.random.Generator, missing: bool = False) -> Comparison:
    """All pairs of variables; or, with MISSING, of "is it missing" of one and the value of another."""
    layers = trio.grids
    count = len(layers)
    if missing:
        often = informative(trio)
        pairs = np.array(
            [(count + i, j) for i in range(len(often)) for j in range(count) if often[i] != j], np.int64
        )
    else:
        often = []
        pairs = np.array([(i, j) for i in range(count) for j in range(i)], np.int64)
    pairs = pairs.reshape(-1, 2)

    def codes(sample: Sample) -> tuple[npt.NDArray[np.uint8], Ints]:
        rows, cuts = sample.blocks(BLOCKS, rng)
        values = [layer.codes(column) for layer, column in zip(layers, rows.columns, strict=True)]
        indicators = [(rows.columns[i].missing > 0).astype(np.uint8) for i in often]
        return np.array([*values, *indicators], np.uint8).reshape(count + len(often), len(rows)), cuts

    holdout, cuts = codes(trio.holdout)

    def against(sample: Sample) -> Gaps:
        table, table_cuts = codes(sample)
        return Gaps(*two_way_gaps(table, holdout, table_cuts, cuts, pairs))

    return Comparison(pairs, against(trio.synthetic_sized), against(trio.train_sized), against(trio.shuffled))


def informative(trio: Trio) -> list[int]:
    """Variables with enough missing and enough present values to tell what being missing goes with."""
    out = []
    for place, (a, b) in enumerate(zip(trio.train.columns, trio.holdout.columns, strict=True)):
        gone = int((a.missing > 0).sum() + (b.missing > 0).sum())
        if limits.MIN_CLASS <= gone <= len(trio.train) + len(trio.holdout) - limits.MIN_CLASS:
            out.append(place)
    return out


def judge_lost(lost: Lost, what: str) -> Judgement:
    """By the share lost and by the points of excess, whichever is worse."""
    points = judge(
        lost.excess,
        lost.excess - Z * lost.error,
        limits.PAIRS_POINTS_WARN,
        limits.PAIRS_POINTS_FAIL,
        f"{what}, beyond that of unseen real patients,",
        " points",
        1,
    )
    if lost.share is None or lost.share_low is None:
        return points
    if lost.excess <= limits.PAIRS_POINTS_NEGLIGIBLE:
        text = (
            f"the excess of {lost.excess:.2f} points is negligible (up to {limits.PAIRS_POINTS_NEGLIGIBLE})"
        )
        return worst([points, Judgement(Status.PASS, (text,))])
    share = judge(
        100 * lost.share,
        100 * lost.share_low,
        100 * limits.PAIRS_LOST_WARN,
        100 * limits.PAIRS_LOST_FAIL,
        "the part lost of what these variables say about each other",
        " %",
        0,
    )
    return worst([points, share])


def assess(trio: Trio, rng: np.random.Generator) -> tuple[list[Metric], Pairs]:
    names = [v.name for v in trio.variables]
    size = min(len(trio.synthetic_sized), len(trio.holdout))
    comparison = compare(trio, rng)
    if len(names) < 2 or size < limits.MIN_ROWS:
        why = not_assessable(
            "a table of one variable has no pairs"
            if len(names) < 2
            else f"{size} rows are compared; at least {limits.MIN_ROWS} are needed"
        )
        metrics = [_empty(name, title, why) for name, title in TITLES.items()]
    else:
        every = np.ones(len(comparison.pairs), bool)
        metrics = [
            _mean("pair_mean", comparison.lost(every), "all pairs"),
            _mean(
                "pair_strongest",
                comparison.lost(strongest(comparison)),
                "the pairs that depend most on each other",
            ),
            _worst(trio, comparison),
        ]
    return metrics, matrices(names, comparison)


TITLES = {
    "pair_mean": "Do pairs of variables vary together as in real patients?",
    "pair_strongest": "Are the strongest dependences kept?",
    "pair_worst": "Which pair of variables is furthest from the real one?",
}
METHOD = (
    "Total variation between two-way tables on a common grid of at most ten bins a variable, laid on the "
    "real patients, "
    "missing values being bins of their own. The ceiling compares as many training with the holdout "
    "patients; the floor, "
    "independently shuffled columns."
)


def strongest(comparison: Comparison) -> npt.NDArray[np.bool_]:
    """A tenth of the pairs, at least five: those that shuffling the training rows hurts most."""
    hurt = comparison.shuffled.gap - comparison.train.gap
    count = min(len(hurt), max(5, len(hurt) // 10))
    chosen = np.zeros(len(hurt), bool)
    chosen[np.argsort(-hurt, kind="stable")[:count]] = True
    return chosen


def _empty(name: str, title: str, why: Judgement) -> Metric:
    return metric(name, "fidelity", title, answer="Not assessable.", method=METHOD, unit="%", judgement=why)


def _mean(name: str, lost: Lost, which: str) -> Metric:
    share = (
        ""
        if lost.share is None
        else f" That is {100 * max(lost.share, 0):.0f} % of the way to shuffled columns."
    )
    return metric(
        name,
        "fidelity",
        TITLES[name],
        answer=f"Over {which}, synthetic patients differ from real unseen ones by {lost.value:.1f} %; as many real "
        f"patients differ by {lost.ceiling:.1f} %, independently shuffled columns by {lost.floor:.1f} %.{share}",
        method=f"{METHOD} Interval by a delete-a-block jackknife over patients (Kott 2001).",
        value=lost.value,
        unit="%",
        interval=lost.interval,
        ceiling=lost.ceiling,
        floors={"shuffled columns": lost.floor},
        judgement=judge_lost(lost, f"the mean gap over {which}"),
    )


def _worst(trio: Trio, comparison: Comparison) -> Metric:
    synthetic, train = comparison.synthetic, comparison.train
    sizes = 1 / len(trio.synthetic_sized) + 1 / len(trio.holdout)
    slack = np.sqrt(np.log(len(comparison.pairs) / 0.05) * sizes / 2)
    low = synthetic.gap - synthetic.chance - slack
    place = int(np.argmax(synthetic.gap - np.maximum(train.gap, synthetic.chance)))
    i, j = comparison.pairs[place]
    first, second = sorted((trio.variables[i].name, trio.variables[j].name))
    excess = 100 * float(synthetic.gap[place] - max(train.gap[place], synthetic.chance[place]))
    judgement = judge(
        excess,
        100 * float(low.max()),
        limits.PAIR_WORST_WARN,
        limits.PAIR_WORST_FAIL,
        f"the gap of {first} with {second}, beyond that of unseen real patients,",
        " points",
        1,
    )
    return metric(
        "pair_worst",
        "fidelity",
        TITLES["pair_worst"],
        answer=f"{first} with {second}: synthetic patients differ from real unseen ones by "
        f"{100 * synthetic.gap[place]:.1f} %; as many real patients differ by {100 * train.gap[place]:.1f} %.",
        method=f"{METHOD} Interval valid for all pairs at once (McDiarmid 1989; Bonferroni).",
        value=100 * float(synthetic.gap[place]),
        unit="%",
        interval=(max(0.0, 100 * float(low[place])), min(100.0, 100 * float(synthetic.gap[place] + slack))),
        ceiling=100 * float(train.gap[place]),
        floors={"shuffled columns": 100 * float(comparison.shuffled.gap[place])},
        judgement=judgement,
    )


def matrices(names: list[str], comparison: Comparison) -> Pairs:
    def square(values: Floats) -> list[list[float]]:
        out = np.zeros((len(names), len(names)))
        for (i, j), value in zip(comparison.pairs, values, strict=True):
            out[i, j] = out[j, i] = round(100 * float(value), 2)
        return [[float(x) for x in row] for row in out]

    gap, ceiling = comparison.synthetic.gap, comparison.train.gap
    order = np.argsort(-(gap - ceiling), kind="stable")[:SHOWN]
    worst_pairs = [
        (names[j], names[i], round(100 * float(gap[t]), 2), round(100 * float(ceiling[t]), 2))
        for t, (i, j) in zip(order, comparison.pairs[order], strict=True)
    ]
    return Pairs(variables=names, gap=square(gap), ceiling=square(ceiling), worst=worst_pairs)
