"""The stages of a study in order: simulate, load, then for each cohort or table extract and synthesize."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from locum.atomic import atomic_directory
from locum.cohorts.files import beside
from locum.extraction import extract, load_records
from locum.records.artificial import simulate
from locum.records.loaded import is_loaded
from locum.study.found import Cohort, Study
from locum.study.stage import Say, Stage
from locum.study.synthesizing import drawn, given, synthesize

LOAD = "loading records"


def stages(study: Study, out: Path, *, threads: int | None = None, memory: str = "4GB") -> Iterator[Stage]:
    """The stages of STUDY in order, for results in OUT. The outputs do not depend on THREADS and MEMORY."""
    if study.simulate is not None:
        yield _simulate(study.simulate, study.seed, out / "extract", threads)
    records = out / "records"
    if study.source is not None and is_loaded(study.source):
        records = Path(study.source)
    elif study.cohorts:
        yield _load(study.source or str(out / "extract"), records, threads, memory)
    for cohort in study.cohorts:
        yield _extract(cohort, records, study.codelists, out / cohort.name, threads, memory)
        yield from synthesize(drawn(cohort, out / cohort.name), study.seed, threads)
    for table in study.tables:
        yield from synthesize(given(table, out / table.name), study.seed, threads)


def _simulate(patients: int, seed: int, extract: Path, threads: int | None) -> Stage:
    words = f"simulating {patients:,} patients"

    def make(say: Say) -> Sequence[str]:
        with atomic_directory(extract, "simulate") as folder:
            simulate(folder, patients, seed, threads, progress=lambda done, of: say(words, done / of))
        return ()

    return Stage("", "simulate", words, {"patients": patients, "seed": seed}, (), (extract,), make)


def _load(source: str, records: Path, threads: int | None, memory: str) -> Stage:
    is_database = "://" in source

    def make(say: Say) -> Sequence[str]:
        quality = load_records(
            source, records, threads=threads, memory=memory, stage=lambda what, share: say(LOAD, share)
        )
        notices = []
        if aside := sum(table.quarantined for table in quality.tables):
            notices.append(
                f"{aside:,} rows of the records could not be used; "
                "records/quality.html in the folder of the study tells which and why"
            )
        if is_database:
            notices.append(
                "no one can tell whether a database has changed; delete the folder records to load it again"
            )
        return notices

    settings = {"source": source} if is_database else {}
    return Stage(
        "", "load", "loading records", settings, () if is_database else (Path(source),), (records,), make
    )


def _extract(
    cohort: Cohort, records: Path, codelists: tuple[Path, ...], folder: Path, threads: int | None, memory: str
) -> Stage:
    table = folder / "private" / "cohort.parquet"

    def make(say: Say) -> Sequence[str]:
        return extract(
            records, cohort.definition, table, codelists=codelists, threads=threads, memory=memory, stage=say
        ).notices

    reads = (*cohort.reads, records)
    return Stage(cohort.name, "extract", "drawing the cohort", {}, reads, (table, *beside(table)), make)
