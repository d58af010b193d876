"""Small extracts of CPRD Aurum for tests: rows by table, written as files in Aurum's layout. All of it is made up."""

from __future__ import annotations

import copy
from pathlib import Path

from locum.records.aurum.specification import FILES

P1, P2 = "10000120001", "10000220001"
"""Two patients of practice 20001."""

Rows = dict[str, list[dict[str, str]]]

_SMALL: Rows = {
    "practice": [{"pracid": "20001", "lcd": "31/12/2021", "region": "7"}],
    "patient": [
        {
            "patid": P1,
            "pracid": "20001",
            "gender": "2",
            "yob": "1950",
            "regstartdate": "01/02/2001",
            "patienttypeid": "3",
            "acceptable": "1",
        },
        {
            "patid": P2,
            "pracid": "20001",
            "gender": "1",
            "yob": "1960",
            "regstartdate": "03/04/2005",
            "regenddate": "05/06/2015",
            "emis_ddate": "04/06/2015",
            "cprd_ddate": "05/06/2015",
            "acceptable": "1",
        },
    ],
    "staff": [{"staffid": "77", "pracid": "20001", "jobcatid": "4"}],
    "consultation": [
        {
            "patid": P1,
            "consid": "9000000000000000001",
            "pracid": "20001",
            "consdate": "10/10/2010",
            "enterdate": "11/10/2010",
            "conssourceid": "5",
        }
    ],
    "observation": [
        {
            "patid": P1,
            "consid": "9000000000000000001",
            "pracid": "20001",
            "obsid": "9100000000000000001",
            "obsdate": "10/10/2010",
            "enterdate": "10/10/2010",
            "medcodeid": "900001",
            "value": "132.5",
            "numunitid": "9",
        },
        {
            "patid": P2,
            "pracid": "20001",
            "obsid": "9100000000000000002",
            "obsdate": "12/11/2011",
            "enterdate": "NA",
            "medcodeid": "900002",
            "value": "NA",
        },
    ],
    "referral": [{"patid": P1, "obsid": "9100000000000000001", "pracid": "20001"}],
    "problem": [{"patid": P1, "obsid": "9100000000000000001", "pracid": "20001"}],
    "drugissue": [
        {
            "patid": P1,
            "issueid": "9200000000000000001",
            "pracid": "20001",
            "issuedate": "13/12/2012",
            "enterdate": "13/12/2012",
            "prodcodeid": "800001",
            "quantity": "28.5",
            "duration": "28",
        }
    ],
    "medicaldictionary": [
        {"medcodeid": "900001", "term": "Systolic blood pressure", "snomedctconceptid": "271649006"},
        {"medcodeid": "900002", "term": "Asthma", "snomedctconceptid": "195967001"},
    ],
    "productdictionary": [
        {
            "prodcodeid": "800001",
            "dmdid": "319740004",
            "termfromemis": "A statin 20mg tablets",
            "drugsubstancename": "A statin",
        }
    ],
    "gender": [{"genderid": "1", "description": "Male"}, {"genderid": "2", "description": "Female"}],
    "region": [{"regionid": "7", "description": "South West"}],
    "numunit": [{"numunitid": "9", "description": "mmHg"}],
    "conssource": [{"conssourceid": "5", "description": "Surgery"}],
    "hes_primary_diag_hosp": [
        {
            "patid": P2,
            "spno": "555",
            "admidate": "01/03/2014",
            "discharged": "02/03/2014",
            "icd_primary": "I21.9",
        }
    ],
}

_NAMES = {
    "medicaldictionary": "2023_04_MedicalDictionary.txt",
    "productdictionary": "2023_04_ProductDictionary.txt",
    "gender": "202304_Lookups_CPRDAurum/Gender.txt",
    "region": "202304_Lookups_CPRDAurum/Region.txt",
    "numunit": "202304_Lookups_CPRDAurum/NumUnit.txt",
    "conssource": "202304_Lookups_CPRDAurum/ConsSource.txt",
    "hes_primary_diag_hosp": "linked/hes_primary_diag_hosp_23_000000.txt",
}


def small(*only: str) -> Rows:
    """The rows of two patients, in every kind of file or in those named."""
    rows = copy.deepcopy(_SMALL)
    return {table: rows[table] for table in only} if only else rows


def text(table: str, rows: list[dict[str, str]], end: str = "\n") -> str:
    """The rows as the text of a part of TABLE."""
    columns = FILES[table]
    lines = ["\t".join(columns), *("\t".join(row.get(column, "") for column in columns) for row in rows)]
    return "".join(line + end for line in lines)


def name_of(table: str, number: int = 1) -> str:
    """The path of a part of TABLE within an extract."""
    return _NAMES.get(table, f"x_Extract_{table.capitalize()}_{number:03d}.txt")


def write(folder: Path, rows: Rows, end: str = "\n") -> Path:
    """An extract of ROWS in FOLDER, one part a table; returns FOLDER."""
    for table, some in rows.items():
        put(folder, name_of(table), text(table, some, end))
    return folder


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """A file NAME below FOLDER, in Latin-1 when CONTENT is text."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
    return path
