"""Read the delivered parts once, row by row as they come, into typed rows on disk with what is wrong with each.

A row is read as one line of text and parted at its tabs, so that a stray quote can swallow nothing: only where the
count of fields is wrong are fields in quotes, which may hold tabs, tried. A part is read as UTF-8 where it is that, as
plain digits and dates are, with line ends of one kind; else it is first made so from Latin-1, or from Windows' kin of
it (the engine's own Latin-1 refuses a curly quote of Windows, and line ends of two kinds).

Each part becomes a Parquet file in the spill folder, with the columns of its layout and

reason   why the row cannot be used, or NULL
soft     a number for each row, a bit for each field that could not be read (`soft_columns`)
short    whether an identifier has fewer digits than specified
iso      whether a date is written as YYYY-MM-DD
hash     of the key
line     the row as it was delivered
part     which part, as a number
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from locum.records.aurum.columns import TOO_FEW, TOO_MANY, Column
from locum.records.aurum.heading import Heading, Unusable
from locum.records.aurum.layout import SHORTEST, Layout
from locum.records.sniff import encoding_of

_NO_ROWS = "has a line too long to be a row; copy it again"
_NEVER = "\x01"
"""A separator that is in no row, so that a line is one field."""
_QUOTED = r'(?:^|\t)("(?:[^"]|"")*"|[^\t]*)'
_UNQUOTED = (
    """CASE WHEN length(x) > 1 AND x[1] = '"' AND x[-1] = '"' THEN replace(x[2:-2], '""', '"') ELSE x END"""
)


def stage_part(
    connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout, heading: Heading, number: int, to: Path
) -> int:
    """Read the part at PATH into the Parquet file TO; returns its rows. Raises Unusable when it has no rows of text."""
    try:
        return _stage(connection, _rows(path, layout, heading, number), to)
    except duckdb.InvalidInputException:  # not UTF-8, or untidy, or hopeless, which the second time will tell
        pass
    plain = to.with_suffix(".txt")
    try:
        _tidy(path, plain)
        return _stage(connection, _rows(plain, layout, heading, number), to)
    except duckdb.InvalidInputException:
        raise Unusable(_NO_ROWS) from None
    finally:
        plain.unlink(missing_ok=True)


def _stage(connection: duckdb.DuckDBPyConnection, rows: str, to: Path) -> int:
    copied = connection.execute(f"COPY ({rows}) TO {quote(to)} (FORMAT parquet, COMPRESSION zstd)").fetchall()
    return int(copied[0][0])


def _tidy(path: Path, to: Path) -> None:
    """UTF-8 from any 8-bit text, with line ends of one kind and none of the character that parts no fields."""
    with (
        path.open(encoding=encoding_of(path)) as source,
        to.open("w", encoding="utf-8", newline="\n") as plain,
    ):
        while block := source.read(1 << 20):
            plain.write(block.replace(_NEVER, "\N{REPLACEMENT CHARACTER}"))


def soft_columns(layout: Layout) -> list[Column]:
    """The columns that may be unreadable while the row is kept: bit i of `soft` is for number i."""
    return [column for column in layout.columns if column.soft_fault()]


def quote(text: object) -> str:
    """TEXT as a string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def _rows(path: Path, layout: Layout, heading: Heading, number: int) -> str:
    width = len(heading.columns)
    typed = ", ".join(f"{column.typed()} AS {column.name}" for column in layout.columns)
    return f"""
        SELECT {", ".join(column.name for column in layout.columns)}, {_reason(layout, width)} AS reason,
            {_soft(layout)} AS soft, {_short(layout)} AS short, {_iso(layout)} AS iso,
            hash({layout.key}) AS hash, line, {number} AS part
        FROM (SELECT *, {typed} FROM (
            SELECT line, len(f) AS fields, {_fields(layout, heading)} FROM (
                SELECT line, {_parted(width)} AS f FROM {_lines(path)})))"""


def _lines(path: Path) -> str:
    return (
        f"read_csv({quote(path)}, columns = {{'line': 'VARCHAR'}}, header = false, skip = 1, auto_detect = false, "
        f"delim = '{_NEVER}', quote = '', escape = '', comment = '', null_padding = false) "
        "WHERE line IS NOT NULL AND line <> ''"
    )


def _parted(width: int) -> str:
    plain = "string_split(line, chr(9))"
    quoted = f"regexp_extract_all(line, {quote(_QUOTED)}, 1)"
    unquoted = f"[{_UNQUOTED} for x in %s]"
    return (
        f"CASE WHEN NOT contains(line, '\"') THEN {plain} "
        f"WHEN len({plain}) > {width} AND len({quoted}) = {width} THEN {unquoted % quoted} "
        f"ELSE {unquoted % plain} END"
    )


def _fields(layout: Layout, heading: Heading) -> str:
    return ", ".join(
        f"f[{heading.columns.index(column.field) + 1}] AS {column.text}" for column in layout.columns
    )


def _reason(layout: Layout, width: int) -> str:
    faults = [(f"fields < {width}", TOO_FEW), (f"fields > {width}", TOO_MANY)]
    faults += [fault for column in layout.columns for fault in column.hard_faults()]
    return "CASE " + " ".join(f"WHEN {when} THEN {quote(reason)}" for when, reason in faults) + " END"


def _soft(layout: Layout) -> str:
    bits = [f"({column.soft_fault()})::INTEGER * {1 << i}" for i, column in enumerate(soft_columns(layout))]
    return " + ".join(bits) or "0"


def _short(layout: Layout) -> str:
    tests = [
        f"length({column.name}) < {SHORTEST[column.field]}"
        for column in layout.columns
        if column.field in SHORTEST
    ]
    return f"coalesce({' OR '.join(tests)}, false)" if tests else "false"


def _iso(layout: Layout) -> str:
    return " OR ".join(filter(None, (column.iso() for column in layout.columns))) or "false"
