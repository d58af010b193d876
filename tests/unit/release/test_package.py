"""The package: whole or not at all, the same bytes every time, its CSV the table, its zip a plain one."""

from __future__ import annotations

import csv
import datetime
import subprocess
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.errors import BadInput
from locum.release import archive, checksums, csv_file, package
from locum.release.mark import mark
from locum.release.release import Document
from locum.release.verify import verify
from tests.unit.release.papers_cases import ATTRITION, CODES
from tests.unit.release.seal_cases import DAY, KEY, TABLE, instead, make, release


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make(tmp_path / name)
    one, two = everything(tmp_path / "one"), everything(tmp_path / "two")
    assert one == two
    assert {"package.zip", "package/data/small.csv", "package/SHA256SUMS.minisig"} <= one.keys()


def test_data_and_evidence_come_first_and_empty_documents_are_left_out(tmp_path: Path) -> None:
    made = make(tmp_path)
    paths = [file.path for file in made.files]
    assert paths[:3] == ["data/small.parquet", "data/small.csv", "locum.pub"]
    assert "evidence/graph.json" not in paths  # the release has none
    assert (made.folder / "data" / "small.parquet").read_bytes() == release().evidence.parquet
    assert b"A small study" in (made.folder / "evidence" / "report.html").read_bytes()
    assert made.key == KEY.public.id


def test_the_codelists_that_may_be_passed_on_are_in_it(tmp_path: Path) -> None:
    whole = release()
    used = replace(whole.evidence, attrition=ATTRITION)
    made = make(tmp_path, of=replace(whole, evidence=used))
    assert (made.folder / "codelists" / "systolic_bp.csv").read_bytes() == CODES.encode()
    assert [file.path for file in made.files if file.path.startswith("codelists/")] == [
        "codelists/systolic_bp.csv"
    ]
    assert "codelists/systolic_bp.csv" in verify(made.archive).sums
    assert "`codelists/systolic_bp.csv`" in (made.folder / "README.md").read_text("utf-8")
    for odd in ({"text": "code\n1\n"}, {"name": "../evil"}):
        lists = (ATTRITION.codelists[0].model_copy(update=odd),)
        forged = replace(used, attrition=ATTRITION.model_copy(update={"codelists": lists}))
        with pytest.raises(BadInput, match="is not the one it names"):
            make(tmp_path, of=replace(whole, evidence=forged))


def test_sha256sum_reads_the_sums(tmp_path: Path) -> None:
    made = make(tmp_path)
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=made.folder, check=True)
    named = {line[66:] for line in (made.folder / "SHA256SUMS").read_text().splitlines()}
    assert named == everything(made.folder).keys() - {".locum", "SHA256SUMS", "SHA256SUMS.minisig"}


def test_the_zip_holds_the_directory_under_the_name_of_the_release(tmp_path: Path) -> None:
    made = make(tmp_path)
    with zipfile.ZipFile(made.archive) as found:
        assert found.testzip() is None
        entries = found.infolist()
        held = {e.filename.removeprefix("small-1.0.0/"): found.read(e) for e in entries}
    expected = everything(made.folder)
    del expected[".locum"]
    assert held == expected
    assert {e.date_time for e in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(e.extra, e.external_attr >> 16) for e in entries} == {(b"", 0o100644)}


