"""Columns of every storage type, read as numbers and codes and written back."""

import datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.variables import Kind, Variable, Variables, infer, to_columns, to_table


def one(array: pa.Array, **declared: object) -> tuple[list[float | None], list[int], list[object]]:
    """Values and missing codes of a single column, and what it comes back as."""
    variable = Variable("x", **declared)  # type: ignore[arg-type]
    (column,) = to_columns(pa.table({"x": array}), Variables((variable,)))
    values = [None if np.isnan(v) else float(v) for v in column.values]
    return values, column.missing.tolist(), to_table([column]).column("x").to_pylist()


NUMBERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"]


@pytest.mark.parametrize("storage", NUMBERS)
def test_numbers_of_every_width_come_back(storage):
    array = pa.array([3, None, 120], pa.type_for_alias(storage))
    values, missing, back = one(array, kind=Kind.CONTINUOUS, storage=storage, precision=1.0)
    assert values == [3, None, 120]
    assert missing == [0, 1, 0]
    assert back == [3, None, 120]


@pytest.mark.parametrize("storage", [*NUMBERS, "decimal128(5, 1)"])
def test_levels_of_numbers_are_their_shortest_text(storage):
    kind = pa.decimal128(5, 1) if storage.startswith("decimal") else pa.type_for_alias(storage)
    array = pa.array([Decimal(v) if storage.startswith("decimal") else v for v in (1, 2, 1)], kind)
    values, _, back = one(array, kind=Kind.BINARY, storage=storage, levels=("1", "2"))
    assert values == [0, 1, 0]
    assert back == [1, 2, 1]


def test_truth_values():
    values, _, back = one(
        pa.array([True, None, False]), kind=Kind.BINARY, storage="bool", levels=("false", "true")
    )
    assert values == [1, None, 0]
    assert back == [True, None, False]


def test_truth_values_from_text_files():
    declared = Variable("x", Kind.BINARY, "bool", levels=("false", "true"))
    for array in (pa.array(["True", "False"]), pa.array(["TRUE", "FALSE"]), pa.array([1, 0])):
        (column,) = to_columns(pa.table({"x": array}), Variables((declared,)))
        assert column.values.tolist() == [1, 0]


def test_dates_are_days_since_1970():
    day = datetime.date(1970, 1, 11)
    values, _, back = one(pa.array([day, None]), kind=Kind.DATE, storage="date32[day]", precision=1.0)
    assert values == [10, None]
    assert back == [day, None]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Europe/London"])
def test_moments_are_days_with_fractions(unit, zone):
    kind = pa.timestamp(unit, tz=zone)
    array = pa.array([datetime.datetime(1970, 1, 2, 6), datetime.datetime(2024, 2, 29, 23, 59, 59)]).cast(
        kind
    )
    variable = Variable("x", Kind.DATE, str(kind))
    (column,) = to_columns(pa.table({"x": array}), Variables((variable,)))
    assert column.values[0] == 1.25
    assert to_table([column]).column("x").combine_chunks().equals(array)


def test_lengths_of_time_are_days():
    array = pa.array([datetime.timedelta(hours=36), None], pa.duration("s"))
    values, _, back = one(array, kind=Kind.CONTINUOUS, storage="duration[s]")
    assert values == [1.5, None]
    assert back == [datetime.timedelta(hours=36), None]


def test_dates_as_text_in_their_own_format():
    array = pa.array(["31/12/1999", None, "01/02/2000"])
    values, _, back = one(array, kind=Kind.DATE, storage="string", date_format="%d/%m/%Y")
    assert values == [10956, None, 10988]
    assert back == array.to_pylist()


def test_infinities_nan_and_blanks_are_missing():
    values, missing, back = one(
        pa.array([1.0, np.inf, -np.inf, np.nan]), kind=Kind.CONTINUOUS, storage="double"
    )
    assert (values, missing) == ([1, None, None, None], [0, 1, 1, 1])
    assert back == [1, None, None, None]
    values, missing, _ = one(pa.array(["a", "", "  "]), kind=Kind.NOMINAL, levels=("a",))
    assert missing == [0, 1, 1]


@pytest.mark.parametrize(
    ("array", "storage"),
    [
        (pa.array(["a", "b", "c"]), "string"),
        (pa.array(["a", "b", "c"]).dictionary_encode(), "dictionary"),
        (pa.array(["a", "b", "c"], pa.large_string()), "string"),
    ],
)
def test_undeclared_levels_come_back_as_other(array, storage):
    values, missing, back = one(array, kind=Kind.NOMINAL, storage=storage, levels=("a",))
    assert values == [0, 1, 1]
    assert missing == [0, 0, 0]
    assert back == ["a", "other", "other"]


def test_a_real_level_named_other_takes_in_what_is_not_declared():
    values, _, back = one(pa.array(["other", "b", "a"]), kind=Kind.NOMINAL, levels=("other", "a"))
    assert values == [0, 0, 1]
    assert back == ["other", "other", "a"]


