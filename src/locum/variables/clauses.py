"""Conditions in normal form: each is a set of clauses that must all hold, a clause one of literals that one must.

A literal says of one variable that its value lies in some intervals, or of two how they compare. Values are as in
`Column.values`: numbers, days, or the index of a level. A comparison with a missing value is neither true nor false
(Kleene 1952): whether that satisfies is decided where the condition is used, once for all its literals.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from locum.errors import BadInput
from locum.variables.conditions import (
    All,
    Among,
    Any,
    Compare,
    Condition,
    Constant,
    Flag,
    IsMissing,
    Name,
    Not,
)
from locum.variables.reading import level_text
from locum.variables.variable import OTHER, Kind, Variable, Variables

MOST_CLAUSES = 500
_YES = {"yes", "true", "1", "y", "t", "present", "positive", "ja", "oui"}
_EPOCH = datetime.datetime(1970, 1, 1)
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}

Interval = tuple[float, float]  # both ends inclusive
EVERYTHING: tuple[Interval, ...] = ((-math.inf, math.inf),)


@dataclass(frozen=True)
class Within:
    """The value of a variable lies in one of the intervals, which rise and do not touch.

    variable: its number among those that are modelled; missing: whether a missing value satisfies this.
    """

    variable: int
    intervals: tuple[Interval, ...]
    missing: bool


@dataclass(frozen=True)
class Related:
    """The values of two variables compare so; op is one of < <= = !=. missing: whether one that is missing will do."""

    left: int
    op: str
    right: int
    missing: bool


Literal = Within | Related
Clause = tuple[Literal, ...]


def clauses(condition: Condition, variables: Variables, where: str, *, missing: bool) -> tuple[Clause, ...]:
    """CONDITION as clauses that must all hold; WHERE says where it stands.

    missing: whether a comparison with a missing value satisfies (a rule), or not (a search).
    Raises BadInput for an unknown variable or level, a value of the wrong type, and a condition too long to hold.
    """
    return _Binder(variables, where, missing).all_of(condition, False)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The intervals, in rising order and with those joined that touch."""
    found: list[Interval] = []
    for low, high in sorted(i for i in intervals if i[0] <= i[1]):
        if found and low <= math.nextafter(found[-1][1], math.inf):
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def intersection(a: Iterable[Interval], b: Iterable[Interval]) -> tuple[Interval, ...]:
    """What two unions of intervals share."""
    others = tuple(b)
    return union((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in others)


def complement(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """All numbers that no interval of a union holds."""
    found, start = [], -math.inf
    for low, high in union(intervals):
        if low > start:
            found.append((start, math.nextafter(low, -math.inf)))
        start = math.nextafter(high, math.inf)
        if high == math.inf:
            return union(found)
    return union([*found, (start, math.inf)])


def tidy(literals: Iterable[Literal]) -> Clause | None:
    """One clause, with what is said of a variable said once; None when it always holds."""
    within: dict[int, Within] = {}
    related: dict[Related, None] = {}
    for literal in literals:
        if isinstance(literal, Related):
            related[literal] = None
            continue
        old = within.get(literal.variable, Within(literal.variable, (), False))
        held = union((*old.intervals, *literal.intervals))
        within[literal.variable] = Within(literal.variable, held, old.missing or literal.missing)
    if any(w.missing and w.intervals == EVERYTHING for w in within.values()):
        return None
    said = [w for w in within.values() if w.missing or w.intervals]
    return (*sorted(said, key=lambda w: w.variable), *related)


class _Binder:
    def __init__(self, variables: Variables, where: str, missing: bool) -> None:
        self._all = variables
        self._names = [v.name for v in variables.modelled]
        self._variables = variables.modelled
        self._where = where
        self._missing = missing

    def all_of(self, condition: Condition, negated: bool) -> tuple[Clause, ...]:
        """Negations are moved inward as far as the tests, then "or" is moved into "and"."""
        if isinstance(condition, Not):
            return self.all_of(condition.part, not negated)
        if isinstance(condition, All | Any):
            parts = [self.all_of(part, negated) for part in condition.parts]
            if isinstance(condition, All) != negated:
                return self._checked({clause: None for part in parts for clause in part})
            product: dict[Clause, None] = {(): None}
            for part in parts:
                joined = (tidy((*a, *b)) for a in product for b in part)
                product = dict.fromkeys(clause for clause in joined if clause is not None)
                self._checked(product)
            return tuple(product)
        clause = tidy([self._test(condition, negated)])
        return () if clause is None else (clause,)

    def _checked(self, found: dict[Clause, None]) -> tuple[Clause, ...]:
        if len(found) > MOST_CLAUSES:
            raise self._fault("is too long to hold when written out", "write a shorter one")
        return tuple(found)

    def _fault(self, what: str, mend: str) -> BadInput:
        return BadInput(f"{self._where}: the condition {what}; {mend}")

    def _test(self, test: Condition, negated: bool) -> Literal:
        if isinstance(test, IsMissing):
            place, _ = self._variable(test.name)
            return Within(place, EVERYTHING if negated else (), not negated)
        if isinstance(test, Flag):
            place, variable = self._variable(test.name)
            yes = float(self._yes(variable))
            return self._within(place, ((yes, yes),), negated)
        if isinstance(test, Among):
            place, variable = self._variable(test.name)
            values = [self._value(variable, option) for option in test.options]
            return self._within(place, ((v, v) for v in values), negated)
        if not isinstance(test, Compare):
            raise TypeError(test)
        left, op, right = test.left, test.op, test.right
        if isinstance(left, Constant):
            left, op, right = right, _SWAPPED[op], left
        if isinstance(left, Constant):
            raise self._fault("compares two values", "name a variable on one side")
        place, variable = self._variable(left)
        if isinstance(right, Name) and not self._is_level(variable, right):
            if right.text not in self._all and right.text in variable.levels:
                raise self._fault(f"has {right.text} without quotes", f"write '{right.text}'")
            return self._related(place, op, right, negated)
        value = self._value(variable, right)
        if op in ("=", "!="):
            return self._within(place, ((value, value),), negated != (op == "!="))
        self._need_order(variable, op)
        op = _OPPOSITE[op] if negated else op
        before, after = math.nextafter(value, -math.inf), math.nextafter(value, math.inf)
        least, most = -math.inf, math.inf
        if variable.kind.has_levels:
            before, after = value - 1, value + 1
            least, most = 0.0, len(variable.levels) - 1.0  # "other" has no place in the order
        if op[0] == "<":
            bounds = (least, value if op == "<=" else before)
        else:
            bounds = (value if op == ">=" else after, most)
        return self._within(place, (bounds,), False)

    def _within(self, place: int, intervals: Iterable[Interval], negated: bool) -> Within:
        held = union(intervals)
        return Within(place, complement(held) if negated else held, self._missing)

    def _related(self, place: int, op: str, name: Name, negated: bool) -> Literal:
        other, second = self._variable(name)
        first = self._variables[place]
        dates = first.kind is Kind.DATE, second.kind is Kind.DATE
        alike = first.kind.is_numeric == second.kind.is_numeric and dates[0] == dates[1]
        if not alike or (first.kind.has_levels and first.levels != second.levels):
            why = "they have different levels" if alike else f"one is {first.kind}, the other {second.kind}"
            raise self._fault(
                f'compares "{first.name}" with "{second.name}", but {why}', "compare variables that are alike"
            )
        if op not in ("=", "!="):
            self._need_order(first, op)
        op = _OPPOSITE[op] if negated else op
        if place == other:  # a variable is what it is
            return Within(place, EVERYTHING if op in ("=", "<=", ">=") else (), self._missing)
        if op[0] == ">":
            place, op, other = other, _SWAPPED[op], place
        if op in ("=", "!=") and place > other:
            place, other = other, place
        return Related(place, op, other, self._missing)

    def _variable(self, name: Name) -> tuple[int, Variable]:
        if name.text in self._names:
            place = self._names.index(name.text)
            return place, self._variables[place]
        if name.text in self._all:
            raise self._fault(f'names "{name.text}", which is left out of the model', "name another variable")
        near = get_close_matches(name.text, self._names, 1)
        if not near:
            near = [n for n in self._names if n.lower() == name.text.lower()]
        mend = (
            f'did you mean "{near[0]}"?'
            if near
            else "name one of the declaration; 'text' takes single quotes"
        )
        raise self._fault(f'names "{name.text}", which is no variable', mend)

    def _is_level(self, variable: Variable, name: Name) -> bool:
        """Whether a name in double quotes is text after all."""
        return (
            name.quoted
            and name.text not in self._names
            and name.text in (*variable.levels, OTHER, *_only_dates(name))
        )

    def _need_order(self, variable: Variable, op: str) -> None:
        if variable.kind in (Kind.NOMINAL, Kind.BINARY):
            raise self._fault(
                f'compares "{variable.name}" with {op}, but its levels have no order',
                "use = or in, or declare it ordinal",
            )

    def _yes(self, variable: Variable) -> int:
        if not variable.kind.has_levels or len(variable.levels) != 2:
            raise self._fault(
                f'uses "{variable.name}" alone, but it does not have two levels',
                f"compare it: {variable.name} = ...",
            )
        said = [i for i, level in enumerate(variable.levels) if level.strip().lower() in _YES]
        return said[0] if len(said) == 1 else 1

    def _value(self, variable: Variable, constant: Constant | Name) -> float:
        if isinstance(constant, Name) and not self._is_level(variable, constant):
            raise self._fault(f'lists "{constant.text}" without quotes', f"write '{constant.text}'")
        text = constant.text
        if variable.kind.has_levels:
            return float(self._level(variable, constant))
        if variable.kind is Kind.DATE:
            try:
                moment = datetime.datetime.fromisoformat(text).replace(tzinfo=None)
            except ValueError:
                raise self._fault(
                    f'compares the date "{variable.name}" with what is none', "write one such as '2020-01-31'"
                ) from None
            return (moment - _EPOCH) / datetime.timedelta(days=1)
        if isinstance(constant, Name) or constant.kind != "number" or not math.isfinite(float(text)):
            raise self._fault(
                f'compares the number "{variable.name}" with what is none', "write one such as 65"
            )
        return float(text)

    def _level(self, variable: Variable, constant: Constant | Name) -> int:
        text = constant.text
        if isinstance(constant, Constant) and constant.kind == "number":
            text = level_text(float(text)) or text
        for tried in (constant.text, text):
            if tried in variable.levels:
                return variable.levels.index(tried)
        if text == OTHER:
            return len(variable.levels)
        near = get_close_matches(text, variable.levels, 1, cutoff=0.5)
        near = [level for level in variable.levels if level.lower() == text.lower()] or near
        mend = f"did you mean '{near[0]}'?" if near else "see its levels in the declaration"
        raise self._fault(f"names '{text}', which is no level of \"{variable.name}\"", mend)


def _only_dates(name: Name) -> tuple[str, ...]:
    try:
        datetime.datetime.fromisoformat(name.text)
    except ValueError:
        return ()
    return (name.text,)
