"""``dcat.jsonld``: the dataset for a catalogue, in the terms of DCAT 3 and its European profile DCAT-AP 3.

W3C, "Data Catalog Vocabulary - Version 3" (2024); SEMIC, "DCAT-AP 3.0". Checksums are in the terms of SPDX,
notes on versions in those of ADMS, the making of the data in those of PROV.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from locum.release.facts import (
    CSV,
    PARQUET,
    address,
    as_json,
    data_files,
    dates_covered,
    description,
    doi,
    filled,
    identifier,
    is_artificial,
    source,
    statement,
)
from locum.release.release import Document, File, Release
from locum.version import VERSION

EU = "http://publications.europa.eu/resource/authority"
MEDIA = "https://www.iana.org/assignments/media-types"
ACCESS = "The data are given to those whose application was approved, under the terms in TERMS.md."

CONTEXT: dict[str, Any] = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def write(release: Release, files: Sequence[File]) -> bytes:
    about, publisher = release.about, release.about.publisher
    covered = dates_covered(release)
    email = publisher.email and _id(f"mailto:{publisher.email}")
    home = publisher.url and _id(publisher.url)
    return as_json(
        {
            "@context": CONTEXT,
            "@id": identifier(release, files),
            "@type": "dcat:Dataset",
            "dct:title": _english(about.title),
            "dct:description": _english(description(release)),
            "dct:identifier": about.identifier or identifier(release, files),
            "dct:type": _id(f"{EU}/dataset-type/SYNTHETIC_DATA"),
            "dct:issued": _typed(about.published.isoformat(), "date"),
            "dct:language": _id(f"{EU}/language/ENG"),
            "dct:publisher": {
                "@type": ["foaf:Agent", "foaf:Organization"],
                **filled(**{"foaf:name": publisher.name, "foaf:homepage": home, "foaf:mbox": email}),
            },
            "dcat:contactPoint": {
                "@type": "vcard:Organization",
                **filled(**{"vcard:fn": publisher.name, "vcard:hasEmail": email, "vcard:hasURL": home}),
            },
            "dcat:theme": _id(f"{EU}/data-theme/HEAL"),
            "dcat:keyword": [_english(word) for word in ("synthetic data", *about.keywords)],
            "dct:accessRights": {
                "@id": f"{EU}/access-right/RESTRICTED",
                "@type": "dct:RightsStatement",
                "rdfs:label": _english(ACCESS),
            },
            "dcat:version": about.version,
            "adms:versionNotes": _english(_notes(release)),
            **filled(**{"dcat:landingPage": _id(page) if (page := doi(release) or publisher.url) else None}),
            **({"dct:temporal": _period(*covered)} if covered else {}),
            "dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": _english(_origin(release))},
            "prov:wasGeneratedBy": _activity(release),
            "dcat:distribution": [
                _distribution(release, file, media, what)
                for file, media, what in zip(
                    data_files(files), (PARQUET, CSV), ("The data as Parquet", "The data as CSV"), strict=True
                )
            ],
        }
    )


def _id(uri: str) -> dict[str, str]:
    return {"@id": uri}


def _english(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _typed(text: str, kind: str) -> dict[str, str]:
    return {"@value": text, "@type": f"xsd:{kind}"}


def _period(first: str, last: str) -> dict[str, Any]:
    return {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": _typed(first, "date"),
        "dcat:endDate": _typed(last, "date"),
    }


MOST_NAMED = 12


def _notes(release: Release) -> str:
    """What changed since the last version, in a sentence; CHANGELOG.md tells all of it."""
    changes = release.changes
    if changes is None:
        return "The first version."
    larger = [change.what for change in changes.differences if change.beyond_chance]
    if not larger:
        return f"Nothing differs from {changes.before} by more than chance. See CHANGELOG.md."
    named = ", ".join(larger[:MOST_NAMED]) + (" and more" if len(larger) > MOST_NAMED else "")
    return f"Differs from {changes.before} by more than chance in {named}. See CHANGELOG.md."


def _origin(release: Release) -> str:
    said = source(release)
    return f"{statement(release)}{f' It learned from: {said}.' if said else ''}"


def _activity(release: Release) -> dict[str, Any]:
    """The drawing of the rows: from what, by what. The real rows are named by their hash where that is known."""
    used = getattr(release.evidence.metrics.about, "files", {})
    records = "artificial" if is_artificial(release) else "real"
    return {
        "@type": "prov:Activity",
        "rdfs:label": _english("Drawing artificial patients from a model, and evaluating them"),
        "prov:wasAssociatedWith": {
            "@id": f"pkg:pypi/locum@{VERSION}",
            "@type": ["prov:Agent", "prov:SoftwareAgent"],
            "foaf:name": f"locum {VERSION}",
        },
        **filled(
            **{
                "prov:used": [
                    {
                        "@id": address(used[part]),
                        "@type": "prov:Entity",
                        "rdfs:label": _english(f"{records.capitalize()} rows that {which}"),
                    }
                    for part, which in (("train", "taught the model"), ("holdout", "judged the result"))
                    if part in used
                ]
            }
        ),
    }


def _distribution(release: Release, file: File, media: str, what: str) -> dict[str, Any]:
    licence = release.about.licence
    page = doi(release) or release.about.publisher.url
    return {
        "@id": address(file.sha256),
        "@type": "dcat:Distribution",
        "dct:title": _english(what),
        "dct:description": _english(f"The file {file.path} of the package."),
        "dct:identifier": file.path,
        **filled(**{"dcat:accessURL": page and _id(page)}),
        "dcat:mediaType": _id(f"{MEDIA}/{media}"),
        "dcat:byteSize": _typed(str(file.size), "nonNegativeInteger"),
        "dct:license": {
            **filled(**{"@id": licence.url}),
            "@type": "dct:LicenseDocument",
            "dct:title": _english(licence.name),
        },
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": _id("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": _typed(file.sha256, "hexBinary"),
        },
    }


DOCUMENTS = (
    Document(
        "dcat.jsonld", "application/ld+json", "The dataset described for a catalogue (DCAT-AP 3).", write
    ),
)
