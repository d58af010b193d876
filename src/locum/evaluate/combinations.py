"""What three and four variables say together that no pair of them does: an exclusive-or, an effect that turns.

A table may have every pair right and still be wrong: of three coins of which the third tells whether the first two
agree, any two look independent.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate import grid as grids
from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Combination, Metric, Status
from locum.evaluate.pairs import Comparison, Gaps, Lost, judge_lost
from locum.evaluate.pairs_kernel import two_way_gaps
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z
from locum.evaluate.verdict import Judgement, judge, metric, not_assessable

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]
BLOCKS = 10
CAP, QUICK_CAP = 20_000, 5_000  # rows of each table: a slack of some 2 and 4 points over all sets at once
SETS = 2_000  # of each size: every triple of 23 variables, since a draw of some misses the one that is wrong
ENUMERATED = 20_000  # up to so many sets there may be for all of them to be listed before some are drawn
SHOWN = 5


@dataclass(frozen=True)
class Size:
    """Sets of so many variables. bins: of each variable, few enough for cells with patients in them."""

    variables: int
    bins: int
    name: str
    word: str


SIZES = (Size(3, 4, "triple", "three"), Size(4, 3, "quadruple", "four"))


@dataclass(frozen=True)
class Laid:
    """All tables as codes 0 to base - 1 on one grid, rows of a block of patients together."""

    base: int
    holdout: Codes
    cuts: Ints
    others: tuple[tuple[Codes, Ints], ...]  # synthetic, train, shuffled


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool) -> tuple[list[Metric], list[Combination]]:
    """For triples and for quadruples: the mean over sampled sets, and the worst one; and the worst few of each."""
    metrics: list[Metric] = []
    shown: list[Combination] = []
    rows = min(len(trio.synthetic_sized), len(trio.holdout))
    for size in SIZES:
        if len(trio.variables) < size.variables or rows < limits.MIN_ROWS:
            metrics += _not_assessable(size, len(trio.variables), rows)
            continue
        sets = sampled(len(trio.variables), size.variables, SETS, rng)
        laid = lay(trio, size.bins, QUICK_CAP if quick else CAP, rng)
        comparison = compare(laid, sets)
        names = [v.name for v in trio.variables]
        metrics += [_mean(size, comparison), _worst(size, sets, comparison, laid, names)]
        shown += worst(sets, comparison, laid, names)
    return metrics, shown


def sampled(variables: int, each: int, most: int, rng: np.random.Generator) -> Ints:
    """At most MOST different sets of EACH of the variables, all alike likely: int64[sets, each], rising in each row."""
    if math.comb(variables, each) <= ENUMERATED:
        every = np.array(list(itertools.combinations(range(variables), each)), np.int64)
        return every if len(every) <= most else every[np.sort(rng.choice(len(every), most, replace=False))]
    drawn = np.sort(np.argsort(rng.random((most, variables)), axis=1)[:, :each], axis=1)
    return np.unique(drawn, axis=0)


def lay(trio: Trio, bins: int, cap: int, rng: np.random.Generator) -> Laid:
    layers = [
        grids.lay([a, b], bins, trio.k) for a, b in zip(trio.train.columns, trio.holdout.columns, strict=True)
    ]

    def codes(sample: Sample) -> tuple[Codes, Ints]:
        rows, cuts = sample.draw(cap, rng).blocks(BLOCKS, rng)
        # Why a value is missing is left to the pairs: here all reasons are one bin.
        found = [np.minimum(g.codes(c), g.first_missing) for g, c in zip(layers, rows.columns, strict=True)]
        return np.array(found, np.uint8), cuts

    holdout, cuts = codes(trio.holdout)
    others = tuple(codes(s) for s in (trio.synthetic_sized, trio.train_sized, trio.shuffled))
    return Laid(max(g.first_missing for g in layers) + 1, holdout, cuts, others)


def compare(laid: Laid, sets: Ints) -> Comparison:
    """The cells of a set are those of a two-way table: of its first two variables by the rest."""
    halves = [sets[:, :2], sets[:, 2:]]
    joined = np.unique(np.concatenate([h for h in halves if h.shape[1] == 2]), axis=0)
    place = {(int(a), int(b)): i for i, (a, b) in enumerate(joined)}
    first = len(joined)
    pairs = np.array(
        [
            [place[a, b], place[rest[0], rest[1]] if len(rest) == 2 else first + rest[0]]
            for a, b, *rest in sets.tolist()
        ],
        np.int64,
    )

    def stacked(codes: Codes) -> Codes:
        both = codes[joined[:, 0]] * np.uint8(laid.base) + codes[joined[:, 1]]
        return np.concatenate([both, codes])

    holdout = stacked(laid.holdout)
    found = [Gaps(*two_way_gaps(stacked(c), holdout, cuts, laid.cuts, pairs)) for c, cuts in laid.others]
    return Comparison(pairs, *found)


def worst(sets: Ints, comparison: Comparison, laid: Laid, names: list[str]) -> list[Combination]:
    """The sets with the largest excess over chance and over real patients, one for each worst pair: a pair that is
    wrong makes every set wrong that holds it."""
    excess = _excess(comparison)
    found: dict[tuple[int, int], Combination] = {}
    for i in np.argsort(-excess, kind="stable")[: 50 * SHOWN].tolist():
        if excess[i] <= 0 or len(found) == SHOWN:
            break
        pair, gap = _worst_pair(sets[i], laid)
        if pair not in found:
            found[pair] = Combination(
                variables=[names[v] for v in sets[i].tolist()],
                gap=round(100 * float(comparison.synthetic.gap[i]), 2),
                ceiling=round(100 * float(comparison.train.gap[i]), 2),
                worst_pair=round(100 * gap, 2),
            )
    return list(found.values())


def _worst_pair(members: Ints, laid: Laid) -> tuple[tuple[int, int], float]:
    """The pair within the set with the largest gap, on the same bins, and the gap."""
    pairs = np.array(list(itertools.combinations(members.tolist(), 2)), np.int64)
    synthetic, cuts = laid.others[0]
    gaps = two_way_gaps(synthetic, laid.holdout, cuts, laid.cuts, pairs)[0]
    first, second = pairs[int(gaps.argmax())].tolist()
    return (first, second), float(gaps.max())


def _excess(comparison: Comparison) -> npt.NDArray[np.float64]:
    """The ceiling of one set is one draw of chance; where it came out small, the mean of chance stands in."""
    return comparison.synthetic.gap - np.maximum(comparison.train.gap, comparison.synthetic.chance)


def _method(size: Size, sets: int | None) -> str:
    how_many = "" if sets is None else f" {sets} sets were compared."
    return (
        f"Total variation between {size.word}-way tables, at most {size.bins} bins a variable on a grid common to all, "
        f"missing values being a bin of their own, over all sets or as many drawn at random.{how_many} The ceiling "
        "compares as many training with the holdout patients; the floor, independently shuffled columns."
    )


def _titles(size: Size) -> tuple[str, str]:
    return (
        f"Do {size.word} variables at a time vary together as in real patients?",
        f"Which {size.word} variables, taken together, are furthest from real patients?",
    )


def _mean(size: Size, comparison: Comparison) -> Metric:
    count = len(comparison.pairs)
    lost = comparison.lost(np.ones(count, bool))
    share = (
        ""
        if lost.share is None
        else f" That is {100 * max(lost.share, 0):.0f} % of the way to shuffled columns."
    )
    return metric(
        f"{size.name}_mean",
        "fidelity",
        _titles(size)[0],
        answer=f"Over {count:,} sets of {size.word} variables, synthetic patients differ from real unseen ones by "
        f"{lost.value:.1f} %; as many real patients differ by {lost.ceiling:.1f} %, independently shuffled columns by "
        f"{lost.floor:.1f} %.{share}",
        method=f"{_method(size, count)} Interval by a delete-a-block jackknife over patients (Kott 2001).",
        value=lost.value,
        unit="%",
        interval=lost.interval,
        ceiling=lost.ceiling,
        floors={"shuffled columns": lost.floor},
        judgement=_judged(lost, f"the mean gap over sets of {size.word} variables"),
    )


def _judged(lost: Lost, what: str) -> Judgement:
    """As for pairs; but with so many cells, what chance explains is no finding unless beyond the limit to fail."""
    found = judge_lost(lost, what)
    small = lost.share is None or lost.share <= limits.PAIRS_LOST_FAIL
    if found.status is Status.WARN and lost.excess <= Z * lost.error and small:
        return Judgement(
            Status.PASS,
            (
                f"{what} is {lost.excess:.1f} points beyond that of unseen real patients, and chance explains it",
            ),
            found.limit,
        )
    return found


def _worst(size: Size, sets: Ints, comparison: Comparison, laid: Laid, names: list[str]) -> Metric:
    gap, chance = comparison.synthetic.gap, comparison.synthetic.chance
    rows = 1 / laid.others[0][0].shape[1] + 1 / laid.holdout.shape[1]
    slack = float(np.sqrt(np.log(len(sets) / 0.05) * rows / 2))
    low = np.maximum(gap - chance - slack, 0.0)
    excess = _excess(comparison)
    place = int(np.argmax(excess))
    members = [names[v] for v in sets[place].tolist()]
    named = f"{', '.join(members[:-1])} and {members[-1]}"
    return metric(
        f"{size.name}_worst",
        "fidelity",
        _titles(size)[1],
        answer=f"{named}, taken together: synthetic patients differ from real unseen ones by "
        f"{100 * gap[place]:.1f} %; as many real patients differ by {100 * comparison.train.gap[place]:.1f} %. The "
        f"worst pair among them differs by {100 * _worst_pair(sets[place], laid)[1]:.1f} %.",
        method=f"{_method(size, len(sets))} Interval valid for all sets at once (McDiarmid 1989; Bonferroni).",
        value=100 * float(gap[place]),
        unit="%",
        interval=(100 * float(low[place]), min(100.0, 100 * float(gap[place]) + 100 * slack)),
        ceiling=100 * float(comparison.train.gap[place]),
        floors={"shuffled columns": 100 * float(comparison.shuffled.gap[place])},
        judgement=judge(
            100 * float(excess[place]),
            100 * float(low.max()),
            limits.COMBINATION_WORST_WARN,
            limits.COMBINATION_WORST_FAIL,
            f"the gap of {named}, beyond that of unseen real patients,",
            " points",
            1,
        ),
    )


def _not_assessable(size: Size, variables: int, rows: int) -> list[Metric]:
    why = not_assessable(
        f"the table has {variables} variables; {size.word} are needed"
        if variables < size.variables
        else f"{rows} rows are compared; at least {limits.MIN_ROWS} are needed"
    )
    return [
        metric(
            f"{size.name}_{which}",
            "fidelity",
            title,
            answer="Not assessable.",
            method=_method(size, None),
            unit="%",
            judgement=why,
        )
        for which, title in zip(("mean", "worst"), _titles(size), strict=True)
    ]
