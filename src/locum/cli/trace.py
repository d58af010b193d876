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
    from dataclasses import asdict

    from locum.cli import passwords
    from locum.records.tables import read_table
    from locum.release.keys import read_secret
    from locum.release.mark import recipients_of, trace_to

    names = [*recipients_of(recipients), *(recipient or [])]
    secret = read_secret(key, lambda: passwords.of(key))
    with console.stages(quiet) as stage:
        stage("comparing")
        found = trace_to(read_table(leaked), package, names, secret)
    if as_json:
        console.machine(asdict(found))
        return
    told = f"{found.matched:,} of {found.rows:,} rows are of the dataset, by {len(found.columns)} columns"
    if found.named is None:
        console.tell([told, "this does not tell whose copy it is"], quiet)
    else:
        console.tell([told, f"it was taken from the copy of: {found.named}"], quiet)
    console.tell(
        [
            f"  {one.recipient}: its copy lacks {one.lacking:,.1f} of these rows; "
            f"chance of somebody innocent {one.chance:.1g}"
            for one in found.suspects[:SHOWN]
        ],
        quiet,
    )
