"""Plain tables read from every kind of file, and every kind of file that is no table."""

import datetime
import errno
import gzip
import os
import pickle
from contextlib import contextmanager

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest

from locum.errors import BadInput
from locum.records.tables import from_any, read_table, write_table
from locum.variables import Kind, infer, to_columns, to_table

SIMPLE = {"a": [1, 2], "b": ["x", "é"]}


def write(folder, name: str, content: str | bytes):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", "a,b\n1,x\n2,é\n"),
        ("semicolon.csv", "a;b\n1;x\n2;é\n"),
        ("tab.tsv", "a\tb\n1\tx\n2\té\n"),
        ("bar.txt", "a|b\n1|x\n2|é\n"),
        ("windows.csv", "a,b\r\n1,x\r\n2,é\r\n"),
        ("no_last_newline.csv", "a,b\n1,x\n2,é"),
        ("quoted.csv", '"a","b"\n"1","x"\n"2","é"\n'),
        ("spaces_in_names.csv", " a,b \n1,x\n2,é\n"),
        ("bom.csv", b"\xef\xbb\xbf" + "a,b\n1,x\n2,é\n".encode()),
        ("latin.csv", "a,b\n1,x\n2,é\n".encode("latin-1")),
        ("utf16.csv", "a,b\n1,x\n2,é\n".encode("utf-16")),
        ("packed.csv.gz", gzip.compress("a,b\n1,x\n2,é\n".encode(), mtime=0)),
        ("row_numbers.csv", '"","a","b"\n"1",1,"x"\n"2",2,"é"\n'),
        ("index.csv", ",a,b\n0,1,x\n1,2,é\n"),
    ],
)
def test_delimited_text_of_every_kind(tmp_path, name, content):
    assert read_table(write(tmp_path, name, content)).to_pydict() == SIMPLE


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "-7", "0"], pa.int64(), [1, -7, 0]),
        (["1", "", "NA"], pa.int64(), [1, None, None]),
        (["1.5", "NaN", "-2"], pa.float64(), [1.5, None, -2]),
        (["1.5", "Inf", "-inf"], pa.float64(), [1.5, float("inf"), float("-inf")]),
        (["1e3", "+2", ".5"], pa.float64(), [1000, 2, 0.5]),
        (["00123", "4", "5"], pa.string(), ["00123", "4", "5"]),
        (["00.5", "4", "5"], pa.string(), ["00.5", "4", "5"]),
        (["1234567890123456789", "1", "2.5"], pa.string(), ["1234567890123456789", "1", "2.5"]),
        (["1", "two", "3"], pa.string(), ["1", "two", "3"]),
        (["None", "NULL", "null"], pa.string(), ["None", None, None]),
        (["True", "False", ""], pa.string(), ["True", "False", None]),
        (["NA", "", "NULL"], pa.string(), [None, None, None]),
        (
            ["2020-01-31", "", "1999-12-31"],
            pa.date32(),
            [datetime.date(2020, 1, 31), None, datetime.date(1999, 12, 31)],
        ),
        (["2020-02-30", "2020-01-01", ""], pa.string(), ["2020-02-30", "2020-01-01", None]),
        (["31/12/2020", "01/01/2020", ""], pa.string(), ["31/12/2020", "01/01/2020", None]),
        (
            ["2020-01-31 10:20:30", "", ""],
            pa.timestamp("us"),
            [datetime.datetime(2020, 1, 31, 10, 20, 30), None, None],
        ),
    ],
)
def test_types_are_those_of_all_cells(tmp_path, cells, kind, values):
    table = read_table(write(tmp_path, "t.csv", "x,y\n" + "".join(f"{cell},1\n" for cell in cells)))
    assert table.schema.field("x").type == kind
    assert table.column("x").to_pylist() == values


def test_a_word_after_many_numbers_keeps_all_as_text(tmp_path):
    path = write(tmp_path, "t.csv", "x,y\n" + "1,2\n" * 100_000 + "word,2\n")
    table = read_table(path)
    assert table.schema.types == [pa.string(), pa.int64()]
    assert table.num_rows == 100_001


def test_line_breaks_and_separators_in_quotes(tmp_path):
    path = write(tmp_path, "t.csv", 'a,b\n1,"two\nlines, and ""quotes"""\n')
    assert read_table(path).column("b").to_pylist() == ['two\nlines, and "quotes"']


