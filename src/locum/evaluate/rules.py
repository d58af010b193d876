"""How often synthetic patients break the declared rules and formulas, beside how often real ones do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import BrokenRule, Metric
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import wilson, wilson_bounds
from locum.evaluate.verdict import judge_beyond_chance, metric, not_assessable
from locum.variables import Variables
from locum.variables.clauses import Clause, Literal, Within
from locum.variables.rules import rule_clauses

Bools = npt.NDArray[np.bool_]
TITLE = "Do synthetic patients keep to the rules that real ones keep to?"
METHOD = (
    "Share of rows that break each rule of the declaration, or that have a value which no declared formula gives, "
    "compared with the holdout; a missing value breaks nothing. Interval from Wilson intervals of both shares, valid "
    "for all rules at once (Newcombe 1998, method 10; Bonferroni)."
)
_COMPARE = {"<": np.less, "<=": np.less_equal, "=": np.equal, "!=": np.not_equal}


@dataclass(frozen=True)
class Told:
    """One rule: what it says, and the rows of each table that break it."""

    rule: str
    synthetic: float
    train: float
    holdout: float
    shuffled: float


def assess(trio: Trio, variables: Variables) -> tuple[list[Metric], list[BrokenRule]]:
    """No metric where no rule and no formula is declared. Rules on variables rolled up by a hierarchy are left out."""
    told = tell(trio, variables)
    if not told:
        return [], []
    size = min(len(trio.synthetic), len(trio.holdout))
    if size < limits.MIN_ROWS:
        why = not_assessable(f"{size} rows are compared; at least {limits.MIN_ROWS} are needed")
        found = metric(
            "rule_broken", "fidelity", TITLE, answer="Not assessable.", method=METHOD, unit="%", judgement=why
        )
        return [found], []
    n, m = len(trio.synthetic), trio.holdout.distinct_patients
    s, h = (np.array([getattr(t, name) for t in told]) for name in ("synthetic", "holdout"))
    z = float(norm.isf(0.025 / len(told)))
    low_s, high_s = wilson_bounds(s * n, n, z)
    high_h = wilson_bounds(h * m, m, z)[1]
    low = s - h - np.hypot(s - low_s, high_h - h)
    place = max(range(len(told)), key=lambda i: (max(low[i], 0.0), s[i] - h[i]))
    worst = told[place]
    return [
        metric(
            "rule_broken",
            "fidelity",
            TITLE,
            answer=f"Of {len(told)} rules, the one broken most beyond real patients is {worst.rule}: by "
            f"{100 * worst.synthetic:.2f} % of synthetic and {100 * worst.holdout:.2f} % of unseen real patients.",
            method=METHOD,
            value=100 * worst.synthetic,
            unit="%",
            interval=(100 * float(low_s[place]), 100 * float(high_s[place])),
            ceiling=100 * worst.holdout,
            floors={"shuffled columns": 100 * worst.shuffled},
            judgement=judge_beyond_chance(
                100 * float(s[place] - h[place]),
                100 * float(low[place]),
                0.0,
                limits.RULE_WARN,
                limits.RULE_FAIL,
                f"the share that breaks {worst.rule}, beyond that of unseen real patients,",
                " points",
                2,
            ),
        )
    ], [_row(t, n) for t in told]


def _row(told: Told, n: int) -> BrokenRule:
    low, high = wilson(told.synthetic * n, n)
    return BrokenRule(
        rule=told.rule,
        synthetic=round(told.synthetic, 4),
        interval=(round(low, 4), round(high, 4)),
        holdout=round(told.holdout, 4),
        train=round(told.train, 4),
    )


def tell(trio: Trio, variables: Variables) -> list[Told]:
    """Rules in declared order, then formulas. What fewer than k real patients break is told as broken by none."""
    rolled = {i for i, (a, b) in enumerate(zip(trio.variables, variables.modelled, strict=True)) if a != b}
    out = []
    for rule, clauses in rule_clauses(variables):
        used = {v for clause in clauses for literal in clause for v in _variables(literal)}
        if not used & rolled:
            out.append(_told(trio, rule.holds, lambda sample, held=clauses: _breaks(sample, held)))
    for place, variable in enumerate(trio.variables):
        if variable.follows:
            words = " or ".join(formula.words() for formula in variable.follows)
            out.append(
                _told(trio, f"{variable.name} = {words}", lambda sample, at=place: _strays(sample, at))
            )
    return out


def _told(trio: Trio, rule: str, breaks) -> Told:  # type: ignore[no-untyped-def]
    broken = {name: breaks(getattr(trio, name)) for name in ("synthetic", "train", "holdout", "shuffled")}
    shown = broken["train"].sum() + broken["holdout"].sum() >= trio.k
    shares = {name: float(b.mean()) for name, b in broken.items()}
    if not shown:
        shares["train"] = shares["holdout"] = 0.0
    return Told(rule, **shares)


def _variables(literal: Literal) -> tuple[int, ...]:
    return (literal.variable,) if isinstance(literal, Within) else (literal.left, literal.right)


def _breaks(sample: Sample, clauses: tuple[Clause, ...]) -> Bools:
    broken = np.zeros(len(sample), bool)
    for clause in clauses:
        held = np.zeros(len(sample), bool)
        for literal in clause:
            held |= _satisfies(sample, literal)
        broken |= ~held
    return broken


def _satisfies(sample: Sample, literal: Literal) -> Bools:
    gone = np.zeros(len(sample), bool)
    for v in _variables(literal):
        gone |= sample.columns[v].missing > 0
    if isinstance(literal, Within):
        values = sample.columns[literal.variable].values
        true = np.zeros(len(sample), bool)
        for low, high in literal.intervals:
            true |= (values >= low) & (values <= high)
    else:
        true = _COMPARE[literal.op](sample.columns[literal.left].values, sample.columns[literal.right].values)
    return np.where(gone, literal.missing, true)


def _strays(sample: Sample, place: int) -> Bools:
    """Rows with a value that a formula could give and none does."""
    variable, target = sample.variables[place], sample.columns[place].values
    names = {v.name: i for i, v in enumerate(sample.variables)}
    given, held = np.zeros(len(sample), bool), np.zeros(len(sample), bool)
    for formula in variable.follows:
        if all(name in names for name in formula.of):
            parts = [sample.columns[names[name]].values for name in formula.of]
            given |= np.isfinite(formula.value(parts))
            held |= formula.holds(target, parts, variable.precision)
    return given & ~held & np.isfinite(target)
