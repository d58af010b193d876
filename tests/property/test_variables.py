"""What holds for every table: inferring, reading and writing give the table back."""

import datetime
import math

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from locum.variables import (
    Disclosure,
    Kind,
    Role,
    Variable,
    Variables,
    from_toml,
    infer,
    to_columns,
    to_table,
    to_toml,
)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1).filter(str.strip)
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))
CELLS = {
    "int64": (pa.int64(), st.integers(-(2**40), 2**40)),
    "int8": (pa.int8(), st.integers(-128, 127)),
    "uint16": (pa.uint16(), st.integers(0, 2**16 - 1)),
    "double": (pa.float64(), st.floats(allow_nan=False, allow_infinity=False)),
    "tenths": (pa.float64(), st.integers(-10_000, 10_000).map(lambda i: i / 10)),
    "float": (pa.float32(), st.floats(allow_nan=False, allow_infinity=False, width=32)),
    "bool": (pa.bool_(), st.booleans()),
    "text": (pa.string(), WORDS),
    "dictionary": (pa.dictionary(pa.int8(), pa.string()), WORDS),
    "date": (pa.date32(), DAYS),
    "date as text": (pa.string(), DAYS.map(lambda day: day.strftime("%d/%m/%Y"))),
    "moment": (
        pa.timestamp("us"),
        st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2050, 1, 1)),
    ),
}


def same(a: object, b: object) -> bool:
    """Equal, but for the noise of arithmetic that declared precision takes away (0.30000000000000004)."""
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=2e-9))


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(1, 40))
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=5, unique=True))
    return pa.table(
        {
            kind: pa.array(
                draw(st.lists(st.none() | CELLS[kind][1], min_size=rows, max_size=rows)), CELLS[kind][0]
            )
            for kind in kinds
        }
    )


@given(tables())
@example(pa.table({"double": [None, 1.0, -0.0]}))
def test_a_table_comes_back_as_it_was(table):
    found = infer(table, k=1)
    back = to_table(to_columns(table, found))
    for variable in found.modelled:
        cells = zip(
            back.column(variable.name).to_pylist(), table.column(variable.name).to_pylist(), strict=True
        )
        assert all(same(a, b) for a, b in cells)
        assert back.schema.field(variable.name).type == table.schema.field(variable.name).type


@given(tables(), st.integers(2, 12))
def test_every_declared_level_is_held_by_k_and_reading_again_changes_nothing(table, k):
    found = infer(table, k=k)
    for column in to_columns(table, found):
        for i in range(len(column.variable.levels)):
            assert (column.values == i).sum() >= k
        assert ((column.missing > 0) == (column.values != column.values)).all()
    again = to_table(to_columns(table, found))
    assert to_table(to_columns(again, found)).equals(again)
    assert from_toml(to_toml(found), "v.toml") == found


FINITE = st.floats(allow_nan=False, allow_infinity=False)
LISTS = st.lists(WORDS, max_size=4, unique=True).map(tuple)


@st.composite
def variables(draw: st.DrawFn) -> Variable:
    kind = draw(st.sampled_from(Kind))
    limits = sorted(draw(st.lists(FINITE, min_size=2, max_size=2))) if kind.is_numeric else (None, None)
    levels = draw(LISTS) if kind.has_levels else ()
    raw = draw(st.sets(WORDS, max_size=2)) - set(levels)
    return Variable(
        draw(WORDS),
        kind,
        role=draw(st.sampled_from([Role.PLAIN, Role.IDENTIFIER])),
        unit=draw(st.none() | WORDS),
        levels=levels[:2],
        low=limits[0],
        high=limits[1],
        precision=draw(st.none() | st.floats(1e-6, 1e6)) if kind.is_numeric else None,
        date_format=draw(st.sampled_from([None, "%d/%m/%Y"])) if kind is Kind.DATE else None,
        tier=draw(st.none() | st.integers(0, 9)),
        codelists=draw(LISTS),
        missing={f"reason {i}": (value,) for i, value in enumerate(sorted(raw))},
        disclosure=draw(st.sampled_from(Disclosure)),
        description=draw(st.just("") | WORDS),
    )


@given(
    st.lists(variables(), min_size=1, max_size=4, unique_by=lambda v: v.name),
    st.integers(1, 50),
    st.lists(WORDS, max_size=2),
)
def test_a_declaration_comes_back_from_its_file(declared, k, notices):
    whole = Variables(tuple(declared), k, tuple(notices))
    assert from_toml(to_toml(whole), "v.toml") == whole
