"""What becomes of a small OMOP database with known answers, in both versions and every kind of file."""

from __future__ import annotations

import datetime
import gzip
import json
from pathlib import Path

import duckdb
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from locum.errors import BadInput
from locum.records.loaded import open_records, read_manifest
from locum.records.loading import Loading
from locum.records.omop.load import load_omop
from locum.records.omop.source import is_omop
from locum.records.omop.specification import version_by_columns
from locum.records.quality import Finding
from tests.unit.records.omop_tables import CONCEPTS, DATABASE, SOURCES, write

WOMAN = "9000000000000000001"  # 19 digits


def loaded(source, folder: Path, **how) -> tuple[dict[str, list[dict]], dict]:
    """The rows of each table, in order, and the checks that found something, by table and name."""
    folder.mkdir()
    quality = load_omop(source, folder, Loading(**how))
    rows = {file.stem: sorted_rows(file) for file in folder.glob("*.parquet")}
    found = {(check.table, check.name): check for check in quality.checks if check.found}
    return rows, found | {"quality": quality}


def sorted_rows(file: Path) -> list[dict]:
    return sorted(pq.read_table(file).to_pylist(), key=lambda row: [str(v) for v in row.values()])


def by(rows: list[dict], key: str) -> dict[str, dict]:
    assert len({row[key] for row in rows}) == len(rows), "a key is not unique"
    return {row[key]: row for row in rows}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    source = write(folder / "cdm", DATABASE | {"cdm_source": SOURCES["5.3"]})
    assert is_omop(source)
    return *loaded(source, folder / "out"), folder / "out"


def test_patients(small):
    patient = by(small[0]["patient"], "patient")
    assert set(patient) == {"1", WOMAN, "3", "100000"}
    assert [patient[p]["sex"] for p in ("1", WOMAN, "3", "100000")] == ["M", "F", None, "I"]
    assert [patient[p]["birth_year"] for p in ("1", WOMAN, "3", "100000")] == [1950, 1960, 1970, None]
    assert [patient[p]["practice"] for p in ("1", WOMAN, "3", "100000")] == ["10", "10", "omop", "11"]
    assert patient[WOMAN]["died"] == day("2010-05-05")
    assert all(row["acceptable"] for row in patient.values())


def test_registration_is_the_last_unbroken_run_of_periods(small):
    patient = by(small[0]["patient"], "patient")
    dates = {p: (row["registered"], row["deregistered"]) for p, row in patient.items()}
    assert dates["1"] == (day("2000-01-01"), None), "joined over 20 days; its end is the end of data"
    assert dates[WOMAN] == (day("2001-02-03"), day("2010-05-05")), "not joined over six years"
    assert dates["3"] == (day("2010-01-01"), None), "an end to come is none"
    assert dates["100000"] == (None, None)


def test_practices_have_a_region_but_never_an_address(small):
    practice = by(small[0]["practice"], "practice")
    assert practice["10"] == {
        "practice": "10",
        "region": "Yorkshire & The Humber",
        "last_collected": day("2019-06-30"),
    }
    assert practice["11"]["region"] is None, "Secret Lane is not a region"
    assert practice["11"]["last_collected"] == day("2019-09-01"), "the release, where nobody is observed"


def test_observations(small):
    observation = by(small[0]["observation"], "observation")
    short = {
        key: (row["patient"], row["code"], row["value"], row["unit"]) for key, row in observation.items()
    }
    assert short == {
        "c5": ("1", "4329847", None, None),
        "c5~1": ("100000", "4329847", None, None),
        "c6": ("1", "45572081", None, None),
        "c7": ("1", "0", None, None),
        "m5": ("1", "3004249", 142.0, "mm[Hg]"),
        "m6": ("1", "706163:9191", None, None),
        "m7": ("1", "3004249", None, "kPa"),
    }
    assert observation["c7"]["date"] == day("2012-03-01"), "a date without dashes"
    assert [observation[o]["consultation"] for o in ("c5", "c6", "c7")] == ["70", None, None]


def test_codes_have_their_snomed_concept_or_the_one_they_map_to(small):
    code = by(small[0]["clinical_code"], "code")
    assert {c: row["concept"] for c, row in code.items()} == {
        "4329847": "22298006",
        "45572081": "22298006",
        "3004249": None,
        "706163:9191": None,
        "0": None,
    }
    assert code["706163:9191"]["term"] == "SARS-CoV-2 RNA: Positive"