def test_decimal_commas_where_the_separator_is_another(tmp_path):
    assert read_table(write(tmp_path, "t.csv", "a;b\n1,5;x\n2;y\n")).column("a").to_pylist() == [1.5, 2]


def test_an_empty_line_in_a_single_column_is_an_empty_cell(tmp_path):
    assert read_table(write(tmp_path, "t.csv", "a\n1\n\n3\n")).column("a").to_pylist() == [1, None, 3]


BAD = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b"\n \n", "is empty"),
    "only_names.csv": (b"a,b\n", "no rows"),
    "double.csv": (b"a,a\n1,2\n", 'more than one column named "a"'),
    "unnamed.csv": (b"a,\n1,2\n", "column 2 has no name"),
    "no_names.csv": (b",\n1,2\n", "no column names"),
    "numbers_only.csv": (b"777,1.5\n1,2\n", "numbers where column names should be"),
    "false_mark.csv": (b"\xef\xbb\xbfa,b\n1,secret\xff\n", "not in the encoding"),
    "line_break.csv": (b'a,"b\nc"\n1,2\n', "name of column 2 has a line break"),
    "long_row.csv": (b"a,b\n1,2\nsecret,4,5\n", "row 3 has 3 fields in place of 2"),
    "short_row.csv": (b"a,b\n1,2\nsecret\n3,4\n", "row 3 has 1 fields in place of 2"),
    "image.csv": (b"\x89PNG\r\n\x1a\nsecret", "not a table but an image"),
    "sheet.xlsx": (b"PK\x03\x04secret", "spreadsheet"),
    "sheet.csv": (b"PK\x03\x04secret", "spreadsheet"),
    "object.pkl": (pickle.dumps({"secret": 1}), "pickle"),
    "object.csv": (pickle.dumps({"secret": 1}), "pickle"),
    "model.json": (b'{"secret": 1}', "JSON"),
    "rows.json": (b'[{"secret": 1}]', "JSON"),
    "page.csv": (b"<!DOCTYPE html><p>secret", "web page"),
    "bytes.csv": (b"a,b\n1,\x00secret\n", "not text"),
    "text.parquet": (b"a,b\nsecret,1\n", "is not Parquet but delimited text"),
    "broken.parquet": (b"PAR1secret", "damaged Parquet"),
    "broken.arrow": (b"ARROW1secret", "damaged Arrow"),
    "broken.duckdb": (b"12345678DUCKsecret", "cannot be read as a DuckDB file"),
    "lite.db": (b"SQLite format 3\0secret", "SQLite"),
    "broken.csv.gz": (gzip.compress(b"a,b\n1,secret\n" * 1000, mtime=0)[:40], "damaged gzip"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_table_is_told_in_one_line_without_a_value(tmp_path, name):
    content, says = BAD[name]
    path = write(tmp_path, name, content)
    with pytest.raises(BadInput, match=says) as error:
        read_table(path)
    message = str(error.value)
    assert str(path) in message
    assert "secret" not in message
    assert "\n" not in message
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_files_that_are_not_there_or_not_files(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="is a directory"):
        read_table(tmp_path)
    with pytest.raises(BadInput, match="not a plain file"):
        read_table("/dev/null")


def test_permission_denied(tmp_path, monkeypatch):
    path = write(tmp_path, "t.csv", "a\n1\n")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(BadInput, match="permission denied"):
        read_table(path)


def test_parquet_and_arrow(tmp_path):
    table = pa.table(SIMPLE)
    pa.parquet.write_table(table, tmp_path / "t.parquet")
    pa.feather.write_feather(table, tmp_path / "t.feather")
    with pa.ipc.new_stream(tmp_path / "t.arrow", table.schema) as sink:
        sink.write_table(table)
    for name in ("t.parquet", "t.feather", "t.arrow"):
        assert read_table(tmp_path / name).equals(table)


def test_tables_of_a_duckdb_file(tmp_path):
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE one AS SELECT 1 AS a, DATE '2020-01-01' AS d")
    assert read_table(path).to_pylist() == [{"a": 1, "d": datetime.date(2020, 1, 1)}]
    with duckdb.connect(str(path)) as connection:
        connection.execute('CREATE TABLE "an ""odd"" one" AS SELECT 2 AS a')
    assert read_table(path, name='an "odd" one').to_pylist() == [{"a": 2}]
    assert read_table(f"{path}::one").num_rows == 1
    with pytest.raises(BadInput, match='holds tables an "odd" one, one; say which'):
        read_table(path)
    with pytest.raises(BadInput, match='has no table "three"'):
        read_table(path, name="three")


def test_a_view_in_a_duckdb_file_cannot_read_other_files(tmp_path):
    write(tmp_path, "other.csv", "a\nsecret\n")
    with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
        connection.execute(f"CREATE VIEW v AS SELECT * FROM read_csv('{tmp_path / 'other.csv'}')")
    with pytest.raises(BadInput, match="cannot be read") as error:
        read_table(tmp_path / "t.duckdb")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "data",
    [
        pa.table(SIMPLE),
        pa.RecordBatch.from_pydict(SIMPLE),
        pa.table(SIMPLE).to_reader(),
        pd.DataFrame(SIMPLE),
        pd.DataFrame(SIMPLE, index=["p", "q"]),
        pl.DataFrame(SIMPLE),
    ],
)
def test_tables_in_memory(data):
    table = from_any(data)
    assert table.to_pydict() == SIMPLE
    assert table.schema.metadata is None


