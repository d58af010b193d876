"""``hdruk.json``: the dataset for the Health Data Research Gateway, in HDR UK's dataset schema 4.1.0.

The schema is published by HDR UK ("schemata", HDRUK 4.1.0). Lengths are its own; what this package does not know of
(places, waiting times, samples) is left out, as the schema allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from locum.release.dcat import ACCESS
from locum.release.facts import (
    CSV,
    PARQUET,
    as_json,
    columns,
    dates_covered,
    description,
    doi,
    filled,
    people,
    sort_of,
    source,
    statement,
    words,
)
from locum.release.release import Document, File, Release
from locum.variables import Disclosure

TITLE, ABSTRACT, NAME, LONG, CELL = 150, 500, 50, 10_000, 20_000


def write(release: Release, files: Sequence[File]) -> bytes:
    about, evaluated = release.about, release.evidence.metrics.about
    rows = release.evidence.table.num_rows
    moment = f"{about.published.isoformat()}T00:00:00Z"
    page = doi(release) or about.publisher.url
    learned = f"{people(release).capitalize()} whom the model learned from"
    return as_json(
        {
            "identifier": doi(release),
            "version": about.version,
            "revisions": [{"version": release.changes.before}] if release.changes else [],
            "issued": moment,
            "modified": moment,
            "summary": _summary(release, rows),
            "documentation": {"description": cut(description(release), LONG), "inPipeline": "Available"},
            **filled(provenance=_provenance(release)),
            "accessibility": _accessibility(release),
            **filled(enrichmentAndLinkage=_derived(release)),
            "observations": [
                _observed(
                    rows, "Artificial patients: the rows of this dataset.", about.published.isoformat()
                ),
                _observed(
                    evaluated.train_patients,
                    f"{learned}. None of their records is in this dataset.",
                    about.published.isoformat(),
                ),
            ],
            "structuralMetadata": {
                "tables": [
                    {
                        "name": about.name,
                        "description": cut(statement(release), CELL),
                        "columns": _columns(release),
                    }
                ],
                **filled(syntheticDataWebLink=[page] if page else []),
            },
        }
    )


def cut(text: str, most: int) -> str:
    """TEXT, or as much of it as has room."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _summary(release: Release, rows: int) -> dict[str, Any]:
    about, publisher = release.about, release.about.publisher
    return {
        "title": cut(about.title, TITLE),
        "abstract": cut(statement(release), ABSTRACT),
        "dataCustodian": {
            "identifier": publisher.url
            if publisher.url and len(publisher.url) <= NAME
            else cut(publisher.name, NAME),
            "name": cut(publisher.name, TITLE),
            "contactPoint": publisher.email,
        },
        "populationSize": rows,
        "keywords": [cut(word, TITLE) for word in ("synthetic data", *about.keywords) if len(word) > 1],
        **filled(doiName=about.identifier),
        "contactPoint": publisher.email,
    }


def _provenance(release: Release) -> dict[str, Any] | None:
    """None where the table has no dates: the schema asks for the first day."""
    covered = dates_covered(release)
    if covered is None:
        return None
    return {
        "origin": {
            "purpose": ["Other"],
            "datasetType": [{"name": "Health and disease", "subTypes": None}],
            "source": ["Machine generated"],
        },
        "temporal": {
            "publishingFrequency": "Static",
            "distributionReleaseDate": release.about.published.isoformat(),
            "startDate": covered[0],
            "endDate": covered[1],
            "timeLag": "Not applicable",
        },
    }


def _accessibility(release: Release) -> dict[str, Any]:
    publisher = release.about.publisher
    where = f" Apply at {publisher.url}." if publisher.url else f" Apply to {publisher.name}."
    return {
        "usage": {
            "dataUseRequirements": ["Project-specific restrictions", "User-specific restriction"],
            "resourceCreator": cut(publisher.name, 1000),
        },
        "access": {
            "accessRights": f"An application is needed. {ACCESS}{where}",
            "accessServiceCategory": "Direct access",
            "accessService": "A package to download, with its data dictionary and evidence.",
            "dataController": publisher.name,
            "dataProcessor": "Not Applicable",
        },
        "formatAndStandards": {
            "vocabularyEncodingScheme": ["LOCAL"],
            "conformsTo": ["LOCAL"],
            "language": ["en"],
            "format": [CSV, PARQUET],
        },
    }


def _derived(release: Release) -> dict[str, Any] | None:
    said = source(release)
    return {"derivedFrom": [{"title": cut(said, TITLE)}]} if len(said) > 1 else None


def _observed(count: int, what: str, day: str) -> dict[str, Any]:
    return {
        "observedNode": "Persons",
        "measuredValue": count,
        "disambiguatingDescription": what,
        "observationDate": day,
        "measuredProperty": "Count",
    }


def _columns(release: Release) -> list[dict[str, Any]]:
    return [
        {
            "name": variable.name,
            "dataType": sort_of(values.type),
            "description": cut(words(variable), CELL),
            "sensitive": variable.disclosure is not Disclosure.NONE,
            **filled(values=[{"name": level} for level in variable.levels]),
        }
        for variable, values in columns(release)
    ]


DOCUMENTS = (
    Document(
        "hdruk.json",
        "application/json",
        "The dataset described for the Health Data Research Gateway (HDR UK schema 4.1.0).",
        write,
    ),
)
