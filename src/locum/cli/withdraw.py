"""``locum withdraw``: say of a release that it is not to be used any more."""

from __future__ import annotations

from datetime import date as day
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Write a package again with word that it is withdrawn: by whom, when and why. It is signed anew.

Publish the new package in place of the old one. locum verify tells everyone who checks it.

Example: locum withdraw cvd-1.0.0 --reason "Ages are wrong" --by "A. Reviewer" --key custodian.key --out withdrawn"""


def withdraw(
    package: Annotated[Path, typer.Argument(help="The package: its directory or its zip.")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence that everyone will read.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who withdraws it.")],
    key: Annotated[Path, typer.Option(metavar="F", help="The secret key that signs, that of the release.")],
    out: Annotated[Path, typer.Option(help="Directory for the new package; a zip is written beside it.")],
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; today when left out.")
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli import passwords
    from locum.release.keys import read_secret
    from locum.release.package import check_out
    from locum.release.seal import beside
    from locum.release.withdraw import withdraw as make

    check_out(out, package)
    secret = read_secret(key, lambda: passwords.of(key))
    when = day.today() if date is None else date.date()
    with console.stages(quiet) as stage:
        stage("writing")
        found = make(package, out, by=by, reason=reason, date=when, secret=secret)
    if found.key != secret.public.id:
        before = f"signed with the key {found.key}" if found.key else "not signed"
        console.notices(
            [
                f"the release was {before}, its withdrawal is signed with {secret.public.id}; tell who checks it"
            ],
            quiet,
        )
    if as_json:
        files = {"package": str(out), "archive": str(beside(out))}
        console.machine(
            {**files, "withdrawn": found.folder, "date": when.isoformat(), "key_id": secret.public.id}
        )
        return
    console.tell([f"{found.folder} is withdrawn: {out} and {beside(out)}"], quiet)
