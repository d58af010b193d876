"""The command ``locum`` and its commands. What they need is imported when they run, so that ``--help`` is quick."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from locum.cli import (
    demo,
    describe,
    evaluate,
    extract,
    fit,
    generate,
    keys,
    load,
    mark,
    release,
    report,
    run,
    simulate,
    synthesize,
    trace,
    verify,
    withdraw,
)
from locum.errors import UsageError


class _Commands(TyperGroup):
    """The commands; none takes an empty argument, which as a path would be the directory one is in."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for before, argument in pairwise(["locum", *args]):
            if option := re.fullmatch(r"(--[a-z-]+)=|", argument):
                raise UsageError(f"what follows {option[1] or before} is empty; say what it is to be")
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="locum",
    cls=_Commands,
    help="Learn from clinical records, generate artificial patients, and prove how faithful and private they are.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from locum.version import VERSION

        typer.echo(f"locum {VERSION}")
        raise typer.Exit


@app.callback()
def locum(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Learn from clinical records, generate artificial patients, and prove how faithful and private they are."""


app.command(help=demo.HELP)(demo.demo)
app.command(help=run.HELP)(run.run)
app.add_typer(simulate.app, name="simulate", help=simulate.HELP)
app.command(help=load.HELP)(load.load)
app.command(help=extract.HELP)(extract.extract)
app.command(help=describe.HELP)(describe.describe)
app.command(help=fit.HELP)(fit.fit)
app.command(help=generate.HELP)(generate.generate)
app.command(help=evaluate.HELP)(evaluate.evaluate)
app.command(help=report.HELP)(report.report)
app.command(help=synthesize.HELP)(synthesize.synthesize)
app.command(help=release.HELP)(release.release)
app.command(help=verify.HELP)(verify.verify)
app.command(help=withdraw.HELP)(withdraw.withdraw)
app.command(help=mark.HELP)(mark.mark)
app.command(help=trace.HELP)(trace.trace)
app.add_typer(keys.app, name="keys", help=keys.HELP)
