"""Formulas are found where they hold, and nowhere else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.variables import Formula, formula_of, from_toml, infer, to_toml
from locum.variables.find_formulas import find_formulas


def find(steps=None, k=10, **lines):
    names = list(lines)
    found = find_formulas(names, np.array(list(lines.values())), steps or [None] * len(names), k)
    return dict(zip(names, found, strict=True))


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_a_total_is_the_sum_of_its_parts(rng):
    a, b, c = rng.gamma(2, 30, (3, 2000)).round(1)
    found = find([0.1] * 4, a=a, b=b, c=c, total=(a + b + c).round(1))
    assert set(found["total"][0].of) == {"a", "b", "c"}
    assert found["total"][0].numbers == (1.0, 1.0, 1.0)
    assert found["total"][0].constant == 0.0


def test_numbers_of_a_formula_are_short(rng):
    ldl, hdl, trig = rng.normal([[3.2], [1.4], [1.7]], [[0.8], [0.3], [0.6]], (3, 3000)).round(3)
    found = find([0.001] * 3 + [0.01], ldl=ldl, hdl=hdl, trig=trig, chol=(ldl + hdl + 0.45 * trig).round(2))
    formula = found["chol"][0]
    assert dict(zip(formula.of, formula.numbers, strict=True)) == pytest.approx(
        {"ldl": 1.0, "hdl": 1.0, "trig": 0.45}, abs=2e-3
    )


def test_a_body_mass_index_is_a_product(rng):
    height, weight = rng.normal([[1.7], [75]], [[0.1], [12]], (2, 2000)).round(2)
    found = find([0.01, 0.01, 0.1], height=height, weight=weight, bmi=(weight / height**2).round(1))
    assert dict(zip(found["bmi"][0].of, found["bmi"][0].numbers, strict=True)) == {
        "height": -2.0,
        "weight": 1.0,
    }
    assert found["bmi"][0].how == "product"
    assert found["bmi"][0].constant == 1.0


def test_a_copy_of_some_rows_is_found_among_rows_that_differ(rng):
    death = rng.uniform(0, 5000, 3000).round()
    stroke = np.where(rng.random(3000) < 0.3, (death * rng.random(3000)).round(), death)
    assert find([1.0, 1.0], death=death, stroke=stroke)["stroke"] == (Formula("sum", ("death",), (1.0,)),)


def test_the_first_of_several_times_is_their_least(rng):
    end = rng.uniform(1000, 5000, 4000).round()
    times = {
        name: np.where(rng.random(4000) < 0.3, (end * rng.random(4000)).round(), end)
        for name in ("mi", "stroke")
    }
    first = np.fmin(times["mi"], times["stroke"])
    found = find([1.0] * 4, end=end, **times, first=first)
    assert found["first"][0].how == "least"
    assert set(found["first"][0].of) == {"mi", "stroke"}


@pytest.mark.parametrize("shared", ["zeros", "tens", "halves", "same few"])
def test_numbers_that_only_look_alike_are_no_copies(rng, shared):
    a, b = rng.normal(120, 15, (2, 4000))
    b = 0.8 * (a - 120) + 120 + 0.3 * (b - 120)
    if shared == "zeros":  # most hold 0 in both
        a, b = (np.where(rng.random(4000) < 0.9, 0, x) for x in (a, b))
    elif shared == "tens":  # both measured in tens
        a, b = a.round(-1), b.round(-1)
    elif shared == "halves":
        a, b = a.round(), b.round()
    else:
        a, b = (np.clip((x - 90) // 15, 0, 4) for x in (a, b))
    assert find([1.0, 1.0], a=a, b=b) == {"a": (), "b": ()}


def test_columns_that_are_all_the_same_are_copies_of_each_other(rng):
    a = rng.gamma(2, 30, 1000).round(1)
    found = find([0.1] * 6, **{f"c{i}": a for i in range(6)})
    assert all(formula.is_copy for formulas in found.values() for formula in formulas)
    assert all(found[f"c{i}"] for i in range(1, 6))


def test_a_strong_regression_is_no_formula(rng):
    a = rng.normal(100, 15, 3000).round(1)
    assert find([0.1, 0.1], a=a, b=(2 * a + rng.normal(0, 1, 3000)).round(1)) == {"a": (), "b": ()}


def test_the_declaration_holds_what_was_found_and_comes_back_the_same(rng):
    part, other = rng.gamma(2, 30, (2, 500)).round(1)
    declared = infer(pa.table({"part": part, "other": other, "both": (part + other).round(1)}))
    assert declared["both"].follows
    assert from_toml(to_toml(declared), "it") == declared


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{ sum = {} }", "not a table of variables"),
        ("{ sum = { a = 0 } }", "the number 0"),
        ('{ sum = { a = "x" } }', "not a number"),
        ("{ sum = { a = inf } }", "not a number"),
        ('{ least = ["a"] }', "two variables or more"),
        ('{ least = ["a", "b"], constant = 1 }', "two variables or more"),
        ('{ mean = ["a", "b"] }', "not one of sum, product, least, greatest"),
        ("3", "not one of"),
        ("{ sum = { c = 1 } }", "follows from itself"),
        ("{ sum = { z = 1 } }", "not declared"),
        ("{ sum = { s = 1 } }", "not a number that is modelled"),
    ],
)
def test_a_formula_that_cannot_be_is_refused_in_one_line(entry, said):
    text = "".join(f'[[variable]]\nname = "{n}"\nkind = "continuous"\nstorage = "double"\n' for n in "abc")
    text += f'follows = [{entry}]\n[[variable]]\nname = "s"\nkind = "nominal"\n'
    with pytest.raises(BadInput, match=said) as told:
        from_toml(text, "variables.toml")
    assert "\n" not in str(told.value)
    assert 'variables.toml: variable "c"' in str(told.value)


def test_words_say_the_formula():
    assert formula_of({"sum": {"a": 1, "b": -1}, "constant": 2}, "").words() == "a - b + 2"
    assert formula_of({"product": {"w": 1, "h": -2}, "constant": 10000}, "").words() == "10000 x w x h^-2"
    assert formula_of({"least": ["a", "b"]}, "").words() == "the least of a, b"