def test_other_in_a_column_of_numbers_comes_back_empty():
    _, _, back = one(pa.array([1, 2, 9]), kind=Kind.BINARY, storage="int64", levels=("1", "2"))
    assert back == [1, 2, None]


@pytest.mark.parametrize(
    ("array", "declared"),
    [
        (pa.array([4, -7, -8, None]), {"kind": Kind.COUNT, "storage": "int64"}),
        (pa.array([4.0, -7, -8, None]), {"kind": Kind.CONTINUOUS, "storage": "double"}),
        (pa.array(["4", "-7", "-8", None]), {"kind": Kind.CONTINUOUS, "storage": "string"}),
        (pa.array([4, -7, -8, None]), {"kind": Kind.NOMINAL, "storage": "int64", "levels": ("4",)}),
        (pa.array(["4", "-7", "-8", None]), {"kind": Kind.NOMINAL, "storage": "string", "levels": ("4",)}),
    ],
)
def test_missing_reasons_come_back_as_their_raw_value(array, declared):
    reasons = {"refused": ("-7",), "not asked": ("-8",)}
    _, missing, back = one(array, missing=reasons, **declared)
    assert missing == [0, 2, 3, 1]
    assert back == array.to_pylist()


def test_raw_values_declared_as_not_recorded_come_back_empty():
    array = pa.array(["a", "unknown"])
    _, missing, back = one(array, kind=Kind.NOMINAL, levels=("a",), missing={"not recorded": ("unknown",)})
    assert missing == [0, 1]
    assert back == ["a", None]


def test_ordered_dictionaries_stay_ordered():
    array = pa.DictionaryArray.from_arrays(
        pa.array([1, 0], pa.int8()), pa.array(["low", "high"]), ordered=True
    )
    variable = Variable("x", Kind.ORDINAL, "dictionary", levels=("low", "high"))
    back = to_table(to_columns(pa.table({"x": array}), Variables((variable,)))).column("x")
    assert back.type == array.type
    assert back.to_pylist() == ["high", "low"]


def test_chunks_with_different_dictionaries_are_one_column():
    chunks = pa.chunked_array([pa.array(["a"]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()])
    values, _, back = one(chunks, kind=Kind.NOMINAL, storage="dictionary", levels=("b", "a"))
    assert values == [1, 0, 1]
    assert back == ["a", "b", "a"]


def test_no_rows_give_no_rows():
    for declared in ({"kind": Kind.NOMINAL, "levels": ("a",)}, {"kind": Kind.CONTINUOUS}):
        assert one(pa.array([], pa.string()), **declared) == ([], [], [])


def test_numbers_are_rounded_to_precision_and_to_the_nearest_double():
    _, _, back = one(
        pa.array([0.30000000000000004, 1.26]), kind=Kind.CONTINUOUS, storage="double", precision=0.1
    )
    assert back == [0.3, 1.3]


@pytest.mark.parametrize(
    ("array", "declared", "says"),
    [
        (pa.array(["secret", "1"]), {"kind": Kind.CONTINUOUS}, "1 of 2 cells are not numbers"),
        (pa.array(["secret"]), {"kind": Kind.DATE, "date_format": "%Y-%m-%d"}, "not dates"),
        (pa.array([20200101]), {"kind": Kind.DATE, "storage": "int64"}, "cannot be read as date"),
        (pa.array([datetime.date(2020, 1, 1)]), {"kind": Kind.COUNT}, "cannot be read as count"),
        (pa.array([["secret"]]), {"kind": Kind.NOMINAL}, "cannot be modelled"),
    ],
)
def test_a_type_that_cannot_be_read_is_told_without_a_value(array, declared, says):
    with pytest.raises(BadInput, match=says) as error:
        one(array, **declared)
    assert 'column "x"' in str(error.value)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_column_is_named():
    with pytest.raises(BadInput, match='column "y" is declared but not in the table'):
        to_columns(pa.table({"x": [1]}), Variables((Variable("y", Kind.COUNT),)))


def test_values_that_do_not_fit_the_storage_are_refused():
    variable = Variable("x", Kind.CONTINUOUS, "int8")
    (column,) = to_columns(pa.table({"x": [1000.0]}), Variables((variable,)))
    with pytest.raises(BadInput, match='column "x": values do not fit storage "int8"'):
        to_table([column])


def test_identifiers_are_not_read():
    variables = Variables((Variable("id", Kind.IDENTIFIER), Variable("x", Kind.COUNT, "int64")))
    assert [c.variable.name for c in to_columns(pa.table({"x": [1]}), variables)] == ["x"]


def test_minus_zero_is_zero():
    found = pa.table({"x": pa.array([0.0, 1.0, -0.0] * 10)})
    declared = infer(found, k=1)
    assert declared["x"].levels == ("0", "1")
    assert to_table(to_columns(found, declared))["x"].to_pylist() == [0.0, 1.0, 0.0] * 10
