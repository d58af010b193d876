"""Load an extract of CPRD Aurum into the contract.

Each table is read once into staged rows on disk (`staging`), its rows are kept or quarantined (`settle`), what is kept
is written as the contract wants it (`tables`) and checked (`row_checks`, `part_checks`). Look-ups, dictionaries,
practices and patients come first, since the events refer to them. Memory is bounded: DuckDB spills to the folder.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from locum.errors import BadInput
from locum.records import contract
from locum.records.aurum.layout import DELIVERED, LAYOUTS, Layout
from locum.records.aurum.part_checks import absent_check, check_parts, check_quarantine
from locum.records.aurum.parts import Part, find_parts
from locum.records.aurum.reading import Reading, read_table
from locum.records.aurum.row_checks import check_rows
from locum.records.aurum.settle import Settled, bad_rows, good_rows, settle
from locum.records.aurum.specification import DICTIONARIES, EPISODES, LOOKUPS, REQUIRED
from locum.records.aurum.staging import quote
from locum.records.aurum.tables import contract_rows, empty_rows
from locum.records.loaded import MANIFEST, Manifest
from locum.records.loading import Loading
from locum.records.quality import Check, Finding, Quality, TableCount

SOURCE = "CPRD Aurum 2.9"
WARNING_TEXT = """These are rows of real records that could not be used, each with the reason.
They are as sensitive as the extract itself. They must not leave the secure environment.
"""
_ORDER = (*contract.SCHEMAS, *DELIVERED, *LOOKUPS)
"""Of tables in the report: what a person looks for first."""
_PARQUET = "(FORMAT parquet, COMPRESSION zstd)"
_ABSENT = {
    "drugissue": (Finding.WARNING, "no patient has any medication"),
    "consultation": (Finding.WARNING, "no patient has any consultation"),
    "medicaldictionary": (
        Finding.WARNING,
        "clinical codes have no terms and no SNOMED concepts, so match by medcodeid",
    ),
    "productdictionary": (Finding.WARNING, "products have no names, so match by prodcodeid"),
    "region": (Finding.NOTE, "regions are called by their numbers"),
    "numunit": (Finding.NOTE, "units are called by their numbers, so measurements cannot be told by unit"),
    "conssource": (Finding.NOTE, "sources of consultations are called by their numbers"),
    "gender": (Finding.NOTE, "1 is read as male, 2 as female, 3 as indeterminate"),
}


def load_aurum(source: Path, folder: Path, loading: Loading) -> Quality:
    """Read the extract SOURCE, a folder or a zip, into the existing, empty FOLDER (`locum.records.loaded`).

    Raises BadInput when patients, practices or observations are not there or cannot be read; with `loading.strict`
    also for any row or part that cannot be used.
    """
    parts = find_parts(source)
    _require(source, parts)
    spill = folder / ".spill"
    spill.mkdir()
    connection = _engine(spill, loading)
    try:
        return _Loader(connection, folder, spill, loading, parts).load()
    except duckdb.OutOfMemoryException:
        raise BadInput(
            f"{source} needs more memory than {loading.memory}; allow more, or fewer threads"
        ) from None
    except duckdb.IOException as error:
        if "No space left" not in str(error):
            raise
        raise BadInput(f"no space left to work on {source}; free some, or write elsewhere") from None
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _require(source: Path, parts: dict[str, list[Part]]) -> None:
    absent = [table for table in REQUIRED if not parts.get(table)]
    if absent:
        example = "_".join(("", "Extract", absent[0].capitalize(), "001.txt"))
        raise BadInput(
            f"{source} has no {' and no '.join(absent)} file (such as …{example}); give the folder of the whole extract"
        )


def _engine(spill: Path, loading: Loading) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET threads = {loading.threads or 2}")
    connection.execute(f"SET memory_limit = {quote(loading.memory)}")
    connection.execute(f"SET temp_directory = {quote(spill)}")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET enable_progress_bar = false")
    return connection


class _Loader:
    """One extract on its way into one folder."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        spill: Path,
        loading: Loading,
        parts: dict[str, list[Part]],
    ) -> None:
        self.connection, self.folder, self.spill, self.loading, self.parts = (
            connection,
            folder,
            spill,
            loading,
            parts,
        )
        self.bytes = sum(part.size for some in parts.values() for part in some) or 1
        self.done = 0
        self.counts: list[TableCount] = []
        self.checks: list[Check] = []
        self.notices: list[str] = []
        self.rows: dict[str, int] = {}
        self.lost: list[str] = []

    def load(self) -> Quality:
        for layout in LAYOUTS.values():
            self._load_table(layout)
        self._refuse()
        quality = self._quality()
        manifest = Manifest(source=SOURCE, artificial=quality.artificial, rows=self.rows)
        (self.folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (self.folder / "quality.json").write_text(quality.model_dump_json(indent=1) + "\n", encoding="utf-8")
        self.loading.stage("loaded", 1.0)
        return quality

    def _load_table(self, layout: Layout) -> None:
        parts = self.parts.get(layout.file, [])
        reading = read_table(
            self.connection, layout, parts, self.spill, lambda part: self._told(layout, part)
        )
        self.notices += [f"{sentence}." for sentence in reading.left_out]
        if layout.file in REQUIRED and not reading.names:
            raise BadInput(f"no {layout.file} file can be read: {reading.left_out[0]}")
        if reading.names:
            self.loading.stage(f"settling {layout.table.replace('_', ' ')}", self.done / self.bytes)
            settled = settle(self.connection, reading)
            self._keep(reading)
            self._write(layout.table, good_rows(reading))
            self._quarantine(reading, settled)
            self._count(reading, settled)
        else:
            self._write_nothing(layout)
        self.checks += check_parts(reading) if parts else []
        for path in reading.staged:
            path.unlink()

    def _told(self, layout: Layout, part: Part) -> None:
        self.loading.stage(f"reading {layout.table.replace('_', ' ')}", self.done / self.bytes)
        self.done += part.size

    def _keep(self, reading: Reading) -> None:
        """What later tables look up, as tables of the engine."""
        file = reading.layout.file
        if file in LOOKUPS or file in DICTIONARIES:
            self.connection.execute(
                f"CREATE TABLE {file} AS SELECT * EXCLUDE (soft, short, iso) FROM ({good_rows(reading)})"
            )
        elif file == "practice":
            self.connection.execute(f"CREATE TABLE practices AS {good_rows(reading)}")
        elif file == "patient":
            self.connection.execute(
                "CREATE TABLE people AS SELECT patient, birth_year, coalesce(died_cprd, died_emis) AS died, "
                f"p.last_collected FROM ({good_rows(reading)}) LEFT JOIN practices p USING (practice)"
            )

    def _write(self, table: str, rows: str) -> None:
        if table in contract.SCHEMAS:
            self._copy(table, contract_rows(table, rows))

    def _write_nothing(self, layout: Layout) -> None:
        """For a file that was not delivered, or not readable."""
        if layout.file in LOOKUPS:
            self.connection.execute(f"CREATE TABLE {layout.file} (raw VARCHAR, words VARCHAR)")
        elif layout.table in contract.SCHEMAS and layout.file != EPISODES:
            self._copy(layout.table, empty_rows(layout.table))
        if layout.file in _ABSENT:
            self.checks.append(absent_check(layout, *_ABSENT[layout.file]))

    def _copy(self, table: str, rows: str) -> None:
        to = quote(self.folder / f"{table}.parquet")
        copied = self.connection.execute(f"COPY ({rows}) TO {to} {_PARQUET}").fetchall()
        self.rows[table] = copied[0][0]

    def _quarantine(self, reading: Reading, settled: Settled) -> None:
        if not settled.quarantined:
            return
        quarantine = self.folder / "quarantine"
        if not quarantine.is_dir():
            quarantine.mkdir()
            (quarantine / "MUST-NOT-LEAVE.txt").write_text(WARNING_TEXT, encoding="utf-8")
        table = reading.layout.table
        to = quote(quarantine / f"{table}.parquet")
        self.connection.execute(f"COPY ({bad_rows(reading)}) TO {to} {_PARQUET}")
        self.lost += [f"{n} of {table} ({reason})" for reason, n in settled.reasons.items()]

    def _count(self, reading: Reading, settled: Settled) -> None:
        layout = reading.layout
        self.counts.append(
            TableCount(
                table=layout.table,
                parts=len(reading.names),
                read=settled.read,
                kept=settled.kept,
                quarantined=settled.quarantined,
            )
        )
        there = {file for file in (*LOOKUPS, *DICTIONARIES) if self._has(file)}
        self.checks += check_quarantine(layout, settled)
        self.checks += check_rows(self.connection, reading, there)

    def _has(self, file: str) -> bool:
        return any(count.table == LAYOUTS[file].table and count.parts for count in self.counts)

    def _refuse(self) -> None:
        if not self.loading.strict:
            return
        left_out = [notice for notice in self.notices if " was left out: " in notice]
        if left_out:
            raise BadInput(f"{left_out[0].removesuffix('.')}; or load without strict")
        if self.lost:
            raise BadInput(
                f"rows that cannot be used: {'; '.join(self.lost)}; load without strict to have them in quarantine/"
            )

    def _quality(self) -> Quality:
        if not self.parts.get(EPISODES):
            self.notices.append(
                "No linked hospital episodes were given, so no cohort can use admissions to hospital."
            )
        delivered = [part.name for table in DELIVERED for part in self.parts.get(table, ())]
        return Quality(
            source=SOURCE,
            artificial=all(name.lower().startswith("artificial_") for name in delivered),
            tables=tuple(sorted(self.counts, key=lambda count: _ORDER.index(count.table))),
            checks=tuple(self.checks),
            notices=tuple(self.notices),
        )
