"""What is inferred from known tables, and from hostile ones."""

import datetime
import time

import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.variables import Disclosure, Kind, Role, Variable, infer, to_columns, to_table

RNG = np.random.default_rng(1)
N = 400


def only(
    values: object, name: str = "x", kind: pa.DataType | None = None
) -> tuple[Variable, tuple[str, ...]]:
    array = (
        values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, kind, from_pandas=True)
    )
    found = infer(pa.table({name: array}))
    return found[name], found.notices


@pytest.mark.parametrize(
    ("values", "kind", "levels"),
    [
        (["a", "b", "c", "a"] * 20, Kind.NOMINAL, ("a", "b", "c")),
        (["no", "yes", "no"] * 20, Kind.BINARY, ("no", "yes")),
        ([2, 1, 2] * 20, Kind.BINARY, ("1", "2")),
        ([0.5, 0.25] * 20, Kind.BINARY, ("0.25", "0.5")),
        ([True, False] * 20, Kind.BINARY, ("false", "true")),
        ([True] * 20, Kind.BINARY, ("true",)),
        (["1", "2", "3"] * 20, Kind.NOMINAL, ("1", "2", "3")),
        (["1", "two", "3"] * 20, Kind.NOMINAL, ("1", "3", "two")),
        (["one"] * 20, Kind.NOMINAL, ("one",)),
    ],
)
def test_levels(values, kind, levels):
    variable, notices = only(values)
    assert (variable.kind, variable.levels, notices) == (kind, levels, ())


def test_an_ordered_dictionary_is_ordinal_in_its_own_order():
    names = pa.array(["low", "middle", "high"])
    array = pa.DictionaryArray.from_arrays(pa.array([2, 0, 1, 2] * 20, pa.int8()), names, ordered=True)
    variable, _ = only(array)
    assert (variable.kind, variable.levels, variable.storage) == (
        Kind.ORDINAL,
        ("low", "middle", "high"),
        "dictionary",
    )


def test_rare_levels_are_folded_and_counted_but_not_named():
    variable, notices = only(["a"] * 50 + ["b"] * 10 + ["secret"] * 9 + ["hidden"])
    assert variable.levels == ("a", "b")
    assert notices == ('column "x": 2 levels are held by fewer than 10 patients and read as "other"',)


def test_levels_are_held_by_people_not_rows():
    table = pa.table({"who": [i % 5 for i in range(60)] + list(range(5, 25)), "x": ["a"] * 60 + ["b"] * 20})
    found = infer(table, patient="who")
    assert found["who"].role is Role.PATIENT
    assert found["x"].levels == ("b",)


@pytest.mark.parametrize(
    ("values", "kind", "precision"),
    [
        (np.arange(N) % 30, Kind.COUNT, 1.0),
        (np.arange(N) % 30 + 40, Kind.CONTINUOUS, 1.0),
        (np.arange(N) % 30 - 5, Kind.CONTINUOUS, 1.0),
        (np.arange(N) % 70 / 10, Kind.CONTINUOUS, 0.1),
        (np.arange(N) % 70 / 100 + 120, Kind.CONTINUOUS, 0.01),
        ((np.arange(N) % 70 / 100).astype(np.float32), Kind.CONTINUOUS, 0.01),
        (RNG.normal(size=N), Kind.CONTINUOUS, None),
        (np.arange(N) % 3 + 1, Kind.COUNT, 1.0),
        (np.arange(N) % 3 / 3, Kind.CONTINUOUS, None),
    ],
)
def test_numbers(values, kind, precision):
    variable, notices = only(values)
    assert (variable.kind, variable.precision, notices) == (kind, precision, ())
    assert variable.low <= np.sort(values)[9]
    assert variable.high >= np.sort(values)[-10]


def test_the_range_is_moved_by_no_patient_alone():
    values = RNG.normal(100, 10, N)
    calm, _ = only(values)
    wild, _ = only(np.append(values, 1e9))
    assert calm.high < 150
    assert wild.high <= calm.high + 20
    assert calm.high == round(calm.high)


