"""``datapackage.json``: the tables with their types, limits and missing values, as a Data Package (version 2).

Frictionless Data, "Data Package Standard" 2.0 (2024): datapackage.org. The CSV file is described cell by cell; the
Parquet file, which carries its own types, by its size and hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from locum.release.facts import (
    PARQUET,
    Sort,
    as_json,
    columns,
    data_files,
    description,
    doi,
    filled,
    identifier,
    sort_of,
    source,
)
from locum.release.release import Document, File, Release
from locum.variables import NOT_RECORDED, OTHER, Kind, Variable

PROFILE = "https://datapackage.org/profiles/2.0"
ISO, MOMENT = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"


def write(release: Release, files: Sequence[File]) -> bytes:
    about, (parquet, csv) = release.about, data_files(files)
    licence = filled(
        name="LicenseRef-locum-synthetic",
        title=about.licence.name,
        path=about.licence.url or "LICENCE.txt",
    )
    publisher = filled(
        title=about.publisher.name,
        path=about.publisher.url,
        email=about.publisher.email,
        organization=about.publisher.name,
        role="publisher",
        roles=["publisher"],
    )
    return as_json(
        {
            "$schema": f"{PROFILE}/datapackage.json",
            "name": about.name.lower(),
            "id": identifier(release, files),
            "title": about.title,
            "description": description(release),
            **filled(homepage=doi(release) or about.publisher.url),
            "version": about.version,
            "created": f"{about.published.isoformat()}T00:00:00Z",
            "keywords": ["synthetic data", *about.keywords],
            "licenses": [licence],
            **filled(sources=_sources(release)),
            "contributors": [publisher],
            "resources": [
                {
                    **_resource(csv, about.name.lower(), "csv", "text/csv", "The rows as CSV."),
                    "type": "table",
                    "encoding": "utf-8",
                    "schema": {
                        "$schema": f"{PROFILE}/tableschema.json",
                        "fields": [field(variable, values) for variable, values in columns(release)],
                        "missingValues": [""],
                    },
                },
                {
                    **_resource(
                        parquet, f"{about.name.lower()}-parquet", "parquet", PARQUET, "The same as Parquet."
                    ),
                    "type": "file",
                },
            ],
        }
    )


def _sources(release: Release) -> list[dict[str, str]]:
    said = source(release)
    return [{"title": f"Learned from, not part of the package: {said}"}] if said else []


def _resource(file: File, name: str, ending: str, media: str, what: str) -> dict[str, Any]:
    return {
        "name": name,
        "path": file.path,
        "description": what,
        "format": ending,
        "mediatype": media,
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }


def field(variable: Variable, values: pa.ChunkedArray) -> dict[str, Any]:
    """How a column of the CSV file is read. missingReasons: of ours, what each missing value means."""
    sort, written = _written(variable, values.type)
    raws = {raw: reason for reason in variable.missing for raw in variable.missing[reason]}
    texts = {text: reason for raw, reason in raws.items() for text in _as_written(raw, values.type)}
    levels = _levels(variable, values, sort)
    return {
        "name": variable.name,
        "type": sort,
        **written,
        **filled(description=variable.description, unit=variable.unit),
        "missingValues": ["", *texts],
        "missingReasons": {"": NOT_RECORDED, **texts},
        **filled(
            categories=levels if variable.kind is Kind.ORDINAL else None,
            categoriesOrdered=True if levels and variable.kind is Kind.ORDINAL else None,
            constraints=filled(enum=levels) or _range(variable, values.type, sort),
        ),
        "kind": str(variable.kind),
        "role": str(variable.role),
        "disclosure": str(variable.disclosure),
    }


def _written(variable: Variable, kind: pa.DataType) -> tuple[Sort, dict[str, Any]]:
    """The type of the cells, and the format that they are written in."""
    sort = sort_of(kind)
    if sort == "string" and variable.kind in (Kind.COUNT, Kind.CONTINUOUS):
        return "number", {}
    if sort == "string" and variable.kind is Kind.DATE:
        pattern = variable.date_format or ISO
        timed = any(part in pattern for part in ("%H", "%I", "%M", "%S", "%T", "%R", "%c", "%X"))
        return ("datetime" if timed else "date"), {"format": pattern}
    if sort == "boolean":
        return sort, {"trueValues": ["true"], "falseValues": ["false"]}
    if sort == "datetime":
        unit = kind.unit if pa.types.is_timestamp(kind) else "s"
        if unit == "ns":  # more digits than the patterns of dates know
            return sort, {"format": "any"}
        return sort, {"format": f"{MOMENT}{'' if unit == 's' else '.%f'}{'Z' if kind.tz else ''}"}
    return sort, {}


def _as_written(raw: str, kind: pa.DataType) -> tuple[str, ...]:
    """How the CSV file writes the raw value of a missing reason."""
    if sort_of(kind) == "datetime":
        return (raw, *(f"{raw}T00:00:00{end}" for end in ("", ".000", ".000000", "Z", ".000Z", ".000000Z")))
    if sort_of(kind) not in ("integer", "number"):
        return (raw,)
    try:
        number = float(raw)
    except ValueError:  # the column cannot hold it
        return (raw,)
    return tuple(dict.fromkeys((raw, np.format_float_positional(number, trim="-"))))


def _levels(variable: Variable, values: pa.ChunkedArray, sort: Sort) -> list[Any]:
    """The values that a cell may have; nothing where any may, and for truth values."""
    if not variable.kind.has_levels or sort in ("boolean", "date", "datetime"):
        return []
    if sort == "integer":
        return [int(float(level)) for level in variable.levels]
    if sort == "number":
        return [float(level) for level in variable.levels]
    return [*variable.levels, *([OTHER] if OTHER not in variable.levels and _has(values, OTHER) else [])]


def _has(values: pa.ChunkedArray, text: str) -> bool:
    if pa.types.is_dictionary(values.type):
        return any(text in chunk.dictionary.to_pylist() for chunk in values.chunks)
    return bool(pc.any(pc.equal(values, text)).as_py())


def _range(variable: Variable, kind: pa.DataType, sort: Sort) -> dict[str, Any]:
    """The declared limits, between which every value is drawn; not of lengths of time, declared in days."""
    if not variable.kind.is_numeric or pa.types.is_duration(kind):
        return {}
    ends = {"minimum": variable.low, "maximum": variable.high}
    return {name: _end(end, variable, sort) for name, end in ends.items() if end is not None}


def _end(end: float, variable: Variable, sort: Sort) -> Any:
    if variable.kind is Kind.DATE:
        moment = np.datetime64(0, "s") + np.timedelta64(round(end * 86_400), "s")
        pattern = variable.date_format or ISO
        shown = moment.astype("datetime64[s]").item()
        return shown.strftime(pattern if sort == "date" else MOMENT)
    return int(end) if float(end).is_integer() else end


DOCUMENTS = (
    Document(
        "datapackage.json",
        "application/json",
        "The tables with their types, limits and missing values (Data Package 2).",
        write,
    ),
)
