"""Load an OMOP database into the contract: open it, map it, part what cannot be used, and say how good it is."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import ibis

from locum.errors import BadInput
from locum.records.contract import SCHEMAS
from locum.records.loaded import MANIFEST, Manifest
from locum.records.loading import Loading
from locum.records.omop import checks, events, people, vocabulary
from locum.records.omop.about import About, about
from locum.records.omop.columns import TYPES, typed
from locum.records.omop.database import open_duckdb, open_postgres
from locum.records.omop.folder import open_folder
from locum.records.omop.sift import CUT, Sifted, quarantine, sift
from locum.records.omop.source import Source, is_address
from locum.records.omop.specification import TABLES
from locum.records.quality import Quality

_ORIGINS = {
    "patient": ("person",),
    "observation": events.OBSERVED,
    "medication": ("drug_exposure",),
    "consultation": ("visit_occurrence",),
}
"""The tables of OMOP that the tables of the contract come from, where rows can be unfit."""

_SIFTED = {origin for origins in _ORIGINS.values() for origin in origins}


def load_omop(source: str | Path, folder: Path, loading: Loading) -> Quality:
    """Read SOURCE (a folder, a DuckDB file, a PostgreSQL address) into the existing, empty FOLDER.

    Writes what `locum.records.loaded` lists; in quarantine/TABLE.parquet the rows that cannot be used.

    Raises BadInput when SOURCE is no OMOP CDM that can be read, has no person, or, if strict, has a row that cannot
    be used; UsageError when a driver is missing.
    """
    staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
    connection = ibis.duckdb.connect(
        threads=loading.threads or 2, memory_limit=loading.memory, temp_directory=str(staging / "spill")
    )
    try:
        connection.raw_sql("SET preserve_insertion_order = false")
        opened = _opened(source, connection, staging, loading)
        loader = _Loader(opened, connection, folder, staging, loading)
        quality = loader.load()
        manifest = Manifest(source=quality.source, artificial=quality.artificial, rows=loader.rows)
        (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (folder / "quality.json").write_text(quality.model_dump_json(indent=1) + "\n", encoding="utf-8")
        loading.stage("loaded", 1.0)
        return quality
    finally:
        connection.disconnect()
        shutil.rmtree(staging, ignore_errors=True)


def _opened(source: str | Path, connection: ibis.BaseBackend, staging: Path, loading: Loading) -> Source:
    if is_address(source):
        return open_postgres(str(source), connection, staging, loading)
    path = Path(source)
    if path.is_dir():
        return open_folder(path, connection, staging, loading)
    if not path.is_file():
        raise BadInput(f"there is no file or folder {path}; give an OMOP database")
    return open_duckdb(path, connection, staging, loading)


@dataclass
class _Loader:
    source: Source
    connection: ibis.BaseBackend
    folder: Path
    staging: Path
    loading: Loading
    done: dict[str, Sifted] = field(default_factory=dict)

    def load(self) -> Quality:
        today = date.today()
        t = {name: self._typed(name) for name in TABLES}
        told = about(self.source, t, self.connection)
        done = self.done
        done["patient"] = self._sift("patient", people.patients(t, today), 0.5)
        kept = done["patient"].table
        if not done["patient"].kept:
            raise BadInput(
                f"{self.source.where}: the table person has no row that can be used; load persons into it"
            )
        done["practice"] = self._write("practice", people.practices(t, kept, told.released, today), 0.55)
        done["observation"] = self._sift("observation", events.observations(t, kept), 0.6)
        done["medication"] = self._sift("medication", events.medications(t, kept), 0.75)
        done["consultation"] = self._sift("consultation", events.consultations(t, kept), 0.85)
        observed, issued = done["observation"].table, done["medication"].table
        done["clinical_code"] = self._write("clinical_code", vocabulary.clinical_codes(t, observed), 0.9)
        done["product"] = self._write("product", vocabulary.products(t, issued), 0.92)
        stays = events.admissions(t, done["consultation"].fit)
        if self.connection.execute(stays.count()):
            done["admission"] = self._write("admission", stays, 0.94)
        return self._judged(t, told, today)

    def _typed(self, name: str) -> ibis.Table:
        """The table NAME in the types of the specification, as a view; without rows where the source has none."""
        if name in self.source.tables:
            rows = typed(self.source.tables[name], name)
        else:
            rows = ibis.memtable([], schema=ibis.schema({c: TYPES[kind] for c, kind in TABLES[name].items()}))
        return self.connection.create_view(f"cdm_{name}", rows)

    def _sift(self, name: str, rows: ibis.Table, share: float) -> Sifted:
        self.loading.stage(f"writing {name}", share)
        unread = [self.source.unread[o] for o in _ORIGINS[name] if o in self.source.unread]
        sifted = sift(name, rows, self.connection, self.folder, self.staging, unread)
        if sifted.quarantined and self.loading.strict:
            worst = sifted.reasons.most_common(1)[0]
            raise BadInput(
                f"{self.source.where}: {sifted.quarantined:,} rows for {name} cannot be used "
                f"({worst[0]}: {worst[1]:,}); mend them, or load without strict"
            )
        return sifted

    def _write(self, name: str, rows: ibis.Table, share: float) -> Sifted:
        self.loading.stage(f"writing {name}", share)
        rows = rows.select(*(rows[c].cast(k(nullable=True)).name(c) for c, k in SCHEMAS[name].items()))
        target = self.folder / f"{name}.parquet"
        self.connection.to_parquet(rows, target, compression="zstd")
        table = self.connection.read_parquet(target, table_name=f"kept_{name}")
        return Sifted(table, self.connection.execute(table.count()))

    @property
    def rows(self) -> dict[str, int]:
        """The rows of each table that was written."""
        return {name: sifted.kept for name, sifted in self.done.items()}

    def _judged(self, t: people.Tables, told: About, today: date) -> Quality:
        self.loading.stage("checking", 0.95)
        loose = {o: lines for o, lines in self.source.unread.items() if o not in _SIFTED}
        for name, lines in loose.items():
            quarantine(lines.mutate(reason=ibis.literal(CUT)), name, self.connection, self.folder)
        parts = {
            name: sum(self.source.parts.get(origin, 0) for origin in _ORIGINS.get(name, ("person",)))
            for name in self.done
        }
        found, notices = checks.judge(t, self.done, self.source, self.connection, today)
        return Quality(
            source=told.name,
            artificial=told.artificial,
            tables=checks.counts(self.done, parts),
            checks=found,
            notices=(*told.notices, *notices),
        )
