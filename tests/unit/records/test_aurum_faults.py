"""Extracts as they should not be: each fault has its message, and nothing is dropped without being counted."""

from __future__ import annotations

import gzip
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

from locum.errors import BadInput
from locum.records.aurum import settle
from locum.records.load import Loading, load
from locum.records.quality import Check, Finding, Quality
from tests.unit.records.aurum_files import P1, name_of, put, small, text, write

NEEDED = ("patient", "practice", "observation")
SECOND = name_of("observation", 2)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "in", small(*NEEDED))


def check(quality: Quality, table: str, name: str) -> Check:
    (one,) = (c for c in quality.checks if (c.table, c.name) == (table, name))
    return one


def observation(i: int = 3, **fields: str) -> dict[str, str]:
    return small("observation")["observation"][0] | {"obsid": f"91{i:017d}"} | fields


def rows(out: Path, table: str) -> list[dict]:
    return pq.read_table(out / f"{table}.parquet").to_pylist()


def adds_up(quality: Quality, out: Path) -> bool:
    """read = kept + quarantined, and both are on disk."""

    def lost(table: str) -> int:
        path = out / "quarantine" / f"{table}.parquet"
        return pq.read_metadata(path).num_rows if path.exists() else 0

    return all(
        t.read == t.kept + t.quarantined
        and t.quarantined == lost(t.table)
        and (not (out / f"{t.table}.parquet").exists() or t.kept == len(rows(out, t.table)))
        for t in quality.tables
    )


HEAD, _, BODY = text("observation", [observation(), observation(4)]).partition("\n")
WHOLE = f"{HEAD}\n{BODY}".encode()


UNREADABLE = [
    (b"", "is empty"),
    (WHOLE.decode().encode("utf-16"), "UTF-16"),
    (b"\x00\x01\x02\x03" * 99, "no text"),
    (b"PAR1 and more", "Parquet"),
    (WHOLE.replace(b"\t", b","), "not separated by tabs"),
    (BODY.encode(), "does not begin with the names"),
    (text("drugissue", small()["drugissue"]).encode(), "columns of the drugissue file"),
    (WHOLE.replace(b"medcodeid", b"code"), "lacks the columns medcodeid"),
    (WHOLE.replace(b"obstypeid", b"value"), "two columns of the same name"),
    (HEAD.encode() + b"\n" + b"x" * 5_000_000, "too long to be a row"),
]


def test_parts_that_cannot_be_read(source: Path, out: Path) -> None:
    for number, (content, _) in enumerate(UNREADABLE, 2):
        put(source, name_of("observation", number), content)
    quality = load(source, out, Loading())
    for number, (_, says) in enumerate(UNREADABLE, 2):
        (notice,) = (n for n in quality.notices if name_of("observation", number) in n)
        assert says in notice
    left_out = check(quality, "observation", "parts left out")
    assert (left_out.found, left_out.of, left_out.finding) == (10, 11, Finding.FAULT)
    assert len(rows(out, "observation")) == 2


