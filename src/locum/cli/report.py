"""``locum report``: draw the report again from metrics.json."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from locum.cli import console, options

HELP = """Draw the report from metrics.json, as HTML or PDF, or one that compares several. It needs no patient's row.

Example: locum report evidence --out report.html

Example: locum report balanced strict --out comparison.html"""


def report(
    metrics: Annotated[
        list[Path], typer.Argument(help="metrics.json, or a directory that holds one; several to compare.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write it: .html or .pdf.")],
    title: Annotated[str | None, typer.Option(help="Title of the page; as before when left out.")] = None,
    quiet: options.Quiet = False,
    as_json: options.Json = False,
) -> None:
    from locum.atomic import atomic_path, check_file
    from locum.errors import BadInput
    from locum.report import load_attrition, load_graph, load_metrics, render, render_comparison, to_pdf

    if out.suffix not in (".html", ".pdf"):
        raise BadInput(f"{out} does not end in .html or .pdf; name it so")
    check_file(out)
    measured = [load_metrics(path) for path in metrics]
    if len(measured) == 1:
        page = render(
            measured[0],
            title=title or measured[0].about.title or _folder(metrics[0]).name,
            attrition=load_attrition(metrics[0]),
            graph=load_graph(metrics[0]),
        )
    else:
        sets = list(zip(_names(metrics), measured, strict=True))
        page = render_comparison(sets, title=title or "Which synthetic table?")
    with console.stages(quiet) as stage, atomic_path(out) as temporary:
        stage("writing")
        temporary.write_bytes(to_pdf(page) if out.suffix == ".pdf" else page.encode())
    verdicts = [m.verdict.model_dump(mode="json") for m in measured]
    if as_json:
        found = {"verdict": verdicts[0]} if len(verdicts) == 1 else {"verdicts": verdicts}
        console.machine({"report": str(out), **found})
    else:
        console.tell([f"report: {out}"], quiet)


def _folder(path: Path) -> Path:
    return (path if path.is_dir() else path.parent).resolve()


def _names(paths: list[Path]) -> list[str]:
    """The names of their folders, with those of the folders around them where they are not all different."""
    found = [_folder(path) for path in paths]
    names = [folder.name for folder in found]
    if len(set(names)) < len(names):
        names = [f"{folder.parent.name}/{folder.name}" for folder in found]
    return names
