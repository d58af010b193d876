"""`locum.load`: typed in every frame, with the dictionary beside it; what is not whole or not to be used is refused."""

from __future__ import annotations

import copy
import datetime
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import locum
from locum.errors import BadInput, UsageError
from locum.release import checksums
from locum.release.package import Package
from locum.release.withdraw import withdraw
from locum.variables import Kind, Variable, Variables
from tests.unit.release.seal_cases import DAY, KEY, OTHER_KEY, copied, make, release

TABLE = pa.table(
    {
        "stage": ["mild", None, "other", "mild", "severe"],
        "sex": pa.array(["male", None, "female", "male", "male"]).dictionary_encode(),
        "stroke": pa.array([0, 1, 0, 0, 1]),
        "smoker": [True, False, None, True, True],
        "age": pa.array([40, 51, 63, 88, 40], pa.int16()),
        "weight": [70.5, None, 80.25, 61.0, 99.9],
        "visit": pa.array([DAY, None, DAY, DAY, DAY]),
        "seen": [datetime.datetime(2020, 1, 2, 3, 4, 5), None, *[datetime.datetime(2020, 1, 2)] * 3],
        "empty": pa.array([None] * 5, pa.float64()),
        "no_one": pa.array([None] * 5, pa.string()),
    }
)
VARIABLES = Variables(
    (
        Variable("stage", Kind.ORDINAL, levels=("none", "mild", "severe"), description="How far it went"),
        Variable("sex", Kind.NOMINAL, "dictionary", levels=("male", "female", "unknown")),
        Variable("stroke", Kind.BINARY, "int64", levels=("0", "1")),
        Variable("smoker", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("age", Kind.COUNT, "int16", unit="years"),
        Variable("weight", Kind.CONTINUOUS, "double"),
        Variable("visit", Kind.DATE, "date32[day]"),
        Variable("seen", Kind.DATE, "timestamp[us]"),
        Variable("empty", Kind.CONTINUOUS, "double"),
        Variable("no_one", Kind.NOMINAL, levels=("a",)),
    )
)
LEVELS = {"stage": ["none", "mild", "severe", "other"], "sex": ["male", "female", "unknown"], "no_one": ["a"]}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Package:
    made = release(table=TABLE)
    made = replace(made, evidence=replace(made.evidence, variables=VARIABLES))
    return make(tmp_path_factory.mktemp("original"), of=made)


@pytest.fixture
def made(original: Package, tmp_path: Path) -> Package:
    """A package that a test may change."""
    return copied(original, tmp_path)


def test_the_rows_are_those_of_the_package_as_a_directory_and_as_a_zip(original: Package) -> None:
    for path in (original.folder, original.archive, str(original.archive)):
        found = locum.load(path)
        assert found.column_names == TABLE.column_names
        assert found.to_pylist() == TABLE.to_pylist()


def test_arrow_types_are_those_of_the_dictionary(original: Package) -> None:
    found = locum.load(original.archive)
    for name, levels in LEVELS.items():
        kind = found.schema.field(name).type
        assert kind == pa.dictionary(pa.int32(), pa.string(), ordered=name == "stage"), name
        assert found[name].combine_chunks().dictionary.to_pylist() == levels
    for name in set(TABLE.column_names) - LEVELS.keys():
        assert found.schema.field(name).type == TABLE.schema.field(name).type, name


def test_pandas_types_are_those_of_the_dictionary(original: Package) -> None:
    found = locum.load(original.archive, "pandas")
    for name, levels in LEVELS.items():
        assert list(found[name].cat.categories) == levels
        assert found[name].cat.ordered is (name == "stage")
    assert found["stage"].min() == "mild"
    assert [str(found[name].dtype) for name in ("stroke", "age", "weight")] == ["int64", "int16", "float64"]
    assert found["visit"].dtype.kind == found["seen"].dtype.kind == "M"
    assert found["visit"][0] == pd.Timestamp(DAY)
    assert pd.isna(found["visit"][1])
    assert found["empty"].isna().all()
    assert found["no_one"].isna().all()
    assert found["stage"].isna().tolist() == [False, True, False, False, False]


def test_polars_types_are_those_of_the_dictionary(original: Package) -> None:
    found = locum.load(original.archive, "polars")
    for name, levels in LEVELS.items():
        assert found.schema[name] == pl.Enum(levels)
    others = {
        "stroke": pl.Int64,
        "smoker": pl.Boolean,
        "age": pl.Int16,
        "weight": pl.Float64,
        "visit": pl.Date,
    }
    assert {name: found.schema[name] for name in others} == others
    assert found.schema["seen"] == pl.Datetime("us")
    assert found["stage"].sort().to_list() == [
        None,
        "mild",
        "mild",
        "severe",
        "other",
    ]  # in the declared order
    assert found["empty"].null_count() == found["no_one"].null_count() == 5


def test_the_dictionary_goes_with_the_table(original: Package) -> None:
    said = locum.dictionary(original.folder)
    assert said == json.loads((original.folder / "dictionary.json").read_text("utf-8"))
    table, frame = locum.load(original.folder), locum.load(original.folder, "pandas")
    assert (
        locum.dictionary(str(original.archive)) == locum.dictionary(table) == locum.dictionary(frame) == said
    )
    for part in (table.select(["age", "stage"]), frame[["age", "stage"]], frame[["stage", "age"]].head(2)):
        assert [v["name"] for v in locum.dictionary(part)["variables"]] == ["stage", "age"]
    assert locum.dictionary(table)["variables"][0]["description"] == "How far it went"
    field = json.loads(table.schema.field("age").metadata[b"locum.dictionary"])
    assert (field["name"], field["unit"]) == ("age", "years")
    assert copy.deepcopy(frame.attrs)["dictionary"] is frame.attrs["dictionary"]


@pytest.mark.parametrize(
    "data", [pa.table({"a": [1]}), pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]}), 3, None]
)
def test_what_carries_no_dictionary_is_told(data: Any) -> None:
    with pytest.raises(BadInput, match="the table carries no dictionary; load it with"):
        locum.dictionary(data)


