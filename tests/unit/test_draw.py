"""What is said of a draw given a condition, and what is added to its table."""

from __future__ import annotations

import pyarrow as pa
import pytest

from locum.cli.generate import _factors
from locum.errors import UsageError
from locum.model import Drawn, weight_variable
from locum.variables import Kind, Role, Variable, Variables


def declared(*names: str, role: Role = Role.PLAIN) -> Variables:
    return Variables(tuple(Variable(name, Kind.CONTINUOUS, "double", role=role) for name in names))


def test_the_weights_have_a_name_that_no_variable_has() -> None:
    assert weight_variable(declared("age")).name == "weight"
    assert weight_variable(declared("age", "weight")).name == "sampling_weight"
    assert weight_variable(declared("weight", "sampling_weight")).name == "sampling_weight_2"
    assert weight_variable(declared("age")).role is Role.WEIGHT
    assert weight_variable(declared("survey", role=Role.WEIGHT)).role is Role.PLAIN  # there is one such role


@pytest.mark.parametrize(
    ("rows", "effective", "told"),
    [(1000, 1000.0, False), (1000, 99.0, True), (50, 50.0, False), (10_000, 400.0, True), (10, None, False)],
)
def test_few_independent_patients_are_told(rows: int, effective: float | None, told: bool) -> None:
    drawn = Drawn(pa.table({"age": [1.0] * rows}), declared("age"), 0.1, effective, 20_000)
    assert bool(drawn.notices) == told


def test_factors_are_read_from_the_end() -> None:
    assert _factors(["age >= 80=2", "sex = 'male' = 0.5"]) == {"age >= 80": 2.0, "sex = 'male'": 0.5}


@pytest.mark.parametrize(
    "text", ["age", "=3", "age > 3 = x", "age > 3 = 0", "age > 3 = -1", "age > 3 = inf", "a=nan"]
)
def test_a_boost_without_a_factor_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="does not end in = and a factor"):
        _factors([text])


def test_a_group_has_one_factor() -> None:
    with pytest.raises(UsageError, match="two factors"):
        _factors(["sex=2", "sex=3"])