def test_a_document_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(release: object, files: object) -> bytes:
        raise KeyError

    instead(monkeypatch, Document("README.md", "text/markdown", "fails", fail))
    with pytest.raises(KeyError):
        make(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_replaced_by_the_next_one_but_nothing_else_is(tmp_path: Path) -> None:
    make(tmp_path)
    assert make(tmp_path, secret=None).key is None
    assert not (tmp_path / "package" / "SHA256SUMS.minisig").exists()
    (tmp_path / "other.zip").write_text("mine")
    with pytest.raises(BadInput, match="give another name"):
        package.write(release(), tmp_path / "other", None)
    with pytest.raises(BadInput, match="name the directory"):
        package.write(release(), tmp_path / "new.zip", None)
    for out in (Path(), Path(".."), Path("/")):
        with pytest.raises(BadInput, match="no name of its own"):
            package.write(release(), out, None)
    assert (tmp_path / "other.zip").read_text() == "mine"


def test_the_csv_is_as_people_read_it(tmp_path: Path) -> None:
    csv_file.write(TABLE, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().split("\n")[:3] == [
        '"age","sex","smoker","pressure","diabetes","visit","seen"',
        '40,"female","never",120.5,true,2026-01-31,"2020-01-02T03:04:05.000600"',
        '51,"male","ex",,false,,',
    ]
    assert b"\r" not in (tmp_path / "t.csv").read_bytes()


COLUMNS = (
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.uint8(), st.integers(0, 255)),
    (pa.float64(), st.floats(allow_infinity=False)),
    (pa.float32(), st.floats(width=32, allow_infinity=False)),
    (pa.string(), st.text(st.characters(exclude_categories=["Cs"]))),
    (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["", "a", "NA", "1", " ", '"'])),
    (pa.bool_(), st.booleans()),
    (pa.date32(), st.dates()),
    (pa.date64(), st.dates()),
    (pa.timestamp("us"), st.datetimes(datetime.datetime(1700, 1, 1))),
    (pa.timestamp("ms", "Europe/London"), st.datetimes(datetime.datetime(1900, 1, 1))),
    (pa.duration("s"), st.timedeltas()),
    (pa.decimal128(9, 2), st.decimals(-9999, 9999, places=2)),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv") / "t.csv"


@given(st.data())
def test_what_is_written_is_read_again(file: Path, data: st.DataObject) -> None:
    rows = data.draw(st.integers(0, 4))
    columns = {}
    for i in range(data.draw(st.integers(1, 3))):
        kind, values = data.draw(st.sampled_from(COLUMNS))
        drawn = data.draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        columns[f"c{i}"] = pa.array([_plain(value, kind) for value in drawn], kind)
    table = pa.table(columns)
    csv_file.write(table, file)
    with file.open("rb") as opened:
        found = list(csv_file.read(opened, table.schema))
    expected = [csv_file.written(batch) for batch in table.to_batches()]
    assert csv_file.agree(expected, found) is None
    assert sum(batch.num_rows for batch in found) == rows


def _plain(value: object, kind: pa.DataType) -> object:
    if isinstance(value, datetime.datetime) and kind.unit == "ms":
        return value.replace(microsecond=0)
    if isinstance(value, datetime.timedelta):
        return datetime.timedelta(value.days, value.seconds)
    return value


def test_every_difference_of_two_tables_is_found() -> None:
    batches = [csv_file.written(b) for b in TABLE.to_batches()]
    split = [batches[0][:2], batches[0][2:2], batches[0][2:]]
    assert csv_file.agree(batches, split) is None
    assert csv_file.agree(batches, split[:1]) == ""
    assert csv_file.agree([], split) == ""
    other = TABLE.set_column(5, "visit", pa.array([DAY, DAY, DAY, DAY, DAY]))
    assert csv_file.agree(batches, [csv_file.written(b) for b in other.to_batches()]) == "visit"


def test_not_a_number_is_missing_and_a_decimal_keeps_its_digits(tmp_path: Path) -> None:
    table = pa.table({"x": [float("nan"), 1.0], "d": pa.array([Decimal("1.50"), None])})
    csv_file.write(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == '"x","d"\n,1.50\n1,\n'


@pytest.mark.parametrize(
    "values",
    [
        pa.array([1, None, None, 3]),
        pa.array([1.5, float("nan"), None]),
        pa.array([None, True]),
        pa.array([None, DAY, None]),
        pa.array([None, datetime.datetime(2020, 1, 2)]),
        pa.array(["a\n\nb", None, "c", None]),
        pa.array([None, "a"]).dictionary_encode(),
        pa.array([None, None]),
    ],
    ids=lambda values: str(values.type),
)
def test_a_missing_value_of_a_column_by_itself_is_a_row_too(tmp_path: Path, values: pa.Array) -> None:
    """An empty line would be passed over by pandas, and by R."""
    table = pa.table({'a\n\n"b': values})
    csv_file.write(table, tmp_path / "t.csv")
    assert len(pandas.read_csv(tmp_path / "t.csv")) == len(values)
    with (tmp_path / "t.csv").open(newline="") as file:
        cells = [row[0] for row in csv.reader(file)][1:]
    missing = pandas.isna(values.to_pandas()).tolist()
    assert [cell == "" for cell in cells] == missing
    expected = [csv_file.written(batch) for batch in table.to_batches()]
    with (tmp_path / "t.csv").open("rb") as opened:
        assert csv_file.agree(expected, csv_file.read(opened, table.schema)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{'0' * 64} a\n",
        f"{'A' * 64}  a\n",
        f"{'0' * 64}  a",
        f"{'0' * 64}  b\n{'0' * 64}  a\n",
        f"{'0' * 64}  a\n{'1' * 64}  a\n",
        f"{'0' * 64}  a\r\n",
    ],
)
def test_sums_that_are_not_ours_are_not_read(text: str) -> None:
    assert checksums.from_text(text) is None


def test_sums_are_read_as_they_were_written() -> None:
    sums = {"b c": "1" * 64, "a": "0" * 64}
    assert checksums.from_text(checksums.to_text(sums)) == sums
    with pytest.raises(ValueError, match="sha256sum"):
        checksums.to_text({"a\nb": "0" * 64})


def test_any_bit_of_the_archive_counts(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("some text")
    archive.write(tmp_path / "z.zip", tmp_path, ["a"], "f")
    whole = (tmp_path / "z.zip").read_bytes()
    changed = tmp_path / "changed.zip"
    for place in range(len(whole)):
        for bit in range(8):
            other = bytearray(whole)
            other[place] ^= 1 << bit
            changed.write_bytes(other)
            with changed.open("rb") as file:
                assert not archive.is_whole(file), (place, bit)
    for other in (whole[:-1], whole + b"\0", b"\0" + whole):
        changed.write_bytes(other)
        with changed.open("rb") as file:
            assert not archive.is_whole(file)
    with (tmp_path / "z.zip").open("rb") as file:
        assert archive.is_whole(file)


@pytest.mark.parametrize(
    ("reads", "out"), [("package", "package"), ("package.zip", "package"), ("package", "package/new")]
)
def test_a_copy_is_not_written_over_the_package_that_traces_it(tmp_path: Path, reads: str, out: str) -> None:
    made = make(tmp_path)
    before = everything(tmp_path)
    with pytest.raises(BadInput, match="give another name"):
        mark(tmp_path / reads, tmp_path / out, recipient="A reader", secret=KEY)
    with pytest.raises(BadInput, match="give another name"):  # nor the last release
        package.check_out(tmp_path / out, tmp_path / reads)
    assert everything(tmp_path) == before
    assert package.check_out(tmp_path / "other", made.folder) == tmp_path / "other"
