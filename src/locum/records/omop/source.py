"""Where an OMOP database comes from: a folder of CSV or Parquet files, a DuckDB file, or a PostgreSQL address.

Whatever it is, what is read of it ends as Parquet on one DuckDB connection: each table of the source is read once,
row by row or in batches, and everything after runs the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import ibis

from locum.records.omop.specification import TABLES

_ADDRESS = re.compile(r"postgres(ql)?://", re.IGNORECASE)
_FILE = re.compile(r"(?P<table>[a-z_]+)\.(?P<kind>csv|tsv|txt|parquet)(\.gz)?", re.IGNORECASE)
_TELLING = {"person", "observation_period", "condition_occurrence", "drug_exposure", "visit_occurrence"}
"""Tables that nothing but OMOP has by these names."""


@dataclass(frozen=True)
class Source:
    """An open source: tables by name, with the columns that are read, in the types that they came in."""

    where: str  # for messages; without a password
    tables: dict[str, ibis.Table] = field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # all that the source has, in lower case
    parts: dict[str, int] = field(default_factory=dict)  # files of each table
    unread: dict[str, ibis.Table] = field(default_factory=dict)  # lines that are no rows: one column, "line"
    headed: list[str] = field(default_factory=list)  # tables whose column names stood in a row


def is_address(source: str | Path) -> bool:
    """Whether SOURCE is the address of a PostgreSQL database."""
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def is_omop(source: str | Path) -> bool:
    """Whether SOURCE looks like an OMOP database: an address, a DuckDB file, or a folder with files of its tables."""
    if is_address(source):
        return True
    path = Path(source)
    if path.is_dir():
        return bool(_TELLING & set(table_files(path)))
    return path.is_file() and is_duckdb(path)


def is_duckdb(path: Path) -> bool:
    """Whether the file begins as a DuckDB file does."""
    with path.open("rb") as stream:
        return stream.read(12)[8:] == b"DUCK"


def table_files(folder: Path) -> dict[str, list[Path]]:
    """The files of each table, by the name of the file (PERSON.csv) or of the folder of Parquet parts it is in."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        match = _FILE.fullmatch(path.name)
        named = match and match["table"].lower() in TABLES and path.is_file()
        table = match["table"].lower() if match and named else path.parent.name.lower()
        part = path.suffix.lower() == ".parquet" and path.parent != folder and table in TABLES
        if named or (part and path.is_file()):
            found.setdefault(table, []).append(path)
    return found
