"""What is not recorded, for whom, and together with what else. Who is measured depends on who they are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from locum.evaluate import pairs
from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, MissingShare
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z, jackknife_variance
from locum.evaluate.verdict import judge, metric, not_assessable

Floats = npt.NDArray[np.float64]
BLOCKS = 10


def indicators(sample: Sample) -> Floats:
    """float64[rows, variables]: 1 where missing."""
    return np.stack([c.missing > 0 for c in sample.columns], axis=1).astype(np.float64)


def assess(trio: Trio, rng: np.random.Generator) -> tuple[list[Metric], list[MissingShare]]:
    size = min(len(trio.synthetic_sized), len(trio.holdout))
    shares = _shares(trio)
    if size < limits.MIN_ROWS:
        why = not_assessable(f"{size} rows are compared; at least {limits.MIN_ROWS} are needed")
        return [
            metric(name, "fidelity", title, answer="Not assessable.", method=METHOD, unit="%", judgement=why)
            for name, title in TITLES.items()
        ], shares
    return [_worst_share(trio), _together(trio, rng), _informative(trio, rng)], shares


TITLES = {
    "missing_share": "Is each variable missing as often as in real patients?",
    "missing_together": "Are variables missing together as in real patients?",
    "missing_informative": "Does being missing go with the same kind of patient?",
}
METHOD = "Every variable is turned into whether it is missing, and these are compared with the holdout's."


def _shares(trio: Trio) -> list[MissingShare]:
    out = []
    for place, variable in enumerate(trio.variables):
        gone = [s.columns[place].missing > 0 for s in (trio.train, trio.holdout, trio.synthetic)]
        shown = int(gone[0].sum() + gone[1].sum()) >= trio.k  # fewer than k real patients: shown as none
        train, holdout = (round(float(g.mean()), 4) if shown else 0.0 for g in gone[:2])
        synthetic = round(float(gone[2].mean()), 4)
        out.append(MissingShare(variable=variable.name, train=train, holdout=holdout, synthetic=synthetic))
    return out


def _worst_share(trio: Trio) -> Metric:
    synthetic, train, holdout = (
        indicators(s).mean(axis=0) for s in (trio.synthetic_sized, trio.train_sized, trio.holdout)
    )
    n, m = len(trio.synthetic_sized), len(trio.holdout)
    gap, ceiling = np.abs(synthetic - holdout), np.abs(train - holdout)
    pooled = (synthetic * n + holdout * m) / (n + m)
    # Normal approximation at a level that holds for all variables at once; 3.5 serves up to some 100 of them.
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    place = int(np.argmax(gap - ceiling))
    value, low, high = (
        100 * float(x[place]) for x in (gap, np.maximum(gap - 3.5 * error, 0), gap + 3.5 * error)
    )
    judgement = judge(
        100 * float((gap - ceiling)[place]),
        100 * float((gap - 3.5 * error).max()),
        limits.MISSING_SHARE_WARN,
        limits.MISSING_SHARE_FAIL,
        "the largest gap in the share of missing values, beyond that of unseen real patients,",
        " points",
        1,
    )
    return metric(
        "missing_share",
        "fidelity",
        TITLES["missing_share"],
        answer=f"The largest difference is {value:.1f} points, in {trio.variables[place].name}; "
        f"for as many real patients it is {100 * ceiling[place]:.1f} points.",
        method=f"{METHOD} Difference between shares; interval by normal approximation, valid for all "
        "variables at once.",
        value=value,
        unit="%",
        interval=(low, min(100.0, high)),
        ceiling=100 * float(ceiling[place]),
        judgement=judgement,
    )


def _together(trio: Trio, rng: np.random.Generator) -> Metric:
    """Mean over pairs of variables with gaps of the difference in how often both are missing."""
    gappy = indicators(trio.train).any(axis=0) | indicators(trio.holdout).any(axis=0)
    gappy |= indicators(trio.synthetic_sized).any(axis=0)
    if gappy.sum() < 2:
        why = not_assessable("fewer than two variables have missing values")
        return metric(
            "missing_together",
            "fidelity",
            TITLES["missing_together"],
            answer="Fewer than two variables have missing values.",
            method=METHOD,
            unit="%",
            judgement=why,
        )
    upper = np.triu_indices(int(gappy.sum()), 1)

    def blocks(sample: Sample) -> tuple[Floats, Floats]:
        rows, cuts = sample.blocks(BLOCKS, rng)
        gone = indicators(rows)[:, gappy].astype(np.float32)  # counts up to 2^24 are exact
        counts = np.array([(g.T @ g)[upper] for g in np.split(gone, cuts[1:-1])], np.float64)
        return counts, np.diff(cuts).astype(np.float64)

    tables = [blocks(s) for s in (trio.synthetic_sized, trio.train_sized, trio.shuffled, trio.holdout)]
    whole = [counts.sum(axis=0) / sizes.sum() for counts, sizes in tables]
    left = [
        (counts.sum(axis=0) - counts) / np.maximum(sizes.sum() - sizes, 1)[:, None]
        for counts, sizes in tables
    ]  # blocks x pairs

    def gap(a: Floats, b: Floats) -> Floats:
        return np.asarray(100 * np.abs(a - b).mean(axis=-1))

    value, ceiling, floor = (float(gap(whole[i], whole[3])) for i in range(3))
    variance = jackknife_variance(gap(left[0], whole[3])) + jackknife_variance(gap(left[1], whole[3]))
    variance += jackknife_variance(gap(whole[0], left[3]) - gap(whole[1], left[3]))
    error = float(np.sqrt(variance))
    judgement = judge(
        value - ceiling,
        value - ceiling - Z * error,
        limits.MISSING_TOGETHER_WARN,
        limits.MISSING_TOGETHER_FAIL,
        "the mean gap in how often two variables are missing together, beyond that of unseen real patients,",
        " points",
        2,
    )
    return metric(
        "missing_together",
        "fidelity",
        TITLES["missing_together"],
        answer=f"How often two variables are both missing differs by {value:.2f} points on average; for as "
        "many real patients "
        f"by {ceiling:.2f}, for independently shuffled columns by {floor:.2f}.",
        method=f"{METHOD} Mean over pairs of variables with gaps; interval by a delete-a-block jackknife "
        "over patients.",
        value=value,
        unit="%",
        interval=(max(0.0, value - Z * error), value + Z * error),
        ceiling=ceiling,
        floors={"shuffled columns": floor},
        judgement=judgement,
    )


def _informative(trio: Trio, rng: np.random.Generator) -> Metric:
    """Whether a variable is missing against the values of all others: the strongest such dependences."""
    if len(trio.variables) < 2 or not pairs.informative(trio):
        why = not_assessable(
            f"no variable is missing for {limits.MIN_CLASS} patients, and present for as many, beside another"
        )
        return metric(
            "missing_informative",
            "fidelity",
            TITLES["missing_informative"],
            answer="Too few values are missing to tell.",
            method=METHOD,
            unit="%",
            judgement=why,
        )
    comparison = pairs.compare(trio, rng, missing=True)
    lost = comparison.lost(pairs.strongest(comparison))
    share = (
        ""
        if lost.share is None
        else f" That is {100 * max(lost.share, 0):.0f} % of the way to missing at random."
    )
    return metric(
        "missing_informative",
        "fidelity",
        TITLES["missing_informative"],
        answer="Who has a value missing, by the values of another variable: synthetic patients differ from real "
        f"unseen ones by {lost.value:.1f} %; as many real patients differ by {lost.ceiling:.1f} %, shuffled columns by "
        f"{lost.floor:.1f} %.{share}",
        method="Total variation of two-way tables of being missing with the value of another variable, "
        "over the tenth of such "
        "pairs (at least five) that depend most; common grid, ceiling and floor as for pairs of values.",
        value=lost.value,
        unit="%",
        interval=lost.interval,
        ceiling=lost.ceiling,
        floors={"shuffled columns": lost.floor},
        judgement=pairs.judge_lost(lost, "the mean gap over the strongest of these tables"),
    )
