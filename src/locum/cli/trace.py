"""``locum trace``: whose copy a leaked table was taken from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Tell whose copy a leaked table was taken from, among recipients whose copies locum mark wrote.

Some of its rows and columns are enough, in any order, numbers rounded or not. It names nobody unless it is sure. Copies
that two recipients joined cannot be traced.

Example: locum trace found.csv cvd-1.0.0 --recipients recipients.txt --key custodian.key"""

SHOWN = 5


def trace(
    leaked: Annotated[str, typer.Argument(help="The table that was found: CSV, Parquet, Arrow or DuckDB.")],
    package: Annotated[Path, typer.Argument(help="The package that was copied: its directory or its zip.")],
    key: Annotated[Path, typer.Option(metavar="F", help="The secret key that signed the copies.")],
    recipients: Annotated[
        Path | None, typer.Option(metavar="F", help="File with the name of one recipient in each line.")
    ] = None,
    recipient: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A recipient to ask about. Repeatable.")
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from dataclasses import asdict, replace

    from locum.cli import passwords
    from locum.records.tables import read_table
    from locum.release.keys import read_secret
    from locum.release.mark import recipients_of, trace_to

    names = [*recipients_of(recipients), *(recipient or [])]
    secret = read_secret(key, lambda: passwords.of(key))
    with console.stages(quiet) as stage:
        stage("comparing")
        found = trace_to(read_table(leaked), package, names, secret)
    if not found.able:
        found = replace(found, suspects=())
    if as_json:
        console.machine(asdict(found))
        return
    columns = f"{len(found.columns)} column{'s' if len(found.columns) != 1 else ''}"
    console.tell([f"{found.matched:,} of {found.rows:,} rows occur in the dataset, by {columns}"], quiet)
    if found.named is not None:
        console.tell([f"it was taken from the copy of: {found.named}"], quiet)
    elif found.able:
        console.tell(["this does not tell whose copy it is"], quiet)
    else:
        why = "too few rows that occur there, or too few columns to tell them from others"
        console.tell([f"this cannot tell whose copy it is, if it is one: {why}"], quiet)
    console.tell(
        [
            f"  {one.recipient}: its copy lacks {_whole(one.lacking)} of these rows; "
            f"chance of somebody innocent {one.chance:.1g}"
            for one in found.suspects[:SHOWN]
        ],
        quiet,
    )


def _whole(lacking: float) -> str:
    """As a whole number, about where rows look like several of the dataset, of which a copy lacks some."""
    return f"{lacking:,.0f}" if lacking.is_integer() else f"about {lacking:,.0f}"
