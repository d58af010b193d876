"""The stages of a study, one small function each: what a stage reads, what it writes, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from locum.atomic import atomic_directory, atomic_path, atomic_paths
from locum.cohorts.files import beside, declared_beside
from locum.extraction import extract, load_records
from locum.model import Model, fit
from locum.records.artificial import simulate
from locum.records.loaded import is_loaded
from locum.records.tables import read_table, write_table
from locum.report import load_metrics, render
from locum.study.found import Cohort, Study, Table
from locum.study.plan import Options
from locum.synthesis import PARTS, Division, as_file, divide, judge
from locum.variables import Variables, read_toml

LOAD, SPLIT, LEARN, DRAW = (
    "loading records",
    "splitting by patient",
    "learning",
    "drawing artificial patients",
)
REPORT = "writing the report"

Say = Callable[[str, float], None]  # what is being done, and how much of it (0 to 1)
Make = Callable[[Say], Sequence[str]]


@dataclass(frozen=True)
class Stage:
    """A stage. What it writes appears whole or not at all.

    of: the cohort or table, "" for what comes before them. words: what it does, for the user.
    settings: what its outputs depend on beside the contents of the files and folders that it `reads`.
    make: does it, says what it is at, and returns notices for the user, without a value of a patient.
    """

    of: str
    name: str
    words: str
    settings: Mapping[str, object]
    reads: tuple[Path, ...]
    writes: tuple[Path, ...]
    make: Make

    @property
    def key(self) -> str:
        """Its name in study.json."""
        return f"{self.of}/{self.name}" if self.of else self.name


@dataclass(frozen=True)
class Source:
    """What a cohort, or a table, is split from.

    settings: what tells it from others in the same files. read: its table, and its declaration where it has one.
    """

    name: str
    title: str
    options: Options
    settings: Mapping[str, object]
    patient: str | None
    folder: Path
    reads: tuple[Path, ...]
    read: Callable[[], tuple[pa.Table, Variables | None]]
    attrition: Path | None

    def divide(self, seed: int) -> Division:
        """The parts, the same ones every time: quick to make again, and no identifier need be kept for it."""
        table, variables = self.read()
        options = self.options
        return divide(
            table, variables, patient=self.patient, target=options.target, holdout=options.holdout, seed=seed
        )


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
        yield from _synthesize(_drawn(cohort, out / cohort.name), study.seed, threads)
    for table in study.tables:
        yield from _synthesize(_given(table, out / table.name), study.seed, threads)


def _simulate(patients: int, seed: int, extract: Path, threads: int | None) -> Stage:
    words = f"simulating {patients:,} patients"

    def make(say: Say) -> Sequence[str]:
        with atomic_directory(extract, "simulate") as folder:
            simulate(folder, patients, seed, threads, progress=lambda done, of: say(words, done / of))
        return ()

    return Stage("", "simulate", words, {"patients": patients, "seed": seed}, (), (extract,), make)


def _load(source: str, records: Path, threads: int | None, memory: str) -> Stage:
    is_database, page = "://" in source, records / "quality.html"

    def make(say: Say) -> Sequence[str]:
        quality = load_records(
            source, records, threads=threads, memory=memory, stage=lambda what, share: say(LOAD, share)
        )
        notices = []
        if aside := sum(table.quarantined for table in quality.tables):
            notices.append(f"{aside:,} rows of the records could not be used; {page} tells which and why")
        if is_database:
            notices.append(
                f"no one can tell whether a database has changed; delete {records} to load it again"
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


def _drawn(cohort: Cohort, folder: Path) -> Source:
    """The cohort that `_extract` wrote."""
    table = folder / "private" / "cohort.parquet"
    declaration, attrition, _ = beside(table)

    def read() -> tuple[pa.Table, Variables | None]:
        return read_table(table), declared_beside(table)[0]

    reads = (table, declaration)
    return Source(cohort.name, cohort.title, cohort.options, {}, None, folder, reads, read, attrition)


def _given(table: Table, folder: Path) -> Source:
    """A table as it is."""
    declaration, patient = table.declaration, table.options.patient
    file, _, inner = (
        table.source.partition("::") if not Path(table.source).exists() else (table.source, "", "")
    )

    def read() -> tuple[pa.Table, Variables | None]:
        return read_table(table.source), read_toml(declaration) if declaration else None

    reads = (Path(file), declaration) if declaration else (Path(file),)
    settings = {"table": inner, "patient": patient}
    return Source(table.name, table.title, table.options, settings, patient, folder, reads, read, None)


def _synthesize(source: Source, seed: int, threads: int | None) -> Iterator[Stage]:
    """The stages of `locum.synthesize`, with the same files."""
    options, folder, reads = source.options, source.folder, source.reads
    split = {**source.settings, "seed": seed, "holdout": options.holdout}
    stage = partial(Stage, source.name)
    parts = tuple(folder / name for name in PARTS)
    yield stage("split", SPLIT, split, reads, parts, partial(_split, source, seed, parts))
    model, drawn, metrics = (folder / name for name in ("model.json", "synthetic.parquet", "metrics.json"))
    settings = {**split, "privacy": options.privacy}
    yield stage("fit", LEARN, settings, reads, (model,), partial(_fit, source, seed, threads, model))
    settings = {"seed": seed, "rows": options.rows}
    make = partial(_generate, options.rows, seed, threads, model, drawn)
    yield stage("generate", DRAW, settings, (model,), (drawn,), make)
    settings = {**split, "target": options.target, "quick": options.quick, "title": source.title}
    make = partial(_evaluate, source, seed, drawn, metrics)
    yield stage("evaluate", "evaluating", settings, (*reads, drawn), (metrics,), make)
    attrition = () if source.attrition is None else (source.attrition,)
    pages = (folder / "report.html", *(folder / "attrition.json" for _ in attrition))
    yield stage("report", REPORT, {}, (metrics, *attrition), pages, partial(_report, source, pages))


def _split(source: Source, seed: int, parts: tuple[Path, ...], say: Say) -> Sequence[str]:
    say(SPLIT, 0.0)
    division = source.divide(seed)
    with atomic_paths(parts) as paths:
        division.write(*paths)
    return (*division.variables.notices, *division.notices)


def _fit(source: Source, seed: int, threads: int | None, model: Path, say: Say) -> Sequence[str]:
    say(LEARN, 0.0)
    division = source.divide(seed)
    learned = fit(
        division.train,
        division.variables,
        privacy=source.options.privacy,
        seed=seed,
        threads=threads,
        progress=lambda done, of: say(LEARN, done / of),
    )
    learned.save(model)
    return ()


def _generate(
    rows: int | None, seed: int, threads: int | None, model: Path, drawn: Path, say: Say
) -> Sequence[str]:
    say(DRAW, 0.0)
    learned = Model.load(model)
    table = learned.sample(
        rows or learned.network.rows,
        seed=seed,
        threads=threads,
        progress=lambda done, of: say(DRAW, done / of),
    )
    write_table(table, drawn)
    return ()


def _evaluate(source: Source, seed: int, drawn: Path, metrics: Path, say: Say) -> Sequence[str]:
    options, synthetic = source.options, read_table(drawn)
    division = source.divide(seed)
    found = judge(
        division,
        synthetic,
        title=source.title,
        target=options.target,
        quick=options.quick,
        seed=seed,
        stage=say,
    )
    with atomic_path(metrics) as path:
        path.write_text(as_file(found), encoding="utf-8")
    return ()


def _report(source: Source, pages: tuple[Path, ...], say: Say) -> Sequence[str]:
    say(REPORT, 0.0)
    metrics = load_metrics(source.folder)
    attrition = None if source.attrition is None else declared_beside(source.reads[0])[1]
    with atomic_paths(pages) as paths:
        page = render(metrics, title=metrics.about.title, attrition=attrition)
        paths[0].write_text(page, encoding="utf-8")
        if attrition is not None:
            paths[1].write_text(as_file(attrition), encoding="utf-8")
    return ()
