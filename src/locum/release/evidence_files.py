"""The evidence as it stands in the package: what was measured, of which declaration, and what the gate decided."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from locum.release.release import Document, Release, Write
from locum.report import render
from locum.variables import to_toml

FOLDER = "evidence"
REPORT = f"{FOLDER}/report.html"
METRICS, DECISION, VARIABLES, GRAPH, ATTRITION, ABOUT = (
    f"{FOLDER}/{name}"
    for name in (
        "metrics.json",
        "decision.json",
        "variables.toml",
        "graph.json",
        "attrition.json",
        "about.json",
    )
)


def as_json(part: Callable[[Release], BaseModel | None]) -> Write:
    """Writes a part of the release as `locum synthesize` does, the same bytes; nothing where there is none."""

    def write(release: Release, files: object) -> bytes:
        found = part(release)
        return b"" if found is None else (found.model_dump_json(indent=1) + "\n").encode()

    return write


def _report(release: Release, files: object) -> bytes:
    evidence = release.evidence
    page = render(
        evidence.metrics,
        title=release.about.title,
        subtitle=f"{release.about.name} {release.about.version}",
        attrition=evidence.attrition,
        graph=evidence.graph,
    )
    return page.encode()


def _variables(release: Release, files: object) -> bytes:
    return to_toml(release.evidence.variables).encode()


_JSON = "application/json"

DOCUMENTS = (
    Document(REPORT, "text/html", "The evaluation, to read", _report),
    Document(METRICS, _JSON, "The evaluation, for programs", as_json(lambda r: r.evidence.metrics)),
    Document(DECISION, _JSON, "What the gate asked, found and decided", as_json(lambda r: r.decision)),
    Document(VARIABLES, "application/toml", "The declaration of the variables", _variables),
    Document(
        GRAPH,
        _JSON,
        "How the variables depend on each other",
        as_json(lambda r: r.evidence.graph),
    ),
    Document(
        ATTRITION, _JSON, "How many patients each step left, about", as_json(lambda r: r.evidence.attrition)
    ),
    Document(ABOUT, _JSON, "What the publisher says of the release", as_json(lambda r: r.about)),
)
