"""The artificial extract: its layout, its bytes, and that each patient's record holds together."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from locum.cli.app import app
from locum.errors import BadInput
from locum.records.artificial import simulate, simulation

COLUMNS = {
    "patient": "patid pracid usualgpstaffid gender yob mob emis_ddate regstartdate patienttypeid regenddate acceptable "
    "cprd_ddate",
    "practice": "pracid lcd uts region",
    "staff": "staffid pracid jobcatid",
    "consultation": "patid consid pracid consdate enterdate staffid conssourceid cprdconstype consmedcodeid",
    "observation": "patid consid pracid obsid obsdate enterdate staffid parentobsid medcodeid value numunitid "
    "obstypeid numrangelow numrangehigh probobsid",
    "referral": "patid obsid pracid refsourceorgid reftargetorgid refurgencyid refservicetypeid refmodeid",
    "problem": "patid obsid pracid parentprobobsid probenddate expduration lastrevdate lastrevstaffid parentprobrelid "
    "probstatusid signid",
    "drugissue": "patid issueid pracid probobsid drugrecid issuedate enterdate staffid prodcodeid dosageid quantity "
    "quantunitid duration estnhscost",
    "hes_primary_diag_hosp": "patid spno admidate discharged ICD_PRIMARY icdx",
}
DICTIONARIES = {
    "medicaldictionary": "medcodeid term originalreadcode cleansedreadcode snomedctconceptid snomedctdescriptionid "
    "release emiscodecategoryid",
    "productdictionary": "prodcodeid dmdid termfromemis productname formulation routeofadministration "
    "drugsubstancename substancestrength bnfchapter release",
    "common_dosages": "dosageid dosage_text daily_dose dose_number dose_unit dose_frequency dose_interval "
    "choice_of_dose dose_max_average change_dose dose_duration",
}
"""In the order of specification 2.9 of 27 April 2023."""


def digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def extract(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("extract")
    simulate(folder, 1500, seed=3, threads=1)
    return folder


@pytest.fixture(scope="module")
def db(extract) -> duckdb.DuckDBPyConnection:
    """The text tables, all columns text, and the truth as `true_patient` and `event`."""
    con = duckdb.connect()
    for name in COLUMNS:
        con.execute(
            f"create table {name} as select * from read_csv('{extract}/artificial_aurum_{name}_*.txt', "
            "delim='\t', quote='', all_varchar=true, header=true)"
        )
    con.execute(
        f"create table medical as select * from read_csv('{extract}/artificial_medicaldictionary.txt', "
        "delim='\t', quote='', all_varchar=true, header=true)"
    )
    con.execute(f"create table true_patient as from read_parquet('{extract}/truth/patient_*.parquet')")
    con.execute(f"create table event as from read_parquet('{extract}/truth/event_*.parquet')")
    return con


def one(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return db.execute(query).fetchall()[0][0]


@pytest.mark.parametrize("name", COLUMNS)
def test_tables_have_the_columns_of_the_specification(extract, name):
    first = (extract / f"artificial_aurum_{name}_001.txt").read_text("latin-1").partition("\n")[0]
    assert first.split("\t") == COLUMNS[name].split()


@pytest.mark.parametrize("name", DICTIONARIES)
def test_dictionaries_have_the_columns_of_the_specification(extract, name):
    lines = (extract / f"artificial_{name}.txt").read_text("latin-1").splitlines()
    assert lines[0].split("\t") == DICTIONARIES[name].split()
    assert {line.count("\t") for line in lines} == {len(DICTIONARIES[name].split()) - 1}


def test_every_file_says_that_it_is_artificial(extract):
    files = [p for p in extract.iterdir() if p.is_file() and p.name != "ARTIFICIAL.txt"]
    assert all(path.name.startswith("artificial_") for path in files)
    assert "ARTIFICIAL" in (extract / "ARTIFICIAL.txt").read_text("latin-1")
    for name in ("medicaldictionary", "productdictionary"):
        rows = (extract / f"artificial_{name}.txt").read_text("latin-1").splitlines()[1:]
        assert all("ARTIFICIAL" in row.split("\t") for row in rows)


def test_invented_identifiers_cannot_be_taken_for_real_ones(db, extract):
    assert (
        one(db, "select count(*) from patient where not (patid like '9999%' and patid like '%' || pracid)")
        == 0
    )
    assert one(db, "select count(distinct patid) from patient") == 1500
    assert one(db, "select count(*) from medical where medcodeid not similar to '99999[0-9]{13}'") == 0
    assert one(db, "select count(*) from drugissue where prodcodeid not similar to '99999[0-9]{13}'") == 0
    assert one(db, "select count(distinct medcodeid) - count(*) from medical") == 0


def test_every_code_and_key_is_known(db):
    assert one(db, "select count(*) from observation anti join medical using (medcodeid)") == 0
    assert (
        one(
            db,
            "select count(*) from observation where consid is not null and patid in (from patient select patid)"
            " and consid not in (select consid from consultation)",
        )
        == 0
    )
    assert one(db, "select count(*) from problem anti join observation using (obsid, patid)") == 0
    assert one(db, "select count(*) from referral anti join observation using (obsid, patid)") == 0
    parents = (
        "from observation c join observation p on c.parentobsid = p.obsid "
        "join medical m on m.medcodeid = c.medcodeid join medical n on n.medcodeid = p.medcodeid"
    )
    assert one(db, f"select count(*) {parents} where m.snomedctconceptid <> '271650006'") == 0
    assert one(db, f"select count(*) {parents} where n.snomedctconceptid <> '271649006'") == 0
    assert one(db, f"select count(*) {parents} where c.patid <> p.patid") == 0
    assert one(db, f"select count(*) {parents}") > 1000


def test_dates_are_of_a_life_but_for_the_spoilt_and_the_letters(db):
    db.execute(
        "create or replace table dated as select o.*, try_strptime(obsdate, '%d/%m/%Y')::date d, "
        "try_strptime(enterdate, '%d/%m/%Y')::date w, t.* from observation o join true_patient t on t.patient = o.patid"
    )
    rows = one(db, "select count(*) from dated")
    assert one(db, "select count(*) from dated where d is null") < 0.002 * rows
    assert one(db, "select count(*) from dated where w is null or w < d") == 0
    assert one(db, "select count(*) from dated where d < born") == 0
    end = "least(coalesce(deregistered, last_collected), last_collected)"
    late = f"from dated join medical using (medcodeid) where d > {end}"
    assert one(db, f"select count(*) {late} and obstypeid <> '6'") == 0
    assert one(db, f"select count(*) {late}") < 0.002 * rows
    history = one(db, "select count(*) from dated where d < registered")
    assert 0 < history < 0.05 * rows
    assert one(db, "select count(*) from dated where d < registered and w < registered") == 0
    assert (
        one(db, "select count(*) from event join true_patient using (patient) where happened and date > died")
        == 0
    )


def test_the_mess_of_real_records_is_there(db):
    reasons = dict(db.execute("select reason::varchar, count(*) from event group by 1").fetchall())
    for reason in (
        "never recorded",
        "rounded",
        "implausible value entered",
        "coded again",
        "before registration",
        "not registered then",
        "category recorded wrongly",
        "weight and height swapped",
    ):
        assert reasons.get(reason, 0) > 0, reason
    assert one(db, "select count(*) from observation anti join patient using (patid)") > 0  # strays
    assert one(db, "select count(*) - count(distinct obsid) from observation") > 0  # duplicated rows
    units = "from observation o join medical m using (medcodeid) where snomedctconceptid = '1005671000000105'"
    assert one(db, f"select count(distinct coalesce(numunitid, '')) {units}") == 3  # mmol/L, mg/dL, none
    assert one(db, "select count(distinct medcodeid) from medical where snomedctconceptid = '271649006'") >= 2


def test_truth_tells_which_records_exist(db):
    """Each event on record is one row of the extract, of the day and value that the truth names."""
    query = """
        select count(*) from event e
        where recorded and meaning = 'systolic_bp' and not exists (
            select 1 from observation o join medical m using (medcodeid)
            where o.patid = e.patient and m.snomedctconceptid = '271649006'
              and o.obsdate = strftime(e.recorded_date, '%d/%m/%Y') and o.value::double = e.recorded_value)"""
    assert one(db, query) == 0
    asked = "from event where meaning = 'systolic_bp' and recorded"
    rows = "from (select distinct o.* from observation o) join medical m using (medcodeid) join patient using (patid) "
    usable = "where snomedctconceptid = '271649006' and value::double between 60 and 260 and obsdate <> '30/02/2019'"
    assert one(db, f"select count(*) {asked}") == one(db, f"select count(*) {rows} {usable}")


def test_the_same_seed_gives_the_same_bytes_on_any_number_of_threads(tmp_path, monkeypatch):
    monkeypatch.setattr(simulation, "BLOCK", 60)
    for name, seed, threads in (("one", 5, 1), ("two", 5, 2), ("other", 6, 2)):
        (tmp_path / name).mkdir()
        simulate(tmp_path / name, 150, seed=seed, threads=threads)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    assert digest(tmp_path / "one") != digest(tmp_path / "other")
    assert len(list((tmp_path / "one").glob("*_observation_*.txt"))) == 3
    tables = [pq.read_table(path) for path in (tmp_path / "one" / "truth").glob("patient_*.parquet")]
    assert sorted(t.num_rows for t in tables) == [30, 60, 60]


def test_one_patient_is_an_extract_too(tmp_path):
    seen = []
    simulate(tmp_path, 1, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(0, 1), (1, 1)]
    assert (tmp_path / "artificial_aurum_patient_001.txt").read_text("latin-1").count("\n") == 2


@pytest.mark.parametrize("patients", [0, -1, 10**9])
def test_a_number_of_patients_that_cannot_be(tmp_path, patients):
    with pytest.raises(BadInput, match="between 1 and 90,000,000"):
        simulate(tmp_path, patients)


def test_the_command(tmp_path):
    out = tmp_path / "extract"
    arguments = [
        "simulate",
        "aurum",
        "--patients",
        "5",
        "--seed",
        "2",
        "--out",
        str(out),
        "--json",
        "--quiet",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"out": str(out), "patients": 5, "seed": 2}
    assert (out / "ARTIFICIAL.txt").is_file()
    assert CliRunner().invoke(app, arguments).exit_code == 0  # it replaces its own
    (out / "mine.txt").write_text("kept")
    refused = CliRunner().invoke(app, arguments)
    assert isinstance(refused.exception, BadInput)
    assert (out / "mine.txt").read_text() == "kept"
