"""``locum load``: raw records into one typed form, with a data-quality report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Read raw records once, into Parquet, and report on their quality.

Takes a folder (or zip) of CPRD Aurum files as delivered, or an OMOP database: a folder of CSV or Parquet files, a
DuckDB file, or postgresql://user@host/database?schema=cdm. Rows that cannot be used are put aside, with the reason.

Example: locum load extract --out records"""

COUNTED = {
    "patient": "patients",
    "practice": "practices",
    "observation": "observations",
    "medication": "medication issues",
    "consultation": "consultations",
    "admission": "hospital admissions",
}


def load(
    source: Annotated[str, typer.Argument(metavar="RECORDS", help="Raw records: CPRD Aurum or OMOP.")],
    out: Annotated[Path, typer.Option(help="Directory for the loaded records.")],
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse the records when any row cannot be used.")
    ] = False,
    memory: options.Memory = "4GB",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.extraction import load_records
    from locum.records.quality import Finding

    with console.stages(quiet) as stage:
        quality = load_records(
            source, out, strict=strict, threads=threads, memory=options.memory(memory), stage=stage
        )
    if as_json:
        console.machine({"out": str(out), **quality.model_dump(mode="json")})
        return
    aside = sum(table.quarantined for table in quality.tables)
    odd = [check for check in quality.checks if check.finding in (Finding.WARNING, Finding.FAULT)]
    told = [
        f"{check.table}, {check.name} ({check.found:,} of {check.of:,}): {check.meaning}" for check in odd
    ]
    console.notices([*quality.notices, *told], quiet)
    kept = {table.table: table.kept for table in quality.tables}
    counts = ", ".join(f"{kept[name]:,} {words}" for name, words in COUNTED.items() if kept.get(name))
    console.tell(
        [
            f"{quality.source}{', artificial' if quality.artificial else ''}: {counts}",
            f"put aside {aside:,} rows that cannot be used{f' (in {out}/quarantine)' if aside else ''}",
            f"report: {out / 'quality.html'}",
        ],
        quiet,
    )
