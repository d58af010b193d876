"""From raw records to a cohort and on, as a custodian does it; and what may be wrong on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from locum.records.artificial import simulate
from tests.e2e.cli import Locum, everything

USAGE, BAD = 2, 3
PATIENTS = 1_000


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small artificial extract."""
    folder = tmp_path_factory.mktemp("records") / "extract"
    folder.mkdir()
    simulate(folder, PATIENTS, seed=3, threads=1)
    return folder


@pytest.fixture(scope="module")
def records(extract: Path) -> Path:
    """The same, loaded."""
    from locum.extraction import load_records

    load_records(extract, extract.parent / "records")
    return extract.parent / "records"


def test_records_to_report(locum: Locum, extract: Path) -> None:
    """Every command of docs/how-to/records.md leads to the next, and the report has the flow chart."""
    loaded = locum.well("load", extract, "--out", "records")
    assert f"CPRD Aurum 2.9, artificial: {PATIENTS:,} patients" in loaded.out
    assert loaded.out.splitlines()[-1] == "report: records/quality.html"
    drawn = locum.well("extract", "records", "--cohort", "cvd", "--out", "cvd.parquet")
    assert "patients in the records" in drawn.out
    table = pq.read_table(locum.folder / "cvd.parquet")
    assert table.num_columns == 26
    assert len(set(table["patient"].to_pylist())) == table.num_rows
    made = locum.well("synthesize", "cvd.parquet", "--out", "cvd", "--quick")
    assert "the declaration is the one beside cvd.parquet" in made.err
    page = (locum.folder / "cvd" / "report.html").read_text()
    assert "Who the data stand for" in page
    assert "The records behind this page are artificial" in page
    about = json.loads((locum.folder / "cvd" / "metrics.json").read_text())["about"]
    assert about["artificial"] is True  # also where attrition.json was lost
    synthetic = pq.read_table(locum.folder / "cvd" / "synthetic.parquet")
    assert synthetic.column_names == table.column_names[1:]  # no identifier
    again = locum.well("report", "cvd", "--out", "again.html")
    assert again.out.strip() == "report: again.html"
    assert "Who the data stand for" in (locum.folder / "again.html").read_text()


def test_raw_records_give_the_same_cohort(locum: Locum, extract: Path, records: Path) -> None:
    locum.well("extract", extract, "--cohort", "covid19", "--out", "raw.parquet", "--quiet")
    locum.well("extract", records, "--cohort", "covid19", "--out", "loaded.parquet", "--quiet")
    assert pq.read_table(locum.folder / "raw.parquet").equals(pq.read_table(locum.folder / "loaded.parquet"))
    assert sorted(p.name for p in locum.folder.iterdir()) == [
        f"{name}.{end}"
        for name in ("loaded", "raw")
        for end in ("attrition.json", "parquet", "sql", "variables.toml")
    ]


def test_the_same_bytes_with_any_number_of_threads(locum: Locum, records: Path) -> None:
    for threads in (1, 4):
        out = locum.folder / str(threads)
        out.mkdir()
        locum.well("extract", records, "--cohort", "cvd", "--out", out / "c.parquet", "--threads", threads)
    assert everything(locum.folder / "1") == everything(locum.folder / "4")


def test_json(locum: Locum, records: Path) -> None:
    done = locum.well("extract", records, "--cohort", "cvd", "--out", "c.csv", "--json")
    said = json.loads(done.out)
    assert said["rows"] > 0
    assert said["attrition"]["artificial"] is True
    assert said["attrition"]["steps"][0]["label"] == "Acceptable for research"


def test_evidence_names_every_codelist(locum: Locum, records: Path) -> None:
    (locum.folder / "lists").mkdir()
    (locum.folder / "lists" / "stroke.csv").write_text("code,term\n230690007,Stroke\n")
    locum.well("extract", records, "--cohort", "cvd", "--out", "c.parquet", "--codelists", "lists")
    text = (locum.folder / "c.sql").read_text()
    assert "-- codelist stroke: stroke.csv, sha256 " in text
    assert "1 codes (snomed)" in text
    assert "-- definition cvd.toml: sha256 " in text
    assert text.count("SELECT") > 5
    assert "memtable" not in text


FAULTS = [
    (
        ["extract", "{records}", "--cohort", "cdv", "--out", "c.parquet"],
        BAD,
        'no cohort "cdv"; did you mean "cvd"?',
    ),
    (["extract", "{records}", "--cohort", "cvd", "--out", "c.xlsx"], BAD, "does not end in .parquet, .csv"),
    (["extract", "{records}", "--cohort", "cvd", "--out", "no/c.parquet"], BAD, "there is no folder no"),
    (
        ["extract", "nowhere", "--cohort", "cvd", "--out", "c.parquet"],
        BAD,
        "there is no file or folder nowhere",
    ),
    (
        ["extract", "{records}", "--cohort", "cvd", "--out", "c.parquet", "--memory", "lots"],
        USAGE,
        '--memory "lots" is not a size; give one such as 4GB',
    ),
    (["load", "{records}", "--out", "again"], BAD, "holds records that are loaded already; use it as it is"),
    (["load", "{extract}", "--out", "r", "--strict"], BAD, "rows that cannot be used"),
    (["load", "{extract}", "--out", "{extract}"], BAD, "holds"),
    (["simulate", "aurum", "--patients", "0", "--out", "x"], USAGE, "--patients"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), FAULTS, ids=[" ".join(f[0][:1]) + f" {i}" for i, f in enumerate(FAULTS)]
)
def test_one_line_and_nothing_written(
    locum: Locum, extract: Path, records: Path, arguments: list[str], code: int, message: str
) -> None:
    done = locum(*(a.format(records=records, extract=extract) for a in arguments))
    assert done.code == code
    assert message in done.message
    assert everything(locum.folder) == {}


def test_nobody_left(locum: Locum, records: Path) -> None:
    """Says which step left nobody, and writes nothing."""
    (locum.folder / "none.toml").write_text(
        'format = 1\nname = "none"\ntitle = "None"\n[index]\nlatest_of = ["2015-01-01"]\n'
        '[follow_up]\nearliest_of = ["died"]\n[[step]]\nlabel = "All"\nis = "index"\n'
        '[[step]]\nlabel = "Older than anyone"\nis = "age"\nbetween = [130, 140]\n'
        '[[variable]]\nname = "sex"\nis = "sex"\n'
    )
    done = locum("extract", records, "--cohort", "none.toml", "--out", "c.parquet")
    assert done.code == BAD
    assert 'nobody is left in cohort "none": the step "Older than anyone" leaves none' in done.message
    assert [p.name for p in locum.folder.iterdir()] == ["none.toml"]


def test_damaged_records(locum: Locum, records: Path) -> None:
    """One line that names the folder; nothing of the engine's words, which may hold values."""
    whole = records / "observation.parquet"
    kept = whole.read_bytes()
    try:
        for damaged in (b"", kept[:1000], kept[: len(kept) // 2]):
            whole.write_bytes(damaged)
            done = locum("extract", records, "--cohort", "cvd", "--out", "c.parquet")
            assert done.code == BAD
            assert done.message.endswith("a file of it is damaged or altered; run locum load again")
            assert everything(locum.folder) == {}
    finally:
        whole.write_bytes(kept)