def test_categories_of_polars_and_pandas_come_back():
    cells = ["low", "high", "middle"] * 20
    order = ["low", "middle", "high"]
    for frame in (
        pl.DataFrame({"x": pl.Series(cells, dtype=pl.Enum(order))}),
        pd.DataFrame({"x": pd.Categorical(cells, categories=order, ordered=True)}),
    ):
        table = from_any(frame)
        declared = infer(table)
        assert (declared["x"].kind, declared["x"].levels) == (Kind.ORDINAL, tuple(order))
        assert to_table(to_columns(table, declared)).column("x").to_pylist() == cells


def test_a_path_is_a_table_too(tmp_path):
    path = write(tmp_path, "t.csv", "a,b\n1,x\n2,é\n")
    assert from_any(path).to_pydict() == SIMPLE
    assert from_any(str(path)).to_pydict() == SIMPLE


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([1, 2], "train is a list, not a table"),
        (None, "train is a NoneType"),
        (pd.DataFrame({"a": [1, "secret"]}), "mixed types"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns of the same name"),
        (pa.table({}), "no columns"),
        (pa.table({"a": pa.array([], pa.int8())}), "no rows"),
        (pa.table([[1], [2]], names=["a", "a"]), "more than one"),
    ],
)
def test_what_is_no_table_in_memory(data, says):
    with pytest.raises(BadInput, match=says) as error:
        from_any(data, "train")
    assert "secret" not in str(error.value)


RICH = pa.table(
    {
        "n": pa.array([1, None, 3] * 20),
        "x": pa.array([0.1, None, 2.5] * 20),
        "text": pa.array(["a, b", None, 'say "c"'] * 20),
        "level": pa.array(["u", "v", None] * 20).dictionary_encode(),
        "flag": pa.array([True, False, None] * 20),
        "day": pa.array([datetime.date(2020, 1, 1), None, datetime.date(1999, 1, 1)] * 20),
        "moment": pa.array([datetime.datetime(2020, 1, 1, 1, 2, 3), None, None] * 20, pa.timestamp("us")),
        "span": pa.array([datetime.timedelta(hours=12), None, datetime.timedelta(1)] * 20, pa.duration("s")),
    }
)


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_what_is_written_reads_as_the_same_columns(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    write_table(RICH, path)
    declared = infer(RICH)
    assert to_table(to_columns(read_table(path), declared)).equals(to_table(to_columns(RICH, declared)))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    first = path.read_bytes()
    write_table(RICH, path)
    assert path.read_bytes() == first


def test_other_endings_and_lists_in_csv_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"does not end in \.parquet, \.csv or \.csv\.gz"):
        write_table(RICH, tmp_path / "t.xlsx")
    with pytest.raises(BadInput, match='column "x" holds lists'):
        write_table(pa.table({"x": [[1]]}), tmp_path / "t.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, ending):
    path = write(tmp_path, f"t{ending}", "old")

    def fsync(handle):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(BadInput, match="no space left"):
        write_table(RICH, path)
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs the device that is always full")  # noqa: PTH110
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_disk_that_fills_while_writing(tmp_path, monkeypatch, ending):
    wide = pa.table({"x": list(range(2_000_000))})

    @contextmanager
    def full(path, mode):
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / path.name).symlink_to("/dev/full")
        yield tmp_path / "full"

    monkeypatch.setattr("locum.atomic.hidden_beside", full)
    with pytest.raises(BadInput, match="no space left"):
        write_table(wide, tmp_path / f"t{ending}")
    assert not (tmp_path / f"t{ending}").exists()
