"""Columns as the source has them, and as the specification means them: names in lower case, values in one type each.

A CSV file has text only, R writes whole numbers as "123.0" or "1e+05", and databases disagree on types. Identifiers
become text and stay exact to the last of their up to 19 digits, unless the source itself keeps them as floats.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import ibis

from locum.errors import BadInput
from locum.records.omop.specification import TABLES, Kind, required


def lowered(table: ibis.Table, where: str) -> ibis.Table:
    """TABLE with the names of its columns in lower case. Raises BadInput when two are then the same."""
    names = [name.strip().lower() for name in table.columns]
    if double := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"{where} has the column {double[0]} twice; take one out")
    return table.rename(dict(zip(names, table.columns, strict=True)))


def named(table: ibis.Table, name: str) -> tuple[ibis.Table, bool]:
    """TABLE, and whether its column names stood in a row of it: an export that took the header for data."""
    known = TABLES[name]
    if set(table.columns) & set(known) or not table.columns:
        return table, False
    first = table[table.columns[0]].cast("string").lower()
    header = (
        table.filter(table[table.columns[0]].notnull(), first.isin(_names_of(name))).limit(1).to_pyarrow()
    )
    if not header.num_rows:
        return table, False
    names = [str(cell).strip().lower() for cell in header.to_pylist()[0].values()]
    if len(set(names)) < len(names) or not set(names) & set(known):
        return table, False
    rest = table.filter(table[table.columns[0]].isnull() | ~first.isin(_names_of(name)))
    return rest.rename(dict(zip(names, table.columns, strict=True))), True


def _names_of(table: str) -> Collection[str]:
    return [*TABLES[table], f"{table}_id"]


def read(table: ibis.Table, name: str, where: str) -> ibis.Table:
    """The columns of TABLE that are read. Raises BadInput when one is absent that cannot be done without."""
    if absent := [column for column in required(name) if column not in table.columns]:
        raise BadInput(
            f"{where}: the table {name} lacks the column {absent[0]}, which OMOP CDM 5.3 and 5.4 have; add it"
        )
    return table.select(
        *(_portable(table[c], kind) for c, kind in TABLES[name].items() if c in table.columns)
    )


def _portable(column: ibis.Value, kind: Kind) -> ibis.Value:
    """COLUMN in a type that Arrow has: a NUMERIC of a database knows no number of digits."""
    if column.type().is_decimal():
        return column.cast("float64" if kind is Kind.NUMBER else "string").name(column.get_name())
    return column


def typed(table: ibis.Table, name: str) -> ibis.Table:
    """TABLE with every column of the specification, in the type of its kind; absent ones are missing throughout."""
    return table.select(
        *(
            (TYPED[kind](table[column]) if column in table.columns else ibis.null(TYPES[kind])).name(column)
            for column, kind in TABLES[name].items()
        )
    )


def unreadable(table: ibis.Table, name: str) -> ibis.Scalar | None:
    """How many cells hold text where a date or a number should be, or None where the types rule it out."""
    counts = [
        (_bare(table[column]).notnull() & TYPED[kind](table[column]).isnull()).sum()
        for column, kind in TABLES[name].items()
        if kind in (Kind.DAY, Kind.NUMBER) and column in table.columns and table[column].type().is_string()
    ]
    return sum(counts[1:], counts[0]) if counts else None


def _bare(column: ibis.Value) -> ibis.Value:
    return column.cast("string").strip().nullif("")


def _identifier(column: ibis.Value) -> ibis.Value:
    kind = column.type()
    if kind.is_integer():
        return column.cast("string")
    if kind.is_floating():
        return column.try_cast("int64").cast("string")
    text = _bare(column)
    whole = text.re_search(r"^[0-9]+\.0*$")
    power = text.re_search(r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$")
    return ibis.cases(
        (whole, text.re_replace(r"\.0*$", "")),
        (power, text.try_cast("float64").try_cast("int64").cast("string")),
        else_=text,
    )


def _day(column: ibis.Value) -> ibis.Value:
    if column.type().is_timestamp() or column.type().is_date():
        return column.cast("date")
    text = _bare(column)
    compact = text.re_search(r"^[0-9]{8}(\.0*)?$")
    dashed = text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2)
    return ibis.ifelse(compact, dashed, text.substr(0, 10)).try_cast("date")


def _number(column: ibis.Value) -> ibis.Value:
    number = (_bare(column) if column.type().is_string() else column).try_cast("float64")
    return ibis.ifelse(number.isnan() | number.isinf(), None, number)


TYPED: dict[Kind, Callable[[ibis.Value], ibis.Value]] = {
    Kind.ID: _identifier,
    Kind.DAY: _day,
    Kind.NUMBER: _number,
    Kind.TEXT: _bare,
}
TYPES = {Kind.ID: "string", Kind.DAY: "date", Kind.NUMBER: "float64", Kind.TEXT: "string"}
