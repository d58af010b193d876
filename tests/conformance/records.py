"""Records of a case, read from small tables of text: rows of the contract, as lists and as Arrow tables.

A table has a heading and one line a row; a cell with blanks stands in quotes, and ``?`` is unknown. Columns that are
not given have the values of `USUAL`, so a line says what a case is about and no more.
"""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa

from locum.records.contract import KEYS, SCHEMAS

Row = dict[str, Any]
Tables = Mapping[str, list[Row] | None]

USUAL: dict[str, Row] = {
    "patient": {
        "sex": "F",
        "birth_year": 1960,
        "practice": "p",
        "registered": datetime.date(2000, 1, 1),
        "acceptable": True,
    },
    "practice": {"region": "London", "last_collected": datetime.date(2021, 6, 30)},
}
TEXT = {"patient", "practice", "code", "diagnosis", "sex", "region", "unit"}
NAMES = {"patients": "patient", "practices": "practice", "observations": "observation"}
NAMES |= {"medications": "medication", "consultations": "consultation", "admissions": "admission"}
"""How a case calls the tables of the contract."""


def table(text: str) -> list[Row]:
    """The rows of a table of text."""
    lines = [shlex.split(line, posix=True) for line in text.splitlines() if line.strip()]
    return [
        {column: cell(word, column) for column, word in zip(lines[0], line, strict=True)}
        for line in lines[1:]
    ]


def cell(word: str, column: str) -> Any:
    """A day, a number, true, false or a word; the identifiers and codes of `TEXT` stay words."""
    if word == "?":
        return None
    if column in TEXT:
        return word
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
        return datetime.date.fromisoformat(word)
    if word in ("true", "false"):
        return word == "true"
    try:
        return float(word) if "." in word else int(word)
    except ValueError:
        return word


def tables(case: Mapping[str, str], times: int = 1) -> Tables:
    """All tables of the contract from those that a case writes; each patient TIMES over, as A, A~2, A~3 …"""
    written = {NAMES[name]: table(text) for name, text in case.items()}
    written.setdefault("patient", [{"patient": p} for p in _mentioned(written)])
    written.setdefault("practice", [{"practice": "p"}])
    filled = {name: [_filled(name, row) for row in rows] for name, rows in written.items()}
    found: dict[str, list[Row] | None] = {}
    for name in SCHEMAS:
        rows = filled.get(name, [])
        if "patient" in SCHEMAS[name]:
            rows = [
                {**row, "patient": row["patient"] if i == 0 else f"{row['patient']}~{i + 1}"}
                for i in range(times)
                for row in rows
            ]
        found[name] = [{**row, KEYS[name]: row[KEYS[name]] or f"{name}{i}"} for i, row in enumerate(rows)]
    if "admission" not in written:
        found["admission"] = None
    return found


def _mentioned(written: Tables) -> list[str]:
    return sorted({row["patient"] for rows in written.values() for row in rows or [] if "patient" in row})


def _filled(name: str, row: Row) -> Row:
    if born := row.get("born"):
        year, _, month = str(born).partition("-")
        row = {**row, "birth_year": int(year), "birth_month": int(month) if month else None}
    elif "born" in row:
        row = {**row, "birth_year": None}
    return {
        **dict.fromkeys(SCHEMAS[name]),
        **USUAL.get(name, {}),
        **{k: v for k, v in row.items() if k != "born"},
    }


def arrow(name: str, rows: Sequence[Row]) -> pa.Table:
    """ROWS as the table NAME of the contract."""
    schema = ibis.schema({column: kind(nullable=True) for column, kind in SCHEMAS[name].items()})
    return pa.Table.from_pylist(list(rows), schema=schema.to_pyarrow())
