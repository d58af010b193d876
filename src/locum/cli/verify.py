"""``locum verify``: is a package whole, who made it, and what may it be used for?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Check a package, a directory or a zip, and say in words what it is and what it may be used for.

Checks the signature, every file's hash, that nothing is missing or added, and that the data are what the dictionary and
the evaluation speak of. Exits 3 with one line when something does not hold.

Example: locum verify cvd-1.0.0.zip --key custodian.key.pub"""


def verify(
    package: Annotated[Path, typer.Argument(help="The package: its directory or its zip.")],
    key: Annotated[
        str | None,
        typer.Option(
            metavar="PUBLIC",
            help="The publisher's public key, or its file. Without it the key in the package is trusted, which proves "
            "that the package is whole, not who made it.",
        ),
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli.faults import printable
    from locum.release.keys import public_key
    from locum.release.verified import as_dict, said
    from locum.release.verify import verify as check

    trusted = None if key is None else public_key(key)
    with console.stages(quiet) as stage:
        stage("checking")
        found = check(package, trusted)
    if as_json:
        console.machine(as_dict(found))
    else:
        console.tell([printable(line) for line in said(found)], quiet)
