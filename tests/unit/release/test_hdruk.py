"""hdruk.json against what HDR UK's dataset schema 4.1.0 asks of the parts that are written."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from locum.release import about as abouts
from locum.release.hdruk import DOCUMENTS, cut
from locum.release.release import File, Release
from tests.unit.release.metadata_cases import ABOUT, HOSTILE, release


def text(least: int, most: int) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most}


def one_of(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": items}


def part(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


EMAIL = {"type": ["string", "null"], "format": "email"}
URL = {"type": ["string", "null"], "format": "uri", "minLength": 1}
DAY = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
VERSION = {"type": "string", "pattern": r"^([0-9]+)\.([0-9]+)\.([0-9]+)$"}
FREQUENCY = one_of("Static", "Irregular", "Continuous", "Annual", "Quarterly", "Monthly", "Other")
REQUIREMENTS = one_of(
    "Collaboration required",
    "Project-specific restrictions",
    "Ethics approval required",
    "Institution-specific restrictions",
    "User-specific restriction",
    "Disclosure control",
)
ASKED = part(
    "identifier version revisions issued modified summary accessibility observations",
    identifier=URL,
    version=VERSION,
    revisions={"type": "array", "items": part("version", version=VERSION, url=URL)},
    issued=MOMENT,
    modified=MOMENT,
    summary=part(
        "title abstract dataCustodian populationSize contactPoint",
        title=text(2, 150),
        abstract=text(5, 500),
        dataCustodian=part(
            "identifier name contactPoint", identifier=text(2, 50), name=text(2, 150), contactPoint=EMAIL
        ),
        populationSize={"type": "integer"},
        keywords=several(text(2, 150)),
        doiName={"type": "string", "pattern": r"^10.\d{4,9}/[-._;()/:a-zA-Z0-9]+$"},
        contactPoint=EMAIL,
    ),
    documentation=part(
        "description", description=text(2, 10_000), inPipeline=one_of("Available", "Not available")
    ),
    provenance=part(
        "temporal",
        origin=part(
            "datasetType",
            purpose=several(one_of("Research cohort", "Study", "Care", "Administrative", "Other")),
            datasetType=several(
                {"type": "object", "required": ["subTypes"], "properties": {"name": {"type": "string"}}}
            ),
            source=several(one_of("EPR", "Electronic survey", "LIMS", "Paper-based", "Machine generated")),
        ),
        temporal=part(
            "publishingFrequency startDate timeLag",
            publishingFrequency=FREQUENCY,
            distributionReleaseDate=DAY,
            startDate=DAY,
            endDate=DAY,
            timeLag=one_of("Variable", "Not applicable", "Other"),
        ),
    ),
    accessibility=part(
        "access",
        usage=part(dataUseRequirements=several(REQUIREMENTS), resourceCreator=text(2, 1000)),
        access=part(
            "accessRights",
            accessRights=text(2, 50_000),
            accessServiceCategory=one_of(
                "TRE/SDE", "Direct access", "Open access", "Varies based on project"
            ),
            accessService=text(2, 50_000),
            dataController=text(2, 50_000),
            dataProcessor=text(2, 50_000),
        ),
        formatAndStandards=part(
            "vocabularyEncodingScheme conformsTo language format",
            vocabularyEncodingScheme=several(one_of("LOCAL", "SNOMED CT", "ICD10", "READ", "OTHER")),
            conformsTo=several(one_of("OMOP", "HL7 FHIR", "LOCAL", "OTHER", "DCAT")),
            language=several(one_of("en")),
            format=several(text(1, 1000)),
        ),
    ),
    enrichmentAndLinkage=part(derivedFrom=several({"type": "object", "properties": {"title": text(2, 150)}})),
    observations={
        "type": "array",
        "minItems": 1,
        "items": part(
            "observedNode measuredValue observationDate measuredProperty",
            observedNode=one_of("Persons", "Events", "Findings", "Number of scans per modality"),
            measuredValue={"type": "integer"},
            disambiguatingDescription=text(5, 500),
            observationDate=DAY,
            measuredProperty={"type": "string"},
        ),
    },
    structuralMetadata=part(
        tables=several(
            part(
                "columns",
                name=text(1, 500),
                description=text(1, 20_000),
                columns={
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "dataType", "sensitive"],
                        "properties": {
                            "name": {"type": "string"},
                            "dataType": {"type": "string"},
                            "description": text(1, 20_000),
                            "sensitive": {"type": "boolean"},
                            "values": several({"type": "object", "required": ["name"]}),
                        },
                    },
                },
            )
        ),
        syntheticDataWebLink=several(URL),
    ),
)
"""Keys, lengths and the words that may be chosen, from the schema; of long lists of words, some."""

LITTLE = abouts.About(
    name="covid19",
    title="T" * 400,
    published=ABOUT.published,
    publisher=abouts.Publisher(name="The Service " * 30),
    keywords=("x",),
)


def written(made: Release) -> dict[str, Any]:
    files = [File(f"data/cvd.{ending}", 1, "0" * 64, "", "") for ending in ("parquet", "csv")]
    document: dict[str, Any] = json.loads(DOCUMENTS[0].write(made, files))
    return document


@pytest.mark.parametrize("about", [ABOUT, LITTLE], ids=["much", "little"])
def test_it_has_the_shape_that_the_gateway_asks_for(about: abouts.About) -> None:
    document = written(release(about=about, changes=None if about is LITTLE else release().changes))
    jsonschema.Draft202012Validator(ASKED, format_checker=jsonschema.FormatChecker()).validate(document)


def test_it_says_that_the_data_are_synthetic_and_that_one_applies() -> None:
    document = written(release())
    access = document["accessibility"]["access"]
    assert access["accessRights"].startswith("An application is needed.")
    assert document["provenance"]["origin"]["source"] == ["Machine generated"]
    assert document["structuralMetadata"]["syntheticDataWebLink"] == ["https://doi.org/10.1234/cvd.1"]
    assert "No row is a person's record" in document["summary"]["abstract"]
    assert [o["measuredValue"] for o in document["observations"]] == [400, 395]


def test_tables_and_columns_are_told() -> None:
    (table,) = written(release())["structuralMetadata"]["tables"]
    columns = {column["name"]: column for column in table["columns"]}
    assert list(columns) == release().evidence.table.column_names
    assert columns["died"]["sensitive"] is True
    assert columns["sex"]["values"] == [{"name": "female"}, {"name": "male"}]
    assert columns["sbp"]["dataType"] == "number"
    assert "refused (-7)" in columns["sbp"]["description"]
    assert "values" not in columns[HOSTILE]


def test_long_texts_are_cut_where_they_have_room() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("ab cd", 4) == "ab…"
