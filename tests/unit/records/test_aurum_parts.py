"""Which file belongs to which table, and what kind of records a source is."""

from __future__ import annotations

from pathlib import Path

import pytest

from locum.errors import BadInput
from locum.records.aurum.parts import find_parts, missing_numbers, named_help, named_table
from locum.records.load import Loading, kind_of, load
from tests.unit.records.aurum_files import put, small, text, write


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("aurum_allpatid_set1_extract_drugissue_001.txt", "drugissue"),
        ("Study_Extract_Observation_001.TXT", "observation"),
        ("deep/er/Patient.txt.gz", "patient"),
        ("x_Extract_Drug_Issue_12.txt", "drugissue"),
        ("hes_primary_diag_hosp_23_000000.txt", "hes_primary_diag_hosp"),
        ("hes_patient_23_000000.txt", None),
        ("death_patient_001.txt", None),
        ("PatientType.txt", None),
        ("allpatient.txt", None),
        ("x_Extract_Patient_001.csv", None),
        ("patient notes.txt", None),
    ],
)
def test_the_table_in_a_name(name: str, table: str | None) -> None:
    assert named_table(name) == table


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("202304_Lookups_CPRDAurum/Region.txt", "region"),
        ("2023_04_MedicalDictionary.txt", "medicaldictionary"),
        ("202106_EMISProductDictionary.txt", "productdictionary"),
        ("NumUnit_v2.txt.gz", "numunit"),
        ("PatientType.txt", None),
        ("ParentProbRel.txt", None),
    ],
)
def test_the_look_up_in_a_name(name: str, what: str | None) -> None:
    assert named_help(name) == what
    assert named_table(name) is None


def test_numbers_are_counted_within_a_set(tmp_path: Path) -> None:
    for name in ("a_patient_001", "a_patient_002", "b_patient_001", "b_patient_003", "patient"):
        put(tmp_path, f"{name[0]}/{name}.txt", "patid\n")
    assert missing_numbers(find_parts(tmp_path)["patient"]) == 1


def test_kinds(tmp_path: Path) -> None:
    assert kind_of(write(tmp_path / "aurum", small("patient"))) == "aurum"
    assert kind_of(put(tmp_path / "omop", "PERSON.csv", "person_id\n").parent) == "omop"
    assert kind_of(put(tmp_path, "cdm.duckdb", b"12345678DUCK1234")) == "omop"
    assert kind_of("postgresql://someone@somewhere/cdm") == "omop"


def test_what_is_no_kind_of_records(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    def says(source: Path | str) -> str:
        with pytest.raises(BadInput) as fault:
            load(source, folder, Loading())
        assert "\n" not in str(fault.value)
        return str(fault.value)

    assert "empty folder" in says(folder)
    assert "no file or folder" in says(tmp_path / "nowhere")
    assert "holds no file of CPRD Aurum" in says(put(tmp_path / "other", "notes.txt", "x").parent)
    one = put(tmp_path / "one", "x_Extract_Patient_001.txt", text("patient", small()["patient"]))
    assert "one file of an extract" in says(one)
    assert "one table of OMOP" in says(put(tmp_path, "person.parquet", b"PAR1"))
    assert "no kind of raw records" in says(put(tmp_path, "picture.png", b"\x89PNG"))
    assert "without CPRD Aurum files" in says(put(tmp_path, "x.zip", b"PK\x05\x06" + b"\0" * 18))
    both = write(tmp_path / "both", small("patient"))
    put(both, "person.csv", "person_id\n")
    assert "both" in says(both)
    put(folder, "records.json", "{}")
    assert "loaded already" in says(folder)
