"""``locum release``: the gate, and the package that a dataset which passes it becomes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Let a dataset pass the gate and pack it: the artificial rows, the evidence on them, and what describes them.

Reads what locum synthesize, or a cohort of locum run, left in DIR, and nothing in its private/. A policy says what the
evidence must keep to; what it does not keep to needs a named person, or is refused (exit code 4, nothing is written).

Example: locum release study --out packages --publisher "Our trust" --key locum.key"""


def release(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with the artificial rows and their evidence.")
    ],
    out: Annotated[Path, typer.Option(metavar="PACKAGE", help="Where the package is written to.")],
    key: Annotated[
        Path | None, typer.Option(metavar="F", help="The secret key that signs it; see locum keys.")
    ] = None,
    about: Annotated[
        Path | None,
        typer.Option(metavar="F", help="release.toml: name, title, version, publisher, intended use."),
    ] = None,
    publisher: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help='Who publishes and answers for it: "NAME", or "NAME <EMAIL or URL>".'
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="F", help="The conditions of a release; those of locum when left out."),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(metavar="PACKAGE", help="The package of the last version, to say what has changed."),
    ] = None,
    approve: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"NAME: WHY"',
            help="Who answers for what does not hold, and why. Conditions on privacy are named: CHECK,CHECK=NAME: WHY. "
            "Repeatable.",
        ),
    ] = None,
    approved_on: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Day of the approvals; that of publication when left out.",
        ),
    ] = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.cli import passwords
    from locum.release.compare import compare
    from locum.release.declare import declare
    from locum.release.evidence import check_values, read
    from locum.release.gate import NotReleased, approval, judge
    from locum.release.keys import read_secret
    from locum.release.package import check_out, write
    from locum.release.policy import read_policy
    from locum.release.previous import check_follows, read_previous
    from locum.release.release import Release

    check_out(out, previous)
    rules = read_policy(policy)
    with console.stages(quiet) as stage:
        stage("reading the evidence")
        evidence = read(folder)
        said = declare(evidence, folder, about, publisher)
        day = said.published if approved_on is None else approved_on.date()
        approvals = [approval(text, day) for text in approve or []]
        last = None if previous is None else read_previous(previous)
        if last is not None:
            check_follows(said, last)
    try:
        decision = judge(evidence, said, rules, approvals)
    except NotReleased as refused:
        console.refused(refused, as_json=as_json)
        raise
    check_values(evidence, folder)
    secret = None if key is None else read_secret(key, lambda: passwords.of(key))
    with console.stages(quiet) as stage:
        if last is not None:
            stage("comparing with the last release")
        changes = None if last is None else compare(last, said, evidence)
        stage("writing the package")
        package = write(Release(said, evidence, decision, changes), out, secret)
    if not any(file.path == "method.pdf" for file in package.files):
        console.notices(
            ["method.pdf is left out, since it needs WeasyPrint and Pango; run: pip install 'locum[pdf]'"],
            quiet,
        )
    console.released(said, decision, out, quiet=quiet, as_json=as_json)