def test_an_end_that_k_patients_share_is_kept():
    variable, _ = only(np.minimum(np.arange(N) * 37 % 9001, 8003))
    assert variable.high == 8003


def test_the_range_of_dates_ends_with_years_months_or_a_shared_day():
    first = datetime.date(2001, 3, 5)

    def ends(days: list[int]) -> list[str]:
        variable, _ = only([first + datetime.timedelta(days=d) for d in days])
        return [str(np.datetime64(int(end), "D")) for end in (variable.low, variable.high)]

    assert ends([i * 50 for i in range(100)]) == ["2001-01-01", "2014-12-31"]
    assert ends([i * 5 for i in range(100)]) == ["2001-03-01", "2002-06-30"]
    assert ends([0, 1, 2] * 20) == ["2001-03-05", "2001-03-07"]


def test_fewer_patients_than_k_have_no_range():
    variable, _ = only([1.5, 2.5, 3.5])
    assert (variable.low, variable.high) == (None, None)


def test_the_range_is_that_of_people():
    table = pa.table(
        {"who": [0] * 30 + list(range(1, 31)), "x": [900.0] * 30 + [float(i) for i in range(30)]}
    )
    assert infer(table, patient="who")["x"].high < 100


@pytest.mark.parametrize(
    ("written", "date_format"),
    [("%Y-%m-%d", "%Y-%m-%d"), ("%d/%m/%Y", "%d/%m/%Y"), ("%Y/%m/%d", "%Y/%m/%d"), ("%m/%d/%Y", "%m/%d/%Y")],
)
def test_dates_as_text(written, date_format):
    first = datetime.date(2019, 1, 1)
    texts = [(first + datetime.timedelta(days=i)).strftime(written) for i in range(300)] + [None]
    table = pa.table({"x": texts})
    found = infer(table)
    assert (found["x"].kind, found["x"].date_format, found["x"].precision) == (Kind.DATE, date_format, 1.0)
    assert to_table(to_columns(table, found)).column("x").to_pylist() == texts


def test_text_with_one_day_that_is_none_is_no_date():
    assert only(["2020-02-28", "2020-02-30"] * 20)[0].kind is Kind.BINARY


def test_moments_keep_their_step():
    first = datetime.datetime(2020, 1, 1)
    days = [first + datetime.timedelta(days=i) for i in range(50)]
    assert only(days)[0].precision == 1
    assert only([d + datetime.timedelta(minutes=i) for i, d in enumerate(days)])[0].precision == 1 / 1440
    assert only([d + datetime.timedelta(milliseconds=i) for i, d in enumerate(days)])[0].precision is None


