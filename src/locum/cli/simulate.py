"""``locum simulate``: artificial records, from published figures alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Make artificial records of general practice, from published figures alone.

Example: locum simulate aurum --patients 20000 --seed 1 --out extract"""

AURUM_HELP = """An artificial extract in the layout of CPRD Aurum, with the mess of real records and the truth.

The figures and their sources are in locum/records/artificial/figures.toml; ARTIFICIAL.txt in the extract says what is
what. The same seed gives the same files, whatever the number of threads.

Example: locum simulate aurum --patients 20000 --seed 1 --out extract"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def simulate() -> None:
    """Make artificial records of general practice, from published figures alone."""


@app.command(help=AURUM_HELP)
def aurum(
    patients: Annotated[int, typer.Option(min=1, help="How many patients.")],
    out: Annotated[Path, typer.Option(help="Directory for the extract; it appears whole or not at all.")],
    seed: options.Seed = 0,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.atomic import atomic_directory
    from locum.records.artificial import simulate as make

    with console.stages(quiet) as stage, atomic_directory(out, "simulate") as folder:
        name = "drawing artificial patients"
        make(folder, patients, seed, threads, progress=lambda done, of: stage.share(name, done, of))
    if as_json:
        console.machine({"out": str(out), "patients": patients, "seed": seed})
    else:
        console.tell([f"{patients:,} artificial patients in the layout of CPRD Aurum: {out}"], quiet)
