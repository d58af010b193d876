"""Loaded records: a directory with a Parquet file for each table of the contract, and what is known of them.

records.json         what this is: format, source, whether it is artificial, rows of each table
patient.parquet …    the tables of `locum.records.contract`; admission.parquet only where episodes are linked
quality.json         the data-quality report; quality.html is the same to read
quarantine/          rows that could not be used, with the reason: real records, as sensitive as the source
"""

from __future__ import annotations

from pathlib import Path

import ibis
from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from locum.errors import BadInput
from locum.records.contract import SCHEMAS, Records

MANIFEST = "records.json"


class Manifest(BaseModel):
    """records.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = 1
    source: str
    artificial: bool
    rows: dict[str, NonNegativeInt]  # of each table


def is_loaded(folder: str | Path) -> bool:
    """Whether FOLDER holds loaded records."""
    return (Path(folder) / MANIFEST).is_file()


def read_manifest(folder: str | Path) -> Manifest:
    """What the records in FOLDER are. Raises BadInput when they are not loaded records of this format."""
    path = Path(folder) / MANIFEST
    try:
        found = Manifest.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        raise BadInput(f"{path} is not the {MANIFEST} of loaded records; run locum load again") from None
    if found.format != 1:
        raise BadInput(
            f"{path} has format {found.format}, which this locum does not know; run locum load again"
        )
    for name in found.rows:
        if not (Path(folder) / f"{name}.parquet").is_file():
            raise BadInput(f"{folder} lacks {name}.parquet; run locum load again")
    return found


def open_records(
    folder: str | Path, *, threads: int | None = None, memory: str = "4GB", spill: str | Path | None = None
) -> Records:
    """Open loaded records on DuckDB, out of core: beyond MEMORY it spills to disk, to SPILL or beside FOLDER.

    Raises BadInput when FOLDER is not loaded records.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    connection = ibis.duckdb.connect(
        threads=threads or 2, memory_limit=memory, temp_directory=str(spill or folder / ".spill")
    )
    connection.raw_sql("SET preserve_insertion_order = false")
    tables = {
        name: connection.read_parquet(folder / f"{name}.parquet", table_name=name)
        for name in SCHEMAS
        if name in manifest.rows
    }
    return Records(**tables)
