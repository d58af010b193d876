"""``locum generate``: draw artificial patients from a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from locum.cli import console, options
from locum.errors import UsageError

if TYPE_CHECKING:
    from locum.model import Drawn

MOST_SETS = 10_000

HELP = """Draw artificial patients from a model.

Example: locum generate model.json --rows 10000 --out synthetic.parquet"""


def generate(
    model: Annotated[Path, typer.Argument(help="Model file that locum fit wrote.")],
    rows: Annotated[int, typer.Option(min=1, help="How many artificial patients.")],
    out: Annotated[Path, typer.Option(help="Where to write them: .parquet, .csv or .csv.gz.")],
    sets: Annotated[
        int,
        typer.Option(min=1, max=MOST_SETS, help="Independent sets; several are numbered NAME-1, NAME-2, ..."),
    ] = 1,
    where: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help='Only patients who fit, such as "age >= 65 and diabetes".'),
    ] = None,
    boost: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EXPR=FACTOR",
            help="Draw those who fit FACTOR times as often, and add weights that undo it; repeatable.",
        ),
    ] = None,
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
    boosted = _factors(boost or [])
    stem, _, ending = out.name.partition(".")
    paths = [out] if sets == 1 else [out.with_name(f"{stem}-{i + 1}.{ending}") for i in range(sets)]
    for path in paths:
        check_file(path)
    draws: list[Drawn] = []
    with console.stages(quiet) as stage:
        stage("reading the model")
        learned = Model.load(model)
        with atomic_paths(paths) as temporaries:  # all the sets or none
            for part, temporary in enumerate(temporaries):
                name = "drawing" if sets == 1 else f"drawing set {part + 1} of {sets}"
                stage(name)
                drawn = learned.draw(
                    rows,
                    where=where,
                    boost=boosted,
                    seed=seed,
                    part=part,
                    threads=threads,
                    progress=partial(stage.share, name),
                )
                write_table(drawn.table, temporary)
                draws.append(drawn)
    console.notices(tuple(dict.fromkeys(notice for drawn in draws for notice in drawn.notices)), quiet)
    if as_json:
        told: dict[str, object] = {"files": [str(p) for p in paths], "rows": rows, "seed": seed}
        if where is not None or boosted:
            told["effective"] = [round(d.effective or rows, 1) for d in draws]
        if where is not None:
            told |= {"where": where, "chance": [float(f"{d.chance or 0:.4g}") for d in draws]}
        if boosted:
            told |= {"boost": boosted, "weight": draws[0].table.column_names[-1]}
        console.machine(told)
    else:
        console.tell(
            [f"{p}: {rows:,} artificial patients{_how(d)}" for p, d in zip(paths, draws, strict=True)], quiet
        )


def _factors(boost: list[str]) -> dict[str, float]:
    """The condition and factor of each --boost. Raises UsageError."""
    found: dict[str, float] = {}
    for text in boost:
        condition, _, factor = text.rpartition("=")
        try:
            number = float(factor)
        except ValueError:
            number = 0.0
        if not condition.strip() or not 0 < number < float("inf"):
            raise UsageError(
                f'--boost "{text}" does not end in = and a factor; write one such as "diabetes=3"'
            )
        if condition.strip() in found:
            raise UsageError(f'--boost gives "{condition.strip()}" two factors; keep one')
        found[condition.strip()] = number
    return found


def _how(drawn: Drawn) -> str:
    """What a condition and groups make of the patients, in words."""
    if drawn.effective is None:
        return ""
    fit = "" if drawn.chance is None else f", given what {drawn.chance:.2%} of the model's patients fit"
    return f"{fit}; worth {drawn.effective:,.0f} independent ones"
