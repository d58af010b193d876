"""The dictionaries, the look-ups, and the notices of the artificial extract."""

from __future__ import annotations

from pathlib import Path

from locum.records.artificial.codes import clinical, products
from locum.records.artificial.measurer import UNITS
from locum.records.artificial.practices import REGIONS

RELEASE = "ARTIFICIAL"
DIAGNOSES = ("U07.1", "U07.2", "I21.9", "J18.1", "S72.0", "K80.2", "N39.0", "I50.0", "K35.8", "R07.4")
"""Primary diagnoses of hospital admissions: the first two are COVID-19, with and without a test."""
OBSERVATION_TYPES = (
    "Observation",
    "Value",
    "Test result",
    "Family history",
    "Immunisation",
    "Document",
    "Referral",
)
DOSAGES = (
    ("One To Be Taken Each Day", "1", "1", "tablet", "1", "1"),
    ("One To Be Taken Twice A Day", "2", "1", "tablet", "2", "1"),
    ("One To Be Taken Three Times A Day", "3", "1", "capsule", "3", "1"),
    ("As directed", "", "", "", "", ""),
)
LOOKUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Region": ("regionid", REGIONS),
    "Gender": ("genderid", ("Male", "Female", "Indeterminate", "Unknown")),
    "NumUnit": ("numunitid", UNITS),
    "ObsType": ("obstypeid", OBSERVATION_TYPES),
    "ConsSource": (
        "conssourceid",
        ("GP Surgery", "Telephone", "Home visit", "Administration", "Out of hours"),
    ),
    "JobCat": (
        "jobcatid",
        ("General Medical Practitioner", "Practice Nurse", "Health Care Assistant", "Secretary"),
    ),
    "PatientType": ("patienttypeid", ("Emergency", "Immediately necessary", "Regular", "Temporary")),
    "QuantUnit": ("quantunitid", ("tablet", "capsule", "ml", "gram", "dose")),
    "EMISCodeCat": ("emiscodecatid", ("Clinical", "Values", "Ethnicity", "Administration")),
    "OrgType": ("orgtypeid", ("GP Practice", "Hospital")),
    "ParentProbRel": ("parentprobrelid", ("Combined", "Evolved", "Grouped")),
    "ProbStatus": ("probstatusid", ("Active", "Past")),
    "RefMode": ("refmodeid", ("Written", "Electronic")),
    "RefServiceType": ("refservicetypeid", ("Out-patient", "In-patient", "Diagnostics")),
    "RefUrgency": ("refurgencyid", ("Routine", "Urgent", "Two week wait")),
    "Sign": ("signid", ("Minor", "Significant")),
}
NOTICE = """\
THIS EXTRACT IS ARTIFICIAL. NO ROW OF IT IS ABOUT ANYONE, LIVING OR DEAD.

It has the layout of CPRD Aurum (specification 2.9) and was drawn by locum from a causal model written from published
figures. It is no release of CPRD, and nothing in it was learned from records of patients.

Every file name begins with artificial_. Practices are numbered from 90001. Every patid begins with 9999 and ends in the
five digits of its pracid. Every medcodeid and prodcodeid has 18 digits and begins with 99999: they are invented, as are
the identifiers of rows. The column release of both dictionaries says ARTIFICIAL. SNOMED CT concepts are given where
they are publicly known; dm+d codes are left empty, and medicines are told by their substance. The numbers of the
look-ups are this extract's own.

artificial_hes_primary_diag_hosp.txt is a small linked file of hospital admissions.

truth/ holds what happened to each patient and what of it is on record: it is not part of the layout.
  patient_*.parquet  one row a patient. born, sex, ethnicity, registered, deregistered, died: as they were; the columns
                     recorded_* are what the extract can show.
  event_*.parquet    one row an event. happened: it did. date, value, category: as they were. recorded: a usable record
                     of it is in the extract, with recorded_date, recorded_value (canonical unit), recorded_category.
                     reason: why the record is missing or differs. Rows that did not happen (happened = false) are
                     records of something that is told twice: an old condition coded again, a pressure entered twice.
                     Symptoms are known for COVID-19 and other respiratory illness between December 2019 and May 2021.
"""


def write_notices(folder: Path) -> None:
    """ARTIFICIAL.txt, the dictionaries and the look-ups."""
    (folder / "ARTIFICIAL.txt").write_text(NOTICE, encoding="latin-1")
    header = (
        "medcodeid term originalreadcode cleansedreadcode snomedctconceptid snomedctdescriptionid release"
    )
    rows = [
        [r["medcodeid"], r["term"], "", "", r["concept"], "", RELEASE, _category(r["meaning"])]
        for r in clinical().rows
    ]
    write_small(folder, "medicaldictionary", [*header.split(), "emiscodecategoryid"], rows)
    header = (
        "prodcodeid dmdid termfromemis productname formulation routeofadministration drugsubstancename "
        "substancestrength bnfchapter release"
    )
    columns = ("product", "formulation", "route", "substance", "strength", "bnf")
    rows = [[r["prodcodeid"], "", r["product"], *(r[c] for c in columns), RELEASE] for r in products().rows]
    write_small(folder, "productdictionary", header.split(), rows)
    header = (
        "dosageid dosage_text daily_dose dose_number dose_unit dose_frequency dose_interval choice_of_dose "
        "dose_max_average change_dose dose_duration"
    )
    rows = [[f"artificial{n}", *dosage, "0", "0", "0", ""] for n, dosage in enumerate(DOSAGES, 1)]
    write_small(folder, "common_dosages", header.split(), rows)
    for name, (key, values) in LOOKUPS.items():
        rows = [[str(n), value] for n, value in enumerate(values, 1)]
        write_small(folder, name.lower(), [key, "Description"], rows)


def _category(meaning: str) -> str:
    return "3" if meaning == "ethnicity" else "1" if meaning else "4"


def write_small(folder: Path, name: str, header: list[str], rows: list[list[str]]) -> None:
    """A table of a few rows, tab-delimited."""
    text = "".join("\t".join(row) + "\n" for row in [header, *rows])
    (folder / f"artificial_{name}.txt").write_text(text, encoding="latin-1", newline="")
