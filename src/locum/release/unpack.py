"""A release as its package tells it."""

from __future__ import annotations

from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ValidationError

from locum.cohorts.attrition import Attrition
from locum.errors import BadInput
from locum.evaluate.metrics import Metrics
from locum.network.graph.schema import Graph
from locum.release.about import About
from locum.release.changes import Changes
from locum.release.contents import Contents, read, told
from locum.release.decision import Decision
from locum.release.derivation import NAME as DERIVATION
from locum.release.derivation_schema import Derivation
from locum.release.evidence_files import ABOUT, ATTRITION, DECISION, GRAPH, METRICS, VARIABLES
from locum.release.release import Evidence, Release
from locum.variables import from_toml

Shape = TypeVar("Shape", bound=BaseModel)


def release_of(contents: Contents) -> Release:
    """What the package was written from. It is taken at its word: verify it first.

    Raises BadInput when a file is not there, or is of another version of locum.
    """
    about = _shaped(About, contents, ABOUT)
    path = f"data/{about.name}.parquet"
    parquet = data(contents, path)
    try:
        table = pq.ParquetFile(pa.BufferReader(parquet)).read()
    except (pa.ArrowException, OSError):
        raise BadInput(
            f"{contents.name}: {path} is damaged; get the package anew from its publisher"
        ) from None
    return Release(
        about=about,
        evidence=Evidence(
            table=table,
            parquet=parquet,
            variables=from_toml(
                read(contents, VARIABLES).decode(errors="replace"), f"{contents.name}: {VARIABLES}"
            ),
            metrics=_shaped(Metrics, contents, METRICS),
            graph=_optional(Graph, contents, GRAPH),
            attrition=_optional(Attrition, contents, ATTRITION),
            sha256={},
        ),
        decision=_shaped(Decision, contents, DECISION),
        changes=_optional(Changes, contents, "changes.json"),
        derivation=_optional(Derivation, contents, DERIVATION),
    )


def data(contents: Contents, path: str) -> bytes:
    """A file of data, however large. Raises BadInput when it is not there."""
    if path not in contents.paths:
        raise BadInput(f"{contents.name} has no {path}; get the package anew from its publisher")
    with told(contents, path), contents.seekable(path) as file:
        return file.read()


def _shaped(shape: type[Shape], contents: Contents, path: str) -> Shape:
    found = _optional(shape, contents, path)
    if found is None:
        raise BadInput(
            f"{contents.name} has no {path}; it was written by another version of locum, or it is not whole"
        )
    return found


def _optional(shape: type[Shape], contents: Contents, path: str) -> Shape | None:
    if path not in contents.paths:
        return None
    try:
        return shape.model_validate_json(read(contents, path))
    except ValidationError:
        raise BadInput(
            f"{contents.name}: {path} does not have the shape that this version of locum reads"
        ) from None
