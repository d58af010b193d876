"""Plain tables: read from files and data frames, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

from locum.atomic import atomic_path
from locum.errors import BadInput
from locum.records.delimited import read_delimited
from locum.records.sniff import SEPARATORS, TABLES, holds, unpack_faults
from locum.variables.reading import plain_numbers

_ENDINGS = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
    ".duckdb": "DuckDB",
}
_READABLE = "give a CSV, Parquet, Arrow or DuckDB file"
OURS = b"locum."  # how the keys of notes begin that a drawn table carries in its schema


def read_table(path: str | Path, *, name: str | None = None) -> pa.Table:
    """The table in a CSV, TSV (also .gz), Parquet, Arrow or DuckDB file; what it is, its bytes tell.

    name: the table of a DuckDB file that holds several; ``file.duckdb::table`` says the same.

    In delimited text, empty cells, NA, NULL and NaN are missing; ISO dates become dates, others stay text, as
    do truth values, codes with leading zeros, whole numbers of 19 digits or more, and columns of mixed types.

    Raises BadInput, in one line without any value of a cell, when there is no such file, it cannot be read,
    it is no table, it has no rows, or its column names are empty or double.
    """
    file = file_of(path)
    inner = "" if file == Path(path) else str(path).partition("::")[2]
    _check_file(file)
    try:
        what = holds(file)
    except unpack_faults():
        raise BadInput(f"{file} is a damaged gzip file; copy or pack it again") from None
    except OSError as error:
        raise _cannot_open(file, error) from None
    if what == "nothing":
        raise BadInput(f"{file} is empty; {_READABLE}")
    expected = _ENDINGS.get(file.suffix.lower())
    if what not in TABLES or (expected and what != expected):
        said = {"text": "delimited text", "JSON": "JSON (a model or metrics file?)"}.get(what, what)
        raise BadInput(f"{file} is not {expected or 'a table'} but {said}; {_READABLE}")
    try:
        table = _read(file, what, name or inner or None)
        table.validate(full=True)  # text that is not UTF-8 would fail later, far from the file
    except OSError as error:
        raise _cannot_open(file, error) from None
    except (pa.ArrowException, UnicodeError):
        raise BadInput(
            f"{file} is damaged {what} or a kind of it that cannot be read; write it again"
        ) from None
    return _checked(table, str(file))


def file_of(path: str | Path) -> Path:
    """The file that `read_table` opens: what stands before "::", unless a file is named so."""
    return Path(path) if Path(path).exists() else Path(str(path).partition("::")[0])


def _check_file(file: Path) -> None:
    if file.is_dir():
        raise BadInput(f"{file} is a directory; give one file, such as a CSV or Parquet file in it")
    if not file.exists():
        raise BadInput(f"{file} does not exist; check the name and the folder")
    if not os.access(file, os.R_OK):
        raise BadInput(f"{file} cannot be opened: permission denied; ask for the right to read it")
    if not file.is_file():
        raise BadInput(f"{file} is not a plain file; {_READABLE}")


def _cannot_open(file: Path, error: OSError) -> BadInput:
    why = (
        "permission denied" if isinstance(error, PermissionError) else "it is damaged or its disk has a fault"
    )
    return BadInput(f"{file} cannot be read: {why}; check it, or copy it again")


def _read(file: Path, what: str, name: str | None) -> pa.Table:
    if what == "Parquet":
        return pa.parquet.ParquetFile(file).read()
    if what == "Arrow":
        with pa.memory_map(str(file)) as source:
            start = source.read(4)
            source.seek(0)
            if start == b"\xff\xff\xff\xff":
                return pa.ipc.open_stream(source).read_all()
            return pa.feather.read_table(source, memory_map=False)
    if what == "DuckDB":
        return _read_duckdb(file, name)
    return read_delimited(file, ("\t",) if {".tsv", ".tab"} & set(file.suffixes) else SEPARATORS)


def _read_duckdb(file: Path, name: str | None) -> pa.Table:
    # No access beyond the file: a view in it may name other files, and an extension would be fetched.
    try:
        with duckdb.connect(
            str(file), read_only=True, config={"enable_external_access": "false"}
        ) as connection:
            names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
            if name is None and len(names) != 1:
                held = f"tables {', '.join(names)}" if names else "no table"
                mend = f"say which, as {file}::{names[0]}" if names else "give one that has a table"
                raise BadInput(f"{file} holds {held}; {mend}")
            chosen = name or names[0]
            if chosen not in names:
                raise BadInput(f'{file} has no table "{chosen}"; it holds {", ".join(names) or "none"}')
            quoted = chosen.replace('"', '""')
            return connection.sql(f'SELECT * FROM "{quoted}"').to_arrow_table()
    except duckdb.Error:
        raise BadInput(
            f"{file} cannot be read as a DuckDB file: damaged, in use, or of another version; write it again"
        ) from None


def _checked(table: pa.Table, where: str) -> pa.Table:
    """TABLE without a data frame's index and notes other than ours, when it has columns with names, and rows."""
    table = table.drop_columns([c for c in set(table.column_names) if c.startswith("__index_level_")])
    ours = {k: v for k, v in (table.schema.metadata or {}).items() if k.startswith(OURS)}
    fields = [field.remove_metadata() for field in table.schema]
    table = pa.table(table.columns, schema=pa.schema(fields, ours or None))
    names = table.column_names
    if broken := [i for i, name in enumerate(names, 1) if len(name.splitlines()) > 1]:
        raise BadInput(f"{where}: the name of column {broken[0]} has a line break; rename it")
    if not names:
        raise BadInput(f"{where} has no columns; give a table with a column for each variable")
    double = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if double:
        raise BadInput(f'{where} has more than one column named "{double[0]}"; rename them')
    if not all(name.strip() for name in names):
        place = 1 + [bool(name.strip()) for name in names].index(False)
        raise BadInput(f"{where}: column {place} has no name; name it, or take it out")
    if table.num_rows == 0:
        raise BadInput(f"{where} has no rows; give a table with a row for each patient")
    return table