def test_medications_and_products(small):
    medication = by(small[0]["medication"], "issue")
    assert {i: (row["code"], row["quantity"], row["days"]) for i, row in medication.items()} == {
        "1": ("21000001", 28.0, 28),  # from first to last day
        "2": ("1308216", None, None),  # an end on the same day is none
        "3": ("40000001", None, 56),
    }
    product = by(small[0]["product"], "code")
    assert product["21000001"]["dmd"] == "318858006"
    assert [product[c]["substance"] for c in ("21000001", "40000001", "1308216")] == [
        "Hydrochlorothiazide/Lisinopril",
        "Hydrochlorothiazide/Lisinopril",
        "Lisinopril",
    ]


def test_inpatient_visits_are_admissions_with_the_primary_diagnosis(small):
    assert [row["source"] for row in small[0]["consultation"]] == ["Inpatient Visit", "Outpatient Visit"]
    assert small[0]["admission"] == [
        {
            "patient": "1",
            "admission": "70",
            "admitted": day("2010-03-01"),
            "discharged": day("2010-03-09"),
            "diagnosis": "I21.9",
        }
    ]


def test_what_cannot_be_used_is_in_quarantine_with_the_reason(small):
    _, found, out = small
    rows = pq.read_table(out / "quarantine" / "observation.parquet").to_pylist()
    assert sorted((row["observation"], row["reason"]) for row in rows) == [
        ("c10", "no date"),
        ("c5", "duplicated row"),
        ("c8", "unknown person"),
        ("c9", "no person"),
    ]
    table = {count.table: count for count in found["quality"].tables}["observation"]
    assert (table.read, table.kept, table.quarantined, table.parts) == (11, 7, 4, 2)
    assert (out / "quarantine" / "MUST-NOT-LEAVE.txt").is_file()


def test_the_report_counts_what_is_odd(small):
    found = dict(small[1])
    quality = found.pop("quality")
    assert {name: check.found for name, check in found.items()} == {
        ("observation", "no person"): 1,
        ("observation", "no date"): 1,
        ("observation", "unknown person"): 1,
        ("observation", "duplicated row"): 1,
        ("observation", "repeated identifiers"): 1,
        ("patient", "no observation period"): 1,
        ("patient", "gap in observation"): 1,
        ("patient", "sex unknown"): 1,
        ("patient", "birth year unknown"): 1,
        ("observation", "measurement without a value"): 1,
        ("observation", "result as a concept"): 1,
        ("observation", "outside observation"): 1,
        ("observation", "concept 0"): 1,
        ("condition_occurrence", "unreadable date or number"): 1,
    }
    assert any("no table procedure_occurrence" in notice for notice in quality.notices)
    assert not any("death" in notice for notice in quality.notices), "1 in 4 is not few"


def test_it_opens_as_records_of_the_contract(small):
    manifest = read_manifest(small[2])
    assert (manifest.source, manifest.artificial, manifest.rows["patient"]) == ("OMOP CDM 5.3", False, 4)
    records = open_records(small[2], spill=small[2] / ".spill")
    assert records.observation.patient.nunique().execute() == 2
    assert records.admission is not None
    assert not list(small[2].glob(".staging*")), "nothing is left behind"
    json.loads((small[2] / "quality.json").read_text())


def tab(folder: Path, tables: dict) -> Path:
    """Tabs, capitals in names, and a byte-order mark."""
    shouted = {name.upper(): [[c.upper() for c in rows[0]], *rows[1:]] for name, rows in tables.items()}
    return write(folder, shouted, separator="\t", suffix=".TSV", encoding="utf-8-sig")


def packed(folder: Path, tables: dict) -> Path:
    write(folder, tables)
    for path in list(folder.iterdir()):
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    return folder


def parquet(folder: Path, tables: dict) -> Path:
    """One file for most tables, in the types that Arrow finds; three parts for person."""
    csv = write(folder.parent / f"{folder.name}_csv", tables)
    folder.mkdir()
    for path in csv.iterdir():
        table = pyarrow.csv.read_csv(path)
        if path.stem == "person":
            (folder / "person").mkdir()
            for i in range(3):
                part = table.slice(2 * i, 2)
                pq.write_table(part, folder / "person" / f"part-{i}.parquet")
        else:
            pq.write_table(table, folder / f"{path.stem}.parquet")
    return folder


def duckdb_file(folder: Path, tables: dict) -> Path:
    csv = write(folder.parent / f"{folder.name}_csv", tables)
    with duckdb.connect(str(folder) + ".duckdb") as connection:
        connection.execute("CREATE SCHEMA cdm54; CREATE TABLE main.other (x INTEGER)")
        for path in csv.iterdir():
            connection.execute(f"CREATE TABLE cdm54.{path.stem.upper()} AS FROM read_csv('{path}')")
    return Path(str(folder) + ".duckdb")


