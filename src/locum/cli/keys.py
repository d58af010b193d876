"""``locum keys``: the pair of keys by which others know who made a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Make and show the keys that sign releases. Their files are those of minisign.

Example: locum keys new --out custodian.key"""

NEW_HELP = """Make a pair of keys: F, which signs and stays secret, and F.pub, which you give to everyone.

The password is asked for, or taken from LOCUM_KEY_PASSWORD. Keep F and its password apart, and a copy of each.

Example: locum keys new --out custodian.key"""

SHOW_HELP = """Show the public key and the id of a key, given the file of either half.

Example: locum keys show custodian.key.pub"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """Make and show the keys that sign releases."""


@app.command(help=NEW_HELP)
def new(
    out: Annotated[
        Path, typer.Option(metavar="F", help="File for the secret key; F.pub holds the public one.")
    ],
    no_password: Annotated[
        bool,
        typer.Option("--no-password", help="Write the secret key unencrypted: who has the file can sign."),
    ] = False,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli import passwords
    from locum.release.keys import free, write_pair

    public = free(out)  # before anyone types a password
    key = write_pair(out, None if no_password else passwords.new())
    if as_json:
        found = {"secret_key": str(out), "public_key_file": str(public), "encrypted": not no_password}
        console.machine({"key_id": key.id, "public_key": key.line, **found})
        return
    console.tell(
        [
            f"key id: {key.id}",
            f"secret key: {out}{' (not encrypted)' if no_password else ''}. It must not leave you.",
            f"public key: {public}. Give it to everyone who is to check your releases:",
            f"  {key.line}",
        ],
        quiet,
    )


@app.command(help=SHOW_HELP)
def show(
    file: Annotated[Path, typer.Argument(metavar="F", help="A secret or a public key.")],
    as_json: options.Json = False,
) -> None:
    from locum.cli import passwords
    from locum.release.keys import read_any

    key, secret = read_any(file, lambda: passwords.of(file))
    if as_json:
        console.machine({"key_id": key.id, "public_key": key.line, "of": "secret" if secret else "public"})
        return
    console.tell([f"key id: {key.id}", f"public key: {key.line}"], quiet=False)
