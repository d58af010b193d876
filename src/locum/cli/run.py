"""``locum run``: a whole study as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Carry out a whole study: records, cohorts, models, artificial patients, evidence, and a page that leads to it.

After an interrupt the same command goes on where it was; a stage is done again only when something that it depends on
has changed.

Example: locum run study.toml"""


def run(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="The study.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Directory for the results; the file's name without its ending, beside it."),
    ] = None,
    memory: options.Memory = "4GB",
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.study.run import run as carry_out

    with console.stages(quiet) as stage, console.kept():
        results = carry_out(study, out, threads=threads, memory=options.memory(memory), stage=stage)
    console.studied(results, quiet=quiet, as_json=as_json)
