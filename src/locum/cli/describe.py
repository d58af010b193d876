"""``locum describe``: infer a declaration to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Infer the declaration of a table: a file to read, correct and give to the other commands.

Example: locum describe patients.csv --out variables.toml"""


def describe(
    table: Annotated[
        str, typer.Argument(help="CSV, TSV, Parquet, Arrow or DuckDB file (file.duckdb::table).")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where to write the declaration; printed when left out.")
    ] = None,
    patient_id: options.PatientId = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.atomic import atomic_path, check_file
    from locum.errors import BadInput
    from locum.records.tables import read_table
    from locum.variables import infer, to_dict, to_toml

    if out is not None and check_file(out).exists() and Path(table).exists() and out.samefile(table):
        raise BadInput(f"{out} is the table itself; give another name")
    with console.stages(quiet) as stage:
        stage("reading")
        arrow = read_table(table)
        stage("inferring the variables")
        variables = infer(arrow, patient=patient_id)
    if out is not None:
        with atomic_path(out) as temporary:
            temporary.write_text(to_toml(variables), encoding="utf-8")
    console.notices(variables.notices, quiet)
    if as_json:
        console.machine(to_dict(variables))
    elif out is None:
        typer.echo(to_toml(variables), nl=False)
    else:
        left, rules = len(variables) - len(variables.modelled), len(variables.rules)
        found = f", {rules} rule{'s' if rules != 1 else ''} found" if rules else ""
        console.tell(
            [
                f"{out}: {len(variables.modelled)} variables, {left} column{'s' if left != 1 else ''} left out{found}"
            ],
            quiet,
        )
