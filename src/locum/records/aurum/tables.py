"""The tables of the contract from the rows that are kept, as SQL of DuckDB: look-ups become words."""

from __future__ import annotations

from locum.records import contract

_TYPES = {
    "string": "VARCHAR",
    "int16": "SMALLINT",
    "int8": "TINYINT",
    "int32": "INTEGER",
    "float64": "DOUBLE",
    "date": "DATE",
    "boolean": "BOOLEAN",
}

_SEX_WORDS = """CASE WHEN lower(words) LIKE 'm%' THEN 'M' WHEN lower(words) LIKE 'f%' THEN 'F'
    WHEN lower(words) LIKE 'i%' THEN 'I' END"""
_SEX_CODES = "CASE gender WHEN '1' THEN 'M' WHEN '2' THEN 'F' WHEN '3' THEN 'I' END"

SEX = f"CASE WHEN words IS NULL THEN {_SEX_CODES} ELSE {_SEX_WORDS} END"
"""By the words of the look-up, where it was delivered and knows the code."""
_MADE = {
    ("patient", "sex"): SEX,
    # CPRD's own estimate of the day of death is to be preferred (specification 2.9, emis_ddate).
    ("patient", "died"): "coalesce(died_cprd, died_emis)",
    ("patient", "acceptable"): "coalesce(acceptable = '1', false)",
    ("practice", "region"): "coalesce(words, 'region ' || region)",
    ("observation", "unit"): "coalesce(words, 'unit ' || unit)",
    ("consultation", "source"): "coalesce(words, 'source ' || source)",
    ("product", "term"): "coalesce(term, name)",
}
LOOKED_UP = {
    "patient": ("gender", "gender"),
    "practice": ("region", "region"),
    "observation": ("unit", "numunit"),
    "consultation": ("source", "conssource"),
}
"""Of a table, the column that is looked up and the look-up; the engine has it as a table of raw and words."""


def contract_rows(table: str, rows: str) -> str:
    """SQL of the TABLE of the contract from ROWS, the SQL of what is kept of its file."""
    made = ", ".join(
        f"TRY_CAST({_MADE.get((table, column), column)} AS {_TYPES[_kind(kind)]}) AS {column}"
        for column, kind in contract.SCHEMAS[table].items()
    )
    if table not in LOOKED_UP:
        return f"SELECT {made} FROM ({rows})"
    column, lookup = LOOKED_UP[table]
    return f"SELECT {made} FROM ({rows}) LEFT JOIN {lookup} ON {column} = raw"


def empty_rows(table: str) -> str:
    """SQL of the TABLE of the contract without rows."""
    columns = ", ".join(
        f"NULL::{_TYPES[_kind(kind)]} AS {column}" for column, kind in contract.SCHEMAS[table].items()
    )
    return f"SELECT {columns} WHERE false"


def _kind(kind: object) -> str:
    return str(kind).removeprefix("!")
