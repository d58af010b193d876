"""``locum mark``: one recipient's copy of a package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Write one recipient's copy of a package, by which a leaked table can be traced to whom it was given.

A copy lacks some of the rows, others for each recipient. No value is changed; the copy says openly what it is. Keep the
package itself, its key, and the list of recipients: locum trace needs them.

Example: locum mark cvd-1.0.0 --recipient "Northtown University" --key custodian.key --out northtown/cvd-1.0.0"""


def mark(
    package: Annotated[Path, typer.Argument(help="The package: its directory or its zip.")],
    recipient: Annotated[str, typer.Option(metavar="NAME", help="To whom the copy is given.")],
    key: Annotated[
        Path, typer.Option(metavar="F", help="The secret key that signed the package; it signs the copy too.")
    ],
    out: Annotated[Path, typer.Option(help="Directory for the copy; a zip is written beside it.")],
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli import passwords
    from locum.release.fingerprint import called
    from locum.release.keys import read_secret
    from locum.release.mark import mark as make
    from locum.release.package import check_out

    check_out(out, package)
    secret = read_secret(key, lambda: passwords.of(key))
    with console.stages(quiet) as stage:
        stage("writing")
        made = make(package, out, recipient=recipient, secret=secret)
    if as_json:
        console.machine(
            {
                "package": str(made.folder),
                "archive": str(made.archive),
                "copy_for": called(recipient),
                "key_id": made.key,
            }
        )
        return
    console.tell([f"copy for {called(recipient)}: {made.folder} and {made.archive}"], quiet)
