"""``locum synthesize``: split, fit, generate, evaluate and report in one go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """From a table of real patients to artificial ones and a report on them, in one go.

Writes synthetic.parquet, model.json, variables.toml, graph.json, metrics.json and report.html; the real rows, which
must not leave, go to private/.

Example: locum synthesize patients.csv --out study"""


def synthesize(
    table: Annotated[
        str, typer.Argument(help="CSV, TSV, Parquet, Arrow or DuckDB file (file.duckdb::table).")
    ],
    out: Annotated[Path, typer.Option(help="Directory for the results; it appears whole or not at all.")],
    patient_id: options.PatientId = None,
    holdout: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE", help="Share of patients held out; a fifth, or a half under 5,000 patients."
        ),
    ] = None,
    variables: options.Declaration = None,
    privacy: options.Privacy = "balanced",
    missing: options.Missing = "state",
    latent: options.Latent = "off",
    order: options.Order = "finest",
    target: options.Target = None,
    quick: options.Quick = False,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli.declaration import read_declaration
    from locum.cohorts.files import declared_beside
    from locum.synthesis import synthesize as make

    found, attrition = declared_beside(table)
    declared = read_declaration(variables, patient_id) or found
    if found is not None and declared is found:
        console.notices([f"the declaration is the one beside {table}, which locum extract wrote"], quiet)
    with console.stages(quiet) as stage:
        made = make(
            table,
            out,
            variables=declared,
            patient=patient_id,
            target=target,
            holdout=holdout,
            privacy=privacy,
            missing=missing,
            latent=latent,
            order=order,
            quick=quick,
            seed=seed,
            threads=threads,
            title=attrition.title if attrition else Path(table.partition("::")[0]).name,
            attrition=attrition,
            stage=stage,
        )
    console.made(made, quiet=quiet, as_json=as_json)
