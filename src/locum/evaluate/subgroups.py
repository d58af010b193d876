"""Whether groups of patients are as large as they should be, and whether the patients within them look real.

A table may be right on average and wrong for women who smoke. Every group by one variable and by two is looked at. The
worst is searched for on one half of the patients and measured on the other, so that the search itself cannot make it
look worse than it is (honest estimation: Athey & Imbens 2016, PNAS 113:7353).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, Subgroup
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import wilson_bounds
from locum.evaluate.subgroup_counts import Splits, count, declared, splits
from locum.evaluate.verdict import judge_beyond_chance, metric, not_assessable

Floats = npt.NDArray[np.float64]
CAP, QUICK_CAP = 20_000, 6_000  # patients of each table: a group of one in a hundred then has 200, and 60
LEAST_HALF = 20  # rows of the synthetic group, in each half, that its distribution is judged on
SHOWN, MOST_DECLARED = 5, 40
SURE = 2.0  # standard errors that the search takes off, so that it does not run after the smallest groups

TITLES = {
    "subgroup_size": "Are groups of patients as large as they should be?",
    "subgroup_within": "Do the patients of each group look like the real ones of that group?",
}
METHOD = (
    f"All groups by one variable (up to ten bins) and by two (up to four each; {{pairs}} pairs), that hold at least "
    f"{limits.MIN_SUBGROUP} of the holdout patients compared."
)


@dataclass(frozen=True)
class Half:
    """Rows of each table in every group and bin: [splits, groups, variables, bins]."""

    synthetic: Floats
    train: Floats
    shuffled: Floats
    holdout: Floats


@dataclass(frozen=True)
class Apart:
    """Total variation within groups: [splits, groups, variables]; its mean by chance, and a standard error.

    The error bounds that of the share of any set of bins: 0.5 * sqrt(1 / n + 1 / m).
    """

    gap: Floats
    chance: Floats
    error: Floats


@dataclass(frozen=True)
class Groups:
    trio: Trio
    found: Splits
    search: Half
    measure: Half

    def size(self, name: str) -> Floats:
        """[splits, groups]: rows of the table NAME."""
        return np.asarray(sum(getattr(h, name)[:, :, 0].sum(axis=2) for h in (self.search, self.measure)))

    @property
    def large(self) -> npt.NDArray[np.bool_]:
        """[splits, groups]: those that are looked at."""
        return (self.size("holdout") >= limits.MIN_SUBGROUP) & (self.size("train") >= self.trio.k)

    def judged(self) -> npt.NDArray[np.bool_]:
        """[splits, groups, variables]: where a distribution within a group can be told."""
        enough = self.large
        for half in (self.search, self.measure):
            enough = enough & (half.synthetic[:, :, 0].sum(axis=2) >= LEAST_HALF)
            enough &= (half.holdout[:, :, 0].sum(axis=2) >= LEAST_HALF) & (
                half.train[:, :, 0].sum(axis=2) >= LEAST_HALF
            )
        out = np.repeat(enough[:, :, None], len(self.trio.variables), axis=2)
        for split in range(len(out)):
            out[split][:, self.found.members(split)] = False
        return out


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool) -> tuple[list[Metric], list[Subgroup]]:
    """The worst size and the worst distribution of any group, and the groups that are declared."""
    groups = lay(trio, QUICK_CAP if quick else CAP, rng)
    method = METHOD.format(pairs=int((groups.found.of[:, 1] < groups.found.of.max()).sum()))
    if not groups.large.any() or len(trio.synthetic) < limits.MIN_ROWS:
        why = not_assessable(
            f"no group holds {limits.MIN_SUBGROUP} of the unseen patients, or there are too few rows"
        )
        return [_empty(name, method, why.reasons[0]) for name in TITLES], []
    size, largest = _size(groups, method)
    within, furthest = _within(groups, method)
    return [size, within], [*largest, *furthest, *_declared(groups)]


def lay(trio: Trio, cap: int, rng: np.random.Generator) -> Groups:
    found = splits(trio, rng)

    def halves(sample: Sample) -> tuple[Floats, Floats]:
        codes = found.codes(sample.draw(cap, rng).one_row_each(rng))  # in random order
        cut = len(codes) // 2
        return count(codes[:cut], found).astype(np.float64), count(codes[cut:], found).astype(np.float64)

    tables = [halves(s) for s in (trio.synthetic_sized, trio.train_sized, trio.shuffled, trio.holdout)]
    return Groups(trio, found, Half(*(t[0] for t in tables)), Half(*(t[1] for t in tables)))


def apart(a: Floats, b: Floats) -> Apart:
    n, m = (np.maximum(x.sum(axis=-1, keepdims=True), 1) for x in (a, b))
    pooled = (a + b) / (n + m)
    sizes = (1 / n + 1 / m)[..., 0]
    gap = 0.5 * np.abs(a / n - b / m).sum(axis=-1)
    chance = 0.5 * np.sqrt(2 / np.pi * sizes) * np.sqrt(pooled * (1 - pooled)).sum(axis=-1)
    return Apart(gap, chance, 0.5 * np.sqrt(sizes))


def _relative(a: Floats, n: float, b: Floats, m: float, z: float) -> tuple[Floats, Floats, Floats]:
    """How much smaller the smaller share is, 0 to 1, with bounds from the Wilson intervals of both."""
    p, q = a / n, b / m
    (low_p, high_p), (low_q, high_q) = wilson_bounds(a, n, z), wilson_bounds(b, m, z)
    less = p < q
    small, large = np.where(less, p, q), np.where(less, q, p)
    closest = np.where(less, high_p, high_q) / np.maximum(np.where(less, low_q, low_p), 1e-12)
    furthest = np.where(less, low_p, low_q) / np.maximum(np.where(less, high_q, high_p), 1e-12)
    return 1 - small / np.maximum(large, 1e-12), 1 - np.minimum(closest, 1.0), 1 - np.minimum(furthest, 1.0)


def _size(groups: Groups, method: str) -> tuple[Metric, list[Subgroup]]:
    large = groups.large
    z = float(norm.isf(0.025 / large.sum()))
    sizes = {name: groups.size(name) for name in ("synthetic", "train", "shuffled", "holdout")}
    rows = {name: float(s[0].sum()) for name, s in sizes.items()}

    def against(name: str) -> tuple[Floats, Floats, Floats]:
        return _relative(sizes[name], rows[name], sizes["holdout"], rows["holdout"], z)

    value, low, high = against("synthetic")
    order = sorted(zip(*np.nonzero(large), strict=True), key=lambda g: (-low[g], -value[g], g))
    place = order[0]
    name = groups.found.name(*map(int, place))
    share, real = (sizes[t][place] / rows[t] for t in ("synthetic", "holdout"))
    bad = [g for g in order if low[g] > 0]
    return metric(
        "subgroup_size",
        "fidelity",
        TITLES["subgroup_size"],
        answer=f"Of {int(large.sum())} groups, the one whose size is furthest off is {name}: {100 * share:.1f} % of "
        f"synthetic and {100 * real:.1f} % of unseen real patients.",
        method=f"{method} The figure is by how much the smaller of the two shares falls short of the larger; interval "
        "from Wilson intervals of both, valid for all groups at once (Bonferroni).",
        value=100 * float(value[place]),
        unit="%",
        interval=(100 * float(low[place]), 100 * float(high[place])),
        ceiling=100 * float(against("train")[0][place]),
        floors={"shuffled columns": 100 * float(against("shuffled")[0][place])},
        judgement=judge_beyond_chance(
            100 * float(value[place]),
            100 * float(low[place]),
            0.0,
            limits.SUBGROUP_SIZE_WARN,
            limits.SUBGROUP_SIZE_FAIL,
            f"the difference in the size of {name}, in % of the larger share,",
            " %",
            0,
        ),
    ), [_shown(groups, int(g[0]), int(g[1]), None) for g in bad[:SHOWN]]


def _within(groups: Groups, method: str) -> tuple[Metric, list[Subgroup]]:
    allowed = groups.judged()
    if not allowed.any():
        return _empty(
            "subgroup_within", method, "no group holds enough synthetic and real patients in each half"
        ), []
    seen, told = (apart(h.synthetic, h.holdout) for h in (groups.search, groups.measure))
    real, floor = (apart(getattr(groups.measure, t), groups.measure.holdout) for t in ("train", "shuffled"))
    score = np.where(allowed, seen.gap - seen.chance - SURE * seen.error, -np.inf)
    chosen = []
    for v in range(score.shape[2]):  # the worst group of each variable
        split, group = np.unravel_index(int(score[:, :, v].argmax()), score.shape[:2])
        if np.isfinite(score[split, group, v]):
            chosen.append((float(score[split, group, v]), int(split), int(group), v))
    chosen = sorted(chosen, key=lambda c: (-c[0], c[3]))[:SHOWN]
    z = float(norm.isf(0.025 / len(chosen)))
    places = [c[1:] for c in chosen]
    low = [max(0.0, float(told.gap[p] - told.chance[p] - z * told.error[p])) for p in places]
    excess = [float(told.gap[p] - max(real.gap[p], told.chance[p])) for p in places]
    best = max(range(len(places)), key=lambda i: (low[i], excess[i]))
    place = places[best]
    name, variable = groups.found.name(*place[:2]), groups.trio.variables[place[2]].name
    return metric(
        "subgroup_within",
        "fidelity",
        TITLES["subgroup_within"],
        answer=f"Among {name}, {variable} is furthest off: {100 * told.gap[place]:.1f} % away from unseen real "
        f"patients of that group; as many real patients are {100 * real.gap[place]:.1f} % away.",
        method=f"{method} Total variation of every other variable (up to four bins) within the group. For each "
        "variable the worst group is searched for on one half of the patients; the five worst are measured on the "
        "other half, with intervals valid for all five (Athey & Imbens 2016; Bonferroni).",
        value=100 * float(told.gap[place]),
        unit="%",
        interval=(100 * low[best], min(100.0, 100 * float(told.gap[place] + z * told.error[place]))),
        ceiling=100 * float(real.gap[place]),
        floors={"shuffled columns": 100 * float(floor.gap[place])},
        judgement=judge_beyond_chance(
            100 * excess[best],
            100 * low[best],
            0.0,
            limits.SUBGROUP_WITHIN_WARN,
            limits.SUBGROUP_WITHIN_FAIL,
            f"the gap of {variable} among {name}, beyond that of unseen real patients,",
            " points",
            1,
        ),
    ), [_shown(groups, *p) for p, x in zip(places, low, strict=True) if x > 0]


def _declared(groups: Groups) -> list[Subgroup]:
    """Each declared subgroup by one variable, with the variable that the search half finds furthest off in it."""
    allowed, large = groups.judged(), groups.large
    seen = apart(groups.search.synthetic, groups.search.holdout)
    out = []
    for v in sorted(declared(groups.trio)):
        for group in np.flatnonzero(large[v]).tolist():
            score = np.where(allowed[v, group], seen.gap[v, group] - seen.chance[v, group], -np.inf)
            other = int(score.argmax()) if np.isfinite(score).any() else None
            out.append(_shown(groups, v, group, other, declared=True))
    return out[:MOST_DECLARED]


def _shown(
    groups: Groups, split: int, group: int, variable: int | None, *, declared: bool = False
) -> Subgroup:
    shares = [
        groups.size(t)[split, group] / groups.size(t)[split].sum() for t in ("holdout", "train", "synthetic")
    ]
    gap = ceiling = None
    if variable is not None:
        place = (split, group, variable)
        synthetic, train, holdout = (
            getattr(groups.measure, t)[place] for t in ("synthetic", "train", "holdout")
        )
        gap = round(100 * float(apart(synthetic, holdout).gap), 2)
        ceiling = round(100 * float(apart(train, holdout).gap), 2)
    holdout, train, synthetic = (round(float(s), 4) for s in shares)
    return Subgroup(
        group=groups.found.name(split, group),
        declared=declared,
        holdout=holdout,
        train=train,
        synthetic=synthetic,
        variable=None if variable is None else groups.trio.variables[variable].name,
        gap=gap,
        ceiling=ceiling,
    )


def _empty(name: str, method: str, why: str) -> Metric:
    return metric(
        name,
        "fidelity",
        TITLES[name],
        answer="Not assessable.",
        method=method,
        unit="%",
        judgement=not_assessable(why),
    )
