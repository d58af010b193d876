"""The stages of `locum.synthesize`, each on its own: split, fit, generate, evaluate and report, with the same files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa

from locum.atomic import atomic_path, atomic_paths
from locum.cohorts.attrition import Attrition
from locum.cohorts.files import beside, declared_beside
from locum.guard import draw_guarded
from locum.model import Model, fit
from locum.records.tables import read_table, write_table
from locum.report import load_graph, load_metrics, render
from locum.study.found import Cohort, Table
from locum.study.plan import Options
from locum.study.stage import Say, Stage
from locum.study.without import without
from locum.synthesis import PARTS, Division, as_file, chosen, compared, divide, how, judge
from locum.variables import Variables, read_toml

SPLIT, LEARN, DRAW = "splitting by patient", "learning", "drawing artificial patients"
GRAPH = "telling what the model learned"
REPORT = "writing the report"


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
        options = self.options
        table, variables = without(*self.read(), options.leave_out)
        return divide(
            table, variables, patient=self.patient, target=options.target, holdout=options.holdout, seed=seed
        )


def drawn(cohort: Cohort, folder: Path) -> Source:
    """The cohort that stage extract wrote."""
    table = folder / "private" / "cohort.parquet"
    declaration, attrition, _ = beside(table)

    def read() -> tuple[pa.Table, Variables | None]:
        return read_table(table), declared_beside(table)[0]

    reads = (table, declaration)
    return Source(cohort.name, cohort.title, cohort.options, {}, None, folder, reads, read, attrition)


def given(table: Table, folder: Path) -> Source:
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


def synthesize(source: Source, seed: int, threads: int | None) -> Iterator[Stage]:
    """The stages of `locum.synthesize`, with the same files."""
    options, folder, reads = source.options, source.folder, source.reads
    split = {**source.settings, "seed": seed, "holdout": options.holdout, "leave_out": options.leave_out}
    stage = partial(Stage, source.name)
    parts = tuple(folder / name for name in PARTS)
    yield stage("split", SPLIT, split, reads, parts, partial(_split, source, seed, parts))
    model, graph, drawn, metrics = (
        folder / name for name in ("model.json", "graph.json", "synthetic.parquet", "metrics.json")
    )
    arms = {"missing": options.missing, "latent": options.latent, "order": options.order}
    settings = {**split, "privacy": options.privacy, **arms}
    yield stage("fit", LEARN, settings, reads, (model,), partial(_fit, source, seed, threads, model))
    yield stage("graph", GRAPH, {}, (model,), (graph,), partial(_graph, threads, model, graph))
    settings = {**split, "rows": options.rows}
    make = partial(_generate, source, seed, threads, model, drawn)
    yield stage("generate", DRAW, settings, (*reads, model), (drawn,), make)
    settings = {**split, "target": options.target, "quick": options.quick, "title": source.title}
    tables = (*parts[:2], drawn)
    make = partial(_evaluate, source, seed, model, tables, metrics)
    attrition = () if source.attrition is None else (source.attrition,)
    inputs = (*reads, *attrition, model, *tables)
    yield stage("evaluate", "evaluating", settings, inputs, (metrics,), make)
    pages = (folder / "report.html", *(folder / "attrition.json" for _ in attrition))
    yield stage("report", REPORT, {}, (metrics, graph, *attrition), pages, partial(_report, source, pages))


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
        missing=source.options.missing,
        latent=source.options.latent,
        order=source.options.order,
        seed=seed,
        threads=threads,
        progress=lambda done, of: say(LEARN, done / of),
    )
    learned.save(model)
    return learned.variables.notices[len(division.variables.notices) :]


def _graph(threads: int | None, model: Path, graph: Path, say: Say) -> Sequence[str]:
    say(GRAPH, 0.0)
    learned = Model.load(model).graph(threads=threads)
    with atomic_path(graph) as path:
        path.write_text(as_file(learned), encoding="utf-8")
    return ()


def _generate(
    source: Source, seed: int, threads: int | None, model: Path, drawn: Path, say: Say
) -> Sequence[str]:
    say(DRAW, 0.0)
    learned = Model.load(model)
    table = draw_guarded(
        learned,
        source.divide(seed).train,
        source.options.rows or learned.network.rows,
        seed=seed,
        threads=threads,
        progress=lambda done, of: say(DRAW, done / of),
    ).table
    write_table(table, drawn)
    return ()


def _evaluate(
    source: Source, seed: int, model: Path, tables: tuple[Path, ...], metrics: Path, say: Say
) -> Sequence[str]:
    options, synthetic = source.options, read_table(tables[-1])
    division = source.divide(seed)
    found = judge(
        division,
        synthetic,
        title=source.title,
        model=Model.load(model),
        target=options.target,
        quick=options.quick,
        seed=seed,
        made=how(
            privacy=options.privacy,
            missing=options.missing,
            latent=options.latent,
            order=options.order,
            seed=seed,
        ),
        files=compared(tables[0], tables[1], tables[2], model),
        attrition=_attrition(source),
        stage=say,
    )
    with atomic_path(metrics) as path:
        path.write_text(as_file(found), encoding="utf-8")
    return chosen(found, options.target, division.variables)


def _report(source: Source, pages: tuple[Path, ...], say: Say) -> Sequence[str]:
    say(REPORT, 0.0)
    metrics = load_metrics(source.folder)
    attrition = _attrition(source)
    with atomic_paths(pages) as paths:
        page = render(
            metrics, title=metrics.about.title, attrition=attrition, graph=load_graph(source.folder)
        )
        paths[0].write_text(page, encoding="utf-8")
        if attrition is not None:
            paths[1].write_text(as_file(attrition), encoding="utf-8")
    return ()


def _attrition(source: Source) -> Attrition | None:
    return None if source.attrition is None else declared_beside(source.reads[0])[1]
