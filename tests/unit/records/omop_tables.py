"""A small OMOP database with known answers, written as files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

PERSON = "person_id,gender_concept_id,year_of_birth,month_of_birth,care_site_id"
CONCEPTS = [
    ("concept_id", "concept_name", "vocabulary_id", "concept_class_id", "concept_code"),
    ("0", "No matching concept", "None", "Undefined", "No matching concept"),
    ("8507", "MALE", "Gender", "Gender", "M"),
    ("9201", "Inpatient Visit", "Visit", "Visit", "IP"),
    ("9202", "Outpatient Visit", "Visit", "Visit", "OP"),
    ("8876", "millimeter mercury column", "UCUM", "Unit", "mm[Hg]"),
    ("4329847", "Myocardial infarction", "SNOMED", "Clinical Finding", "22298006"),
    ("45572081", "Acute myocardial infarction, unspecified", "ICD10", "ICD10 code", "I21.9"),
    ("3004249", "Systolic blood pressure", "LOINC", "Clinical Observation", "8480-6"),
    ("706163", "SARS-CoV-2 RNA", "LOINC", "Lab Test", "94500-6"),
    ("9191", "Positive", "Meas Value", "Meas Value", "10828004"),
    ("1308216", "Lisinopril", "RxNorm", "Ingredient", "29046"),
    ("974166", "Hydrochlorothiazide", "RxNorm", "Ingredient", "5487"),
    (
        "40000001",
        "Hydrochlorothiazide 12.5 MG / Lisinopril 20 MG Oral Tablet",
        "RxNorm",
        "Clinical Drug",
        "197887",
    ),
    ("21000001", "Lisinopril 20mg / Hydrochlorothiazide 12.5mg tablets", "dm+d", "VMP", "318858006"),
]
DATABASE = {
    "person": [
        PERSON.split(","),
        # the second has 19 digits, the third is written as R does
        ["1", "8507", "1950", "7", "10"],
        ["9000000000000000001", "8532", "1960", "", "10"],
        ["3.0", "8551", "1970.0", "", ""],
        ["100000", "8521", "", "", "11"],
    ],
    "observation_period": [
        ["person_id", "observation_period_start_date", "observation_period_end_date"],
        ["1", "2000-01-01", "2005-12-31"],
        ["1", "2006-01-20", "2019-06-30"],  # within a month: one run
        ["9000000000000000001", "1990-01-01", "1995-01-01"],
        ["9000000000000000001", "2001-02-03", "2010-05-05"],  # six years unseen: a run of its own
        ["3.0", "2010-01-01", "2999-12-31"],  # still there
    ],
    "death": [["person_id", "death_date"], ["9000000000000000001", "2010-05-05 00:00:00"]],
    "visit_occurrence": [
        ["visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_end_date"],
        ["70", "1", "9201", "2010-03-01", "2010-03-09"],
        ["71", "1", "9202", "2011-03-01", "2011-03-01"],
    ],
    "condition_occurrence": [
        [
            *("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
            *("condition_status_concept_id", "condition_source_concept_id", "visit_occurrence_id"),
        ],
        ["5", "1", "4329847", "2010-03-01", "32902", "45572081", "70"],
        ["6", "1", "0", "2011-03-01", "0", "45572081", "0"],
        ["7", "1", "0", "20120301", "0", "0", ""],
        ["8", "404", "4329847", "2012-03-01", "0", "0", ""],  # unknown person
        ["9", "", "4329847", "2012-03-01", "0", "0", ""],  # no person
        ["10", "1", "4329847", "1st of May", "0", "0", ""],  # no date
        ["5", "1", "4329847", "2010-03-01", "32902", "45572081", "70"],  # duplicate
        ["5", "100000", "4329847", "2010-03-01", "0", "0", ""],  # another event of the same number
    ],
    "measurement": [
        [
            *("measurement_id", "person_id", "measurement_concept_id", "measurement_date", "value_as_number"),
            *("value_as_concept_id", "unit_concept_id", "unit_source_value"),
        ],
        ["5", "1", "3004249", "2010-03-01", "142.0", "9191", "8876", "mmHg"],
        ["6", "1", "706163", "2012-03-01", "", "9191", "0", ""],
        ["7", "1", "3004249", "2013-03-01", "NaN", "0", "0", "kPa"],
    ],
    "drug_exposure": [
        [
            *("drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"),
            *("drug_exposure_end_date", "quantity", "days_supply", "drug_source_concept_id"),
        ],
        ["1", "1", "40000001", "2010-03-01", "2010-03-28", "28", "", "21000001"],
        ["2", "1", "1308216", "2010-03-01", "2010-03-01", "0", "", "0"],
        ["3", "1", "40000001", "2010-03-01", "2010-04-28", "", "56", "0"],
    ],
    "care_site": [["care_site_id", "location_id"], ["10", "1"], ["11", "2"]],
    "location": [["location_id", "state", "location_source_value"], ["1", "", "Yorkshire & The Humber"],
                 ["2", "", "2 Secret Lane"]],
    "concept": CONCEPTS,
    "concept_relationship": [
        ["concept_id_1", "concept_id_2", "relationship_id"],
        ["45572081", "4329847", "Maps to"],
        ["45572081", "9191", "Is a"],
    ],
    "concept_ancestor": [
        ["ancestor_concept_id", "descendant_concept_id"],
        ["1308216", "40000001"],
        ["974166", "40000001"],
        ["40000001", "40000001"],
    ],
}  # fmt: skip
SOURCES = {
    "5.3": [
        ["cdm_source_name", "cdm_version", "source_release_date"],
        ["General practices", "v5.3.1", "2019-09-01"],
    ],
    "5.4": [
        ["cdm_source_name", "cdm_version", "source_release_date"],
        ["General practices", "5.4", "2019-09-01"],
    ],
}


def write(
    folder: Path, tables: dict, separator: str = ",", suffix: str = ".csv", encoding: str = "utf-8"
) -> Path:
    """The tables as delimited files in FOLDER."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        text = io.StringIO()
        csv.writer(text, delimiter=separator).writerows(rows)
        (folder / f"{name}{suffix}").write_bytes(text.getvalue().encode(encoding))
    return folder
