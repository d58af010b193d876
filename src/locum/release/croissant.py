"""``croissant.json``: the package for machine-learning tools, in Croissant 1.1 with its RAI properties.

Benjelloun et al., "Croissant Format Specification", MLCommons; Jain et al. 2024, "A standardized machine-readable
dataset documentation format for responsible AI". The context below is the one that both prescribe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from locum.release.facts import (
    as_json,
    columns,
    data_files,
    description,
    doi,
    filled,
    nobody,
    people,
    sort_of,
    source,
    statement,
    words,
)
from locum.release.release import Document, File, Release
from locum.variables import Disclosure, Role, Variable

CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]

_OF_CROISSANT = (
    "arrayShape citeAs column containedIn equivalentProperty extract field fileProperty fileObject fileSet format "
    "includes isArray isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace "
    "samplingRate separator source subField transform"
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _OF_CROISSANT.split()},
}
TYPES = {
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
    "string": "sc:Text",
}
RECORDS = "patients"


def write(release: Release, files: Sequence[File]) -> bytes:
    about, (parquet, csv) = release.about, data_files(files)
    publisher = {"@type": "Organization", **filled(name=about.publisher.name, url=about.publisher.url)}
    return as_json(
        {
            "@context": CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": CONFORMS_TO,
            "name": about.title,
            "description": description(release),
            **filled(identifier=doi(release), url=doi(release) or about.publisher.url),
            "version": about.version,
            "datePublished": about.published.isoformat(),
            "license": about.licence.url
            or {"@type": "CreativeWork", "name": about.licence.name, "description": "See LICENCE.txt."},
            "creator": publisher,
            "publisher": publisher,
            "inLanguage": "en",
            "isLiveDataset": False,
            **filled(keywords=["synthetic data", *about.keywords]),
            "citeAs": _citation(release),
            **_responsible(release),
            "distribution": [
                _file(parquet, "application/x-parquet", "The data as Parquet, with their types."),
                _file(csv, "text/csv", "The same rows as CSV."),
            ],
            "recordSet": [
                {
                    "@type": "cr:RecordSet",
                    "@id": RECORDS,
                    "name": RECORDS,
                    "description": "One record for each artificial patient.",
                    # Croissant has no type for lengths of time, and its reader fails on one.
                    "field": [
                        _field(v, c.type, parquet)
                        for v, c in columns(release)
                        if not pa.types.is_duration(c.type)
                    ],
                }
            ],
        }
    )


def _file(file: File, media: str, what: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "description": what,
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": media,
        "sha256": file.sha256,
    }


def _field(variable: Variable, kind: pa.DataType, parquet: File) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{RECORDS}/{quote(variable.name, safe='')}",
        "name": variable.name,
        "description": words(variable),
        "dataType": TYPES[sort_of(kind)],
        "source": {"fileObject": {"@id": parquet.path}, "extract": {"column": variable.name}},
    }


def _citation(release: Release) -> str:
    about = release.about
    entries = filled(
        title=about.title,
        author=f"{{{about.publisher.name}}}",
        year=str(about.published.year),
        version=about.version,
        doi=about.identifier,
        url=doi(release) or about.publisher.url,
        note="Synthetic data",
    )
    body = ", ".join(f"{key} = {{{value}}}" for key, value in entries.items())
    return f"@misc{{{about.name}-{about.version}, {body}}}"


def _responsible(release: Release) -> dict[str, Any]:
    """What holds of synthetic data, and of these. Nothing is said of annotators, for there were none."""
    about, evaluated = release.about, release.evidence.metrics.about
    origin = source(release)
    learned = f"{evaluated.train_patients} {people(release, evaluated.train_patients)}"
    named = [v for v, _ in columns(release)]
    sensitive = [v.name for v in named if v.disclosure is not Disclosure.NONE]
    known = [v.name for v in named if v.role is Role.QUASI_IDENTIFIER]
    missing = evaluated.made.get("Missing values")
    entries = filled(
        dataCollection=f"Nothing was collected from people for these rows: a model drew them. It learned from {learned}"
        + (f". Their source: {origin}" if origin else ""),
        dataCollectionType=["Others"],
        dataCollectionMissingData="Values are missing as the model found them missing: an empty cell, or the raw value "
        "that the field's description names." + (f" Setting: {missing}." if missing else ""),
        dataPreprocessingProtocol=[
            f"Levels held by fewer than {release.evidence.variables.k} patients were folded into others.",
            "Columns that identify a person were left out before anything was learned.",
        ],
        dataBiases=[
            "Groups that are under-represented in the source are under-represented here.",
            "How well each group is served stands in evidence/report.html.",
        ],
        dataUseCases=list(about.intended),
        dataLimitations=[
            statement(release),
            "What a conclusion is worth must be confirmed on real data before it bears on patients.",
            *about.misuse,
        ],
        personalSensitiveInformation=[
            f"{nobody(release)} The risk that rows disclose something of a real patient was measured; see "
            "evidence/report.html.",
            *([f"Sensitive variables: {', '.join(sensitive)}."] if sensitive else []),
            *([f"Variables that outsiders may know of a person: {', '.join(known)}."] if known else []),
        ],
        dataReleaseMaintenancePlan="A change is a new version with its changelog. A release that is withdrawn says so "
        "in WITHDRAWN.md.",
    )
    return {f"rai:{key}": value for key, value in entries.items()}


DOCUMENTS = (
    Document(
        "croissant.json",
        "application/ld+json",
        "The dataset described for machine-learning tools (Croissant 1.1).",
        write,
    ),
)
