"""Delimited text (CSV and its kin) as an Arrow table.

Read by Arrow as text, whole, and typed afterwards: a type never changes in the middle of a file, a leading
zero is never lost, and what the parser says of a bad line (it quotes the line) never reaches the user.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from locum.errors import BadInput
from locum.records.sniff import SEPARATORS, encoding_of, heading, opened, unpack_faults
from locum.records.texttypes import typed

MISSING = ("", "NA", "NULL", "NaN", "null", "nan", "<NA>", "#N/A")
"""Cells that are read as empty. "None" is a level in many a table, and is kept."""

_BLOCK = 1 << 24


def read_delimited(path: Path, separators: Sequence[str] = SEPARATORS) -> pa.Table:
    """A table from text with a row of column names; encoding, gzip, types and which separator are found out.

    A first column without a name that only numbers the rows, as R and pandas write it, is left out.

    Raises BadInput for a file without rows or without names (a first row of numbers is a patient's, and would
    be told to the user as names), and for a row of another length than the first.
    """
    try:
        encoding = encoding_of(path)
        names, separator = heading(path, encoding, separators)
        table = _parsed(path, encoding, names, separator)
    except unpack_faults():
        raise BadInput(f"{path} is a damaged gzip file; copy or pack it again") from None
    except UnicodeError:
        raise BadInput(f"{path} is not in the encoding that its first bytes name; save it as UTF-8") from None
    if table.num_rows == 0:
        raise BadInput(f"{path} has column names but no rows; give a file with a row for each patient")
    columns = [typed(column, decimal_comma=separator != ",") for column in table.columns]
    table = pa.table(columns, names=[name.strip() for name in table.column_names])
    return _without_row_numbers(table)


def _parsed(path: Path, encoding: str, names: list[str], separator: str) -> pa.Table:
    if all(not name.strip() for name in names):
        raise BadInput(f"{path} has no column names in its first row; add them")
    if all(_is_number(name) for name in names):
        raise BadInput(f"{path} has numbers where column names should be; add a first row of names")
    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "skip"

    def options(threads: bool) -> dict[str, Any]:
        return {
            "read_options": pa.csv.ReadOptions(
                encoding="utf-8" if encoding == "utf-8-sig" else encoding,
                block_size=_BLOCK,
                use_threads=threads,
                column_names=[str(i) for i in range(len(names))],
                skip_rows_after_names=1,
            ),
            "parse_options": pa.csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=True,
                ignore_empty_lines=len(names) > 1,
                invalid_row_handler=note,
            ),
            "convert_options": pa.csv.ConvertOptions(
                column_types={str(i): pa.string() for i in range(len(names))},
                null_values=MISSING,
                strings_can_be_null=True,
            ),
        }

    try:
        table = _read(path, options(True))
        if ragged:
            ragged.clear()
            _read(path, options(False))  # in one thread rows have numbers
    except (pa.ArrowInvalid, UnicodeError):
        raise BadInput(
            f"{path} cannot be read as delimited text; check its quotes and its line ends"
        ) from None
    if ragged:
        row = ragged[0]
        at = f"row {row.number}" if row.number else "a row"
        raise BadInput(
            f"{path}: {at} has {row.actual_columns} fields in place of {row.expected_columns}; "
            "mend it, and quote fields that hold the separator"
        )
    return table.rename_columns(names)


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True


def _read(path: Path, options: dict[str, Any]) -> pa.Table:
    with opened(path) as stream:
        return pa.csv.read_csv(pa.PythonFile(stream, mode="r"), **options)


def _without_row_numbers(table: pa.Table) -> pa.Table:
    first = table.column(0)
    if (
        table.column_names[0]
        or table.num_columns == 1
        or not pa.types.is_integer(first.type)
        or first.null_count
    ):
        return table
    numbers = first.to_numpy()
    counts_up = np.array_equal(numbers - numbers[0], np.arange(len(numbers)))
    return table.remove_column(0) if counts_up and numbers[0] in (0, 1) else table
