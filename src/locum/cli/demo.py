"""``locum demo``: the main job on a table that comes with locum."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """The main job on a real clinical table, a breast cancer trial of 686 women, ending in a report to open.

Example: locum demo --out demo"""


def demo(
    out: Annotated[Path, typer.Option(help="Directory for the results.")] = Path("demo"),
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.demonstration import demonstrate

    with console.stages(quiet) as stage:
        made = demonstrate(out, seed=seed, stage=stage)
    console.made(made, quiet=quiet, as_json=as_json)