@pytest.mark.parametrize(
    "form", [*(pytest.param(f, marks=pytest.mark.slow) for f in (tab, packed)), parquet, duckdb_file]
)
def test_every_form_says_the_same(small, tmp_path, form):
    # Arrow and DuckDB would take 3.0 for text beside 19 digits; and a date in words is no date of a database
    tables = json.loads(json.dumps(DATABASE | {"cdm_source": SOURCES["5.4"]}))
    if form in (parquet, duckdb_file):
        for name in ("person", "observation_period"):
            tables[name] = [["3" if cell == "3.0" else cell for cell in row] for row in tables[name]]
    source = form(tmp_path / "cdm", tables)
    assert is_omop(source)
    rows, found = loaded(source, tmp_path / "out")
    assert rows == small[0]
    assert found["quality"].source == "OMOP CDM 5.4"


@pytest.mark.parametrize(
    ("column", "version"),
    [("admitting_source_concept_id", "5.3"), ("admitted_from_concept_id", "5.4"), ("x", None)],
)
def test_the_version_is_told_from_columns_where_nothing_states_it(column, version):
    assert version_by_columns({"visit_occurrence": ("visit_occurrence_id", column), "person": ()}) == version


def test_another_version_is_said(tmp_path):
    source = [SOURCES["5.4"][0], ["SynPUF", "6.0", ""]]
    _, found = loaded(write(tmp_path / "cdm", DATABASE | {"cdm_source": source}), tmp_path / "out")
    assert any("version 6.0 of the CDM, not 5.3 or 5.4" in notice for notice in found["quality"].notices)
    assert found["quality"].artificial


def test_a_database_of_persons_and_concepts_alone_is_loaded_and_says_what_is_missing(tmp_path):
    few = {name: DATABASE[name] for name in ("person", "concept")}
    rows, found = loaded(write(tmp_path / "cdm", few), tmp_path / "out")
    assert len(rows["patient"]) == 4
    assert rows["observation"] == []
    assert "admission" not in rows
    assert sum("There is no table" in notice for notice in found["quality"].notices) == 13
    assert any(notice.startswith("No death among 4 patients") for notice in found["quality"].notices)
    assert open_records(tmp_path / "out", spill=tmp_path / "spill").admission is None


def test_bad_lines_are_counted_kept_aside_and_fatal_only_if_asked(tmp_path):
    source = write(tmp_path / "cdm", DATABASE)
    for name in ("measurement", "concept"):
        with (source / f"{name}.csv").open("a", newline="") as file:
            file.write("1,2\r\n1,2,3,4,5,6,7,8,9,10,11,12\r\n")
    rows, found = loaded(source, tmp_path / "out")
    cut = "line of another length than the header"
    assert found["observation", cut].found == 2
    assert found["concept", cut].found == 2
    assert len(rows["observation"]) == 7
    lines = pq.read_table(tmp_path / "out" / "quarantine" / "observation.parquet")["line"].to_pylist()
    assert sum(line is not None for line in lines) == 2
    with pytest.raises(BadInput, match=r"rows for observation cannot be used \(.*load without strict"):
        loaded(source, tmp_path / "strict", strict=True)


def test_a_person_given_twice_is_one(tmp_path):
    person = [*DATABASE["person"], ["1", "8532", "1950", "7", "10"], ["100000", "8521", "", "", "11"]]
    rows, found = loaded(write(tmp_path / "cdm", DATABASE | {"person": person}), tmp_path / "out")
    assert len(rows["patient"]) == 4
    assert found["patient", "person given twice"].found == 1
    assert found["patient", "duplicated row"].found == 1


def test_more_bad_rows_than_good_are_a_fault(tmp_path):
    person = [DATABASE["person"][0], DATABASE["person"][2]]
    _, found = loaded(write(tmp_path / "cdm", DATABASE | {"person": person}), tmp_path / "out")
    assert found["observation", "unknown person"].finding is Finding.FAULT


def test_what_other_programs_write(tmp_path):
    """R writes identifiers as 1e+05, Athena tab-delimited vocabularies with bare quotes, and many a one Latin-1."""
    person = [DATABASE["person"][0], ["1e+05", "8507.0", "1950", "7", "10.0"]]
    others = {name: rows for name, rows in DATABASE.items() if name != "concept"}
    source = write(tmp_path / "cdm", others | {"person": person})
    text = "\n".join("\t".join(row) for row in CONCEPTS).replace("Myocardial infarction", '"Ménière" 5" wide')
    (source / "CONCEPT.csv").write_bytes((text + "\n").encode("latin-1"))
    rows, _ = loaded(source, tmp_path / "out")
    assert [(row["patient"], row["practice"], row["sex"]) for row in rows["patient"]] == [
        ("100000", "10", "M")
    ]
    assert [row["observation"] for row in rows["observation"]] == ["c5"]
    assert by(rows["clinical_code"], "code")["4329847"]["term"] == '"Ménière" 5" wide'