def told(*arguments: Any, **options: Any) -> str:
    """The one line for which nothing is loaded."""
    with pytest.raises((BadInput, UsageError)) as raised:
        locum.load(*arguments, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_with_a_key_the_whole_package_is_verified(made: Package, tmp_path: Path) -> None:
    (tmp_path / "our.pub").write_text(KEY.public.text)
    for key in (KEY.public.line, tmp_path / "our.pub", str(tmp_path / "our.pub")):
        assert locum.load(made.archive, key=key).num_rows == 5
    assert "is signed with the key" in told(made.archive, key=OTHER_KEY.public.line)
    (made.folder / "README.md").write_text("changed")
    assert locum.load(made.folder).num_rows == 5
    assert "README.md is not the file" in told(made.folder, key=KEY.public.line)
    assert "does not exist" in told(made.archive, key="absent.pub")


@pytest.mark.parametrize("path", ["data/small.parquet", "dictionary.json"])
def test_a_changed_byte_is_found_without_a_key(made: Package, path: str) -> None:
    file = made.folder / path
    whole = file.read_bytes()
    for place in (0, len(whole) // 2, len(whole) - 1):
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert "was changed since it was packed; get the package anew" in told(made.folder)
    packed = bytearray(made.archive.read_bytes())
    packed[len(packed) // 2] ^= 1
    made.archive.write_bytes(packed)
    assert "is damaged" in told(made.archive)


def test_a_withdrawn_package_is_not_loaded(made: Package, tmp_path: Path) -> None:
    withdraw(made.folder, tmp_path / "gone", by="A", reason="wrong", date=DAY, secret=KEY)
    for path in (tmp_path / "gone", tmp_path / "gone.zip"):
        assert "was withdrawn: read its WITHDRAWN.md" in told(path)
    assert locum.dictionary(tmp_path / "gone")["name"] == "small"


def _report_folder(folder: Path) -> Path:
    (folder / "report").mkdir()
    (folder / "report" / "metrics.json").write_text("{}")
    (folder / "report" / "report.html").write_text("<html>")
    return folder / "report"


def _file(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (lambda f: f / "absent.zip", "does not exist; name the directory or the zip of a package"),
        (_report_folder, "is not a package of locum, or not whole: it has no SHA256SUMS"),
        (_file("cvd.parquet", b"PAR1 PAR1"), "is neither the directory nor the zip of a package"),
        (_file("cvd.zip", b""), "is neither the directory nor the zip of a package"),
        (_file("cvd.csv", b"a,b\n1,2\n"), "is neither the directory nor the zip of a package"),
        (lambda f: f / "package" / "dictionary.json", "is neither the directory nor the zip of a package"),
        (lambda f: f / "package" / "data", "is not a package of locum, or not whole: it has no SHA256SUMS"),
    ],
)
def test_what_is_no_package_is_told(made: Package, given: Callable[[Path], Path], says: str) -> None:
    path = given(made.folder.parent)
    assert says in told(path)
    with pytest.raises(BadInput, match=says):
        locum.dictionary(path)


def _rewrite(dictionary: Any) -> Callable[[Package], None]:
    def write(made: Package) -> None:
        """A package whose hashes are good, and that no version of locum writes."""
        data = json.dumps(dictionary).encode()
        (made.folder / "dictionary.json").write_bytes(data)
        sums = checksums.from_text((made.folder / "SHA256SUMS").read_text("utf-8"))
        assert sums is not None
        new = {**sums, "dictionary.json": hashlib.sha256(data).hexdigest()}
        (made.folder / "SHA256SUMS").write_text(checksums.to_text(new), "utf-8")

    return write


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda m: (m.folder / "dictionary.json").unlink(), "has no dictionary.json"),
        (lambda m: (m.folder / "data" / "small.parquet").unlink(), "has no data/small.parquet"),
        (_rewrite([]), "is not the dictionary of a package that this version reads"),
        (_rewrite({"format": 2, "name": "small", "variables": []}), "is not the dictionary of a package"),
        (_rewrite({"format": 1, "variables": []}), "is not the dictionary of a package"),
        (_rewrite({"format": 1, "name": "small", "variables": [3]}), "is not the dictionary of a package"),
        (_rewrite({"format": 1, "name": "../small", "variables": []}), "has no data/../small.parquet"),
    ],
)
def test_a_package_that_is_not_whole_is_told(
    made: Package, spoil: Callable[[Package], object], says: str
) -> None:
    spoil(made)
    assert says in told(made.folder)


def test_another_frame_is_told(original: Package) -> None:
    assert told(original.folder, "spark") == 'there is no frame "spark"; use arrow, pandas, polars'


def test_a_frame_needs_its_library_and_arrow_needs_none(original: Package) -> None:
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('pandas', 'polars'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "import locum\n"
        f"path = {str(original.archive)!r}\nprint(locum.load(path).num_rows)\n"
        "for frame in ('pandas', 'polars'):\n"
        "    try:\n        locum.load(path, frame)\n    except locum.UsageError as error:\n        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "5",
        'pandas is not installed; run: pip install pandas, or load with frame="arrow"',
        'polars is not installed; run: pip install polars, or load with frame="arrow"',
    ], done.stderr
