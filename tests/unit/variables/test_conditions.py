"""Conditions: what they mean, against an evaluation by hand, and how the user is told what cannot be read."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.errors import BadInput
from locum.variables import Kind, Rule, Variable, Variables, from_dict, from_toml, to_dict, to_toml
from locum.variables.clauses import (
    EVERYTHING,
    Clause,
    Related,
    Within,
    clauses,
    complement,
    intersection,
    union,
)
from locum.variables.conditions import Not, parse

DECLARED = Variables(
    (
        Variable("id", Kind.IDENTIFIER),
        Variable("age", Kind.COUNT, "int64", precision=1.0),
        Variable("blood pressure", Kind.CONTINUOUS, "double"),
        Variable("sex", Kind.BINARY, levels=("female", "male")),
        Variable("diabetes", Kind.BINARY, levels=("yes", "no")),
        Variable("grade", Kind.ORDINAL, levels=("I", "II", "III")),
        Variable("seen", Kind.DATE, "date32[day]"),
        Variable("weight", Kind.CONTINUOUS, "double"),
        Variable("smoker", Kind.NOMINAL, "int64", levels=("0", "1", "2")),
    )
)
AGE, PRESSURE, SEX, DIABETES, GRADE, SEEN, WEIGHT, SMOKER = range(8)
UP, DOWN = math.inf, -math.inf


def bound(text: str, *, missing: bool = False) -> tuple[Clause, ...]:
    return clauses(parse(text, "here"), DECLARED, "here", missing=missing)


def test_a_conjunction_is_a_clause_for_each_part():
    assert bound("age >= 65 and diabetes") == (
        (Within(AGE, ((65.0, UP),), False),),
        (Within(DIABETES, ((0.0, 0.0),), False),),  # the level that says yes, wherever it stands
    )


def test_a_disjunction_is_one_clause_and_negation_moves_inward():
    (clause,) = bound("not (sex = 'female' and age < 3)", missing=True)
    assert clause == (
        Within(AGE, ((3.0, UP),), True),
        Within(SEX, complement(((0.0, 0.0),)), True),
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("`blood pressure` > 120", '"blood pressure" > 120'),
        ("65 <= age", "age >= 65"),
        ("age == 3", "age = 3"),
        ("age <> 3", "not age = 3"),
        ("age > 3 AND sex = 'male'", "age > 3 and sex = 'male'"),
        ('sex = "female"', "sex = 'female'"),
        ("sex", "sex = 'male'"),
        ("smoker = 1.0", "smoker = '1'"),
        ("grade > 'I'", "grade >= 'II'"),
        ("seen >= 2020-02-01", "seen >= '2020-02-01'"),
        ("age > weight", "weight < age"),
        ("not age <= weight", "age > weight"),
        ("age > -5", "-5.0 < age"),
        ("age < 3 or age < 5", "age < 5"),
        ("not not diabetes", "diabetes"),
        ("age is not missing", "not (age is missing)"),
    ],
)
def test_conditions_that_mean_the_same(text: str, same: str):
    assert set(bound(text)) == set(bound(same))


def test_what_always_holds_is_no_clause():
    assert bound("age is missing or age is not missing") == ()
    assert bound("age < 3 or age >= 3", missing=True) == ()
    assert bound("age < 3 or age >= 3") == ((Within(AGE, EVERYTHING, False),),)


def test_dates_are_days():
    assert bound("seen = 1970-01-11") == ((Within(SEEN, ((10.0, 10.0),), False),),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the condition is empty"),
        ("  ", "the condition is empty"),
        ("agee > 3", 'names "agee", which is no variable; did you mean "age"'),
        ("id = 3", 'names "id", which is left out of the model'),
        ("sex = 'femal'", "no level of \"sex\"; did you mean 'female'"),
        ("sex = female", "without quotes; write 'female'"),
        ("sex > 'male'", "no order"),
        ("age > 'x'", 'compares the number "age" with what is none'),
        ("age > 2020-01-01", 'compares the number "age" with what is none'),
        ("seen > 3", 'compares the date "seen" with what is none'),
        ("seen > '2020-13-01'", 'compares the date "seen" with what is none'),
        ("age", "does not have two levels"),
        ("age > sex", "one is count, the other binary"),
        ("sex = diabetes", "they have different levels"),
        ("3 = 4", "compares two values"),
        ("(age > 3", 'expected "\\)", found the end'),
        ("age > 3)", 'found "\\)" at character 8'),
        ("age > 3 sex", 'expected and, or, or the end, found "sex" at character 9'),
        ("age >", "expected a value or a variable, found the end"),
        ("age in ()", "expected a value"),
        ("age in (3", 'expected "\\)"'),
        ("age not 3", 'expected "in"'),
        ("age is null", 'expected "missing", found "null"'),
        ("sex = 'male", "a quote that is not closed at character 7"),
        ("age > 3 & sex", 'cannot read "&" at character 9'),
        ("age > 1e999", 'compares the number "age" with what is none'),
        ("not " * 60 + "diabetes", "more than 50 brackets"),
        ("(" * 5000, "more than 50 brackets"),
        ("age > 3 or " * 2000 + "sex", "longer than"),
        (
            " or ".join(["(age = 1 and sex)"] + [f"(weight = {i} and age = {i})" for i in range(12)]),
            "too long to hold",
        ),
        ("__import__('os')", "expected and, or, or the end"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(text: str, says: str):
    with pytest.raises(BadInput, match=says) as told:
        bound(text)
    assert str(told.value).startswith("here: ")
    assert "\n" not in str(told.value)


NAMES = {"age": AGE, "weight": WEIGHT, "sex": SEX}
Row = dict[int, float]


def simple() -> st.SearchStrategy[tuple[str, Any]]:
    """The text of a test, and its truth in a row: True, False, or None where a value is missing."""
    number = st.tuples(
        st.sampled_from(["age", "weight"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.integers(0, 3),
    )
    pair = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    says: dict[str, Any] = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }

    def known(*found: Any) -> bool:
        return not any(math.isnan(x) for x in found)

    return st.one_of(
        number.map(
            lambda t: (
                f"{t[0]} {t[1]} {t[2]}",
                lambda row: says[t[1]](row[NAMES[t[0]]], t[2]) if known(row[NAMES[t[0]]]) else None,
            )
        ),
        pair.map(
            lambda op: (
                f"age {op} weight",
                lambda row: says[op](row[AGE], row[WEIGHT]) if known(row[AGE], row[WEIGHT]) else None,
            )
        ),
        st.just(("sex", lambda row: row[SEX] == 1 if known(row[SEX]) else None)),
        st.just(("age in (1, 2)", lambda row: row[AGE] in (1, 2) if known(row[AGE]) else None)),
        st.sampled_from(sorted(NAMES)).map(
            lambda n: (f"{n} is missing", lambda row: not known(row[NAMES[n]]))
        ),
    )


def both(a: Any, b: Any) -> Any:
    return False if a is False or b is False else None if a is None or b is None else True


def negate(a: Any) -> Any:
    return None if a is None else not a


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda t: (f"({t[0][0]} and {t[1][0]})", lambda row: both(t[0][1](row), t[1][1](row)))),
        two.map(
            lambda t: (
                f"({t[0][0]} or {t[1][0]})",
                lambda row: negate(both(negate(t[0][1](row)), negate(t[1][1](row)))),
            )
        ),
        inner.map(lambda t: (f"not {t[0]}", lambda row: negate(t[1](row)))),
    )


def holds(clause: Clause, row: Row) -> bool:
    for x in clause:
        if isinstance(x, Within):
            a = row[x.variable]
            if x.missing if math.isnan(a) else any(low <= a <= high for low, high in x.intervals):
                return True
        elif isinstance(x, Related):
            a, b = row[x.left], row[x.right]
            fits = {"<=": a <= b, "<": a < b, "=": a == b, "!=": a != b}[x.op]
            if x.missing if math.isnan(a) or math.isnan(b) else fits:
                return True
    return False


@given(
    st.recursive(simple(), combined, max_leaves=6),
    st.lists(
        st.tuples(
            *[st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan])] * 2, st.sampled_from([0.0, 1.0, math.nan])
        )
    ),
)
def test_the_clauses_say_what_the_condition_says(expression: Any, rows: list[tuple[float, float, float]]):
    """By Kleene's logic: a search wants what is true, a rule what is not false, and the rest is the rest."""
    text, truth = expression
    found = parse(text, "here")
    wanted = clauses(found, DECLARED, "here", missing=False)
    ruled = clauses(found, DECLARED, "here", missing=True)
    others = clauses(Not(found), DECLARED, "here", missing=True)
    for age, weight, sex in rows:
        row = {AGE: age, WEIGHT: weight, SEX: sex}
        assert all(holds(c, row) for c in wanted) == (truth(row) is True)
        assert all(holds(c, row) for c in ruled) == (truth(row) is not False)
        assert all(holds(c, row) for c in others) == (truth(row) is not True)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str):
    with contextlib.suppress(BadInput):
        bound(text)


