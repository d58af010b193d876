"""``locum evaluate``: judge a synthetic table from any generator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Judge a synthetic table, from any generator, against rows it was learned from and rows it never saw.

Example: locum evaluate --train train.csv --holdout holdout.csv --synthetic synthetic.csv --out evidence"""


def evaluate(
    train: Annotated[str, typer.Option(metavar="F", help="Real rows that the generator learned from.")],
    holdout: Annotated[str, typer.Option(metavar="F", help="Real rows that it never saw.")],
    synthetic: Annotated[
        list[str],
        typer.Option(
            metavar="F",
            help="Artificial rows that it drew; repeatable: the first table is judged, odds and hazard ratios of all "
            "are combined.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Directory for metrics.json and report.html.")],
    variables: options.Declaration = None,
    patient_id: options.PatientId = None,
    target: options.Target = None,
    quick: options.Quick = False,
    model: Annotated[
        Path | None,
        typer.Option(metavar="F", help="The model that drew them: what it gives away to whoever holds it."),
    ] = None,
    shadows: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Learn N models like it, 8 or more, for the strongest attack on it."
        ),
    ] = 0,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.api import evaluate as judge
    from locum.atomic import atomic_directory
    from locum.cli.declaration import read_declaration
    from locum.records.tables import file_of
    from locum.report import render

    declared = read_declaration(variables, patient_id)
    reads = [str(file_of(path)) for path in (train, holdout, *synthetic)]
    reads += [] if model is None else [str(model)]
    with console.stages(quiet) as stage, atomic_directory(out, "evaluate", reads) as folder:
        stage("reading")
        metrics = judge(
            train,
            holdout,
            synthetic[0],
            more=synthetic[1:],
            variables=declared,
            patient=patient_id,
            target=target,
            quick=quick,
            model=model,
            shadows=shadows,
            seed=seed,
            progress=stage,
        ).titled(file_of(synthetic[0]).name)
        stage("writing")
        (folder / "metrics.json").write_text(metrics.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (folder / "report.html").write_text(render(metrics, title=metrics.about.title), encoding="utf-8")
    if as_json:
        result = {"out": str(out), "verdict": metrics.verdict.model_dump(mode="json")}
        console.machine(result if metrics.model_file is None else result | {"model_file": metrics.model_file})
    else:
        console.tell(
            [
                *console.verdict(metrics.verdict),
                *console.model_file(metrics.model_file),
                f"report: {out / 'report.html'}",
            ],
            quiet,
        )
