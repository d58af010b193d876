"""``locum extract``: from records to a cohort, one row a patient."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Draw a cohort from records: one row a patient, and how many patients each step left.

Writes the table and, beside it, its declaration (.variables.toml), the attrition (.attrition.json) and the queries as
they ran (.sql).

Example: locum extract records --cohort cvd --out cohort.parquet"""


def extract(
    source: Annotated[
        str, typer.Argument(metavar="RECORDS", help="Records that locum load wrote, or raw ones.")
    ],
    cohort: Annotated[str, typer.Option(metavar="cvd|covid19|FILE.toml", help="Definition of the cohort.")],
    out: Annotated[Path, typer.Option(help="Table to write: .parquet, .csv or .csv.gz.")],
    codelists: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Folder of your own codelists, used before those of locum."),
    ] = None,
    memory: options.Memory = "4GB",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cohorts.files import beside
    from locum.extraction import extract as draw

    with console.stages(quiet) as stage:
        found = draw(
            source,
            cohort,
            out,
            codelists=codelists or (),
            threads=threads,
            memory=options.memory(memory),
            stage=stage,
        )
    console.notices(found.notices, quiet)
    files = beside(out)
    if as_json:
        console.machine(
            {
                "out": str(out),
                "rows": found.table.num_rows,
                "columns": found.table.num_columns,
                "beside": [str(file) for file in files],
                "attrition": found.attrition.model_dump(mode="json"),
            }
        )
        return
    steps = [(s.label, "fewer than 10" if s.left is None else f"{s.left:,}") for s in found.attrition.steps]
    before = found.attrition.patients
    width = max(len(count) for _, count in [*steps, ("", f"{before or 0:,}")])
    console.tell(
        [
            f"{f'{before or 0:,}':>{width}}  patients in the records",
            *(f"{count:>{width}}  {label}" for label, count in steps),
            f"cohort: {out}",
            f"beside it: {', '.join(file.name for file in files)}",
        ],
        quiet,
    )
