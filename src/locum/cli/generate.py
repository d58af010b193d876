"""``locum generate``: draw artificial patients from a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Draw artificial patients from a model.

Example: locum generate model.json --rows 10000 --out synthetic.parquet"""


def generate(
    model: Annotated[Path, typer.Argument(help="Model file that locum fit wrote.")],
    rows: Annotated[int, typer.Option(min=1, help="How many artificial patients.")],
    out: Annotated[Path, typer.Option(help="Where to write them: .parquet, .csv or .csv.gz.")],
    sets: Annotated[
        int, typer.Option(min=1, help="Independent sets; several are numbered NAME-1, NAME-2, ...")
    ] = 1,
    seed: options.Seed = 0,
    threads: options.Threads = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from functools import partial

    from locum.atomic import atomic_paths, check_file
    from locum.model import Model
    from locum.records.tables import writable, write_table

    writable(out)
    stem, _, ending = out.name.partition(".")
    paths = [out] if sets == 1 else [out.with_name(f"{stem}-{i + 1}.{ending}") for i in range(sets)]
    for path in paths:
        check_file(path)
    with console.stages(quiet) as stage:
        stage("reading the model")
        learned = Model.load(model)
        with atomic_paths(paths) as temporaries:  # all the sets or none
            for part, temporary in enumerate(temporaries):
                name = "drawing" if sets == 1 else f"drawing set {part + 1} of {sets}"
                stage(name)
                drawn = learned.sample(
                    rows,
                    seed=seed,
                    part=part,
                    threads=threads,
                    progress=partial(stage.share, name),
                )
                write_table(drawn, temporary)
    if as_json:
        console.machine({"files": [str(p) for p in paths], "rows": rows, "seed": seed})
    else:
        console.tell([f"{p}: {rows:,} artificial patients" for p in paths], quiet)
