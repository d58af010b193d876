"""An extract of CPRD Aurum becomes the contract: known answers, and the ways in which it may be delivered."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

from locum.errors import BadInput
from locum.records import contract
from locum.records.load import Loading, load
from locum.records.loaded import open_records, read_manifest
from locum.records.quality import Finding, Quality
from tests.unit.records.aurum_files import P1, P2, Rows, name_of, put, small, text, write

NEEDED = ("patient", "practice", "observation")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def rows(out: Path, table: str) -> list[dict]:
    return pq.read_table(out / f"{table}.parquet").to_pylist()


def found(quality: Quality, table: str, name: str) -> int:
    (check,) = (c for c in quality.checks if (c.table, c.name) == (table, name))
    return check.found


def test_the_tables_of_the_contract(tmp_path: Path, out: Path) -> None:
    quality = load(write(tmp_path / "in", small()), out, Loading())
    one, two = sorted(rows(out, "patient"), key=lambda row: row["patient"])
    assert one == {
        "patient": P1,
        "practice": "20001",
        "sex": "F",
        "birth_year": 1950,
        "birth_month": None,
        "registered": date(2001, 2, 1),
        "deregistered": None,
        "died": None,
        "acceptable": True,
    }
    assert (two["sex"], two["died"], two["deregistered"]) == ("M", date(2015, 6, 5), date(2015, 6, 5))
    assert rows(out, "practice") == [
        {"practice": "20001", "region": "South West", "last_collected": date(2021, 12, 31)}
    ]
    assert sorted(rows(out, "observation"), key=lambda row: row["observation"])[0] == {
        "patient": P1,
        "observation": "9100000000000000001",
        "consultation": "9000000000000000001",
        "date": date(2010, 10, 10),
        "entered": date(2010, 10, 10),
        "code": "900001",
        "value": 132.5,
        "unit": "mmHg",
    }
    assert rows(out, "medication")[0] | {"entered": None} == {
        "patient": P1,
        "issue": "9200000000000000001",
        "date": date(2012, 12, 13),
        "entered": None,
        "code": "800001",
        "quantity": 28.5,
        "days": 28,
    }
    assert rows(out, "consultation")[0]["source"] == "Surgery"
    assert rows(out, "clinical_code")[1]["concept"] == "195967001"
    assert rows(out, "product")[0]["substance"] == "A statin"
    assert rows(out, "admission") == [
        {
            "patient": P2,
            "admission": "555",
            "admitted": date(2014, 3, 1),
            "discharged": date(2014, 3, 2),
            "diagnosis": "I21.9",
        }
    ]
    assert not (out / "quarantine").exists()
    assert not (out / ".spill").exists()
    assert all(table.quarantined == 0 for table in quality.tables)
    assert {c.finding for c in quality.checks} == {Finding.FINE}
    assert quality.notices == ()


def test_the_files_are_those_of_loaded_records(tmp_path: Path, out: Path) -> None:
    quality = load(write(tmp_path / "in", small()), out, Loading())
    manifest = read_manifest(out)
    assert set(manifest.rows) == set(contract.SCHEMAS)
    assert manifest.rows["observation"] == 2
    records = open_records(out)
    assert records.observation.schema() == contract.OBSERVATION.__class__(
        {name: kind(nullable=True) for name, kind in contract.OBSERVATION.items()}
    )
    assert Quality.model_validate_json((out / "quality.json").read_text()) == quality
    assert str(tmp_path) not in (out / "quality.json").read_text() + (out / "records.json").read_text()


def test_what_may_be_absent_may_be_absent(tmp_path: Path, out: Path) -> None:
    quality = load(write(tmp_path / "in", small(*NEEDED)), out, Loading())
    assert rows(out, "practice")[0]["region"] == "region 7"
    assert {row["unit"] for row in rows(out, "observation")} == {"unit 9", None}
    assert rows(out, "clinical_code") == rows(out, "medication") == rows(out, "consultation") == []
    assert not (out / "admission.parquet").exists()
    assert open_records(out).admission is None
    absent = {c.table: c.finding for c in quality.checks if c.name == "no such file"}
    assert absent["clinical_code"] is absent["medication"] is Finding.WARNING
    assert absent["region"] is Finding.NOTE
    assert any("hospital" in notice for notice in quality.notices)


@pytest.mark.parametrize("table", ["patient", "practice", "observation"])
def test_what_must_be_there_must_be_there(tmp_path: Path, out: Path, table: str) -> None:
    extract = small()
    del extract[table]
    with pytest.raises(BadInput, match=f"no {table} file"):
        load(write(tmp_path / "in", extract), out, Loading())


def same_as_plain(tmp_path: Path, source: Path, extract: Rows) -> bool:
    folders = []
    for name, given in (("a", source), ("b", write(tmp_path / "plain", extract))):
        folder = tmp_path / name
        folder.mkdir()
        load(given, folder, Loading())
        folders.append(folder)

    def content(folder: Path, table: str) -> list[str]:
        return sorted(json.dumps(row, default=str) for row in rows(folder, table))

    return all(content(folders[0], table) == content(folders[1], table) for table in contract.SCHEMAS)


def test_a_zip_of_all(tmp_path: Path) -> None:
    source = tmp_path / "extract.zip"
    with ZipFile(source, "w") as archive:
        for table, some in small().items():
            archive.writestr(f"deep/{name_of(table)}", text(table, some))
    assert same_as_plain(tmp_path, source, small())


def test_a_zip_for_each_and_gzip(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for i, (table, some) in enumerate(small().items()):
        content = text(table, some).encode("latin-1")
        name = name_of(table)
        if i % 2:
            put(source, f"{name}.gz", gzip.compress(content))
        else:
            put(source, f"{name}.zip", b"")
            with ZipFile(source / f"{name}.zip", "w") as archive:
                archive.writestr(name.split("/")[-1], content)
    assert same_as_plain(tmp_path, source, small())


def test_line_ends_byte_order_mark_and_names_in_capitals(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for table, some in small().items():
        head, _, body = text(table, some, end="\r\n").partition("\r\n")
        name = name_of(table).upper()
        put(source, name, b"\xef\xbb\xbf" + f"{head.upper()}\r\n{body}".encode("latin-1"))
    assert same_as_plain(tmp_path, source, small())


def test_no_line_end_at_the_end_and_columns_in_another_order(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for table, some in small().items():
        lines = [line.split("\t") for line in text(table, some).splitlines()]
        put(source, name_of(table), "\n".join("\t".join(reversed(line)) for line in lines))
    assert same_as_plain(tmp_path, source, small())


def test_many_parts_are_one_table(tmp_path: Path, out: Path) -> None:
    extract = small(*NEEDED)
    source = write(tmp_path / "in", extract)
    for i in range(2, 5):
        row = extract["observation"][0] | {"obsid": f"91{i:017d}"}
        put(source, f"set{i}/{name_of('observation', i)}", text("observation", [row]))
    quality = load(source, out, Loading())
    (table,) = (t for t in quality.tables if t.table == "observation")
    assert (table.parts, table.read, table.kept) == (4, 5, 5)
    assert found(quality, "observation", "parts missing") == 0


def test_latin_1_and_utf_8_terms_and_stray_quotes(tmp_path: Path, out: Path) -> None:
    extract = small(*NEEDED, "medicaldictionary", "productdictionary")
    terms = ["Sjögren £5", 'Bandage 5" wide', '"unclosed', 'said "so"', '""', "ménière\u0092s"]
    extract["medicaldictionary"] += [
        {"medcodeid": f"91000{i}", "term": term, "snomedctconceptid": "1"} for i, term in enumerate(terms)
    ]
    extract["productdictionary"] += [{"prodcodeid": "810000", "termfromemis": '"Quoted ""x"" term"'}]
    source = write(tmp_path / "in", extract)
    put(source, name_of("region"), text("region", [{"regionid": "7", "description": "Cúil"}]).encode("utf-8"))
    quality = load(source, out, Loading())
    read = {row["code"]: row["term"] for row in rows(out, "clinical_code")}
    assert [read[f"91000{i}"] for i in range(4)] == terms[:4]
    assert read["910005"] == "ménière’s"
    assert {row["term"] for row in rows(out, "product")} == {"A statin 20mg tablets", 'Quoted "x" term'}
    assert rows(out, "practice")[0]["region"] == "Cúil"
    assert sum(t.quarantined for t in quality.tables) == 0


def test_a_tab_in_quotes_is_no_new_field(tmp_path: Path, out: Path) -> None:
    extract = small(*NEEDED, "medicaldictionary")
    extract["medicaldictionary"].append(
        {"medcodeid": "910000", "term": '"one\ttwo"', "snomedctconceptid": "5"}
    )
    extract["medicaldictionary"].append({"medcodeid": "910001", "term": "one\ttwo", "snomedctconceptid": "5"})
    quality = load(write(tmp_path / "in", extract), out, Loading())
    assert {row["term"] for row in rows(out, "clinical_code") if row["concept"] == "5"} == {"one\ttwo"}
    assert found(quality, "clinical_code", "wrong number of fields") == 1


def test_sex_and_death(tmp_path: Path, out: Path) -> None:
    extract = small(*NEEDED)
    extract["gender"] = [
        {"genderid": "0", "description": "Female"},
        {"genderid": "5", "description": "Unknown"},
    ]
    changes = [
        {"gender": "0"},
        {"gender": "1"},
        {"gender": "5"},
        {"gender": "3", "emis_ddate": "01/01/2012"},
        {},
    ]
    base = {"pracid": "20001", "yob": "1970", "regstartdate": "01/01/2000", "acceptable": "0"}
    extract["patient"] += [base | change | {"patid": f"2{i:05d}20001"} for i, change in enumerate(changes)]
    quality = load(write(tmp_path / "in", extract), out, Loading())
    read = {row["patient"]: row for row in rows(out, "patient")}
    made = [read[f"2{i:05d}20001"] for i in range(5)]
    assert [row["sex"] for row in made] == ["F", "M", None, "I", None]
    assert made[3]["died"] == date(2012, 1, 1)
    assert not any(row["acceptable"] for row in made)
    assert found(quality, "patient", "not acceptable") == 5
    assert found(quality, "patient", "sex indeterminate or unknown") == 3
    assert found(quality, "patient", "death by the practice's record alone") == 1


def test_artificial_when_every_part_says_so(tmp_path: Path, out: Path) -> None:
    source = tmp_path / "in"
    for table, some in small(*NEEDED).items():
        put(source, f"artificial_Extract_{table}_001.txt", text(table, some))
    assert load(source, out, Loading()).artificial
    assert read_manifest(out).artificial
    put(source, "x_Extract_Staff_001.txt", text("staff", small("staff")["staff"]))
    other = tmp_path / "other"
    other.mkdir()
    assert not load(source, other, Loading()).artificial


def test_progress_is_told(tmp_path: Path, out: Path) -> None:
    told: list[tuple[str, float]] = []
    load(
        write(tmp_path / "in", small(*NEEDED)),
        out,
        Loading(stage=lambda doing, share: told.append((doing, share))),
    )
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert any("observation" in doing.lower() for doing, _ in told)


def test_line_ends_of_two_kinds_and_control_characters(tmp_path: Path, out: Path) -> None:
    extract = small(*NEEDED, "medicaldictionary")
    extract["medicaldictionary"].append(
        {"medcodeid": "910000", "term": "Caf\u00e9 \x01", "snomedctconceptid": "5"}
    )
    source = write(tmp_path / "in", extract)
    lines = text("observation", extract["observation"]).splitlines()
    put(source, name_of("observation"), f"{lines[0]}\r\n{lines[1]}\n\n{lines[2]}\r\n")
    put(
        source, name_of("medicaldictionary"), text("medicaldictionary", extract["medicaldictionary"]).encode()
    )
    quality = load(source, out, Loading())
    assert len(rows(out, "observation")) == 2
    assert {row["term"] for row in rows(out, "clinical_code") if row["concept"] == "5"} == {
        "Caf\u00e9 \ufffd"
    }
    assert sum(t.quarantined for t in quality.tables) == 0


def test_what_a_mac_leaves_is_passed_over(tmp_path: Path, out: Path) -> None:
    source = write(tmp_path / "in", small(*NEEDED))
    put(source, f"._{name_of('patient')}", b"\x00\x05\x16\x07")
    with ZipFile(source / "x.zip", "w") as archive:
        archive.writestr(f"__MACOSX/{name_of('patient', 2)}", b"\x00\x05")
    quality = load(source, out, Loading())
    assert found(quality, "patient", "parts left out") == 0