@pytest.mark.parametrize("kind", ["gz", "zip", "crc", "locked"])
def test_a_damaged_archive(source: Path, out: Path, kind: str) -> None:
    if kind == "gz":
        put(source, f"{SECOND}.gz", gzip.compress(WHOLE)[:-20])
    else:
        name = f"x_Extract_Observation_002.{'zip' if kind == 'zip' else 'txt.zip'}"
        with ZipFile(source / name, "w") as archive:
            archive.writestr(SECOND, WHOLE)
        whole = (source / name).read_bytes()
        at = whole.index(b"9100") + 2
        changed = {
            "zip": whole[: len(whole) // 2],
            "crc": whole[:at] + b"9" + whole[at + 1 :],
            "locked": whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
        }[kind]
        assert changed != whole
        put(source, name, changed)
    quality = load(source, out, Loading())
    assert any("Observation_002" in n and "damaged or locked archive" in n for n in quality.notices)
    assert check(quality, "observation", "parts left out").found == 1
    assert len(rows(out, "observation")) == 2


def test_when_no_part_of_a_needed_table_can_be_read(source: Path, out: Path) -> None:
    put(source, name_of("patient"), b"")
    with pytest.raises(BadInput, match=r"no patient file can be read.*is empty"):
        load(source, out, Loading())


def test_an_extract_that_is_a_damaged_zip(tmp_path: Path, out: Path) -> None:
    broken = put(tmp_path, "x_Extract_Patient_001.zip", b"PK\x03\x04 nothing")
    with pytest.raises(BadInput, match="damaged zip"):
        load(broken, out, Loading())


def test_only_a_heading(source: Path, out: Path) -> None:
    put(source, name_of("observation"), HEAD + "\n")
    quality = load(source, out, Loading())
    assert check(quality, "observation", "parts without rows").found == 1
    assert rows(out, "observation") == []
    assert adds_up(quality, out)


def test_a_part_cut_in_its_last_line(source: Path, out: Path) -> None:
    put(source, SECOND, WHOLE[:-40])
    quality = load(source, out, Loading())
    assert check(quality, "observation", "parts cut short").finding is Finding.FAULT
    assert check(quality, "observation", "wrong number of fields").found == 1
    (lost,) = rows(out / "quarantine", "observation")
    assert lost["part"] == SECOND
    assert lost["reason"] == "the row has too few fields"
    assert WHOLE.decode().endswith(lost["row"] + WHOLE[-40:].decode())
    assert (out / "quarantine" / "MUST-NOT-LEAVE.txt").is_file()
    assert adds_up(quality, out)


def test_a_missing_part_number(source: Path, out: Path) -> None:
    put(source, name_of("observation", 4), WHOLE)
    quality = load(source, out, Loading())
    assert check(quality, "observation", "parts missing").found == 2
    assert check(quality, "observation", "parts missing").finding is Finding.FAULT
    assert check(quality, "patient", "parts missing").finding is Finding.FINE


def test_columns_added_and_absent(source: Path, out: Path) -> None:
    lines = [line.split("\t") for line in WHOLE.decode().splitlines()]
    put(
        source,
        SECOND,
        "\n".join("\t".join([*line[:-1], new]) for line, new in zip(lines, "abc", strict=True)),
    )
    quality = load(source, out, Loading())
    assert check(quality, "observation", "columns absent").found == 1
    assert check(quality, "observation", "columns added").found == 1
    assert len(rows(out, "observation")) == 4


UNUSABLE = [
    ({"obsid": ""}, "obsid is missing"),
    ({"patid": "NA"}, "patid is missing"),
    ({"medcodeid": ""}, "medcodeid is missing"),
    ({"obsid": "9.22E+18"}, "obsid went through a spreadsheet and lost digits"),
    ({"obsid": "9.1e18"}, "obsid went through a spreadsheet and lost digits"),
    ({"medcodeid": "123456789012000.0"}, "medcodeid went through a spreadsheet and lost digits"),
    ({"obsid": "1" * 20}, "obsid has more than 19 digits"),
    ({"obsid": "12x"}, "obsid is not made of digits"),
    ({"obsid": "-5"}, "obsid is not made of digits"),
    ({"obsdate": "31/02/2010"}, "obsdate is not a date as DD/MM/YYYY"),
    ({"obsdate": "10/10/10"}, "obsdate is not a date as DD/MM/YYYY"),
    ({"obsdate": "2010-13-01"}, "obsdate is not a date as DD/MM/YYYY"),
    ({"obsdate": "10 Oct 2010"}, "obsdate is not a date as DD/MM/YYYY"),
    ({"probobsid": "1\t2"}, "the row has too many fields"),
    ({"patid": "10000920001"}, "its patient is not in the patient table"),
]


def test_rows_that_cannot_be_used(source: Path, out: Path) -> None:
    # The value tells in quarantine which row it was.
    bad = [observation(10 + i, value=f"0.{100 + i}") | fields for i, (fields, _) in enumerate(UNUSABLE)]
    put(source, SECOND, text("observation", [*bad, observation(4)]))
    quality = load(source, out, Loading())
    lost = {row["row"].split("\t")[9]: row["reason"] for row in rows(out / "quarantine", "observation")}
    assert lost == {f"0.{100 + i}": reason for i, (_, reason) in enumerate(UNUSABLE)}
    assert len(rows(out, "observation")) == 3
    assert adds_up(quality, out)
    shown = quality.model_dump_json()
    assert not any(value in shown for fields, _ in UNUSABLE for value in fields.values() if len(value) > 5)


def test_fields_that_cannot_be_read_leave_the_row(source: Path, out: Path) -> None:
    bad = [
        observation(3, enterdate="soon"),
        observation(4, value="high"),
        observation(5, value="inf"),
        observation(6, consid="9.1E+18"),
        observation(7, obsdate="2011-01-05"),
        observation(8, obsdate=""),
    ]
    put(source, SECOND, text("observation", bad))
    quality = load(source, out, Loading())
    kept = {row["observation"][-1]: row for row in rows(out, "observation")}
    assert len(rows(out, "observation")) == 8
    assert kept["3"]["entered"] is kept["4"]["value"] is kept["5"]["value"] is None
    assert kept["6"]["consultation"] is kept["8"]["date"] is None
    assert str(kept["7"]["date"]) == "2011-01-05"
    names = (
        "unreadable enterdate",
        "unreadable value",
        "unreadable consid",
        "dates as YYYY-MM-DD",
        "no date",
    )
    assert [check(quality, "observation", name).found for name in names] == [1, 2, 1, 1, 1]


def test_dates_that_cannot_be(source: Path, out: Path) -> None:
    events = [
        observation(3, obsdate="01/01/1949"),
        observation(4, obsdate="01/01/2055"),
        observation(5, patid="10000220001", obsdate="10/07/2015"),
        observation(6, patid="10000220001", obsdate="20/06/2015"),
    ]
    put(source, SECOND, text("observation", events))
    patients = small("patient")["patient"]
    patients[0] |= {"regenddate": "01/01/1999"}
    patients[1] |= {"cprd_ddate": "01/01/1900", "emis_ddate": ""}
    quality = load(source, out, Loading())
    names = ("before birth", "after the last collection", "after death")
    assert [check(quality, "observation", name).found for name in names] == [1, 1, 1]
    assert len(rows(out, "observation")) == 6
    other = out.parent / "other"
    other.mkdir()
    put(source, name_of("patient"), text("patient", [*patients, patients[0] | {"patid": "5", "yob": "1066"}]))
    quality = load(source, other, Loading())
    names = (
        "registration ends before it starts",
        "death before birth",
        "no likely year of birth",
        "short identifiers",
        "patient and practice do not match",
    )
    assert [check(quality, "patient", name).found for name in names] == [2, 1, 1, 1, 1]


def test_second_copies_and_repeated_identifiers(source: Path, out: Path) -> None:
    first = small("observation")["observation"][0]
    other = first | {"value": "99"}
    put(source, SECOND, text("observation", [first, other, other, observation(5)]))
    patients = small("patient")["patient"]
    put(source, name_of("patient", 2), text("patient", [patients[0], patients[1] | {"yob": "1961"}]))
    quality = load(source, out, Loading())
    kept = rows(out, "observation")
    assert len({row["observation"] for row in kept}) == len(kept) == 4
    assert {row["value"] for row in kept if row["observation"].startswith(first["obsid"])} == {132.5, 99.0}
    assert check(quality, "observation", "duplicated rows").found == 2
    assert check(quality, "observation", "repeated identifiers").found == 1
    assert check(quality, "patient", "duplicated rows").found == 1
    assert check(quality, "patient", "repeated identifiers").found == 1
    assert len(rows(out, "patient")) == 2
    assert adds_up(quality, out)


def test_what_is_kept_does_not_depend_on_the_order_of_parts(tmp_path: Path) -> None:
    first = small("observation")["observation"][0]
    versions = [first, first | {"value": "1"}, first | {"value": "2"}]
    kept = []
    for i, order in enumerate([versions, versions[::-1]]):
        source = write(tmp_path / f"in{i}", small("patient", "practice"))
        for j, row in enumerate(order, 1):
            put(source, name_of("observation", j), text("observation", [row]))
        out = tmp_path / f"out{i}"
        out.mkdir()
        load(source, out, Loading())
        kept.append({row["observation"]: row["value"] for row in rows(out, "observation")})
    assert kept[0] == kept[1]
    assert len(kept[0]) == 3


def test_events_of_a_quarantined_patient_are_orphans(source: Path, out: Path) -> None:
    patients = small("patient")["patient"]
    patients[0]["patid"] = "1.0E+10"
    put(source, name_of("patient"), text("patient", patients))
    quality = load(source, out, Loading())
    assert check(quality, "patient", "identifiers spoilt by a spreadsheet").finding is Finding.FAULT
    assert check(quality, "observation", "patients not there").found == 1
    assert adds_up(quality, out)


def test_codes_and_words_that_are_not_known(source: Path, out: Path) -> None:
    write(source, small("medicaldictionary", "numunit"))
    put(source, SECOND, text("observation", [observation(medcodeid="900009", numunitid="44")]))
    quality = load(source, out, Loading())
    assert check(quality, "observation", "codes not in the dictionary").found == 1
    assert check(quality, "observation", "unknown unit").found == 1
    assert {row["unit"] for row in rows(out, "observation")} == {"mmHg", None, "unit 44"}


def test_a_practice_that_is_not_there(source: Path, out: Path) -> None:
    other = small("practice")["practice"][0] | {"pracid": "20009", "lcd": ""}
    put(source, name_of("practice"), text("practice", [other]))
    quality = load(source, out, Loading())
    assert check(quality, "patient", "practice not there").found == 2
    assert check(quality, "practice", "no last collection date").found == 1
    assert len(rows(out, "observation")) == 2


def test_strict_refuses_and_says_what(source: Path, out: Path) -> None:
    put(source, SECOND, text("observation", [observation(obsid=""), observation(4, patid="10000920001")]))
    with pytest.raises(BadInput) as refused:
        load(source, out, Loading(strict=True))
    message = str(refused.value)
    assert "1 of observation (obsid is missing)" in message
    assert "1 of observation (its patient is not in the patient table)" in message
    assert P1 not in message
    assert "\n" not in message


def test_strict_refuses_a_part_that_cannot_be_read(source: Path, out: Path) -> None:
    put(source, SECOND, b"")
    with pytest.raises(BadInput, match=f"{SECOND}.*is empty"):
        load(source, out, Loading(strict=True))


def test_referrals_problems_and_staff_are_checked(source: Path, out: Path) -> None:
    extract = small("staff", "referral", "problem")
    extract["staff"][0]["staffid"] = "x"
    extract["referral"][0]["patid"] = "10000920001"
    extract["problem"][0]["probenddate"] = "never"
    quality = load(write(source, extract), out, Loading())
    assert check(quality, "staff", "identifiers not of digits").found == 1
    assert check(quality, "referral", "patients not there").found == 1
    assert check(quality, "problem", "unreadable probenddate").found == 1
    assert {t.table: t.kept for t in quality.tables} | {"staff": 0} == {
        **{"patient": 2, "practice": 1, "observation": 2, "staff": 0, "referral": 0, "problem": 1}
    }
    assert not (out / "referral.parquet").exists()
    assert adds_up(quality, out)


def test_slices_of_keys_change_nothing(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [
        observation(100 + i // 3, value=str(i % 3 // 2)) for i in range(30)
    ]  # two copies and a version of each
    put(source, SECOND, text("observation", some))
    kept = []
    for size in (1_000_000, 7):
        monkeypatch.setattr(settle, "_AT_ONCE", size)
        monkeypatch.setattr(settle, "_SORTED_AT_ONCE", size)
        out = tmp_path / f"out{size}"
        out.mkdir()
        quality = load(source, out, Loading())
        assert check(quality, "observation", "duplicated rows").found == 10
        kept.append({row["observation"]: row["value"] for row in rows(out, "observation")})
    assert kept[0] == kept[1]
    assert len(kept[0]) == 22
