"""The tables and columns of the OMOP common data model that are read, and how 5.3 and 5.4 are told apart.

Source: https://ohdsi.github.io/CommonDataModel/cdm53.html and cdm54.html. The columns read here have the same names
in both; a column that only one of them has tells the version where cdm_source does not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, whatever type the source gave it."""

    ID = "identifier"  # of a row or a concept; kept as text, exact
    DAY = "date"
    NUMBER = "number"
    TEXT = "text"


def _event(table: str, day: str, *more: str, number: tuple[str, ...] = ()) -> dict[str, Kind]:
    stem = table.removesuffix("_occurrence").removesuffix("_exposure")
    names = (
        f"{table}_id",
        "person_id",
        f"{stem}_concept_id",
        f"{stem}_source_concept_id",
        "visit_occurrence_id",
    )
    kinds = dict.fromkeys(names, Kind.ID) | {day: Kind.DAY} | dict.fromkeys(number, Kind.NUMBER)
    return kinds | {name: Kind.ID if name.endswith("_id") else Kind.TEXT for name in more}


TABLES: dict[str, dict[str, Kind]] = {
    "person": {
        **dict.fromkeys(("person_id", "gender_concept_id", "care_site_id"), Kind.ID),
        **dict.fromkeys(("year_of_birth", "month_of_birth"), Kind.NUMBER),
        **dict.fromkeys(("birth_datetime", "death_datetime"), Kind.DAY),
    },
    "observation_period": {
        "person_id": Kind.ID,
        "observation_period_start_date": Kind.DAY,
        "observation_period_end_date": Kind.DAY,
    },
    "death": {"person_id": Kind.ID, "death_date": Kind.DAY, "death_datetime": Kind.DAY},
    "visit_occurrence": {
        **dict.fromkeys(("visit_occurrence_id", "person_id", "visit_concept_id"), Kind.ID),
        **dict.fromkeys(("visit_start_date", "visit_end_date"), Kind.DAY),
    },
    "condition_occurrence": _event(
        "condition_occurrence",
        "condition_start_date",
        "condition_type_concept_id",
        "condition_status_concept_id",
    ),
    "drug_exposure": _event("drug_exposure", "drug_exposure_start_date", number=("quantity", "days_supply"))
    | {"drug_exposure_end_date": Kind.DAY},
    "measurement": _event(
        "measurement",
        "measurement_date",
        *("value_as_concept_id", "unit_concept_id", "unit_source_value"),
        number=("value_as_number",),
    ),
    "observation": _event(
        "observation",
        "observation_date",
        *("value_as_concept_id", "unit_concept_id", "unit_source_value"),
        number=("value_as_number",),
    ),
    "procedure_occurrence": _event("procedure_occurrence", "procedure_date"),
    "care_site": {"care_site_id": Kind.ID, "location_id": Kind.ID},
    "location": {
        "location_id": Kind.ID,
        **dict.fromkeys(("state", "county", "location_source_value"), Kind.TEXT),
    },
    "cdm_source": {
        **dict.fromkeys(("cdm_source_name", "cdm_source_abbreviation", "cdm_version"), Kind.TEXT),
        **dict.fromkeys(("source_release_date", "cdm_release_date"), Kind.DAY),
    },
    "concept": {
        "concept_id": Kind.ID,
        **dict.fromkeys(("concept_name", "vocabulary_id", "concept_class_id", "concept_code"), Kind.TEXT),
    },
    "concept_relationship": {"concept_id_1": Kind.ID, "concept_id_2": Kind.ID, "relationship_id": Kind.TEXT},
    "concept_ancestor": {"ancestor_concept_id": Kind.ID, "descendant_concept_id": Kind.ID},
}
"""The tables that are read, each with the columns that are read and what they hold."""

OPTIONAL = frozenset(
    (
        *("care_site_id", "month_of_birth", "birth_datetime", "death_datetime", "visit_occurrence_id"),
        *("condition_source_concept_id", "drug_source_concept_id", "measurement_source_concept_id"),
        *("observation_source_concept_id", "procedure_source_concept_id", "condition_type_concept_id"),
        *(
            "condition_status_concept_id",
            "quantity",
            "days_supply",
            "drug_exposure_end_date",
            "visit_end_date",
        ),
        *("value_as_concept_id", "unit_concept_id", "unit_source_value", "state", "county"),
        *(
            "location_source_value",
            "location_id",
            "cdm_source_name",
            "cdm_source_abbreviation",
            "cdm_version",
        ),
        *("source_release_date", "cdm_release_date", "concept_class_id"),
    )
)
"""Columns that may be absent, and are then missing throughout."""

NEEDED = ("person", "concept")
VOCABULARY = ("concept", "concept_relationship", "concept_ancestor")
WITHOUT = {
    "observation_period": "when patients were registered is not known",
    "death": "no death is known, unless the persons carry it",
    "visit_occurrence": "there are no consultations and no hospital admissions",
    "condition_occurrence": "there are no diagnoses",
    "drug_exposure": "there are no medications",
    "measurement": "there are no measurements, such as blood pressure",
    "observation": "there are no observations, such as smoking",
    "procedure_occurrence": "there are no procedures",
    "care_site": "practices are known by number alone, without a region",
    "location": "no practice has a region",
    "cdm_source": "the version is told from the columns, and the release date is not known",
    "concept_relationship": "codes that are not SNOMED CT have no SNOMED CT concept",
    "concept_ancestor": "the substance is known of products that are an ingredient themselves only",
}
"""What follows when a table is not there."""

_ONLY_53 = {"visit_occurrence": {"admitting_source_concept_id", "discharge_to_concept_id"}}
_ONLY_54 = {
    "visit_occurrence": {"admitted_from_concept_id", "discharged_to_concept_id"},
    "procedure_occurrence": {"procedure_end_date", "procedure_end_datetime"},
    "measurement": {"unit_source_concept_id", "measurement_event_id"},
    "observation": {"value_source_value", "observation_event_id"},
    "location": {"country_concept_id", "latitude"},
    "cdm_source": {"cdm_version_concept_id"},
}
KNOWN_VERSIONS = ("5.3", "5.4")


def stated_version(text: str | None) -> str | None:
    """The first two numbers of a version as cdm_source has it: "v5.3.1" is 5.3."""
    found = re.search(r"(\d+)\.(\d+)", text or "")
    return f"{found[1]}.{found[2]}" if found else None


def version_by_columns(columns: Mapping[str, Collection[str]]) -> str | None:
    """5.4 or 5.3 when a table has a column that only that one has, else None."""
    for version, marks in (("5.4", _ONLY_54), ("5.3", _ONLY_53)):
        if any(names & set(columns.get(table, ())) for table, names in marks.items()):
            return version
    return None


def required(table: str) -> tuple[str, ...]:
    """The columns without which TABLE cannot be read."""
    return tuple(name for name in TABLES[table] if name not in OPTIONAL or name == f"{table}_id")
