"""Survival: do as many synthetic patients stay without the event, for the same reasons?

Only where the declaration names a time and an event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from locum.evaluate import cox, effects, several, targets, terms
from locum.evaluate import grid as grids
from locum.evaluate import thresholds as limits
from locum.evaluate.effects import Analysis, Fits
from locum.evaluate.kaplan_meier import Curve, Followed, beyond_expected, survival
from locum.evaluate.metrics import Effect, Metric, SurvivalCurve
from locum.evaluate.parallel import run_one_by_one
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import Z, standard_error
from locum.evaluate.targets import Target
from locum.evaluate.terms import Terms
from locum.evaluate.verdict import Judgement, judge, judge_if_sure, metric, not_assessable, worst
from locum.variables import Role

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CAP, QUICK_CAP = 50_000, 8_000
RANKED = 6_000  # patients whose order is judged: a concordance looks at every two of them
POINTS = 61
GROUPED_BY, BINS = 2, 3  # covariates by whose groups curves are drawn, and groups of a number
LOOKS = 10  # independent looks that a curve is worth: steps follow one another
COX = Analysis("Cox regression", "hazards", "hazard ratio")
CURVES, CONCORDANCE = "survival_curves", "concordance"
TITLES = {
    CURVES: "Do as many synthetic patients stay without the event, for as long, in every group?",
    CONCORDANCE: "Does a Cox model trained on synthetic patients put real ones in the right order?",
}
UNITS = {CURVES: "%", CONCORDANCE: "difference in concordance"}
METHODS = {
    CURVES: "Largest vertical distance of Kaplan-Meier curves (1958) from that of unseen real patients, for all "
    f"patients and for the groups of the {GROUPED_BY} variables that tell most about survival, while at least "
    f"{limits.AT_RISK} patients of either are at risk; the worst counts. The ceiling compares as many training "
    "patients; the floor, shuffled columns. Interval from Greenwood's variances of both, of the training patients "
    "too, for all curves and times at once.",
    CONCORDANCE: "Harrell's C (1982): of two unseen real patients of whom it is known who had the event first, how "
    "often that one is given the higher risk, by a Cox model trained on synthetic and by one trained on as many real "
    "patients. Interval from each patient's influence, paired.",
}


@dataclass(frozen=True)
class Outcome:
    """time: the column of follow-up. target: the event, with what may predict it."""

    time: int
    target: Target

    def followed(self, sample: Sample) -> Followed:
        return Followed(sample.columns[self.time].values, self.target.happened(sample))

    def known(self, sample: Sample) -> npt.NDArray[np.int64]:
        time = sample.columns[self.time]
        present = (time.missing == 0) & (np.nan_to_num(time.values, nan=-1.0) >= 0)
        return np.flatnonzero(present & self.target.known(sample))


@dataclass(frozen=True)
class Table:
    rows: Sample
    who: Followed


@dataclass(frozen=True)
class Tables:
    """One row of each patient, equally many of synthetic, training and shuffled ones."""

    holdout: Table
    train: Table
    synthetic: Table
    shuffled: Table

    @property
    def all(self) -> tuple[Table, Table, Table, Table]:
        return self.holdout, self.train, self.synthetic, self.shuffled


@dataclass(frozen=True)
class Found:
    metrics: list[Metric]
    effects: list[Effect]
    curves: list[SurvivalCurve]


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool, more: Sequence[Sample] = ()) -> Found:
    """Nothing at all where no time and event are declared. more: further synthetic tables of the same model."""
    roles = [v.role for v in trio.variables]
    if Role.TIME not in roles or Role.EVENT not in roles:
        return Found([], [], [])
    outcome, why = find(trio, roles.index(Role.TIME), roles.index(Role.EVENT), rng)
    if outcome is None:
        return _nothing(why)
    cap = QUICK_CAP if quick else CAP
    tables = Tables(
        *(
            _table(s.take(outcome.known(s)).one_row_each(rng).draw(cap, rng), outcome)
            for s in (trio.holdout, trio.train_sized, trio.synthetic_sized, trio.shuffled)
        )
    )
    if min(len(t.rows) for t in tables.all) < limits.MIN_ROWS or any(
        t.who.event.sum() < limits.MIN_CLASS for t in (tables.holdout, tables.train)
    ):
        return _nothing(
            f"follow-up is known for too few patients: at least {limits.MIN_ROWS} of each table are needed, and "
            f"{limits.MIN_CLASS} real ones with the event"
        )
    laid = _terms(trio, outcome, tables)
    judged, drawn = _curves(trio, outcome, tables, laid)
    few = effects.few_terms(laid)
    if few is not None or tables.synthetic.who.event.sum() < 2 or tables.shuffled.who.event.sum() < 2:
        reason = few or not_assessable("fewer than two synthetic patients have the event")
        return Found([judged, *effects.empty(COX, reason), _empty(CONCORDANCE, reason)], [], drawn)
    x = [laid.matrix(t.rows) for t in tables.all]
    fits = Fits(*run_one_by_one([partial(cox.fit, t.who, m) for t, m in zip(tables.all, x, strict=True)]))
    target = outcome.target
    named = target.outcome
    ordered = _concordance(tables.holdout, x[0], fits, rng)
    combined = None
    if all(outcome.followed(s.take(outcome.known(s))).event.sum() >= limits.MIN_CLASS for s in more):
        combined = several.combined(
            [trio.synthetic, *more],
            outcome.known,
            lambda s: cox.fit(outcome.followed(s), laid.matrix(s)),
            trio.train,
            cap,
            rng,
        )
    spread = np.cov(x[0], rowvar=False)
    compared, shown = effects.assess(COX, named, laid, fits, spread, rng, combined)
    return Found([judged, *compared, ordered], shown, drawn)


def find(trio: Trio, time: int, event: int, rng: np.random.Generator) -> tuple[Outcome | None, str]:
    """The outcome, without columns that give the event away or are named as another outcome; or why there is none."""
    described = targets.describe(trio, event)
    if trio.variables[time].kind.has_levels:
        return None, f"{trio.variables[time].name}, the time, is no number"
    if described is None:
        name = trio.variables[event].name
        return None, f"{name} does not split train and holdout into two groups of {limits.MIN_CLASS} patients"
    target = targets.without_giveaways(trio, described, rng)[0]
    outcomes = (Role.TIME, Role.EVENT, Role.TARGET)
    kept = [p for p in target.places if trio.variables[p].role not in outcomes] if target else []
    if target is None or not kept:
        return None, "no column is left that could tell who has the event"
    cut = Target(target.place, target.name, target.event, target.level, target.above, kept, target.notices)
    return Outcome(time, cut), ""


def _table(rows: Sample, outcome: Outcome) -> Table:
    return Table(rows, outcome.followed(rows))


def _terms(trio: Trio, outcome: Outcome, tables: Tables) -> Terms:
    train, holdout = tables.train, tables.holdout
    return terms.choose(
        train.rows,
        holdout.rows,
        outcome.target.places,
        (train.who.event, holdout.who.event),
        beyond_expected(train.who),
        trio.k,
    )


def _curves(trio: Trio, outcome: Outcome, tables: Tables, laid: Terms) -> tuple[Metric, list[SurvivalCurve]]:
    least = max(limits.AT_RISK, trio.k)
    at = _grid(tables, least)
    unit = trio.variables[outcome.time].unit
    groups: list[tuple[str, Callable[[Sample], Bools]]] = [("all patients", lambda s: np.ones(len(s), bool))]
    groups += _groups(trio, tables, _strongest(tables.train, laid))
    z = float(norm.isf(0.025 / (LOOKS * len(groups))))
    drawn, judgements, found = [], [], []
    for name, members in groups:
        holdout, train, synthetic, shuffled = (
            survival(t.who.of(members(t.rows)), at) if members(t.rows).any() else None for t in tables.all
        )
        if holdout is None or train is None:
            continue
        gap, ceiling, floor = (_gap(c, holdout, least) for c in (synthetic, train, shuffled))
        low, high = _bounds(synthetic, train, holdout, least, z)
        found.append((name, gap, ceiling, floor, low, high))
        judgements.append(
            judge_if_sure(
                100 * max(gap - ceiling, 0.0),
                100 * low,
                limits.SURVIVAL_WARN,
                limits.SURVIVAL_FAIL,
                f"the gap of the curves of {name}, beyond that of as many real patients,",
                " points",
                1,
            )
        )
        drawn.append(_drawn(name, unit, at, (holdout, train, synthetic), least, trio.k, (gap, ceiling)))
    name, gap, ceiling, floor, low, high = max(found, key=lambda f: (f[4], f[1]))
    return metric(
        CURVES,
        "utility",
        TITLES[CURVES],
        answer=f"Of {len(found)} curves, that of {name} is furthest off: up to {100 * gap:.1f} points from that of "
        f"unseen real patients; that of as many training patients is {100 * ceiling:.1f} points off.",
        method=METHODS[CURVES],
        value=100 * gap,
        unit=UNITS[CURVES],
        interval=(100 * low, 100 * high),
        ceiling=100 * ceiling,
        floors={"shuffled columns": 100 * floor},
        judgement=worst(judgements),
    ), drawn


def _grid(tables: Tables, least: int) -> Floats:
    """Times from 0 to a round number before which LEAST real patients of either table are in follow-up."""
    last = min(float(np.sort(t.who.time)[-least]) for t in (tables.holdout, tables.train))
    step = 10.0 ** (np.floor(np.log10(last)) - 1) if last > 0 else 1.0
    return np.linspace(0.0, max(float(np.floor(last / step + 1e-9) * step), step), POINTS)


def _strongest(train: Table, laid: Terms) -> list[int]:
    """Columns, by the strongest correlation of one of their terms with what happened beyond expectation."""
    beyond = beyond_expected(train.who)
    found: dict[int, float] = {}
    for term in laid.terms:
        told = abs(float(np.corrcoef(term.column(train.rows), beyond)[0, 1]))
        found[term.place] = max(found.get(term.place, 0.0), told)
    return sorted(found, key=lambda p: (-found[p], p))[:GROUPED_BY]


def _groups(trio: Trio, tables: Tables, places: list[int]) -> list[tuple[str, Callable[[Sample], Bools]]]:
    """Groups with enough real patients, and enough of them with the event, for a curve to tell of no few of them."""
    out: list[tuple[str, Callable[[Sample], Bools]]] = []
    for place in places:
        grid = grids.lay([trio.train.columns[place], trio.holdout.columns[place]], BINS, trio.k)
        for code in range(grid.first_missing):
            members = partial(_inside, grid=grid, place=place, code=code)
            real = [(t.who.event, members(t.rows)) for t in (tables.holdout, tables.train)]
            if all(m.sum() >= limits.MIN_FOLLOWED and (e & m).sum() >= trio.k for e, m in real):
                out.append((f"{grid.variable.name} {grid.labels[code]}", members))
    return out


def _inside(sample: Sample, *, grid: grids.Grid, place: int, code: int) -> Bools:
    return np.asarray(grid.codes(sample.columns[place]) == code)


def _both(a: Curve, b: Curve, least: int) -> Bools:
    return (a.at_risk >= least) & (b.at_risk >= least)


def _gap(a: Curve | None, b: Curve, least: int) -> float:
    """The largest distance; 1 where one side has no patients, or too few throughout."""
    if a is None or not _both(a, b, least).any():
        return 1.0
    return float(np.abs(a.share - b.share)[_both(a, b, least)].max())


def _bounds(
    synthetic: Curve | None, train: Curve, holdout: Curve, least: int, z: float
) -> tuple[float, float]:
    """Bounds of the gap, valid at all times and for all curves at once."""
    if synthetic is None or not _both(synthetic, holdout, least).any():
        return (0.0, 1.0)
    inside = _both(synthetic, holdout, least) & (train.at_risk >= least)
    if not inside.any():
        return (0.0, 1.0)
    apart = np.abs(synthetic.share - holdout.share)[inside]
    error = np.sqrt(synthetic.error**2 + holdout.error**2 + train.error**2)[inside]
    # A curve without an event has no variance by Greenwood; one event more or less is the least that is uncertain.
    error = np.maximum(error, 1 / holdout.at_risk[inside])
    return max(0.0, float((apart - z * error).max())), min(1.0, float((apart + z * error).max()))


def _drawn(
    name: str,
    unit: str | None,
    at: Floats,
    curves: tuple[Curve, Curve, Curve | None],
    least: int,
    k: int,
    gap: tuple[float, float],
) -> SurvivalCurve:
    """curves: of unseen, training and synthetic patients. gap: of synthetic, and of training patients."""

    def shown(curve: Curve | None, moved: float = 0.0) -> list[float | None]:
        if curve is None:
            return [None] * len(at)
        told = np.clip(curve.share + moved * curve.error, 0.0, 1.0)
        told = smoothed(told, curve, least, k)
        return [round(float(s), 3) if n >= least else None for s, n in zip(told, curve.at_risk, strict=True)]

    holdout, train, synthetic = curves
    return SurvivalCurve(
        group=name,
        unit=unit,
        time=[float(f"{t:.6g}") for t in at],
        holdout=shown(holdout),
        low=shown(holdout, -Z),
        high=shown(holdout, Z),
        train=shown(train),
        synthetic=shown(synthetic),
        gap=round(100 * gap[0], 2),
        ceiling=round(100 * gap[1], 2),
    )


def smoothed(values: Floats, curve: Curve, least: int, k: int) -> Floats:
    """VALUES at times between which K patients or more have the event, and straight lines between: a step would tell
    when one of them had it."""
    last = int(np.flatnonzero(curve.at_risk >= least).max(initial=0))
    knots = [0]
    for i in range(1, last + 1):
        if curve.events[i] - curve.events[knots[-1]] >= k:
            knots.append(i)
    if knots[-1] != last:  # the rest is joined to the piece before
        knots = [*knots[:-1], last] if len(knots) > 1 else [0, last]
    return np.asarray(np.interp(np.arange(len(values)), knots, values[knots]))


def _concordance(holdout: Table, x: Floats, fits: Fits, rng: np.random.Generator) -> Metric:
    rows = np.sort(rng.permutation(len(x))[:RANKED])
    who = holdout.who.of(rows)
    (real, of_real), (synthetic, of_synthetic), (shuffled, _) = (
        cox.concordance(who, x[rows] @ f.estimate) for f in (fits.train, fits.synthetic, fits.shuffled)
    )
    value, half = real - synthetic, Z * standard_error(of_real - of_synthetic, np.arange(len(rows)))
    judgement = (
        not_assessable(
            f"even real patients tell the order with a concordance of {real:.3f} only (below {limits.WEAK_AUC})"
        )
        if real < limits.WEAK_AUC
        else judge(value, value - half, limits.UTILITY_WARN, limits.UTILITY_FAIL, "the concordance lost")
    )
    return metric(
        CONCORDANCE,
        "utility",
        TITLES[CONCORDANCE],
        answer=f"Of two real unseen patients, a Cox model names the one who has the event first "
        f"{100 * synthetic:.0f} times in 100 when trained on synthetic patients, {100 * real:.0f} when trained on as "
        f"many real ones, {100 * shuffled:.0f} on shuffled columns.",
        method=METHODS[CONCORDANCE],
        value=value,
        unit=UNITS[CONCORDANCE],
        interval=(value - half, value + half),
        ceiling=0.0,
        floors={"shuffled columns": real - shuffled},
        judgement=judgement,
    )


def _nothing(reason: str) -> Found:
    why = not_assessable(reason)
    return Found([_empty(CURVES, why), *effects.empty(COX, why), _empty(CONCORDANCE, why)], [], [])


def _empty(name: str, why: Judgement) -> Metric:
    return metric(
        name,
        "utility",
        TITLES[name],
        answer="Not assessable.",
        method=METHODS[name],
        unit=UNITS[name],
        judgement=why,
    )
