"""``locum fit``: learn a model from a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Learn a model from a table of patients, one row each (or several, with --patient-id).

Example: locum fit patients.parquet --out model.json"""


def fit(
    table: Annotated[
        str, typer.Argument(help="CSV, TSV, Parquet, Arrow or DuckDB file (file.duckdb::table).")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the model: .json, or .json.zst to compress it.")],
    variables: options.Declaration = None,
    patient_id: options.PatientId = None,
    privacy: options.Privacy = "balanced",
    missing: options.Missing = "state",
    latent: options.Latent = "off",
    order: options.Order = "finest",
    seed: options.Seed = 0,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli.declaration import read_declaration
    from locum.dial import STEPS
    from locum.model import check_tiers, settings_of, writable
    from locum.model import fit as learn
    from locum.network import check_arms
    from locum.records.tables import read_table
    from locum.variables import check

    settings_of(privacy)
    check_arms(missing, latent)
    writable(out)
    declared = read_declaration(variables, patient_id)
    check_tiers(order, declared)
    with console.stages(quiet) as stage:
        stage("reading")
        arrow = read_table(table)
        notices = check(arrow, declared, table) if declared is not None else ()
        stage("learning")
        model = learn(
            arrow,
            declared,
            privacy=privacy,
            missing=missing,
            latent=latent,
            order=order,
            patient=patient_id,
            seed=seed,
            threads=threads,
            progress=lambda done, of: stage("learning", done / of),
        )
        stage("writing")
        model.save(out)
    network = model.network
    console.notices((*model.variables.notices, *notices), quiet)
    names = [network.cells[v].variable.name for v in network.order]
    if as_json:
        console.machine(
            {
                "model": str(out),
                "rows": network.rows,
                "patients": network.patients,
                "privacy": privacy,
                "dial": {
                    "made_for": STEPS[privacy].made_for,
                    "protects_against": STEPS[privacy].against,
                    "model_file": STEPS[privacy].model_file,
                },
                "order": names,
                "ordered_by": network.ordered_by,
                "parents": {
                    network.cells[v].variable.name: [
                        network.cells[p].variable.name for p in network.parents(v)
                    ]
                    for v in network.order
                },
            }
        )
    else:
        members = network.settings.members
        console.tell(
            [
                f"{out}: learned from {network.patients:,} patients ({network.rows:,} rows), "
                f"{network.visible} variables{', a latent class' if network.hidden else ''}, {members} members",
                str(STEPS[privacy]),
                f"order{' by tiers' if network.ordered_by == 'tiers' else ''}: {', '.join(names)}",
            ],
            quiet,
        )
