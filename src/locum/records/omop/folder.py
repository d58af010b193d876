"""An OMOP database in a folder of files: person.csv, CONCEPT.csv, death.csv.gz, person.parquet, person/*.parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis

from locum.errors import BadInput
from locum.records.delimited import MISSING
from locum.records.loading import Loading
from locum.records.omop.columns import lowered, named, read
from locum.records.omop.source import Source, table_files
from locum.records.omop.specification import NEEDED
from locum.records.sniff import encoding_of, heading, holds, opened, unpack_faults

_MISSING = [*MISSING, "\\N"]  # as databases write it
_ENCODINGS = {"utf-8-sig": "utf-8", "cp1252": "latin-1", "utf-16": "utf-16"}
"""What DuckDB calls an encoding. It knows no cp1252; the few characters that differ are dashes and quotes in terms."""


def open_folder(folder: Path, connection: ibis.BaseBackend, staging: Path, loading: Loading) -> Source:
    """The tables in FOLDER. CSV is first written to STAGING as Parquet, one table at a time.

    Raises BadInput when a needed table is absent, twice there, damaged, or lacks a column.
    """
    files = table_files(folder)
    if absent := [table for table in NEEDED if table not in files]:
        raise BadInput(
            f"{folder} lacks the table {absent[0]}; add {absent[0]}.csv or {absent[0]}.parquet, "
            "as OMOP CDM 5.3 and 5.4 have it"
        )
    source = Source(str(folder))
    for done, (table, paths) in enumerate(files.items()):
        loading.stage(f"reading {table}", 0.5 * done / len(files))
        if all(path.suffix.lower() == ".parquet" for path in paths):
            opened_table = _parquet(paths, table, connection)
        elif len(paths) == 1:
            opened_table = _delimited(paths[0], table, connection, source)
        else:
            raise BadInput(
                f"{folder} holds the table {table} twice: {paths[0].name} and {paths[1].name}; take one out"
            )
        where = str(paths[0] if len(paths) == 1 else paths[0].parent)
        whole, was_row = named(lowered(opened_table, where), table)
        if was_row:
            source.headed.append(table)
        source.columns[table] = whole.columns
        source.parts[table] = len(paths)
        source.tables[table] = read(whole, table, where)
        if not all(path.suffix.lower() == ".parquet" for path in paths):
            source.tables[table] = _staged(source.tables[table], paths[0], table, connection, staging)
            _keep_unread(table, connection, source)
    return source


def _parquet(paths: list[Path], table: str, connection: ibis.BaseBackend) -> ibis.Table:
    try:
        return connection.read_parquet(paths, table_name=f"raw_{table}", union_by_name=True)
    except duckdb.Error:
        raise BadInput(
            f"{paths[0]} is damaged or no Parquet file, or its parts differ; write it again"
        ) from None


def _delimited(path: Path, table: str, connection: ibis.BaseBackend, source: Source) -> ibis.Table:
    """A view on delimited text, every column as text. Tab-delimited vocabularies of Athena hold bare quotes."""
    try:
        what = holds(path)
        if what == "nothing":
            raise BadInput(f"{path} is empty; give the table with its column names, even without rows")
        if what != "text":
            raise BadInput(f"{path} is not delimited text; write it again as CSV")
        encoding = encoding_of(path)
        names, separator = heading(path, encoding)
        with opened(path) as stream:
            quoted = separator != "\t" or b'"' in stream.readline()
    except unpack_faults():
        raise BadInput(f"{path} is a damaged gzip file; copy or pack it again") from None
    except UnicodeError:
        raise BadInput(f"{path} is not in the encoding that its first bytes name; save it as UTF-8") from None
    names = [name.strip().lower() for name in names]
    if double := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"{path} has the column {double[0]} twice; take one out")
    return connection.read_csv(
        path,
        table_name=f"raw_{table}",
        columns=dict.fromkeys(names, "VARCHAR"),
        auto_detect=False,
        header=True,
        delim=separator,
        quote='"' if quoted else "",
        escape='"' if quoted else "",
        nullstr=_MISSING,
        encoding=_ENCODINGS.get(encoding, encoding),
        compression="gzip" if path.suffix.lower() == ".gz" else "none",
        store_rejects=True,
        rejects_table=f"unread_{table}",
        rejects_scan=f"scan_{table}",
    )


def _staged(
    table: ibis.Table, path: Path, name: str, connection: ibis.BaseBackend, staging: Path
) -> ibis.Table:
    target = staging / f"{name}.parquet"
    try:
        connection.to_parquet(table, target)
    except duckdb.Error:
        raise BadInput(
            f"{path} cannot be read as delimited text; check its quotes and its line ends"
        ) from None
    return connection.read_parquet(target, table_name=f"staged_{name}")


def _keep_unread(table: str, connection: ibis.BaseBackend, source: Source) -> None:
    """Note the lines of another number of fields than the header, once each."""
    if connection.con.sql(f"SELECT 1 FROM unread_{table} LIMIT 1").fetchall():
        lines = connection.table(f"unread_{table}")
        lines = lines.group_by("line").agg(text=lines.csv_line.max())  # a line can be wrong in several ways
        source.unread[table] = lines.select(line="text")