IDENTIFIERS = {
    "uuid": [f"{i * 7919:032x}" for i in range(N)],
    "name": [f"Person{i}" for i in range(N)],
    "patid": list(range(N, 0, -1)),
    "svy_id": [float(i * 3) for i in range(N)],
    "RANDID": [i // 3 for i in range(N)],
    "case.id": [None if i % 2 else i // 3 for i in range(N)],
    "NHS number": [f"{9_000_000_000 + i * 37}" for i in range(N)],
    "rownumber_without_a_name": list(range(N)),
    "sorted": np.cumsum(RNG.integers(1, 900, N)),
    "ten digits": RNG.permutation(N) * 7_919 + 4_000_000_000,
}


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_identifiers_are_left_out_with_a_notice(name):
    variable, notices = only(IDENTIFIERS[name], name)
    assert (variable.kind, variable.role) == (Kind.IDENTIFIER, Role.IDENTIFIER)
    assert variable.disclosure is Disclosure.DIRECT
    assert len(notices) == 1
    assert f'column "{name}": left out' in notices[0]
    assert ("--patient-id" in notices[0]) == (name in ("RANDID", "case.id"))


MEASUREMENTS = {
    "fnlwgt": RNG.integers(12_000, 1_500_000, N),
    "followup": RNG.permutation(9_000)[:N],
    "weight": RNG.normal(70, 10, N),
    "id_score": RNG.normal(size=N),
    "site_id": np.arange(N) % 8,
    "paid": RNG.permutation(9_000)[:N],
    "covid": np.arange(N) % 100 * 3,
    "fluid": np.arange(N) % 90,
}


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_measurements_are_no_identifiers(name):
    variable, notices = only(MEASUREMENTS[name], name)
    assert variable.kind.is_numeric
    assert notices == ()


def test_free_text_is_left_out():
    variable, notices = only([f"seen on day {i} with a cough and a fever" for i in range(N)])
    assert variable.kind is Kind.TEXT
    assert "free text" in notices[0]


def test_mixed_types_that_hardly_repeat_are_left_out():
    variable, notices = only([str(i) if i % 3 else f"word{i}" for i in range(N)])
    assert not variable.is_modelled
    assert len(notices) == 1


def test_numbers_as_text_are_codes_when_few_and_measurements_when_many():
    assert only([str(i % 15) for i in range(N)])[0].kind is Kind.NOMINAL
    many, _ = only([f"{i % 150 / 10:.12g}" for i in range(N)])
    assert (many.kind, many.storage, many.precision) == (Kind.CONTINUOUS, "string", 0.1)
    assert only([f"{i % 30:03}" for i in range(N)])[0].kind is Kind.NOMINAL


@pytest.mark.parametrize("kind", [pa.string(), pa.float64(), pa.bool_(), pa.date32(), pa.null()])
def test_a_column_without_values_is_kept(kind):
    table = pa.table({"x": pa.nulls(60, kind)})
    found = infer(table)
    assert found["x"].is_modelled
    assert to_table(to_columns(table, found)).column("x").to_pylist() == [None] * 60


def test_one_row():
    table = pa.table({"a": [1], "b": ["x"], "c": [0.5], "d": [datetime.date(2020, 1, 1)], "e": [True]})
    found = infer(table)
    assert len(found.modelled) == 5
    assert all(v.levels == () and v.low is None for v in found)


def test_infinities_are_counted_only_from_k():
    values = np.arange(N) / 7
    values[:3] = np.inf
    assert "fewer than 10 cells hold an infinity" in only(values)[1][0]
    values[:30] = -np.inf
    variable, notices = only(values)
    assert "30 cells hold an infinity" in notices[0]
    assert np.isfinite([variable.low, variable.high]).all()


@pytest.mark.parametrize(
    "array",
    [
        pa.array([["a"]] * 60),
        pa.array([{"a": 1}] * 60),
        pa.array([b"a"] * 60),
        pa.array([datetime.time(10)] * 60),
    ],
)
def test_types_that_cannot_be_modelled_are_left_out(array):
    variable, notices = only(array)
    assert (variable.kind, variable.is_modelled) == (Kind.TEXT, False)
    assert "cannot be modelled" in notices[0]


def test_half_a_million_levels_are_quick():
    table = pa.table({"x": [f"v{i}" for i in range(500_000)]})
    start = time.perf_counter()
    found = infer(table)
    spent = time.perf_counter() - start
    assert found["x"].kind is Kind.IDENTIFIER
    assert spent < 20  # takes about a second; anything quadratic would take hours


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pa.table({}), "no columns"),
        (pa.table({"x": pa.array([], pa.int64())}), "no rows"),
        (pa.table([[1], [2]], names=["x", "x"]), 'more than one column named "x"'),
        (pa.table([[1], [2]], names=["x", " "]), "column 2 of the table has no name"),
    ],
)
def test_tables_that_cannot_be_used(table, says):
    with pytest.raises(BadInput, match=says):
        infer(table)


def test_an_unknown_patient_column_and_a_k_below_one_are_refused():
    with pytest.raises(BadInput, match='no column "who"'):
        infer(pa.table({"x": [1]}), patient="who")
    with pytest.raises(BadInput, match="k is below 1"):
        infer(pa.table({"x": [1]}), k=0)


def test_numbers_as_large_as_there_are_can_be_declared():
    rng = np.random.default_rng(0)
    columns = {name: rng.uniform(-1, 1, 600) * size for name, size in (("a", 1e300), ("b", 1e300), ("c", 1))}
    assert {v.kind for v in infer(pa.table(columns))} == {Kind.CONTINUOUS}