intervals = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-4, 4)).map(lambda t: (min(t) + 0.0, max(t) + 0.0))
)


@given(intervals, intervals, st.integers(-5, 5))
def test_unions_of_intervals_are_sets(a: list[Any], b: list[Any], x: int):
    def within(found: Any) -> bool:
        return any(low <= x <= high for low, high in found)

    assert within(union(a)) == within(a)
    assert within(intersection(a, b)) == (within(a) and within(b))
    assert within(complement(a)) == (not within(a))
    assert complement(complement(a)) == union(a)


RULES = (
    Rule("age >= 3"),
    Rule("not (sex = 'female' and diabetes)", exactly=False),
    Rule("`blood pressure` > 1"),
)


def test_rules_come_back_as_they_were_written():
    declared = Variables(DECLARED.variables, 10, (), RULES)
    assert from_toml(to_toml(declared), "v.toml") == declared
    assert from_dict(to_dict(declared), "v.json") == declared
    assert "rules" not in to_dict(DECLARED)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ('rules = ["age > 3"]', "v.toml: rules is not a list of tables"),
        ("rules = [{ hold = 'x' }]", 'v.toml: rule 1: unknown key "hold"; did you mean "holds"'),
        ("rules = [{ exactly = true }]", "v.toml: rule 1 has no condition"),
        ("rules = [{ holds = 'age > 1', exactly = 1 }]", "v.toml: rule 1: exactly is neither"),
        (
            "rules = [{ holds = 'age > 1' }, { holds = 'agee > 1' }]",
            'v.toml: rule 2: the condition names "agee"',
        ),
    ],
)
def test_rules_that_cannot_be_read(rules: str, says: str):
    with pytest.raises(BadInput, match=says):
        from_toml(f'{rules}\n[[variable]]\nname = "age"\nkind = "count"\n', "v.toml")
