"""Numbers that order one another are found, by chance or by scale none are, and what follows is not said twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import locum
from locum.variables import Kind, Rule, Variable, from_toml, infer, to_toml
from locum.variables.find_rules import find_rules

N = 2000


def found(
    values: dict[str, np.ndarray], k: int = 10, people: np.ndarray | None = None, **units: str
) -> list[tuple[str, bool]]:
    variables = [Variable(name, Kind.CONTINUOUS, "double", unit=units.get(name)) for name in values]
    rules = find_rules(variables, np.array([*values.values()], np.float64), k, people)
    return [(rule.holds, rule.exactly) for rule in rules]


def steps(n: int = N, seed: int = 1) -> dict[str, np.ndarray]:
    """Three times in order, and a fourth that has nothing to do with them."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 1000, n).astype(float)
    second = first + rng.integers(0, 300, n)
    third = second + rng.integers(0, 300, n)
    return {"first": first, "second": second, "third": third, "other": rng.permutation(first)}


def test_the_order_of_three_is_said_in_two_rules() -> None:
    assert sorted(found(steps())) == [("first <= second", True), ("second <= third", True)]


def test_a_third_that_is_often_missing_says_nothing_of_the_two_others() -> None:
    values = steps()
    values["second"][::50] = np.nan
    assert ("first <= third", True) in found(values)
    values = steps()
    values["second"][0] = np.nan
    assert ("first <= third", True) not in found(values)


def test_a_missing_value_breaks_nothing() -> None:
    values = steps()
    values["first"][::3] = np.nan
    values["second"][1::3] = np.nan
    assert ("first <= second", True) in found(values)


def test_what_would_hold_anyway_is_no_rule() -> None:
    rng = np.random.default_rng(2)
    values = {"low": rng.uniform(0, 10, N), "high": rng.uniform(9.9, 20, N)}
    assert found(values) == []
    rng = np.random.default_rng(2)
    pressure = rng.normal(130, 15, N)
    assert found({"pressure": pressure, "same": pressure.copy()}) == []
    assert found({"one": rng.normal(0, 1, N), "constant": np.zeros(N), "none": np.full(N, np.nan)}) == []


@pytest.mark.parametrize("n", [30, 300, 3000])
def test_numbers_that_have_nothing_to_do_with_each_other_have_no_rules(n: int) -> None:
    rng = np.random.default_rng(n)
    assert found({f"x{i}": rng.normal(i / 20, 1, n) for i in range(40)}) == []


def test_too_few_patients_make_no_rule() -> None:
    values = steps(40)
    assert found(values) == [], "20 patients would break it were they independent, at least"
    assert found(values, k=3) != []


@pytest.mark.parametrize(("broken", "rule"), [(0, True), (9, True), (10, False), (19, False), (20, None)])
def test_a_rule_is_broken_by_some_from_k_patients_on_and_by_one_in_a_thousand_is_none(
    broken: int, rule: bool | None
) -> None:
    values = {name: line for name, line in steps(20_000).items() if name in ("first", "second")}
    values["first"][5 : 5 + broken] = values["second"][5 : 5 + broken] + 1
    assert found(values) == ([] if rule is None else [("first <= second", rule)])


def test_rows_of_one_person_count_once() -> None:
    values = {name: line for name, line in steps(20_000).items() if name in ("first", "second")}
    values["first"][:15] = values["second"][:15] + 1
    assert found(values, people=np.arange(20_000) // 5) == [("first <= second", True)]


def test_dates_and_numbers_and_units_are_not_mixed() -> None:
    values = steps()
    assert ("first <= second", True) not in found(values, second="days")
    assert ("second <= third", True) in found(values, second="days", third="days")
    variables = [Variable("first", Kind.DATE, "date32[day]"), Variable("second", Kind.CONTINUOUS, "double")]
    assert find_rules(variables, np.array([values["first"], values["second"]]), 10) == ()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("date of birth", "`date of birth` <= other"),
        ("is", "`is` <= other"),
        ("a.b", "a.b <= other"),
        ("größe", "größe <= other"),
        ('"x', None),
        ("a`b", None),
    ],
)
def test_names_are_written_so_that_they_can_be_read(name: str, rule: str | None) -> None:
    values = steps()
    assert found({name: values["first"], "other": values["second"]}) == (
        [] if rule is None else [(rule, True)]
    )


def test_the_least_of_several_needs_no_rule() -> None:
    rng = np.random.default_rng(3)
    table = pa.table({"a": rng.integers(0, 5000, N), "b": rng.integers(0, 5000, N)})
    table = table.append_column("first", pa.array(np.minimum(table["a"], table["b"])))
    declared = infer(table)
    assert declared["first"].follows
    assert declared.rules == ()


def stays(n: int = N) -> pa.Table:
    """Admission, discharge and, for some, death, as dates."""
    rng = np.random.default_rng(4)
    admission = rng.integers(15_000, 16_000, n)
    discharge = admission + rng.integers(0, 200, n)
    death = discharge + rng.integers(0, 400, n)
    dates = {"admission": admission, "discharge": discharge, "death": death}
    alive = rng.random(n) < 0.5
    return pa.table(
        {
            name: pa.array(days.astype(np.int32), pa.int32(), mask=alive if name == "death" else None).cast(
                pa.date32()
            )
            for name, days in dates.items()
        }
    )


def test_dates_that_order_one_another_are_declared_and_kept_by_every_drawn_patient() -> None:
    declared = locum.describe(stays())
    rules = {Rule("admission <= discharge"), Rule("discharge <= death")}
    assert set(declared.rules) == rules
    assert set(from_toml(to_toml(declared), "it").rules) == rules
    model = locum.fit(stays(), seed=1, threads=1)
    drawn = model.sample(3000, seed=2, threads=1).to_pandas()
    dead = drawn["death"].notna()
    assert 0.4 < dead.mean() < 0.6
    assert (drawn["admission"] <= drawn["discharge"]).all()
    assert (drawn["discharge"][dead] <= drawn["death"][dead]).all()