def from_any(data: Any, name: str = "the table") -> pa.Table:
    """An Arrow table from one, from record batches, a data frame (pandas, polars), or the path of a file.

    name: what to call it in messages. A data frame's index is left out.

    Raises BadInput as `read_table` does, and for anything else.
    """
    if isinstance(data, str | Path):
        return read_table(data)
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    elif isinstance(data, pa.RecordBatchReader):
        data = data.read_all()
    elif not isinstance(data, pa.Table):
        data = _through_arrow(data, name)
    return _checked(data, name)


def _through_arrow(data: Any, name: str) -> pa.Table:
    if not hasattr(data, "__arrow_c_stream__"):
        raise BadInput(
            f"{name} is a {type(data).__name__}, not a table; give an Arrow table, a data frame (pandas 2.2 "
            "or later, polars), or the name of a file"
        )
    columns = getattr(data, "columns", None)
    if columns is not None and len(set(map(str, columns))) < len(columns):
        raise BadInput(f"{name} has two columns of the same name; rename one")
    try:
        return pa.table(data)
    except (pa.ArrowException, TypeError, ValueError):
        raise BadInput(f"{name} has a column of mixed types; give each one type, such as text") from None


def write_table(table: pa.Table, path: str | Path) -> None:
    """Write a table as .parquet, .csv or .csv.gz; the file appears whole or not at all.

    In CSV an empty cell is empty and text is quoted.

    Raises BadInput for another ending, a type that CSV cannot hold, a missing folder, and a full disk.
    """
    path = writable(path)
    if path.suffix.lower() == ".parquet":
        with atomic_path(path) as temporary:
            pa.parquet.write_table(table, temporary, compression="zstd")
        return
    flat = _flat(table)
    with atomic_path(path) as temporary, pa.OSFile(str(temporary), "wb") as sink:
        if path.suffix.lower() == ".gz":
            with pa.CompressedOutputStream(sink, "gzip") as packed:
                pa.csv.write_csv(flat, packed)
        else:
            pa.csv.write_csv(flat, sink)


def writable(path: str | Path) -> Path:
    """PATH when `write_table` can write a table of that name, else BadInput."""
    path = Path(path)
    if not path.name.lower().endswith((".parquet", ".csv", ".csv.gz")):
        raise BadInput(f"{path} does not end in .parquet, .csv or .csv.gz; name it so")
    return path


def _flat(table: pa.Table) -> pa.Table:
    """TABLE with every column in a type that Arrow writes as CSV; lengths of time as days."""
    for i, field in enumerate(table.schema):
        kind = field.type
        column = table.column(i)
        if pa.types.is_dictionary(kind):
            column = column.cast(kind.value_type)
        if pa.types.is_duration(kind):
            column = pa.array(plain_numbers(column), from_pandas=True)
        if pa.types.is_nested(kind):
            raise BadInput(f'column "{field.name}" holds lists, which CSV cannot; write .parquet')
        table = table.set_column(i, field.name, column)
    return table
