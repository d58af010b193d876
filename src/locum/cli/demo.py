"""``locum demo``: everything that locum does, on artificial records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Everything that locum does, on artificial records, ending in a report to open.

Simulates records of general practice, draws the two cohorts that come with locum (or the one that is named), and makes
artificial patients of each, with the evidence on them. It is a study as locum run carries out, and goes on after an
interrupt in the same way.

Example: locum demo cvd --patients 20000"""


def demo(
    cohort: Annotated[str | None, typer.Argument(metavar="[cvd|covid19]", help="Both when left out.")] = None,
    patients: Annotated[int, typer.Option(min=1, help="How many patients to simulate.")] = 20_000,
    out: Annotated[Path, typer.Option(help="Directory for the results.")] = Path("demo"),
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.demonstration import demonstrate

    with console.stages(quiet) as stage, console.kept():
        results = demonstrate(out, cohort, patients=patients, seed=seed, stage=stage)
    console.studied(results, quiet=quiet, as_json=as_json)
