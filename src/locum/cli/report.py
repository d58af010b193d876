"""``locum report``: draw the report again from metrics.json."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Draw the report from metrics.json, as HTML or PDF. It needs no patient's row.

Example: locum report evidence --out report.html"""


def report(
    metrics: Annotated[Path, typer.Argument(help="metrics.json, or a directory that holds one.")],
    out: Annotated[Path, typer.Option(help="Where to write it: .html or .pdf.")],
    title: Annotated[str | None, typer.Option(help="Title of the page; as before when left out.")] = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.atomic import atomic_path, check_file
    from locum.errors import BadInput
    from locum.report import load_attrition, load_graph, load_metrics, render, to_pdf

    if out.suffix not in (".html", ".pdf"):
        raise BadInput(f"{out} does not end in .html or .pdf; name it so")
    check_file(out)
    measured = load_metrics(metrics)
    folder = metrics if metrics.is_dir() else metrics.parent
    page = render(
        measured,
        title=title or measured.about.title or folder.resolve().name,
        attrition=load_attrition(metrics),
        graph=load_graph(metrics),
    )
    with console.stages(quiet) as stage, atomic_path(out) as temporary:
        stage("writing")
        temporary.write_bytes(to_pdf(page) if out.suffix == ".pdf" else page.encode())
    if as_json:
        console.machine({"report": str(out), "verdict": measured.verdict.model_dump(mode="json")})
    else:
        console.tell([f"report: {out}"], quiet)
