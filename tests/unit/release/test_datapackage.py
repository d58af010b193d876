"""datapackage.json, read by frictionless."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from frictionless import Package

from locum.release.datapackage import DOCUMENTS, field
from locum.release.release import File, Release
from locum.variables import Kind, Variable, Variables
from tests.unit.release.metadata_cases import HOSTILE, VARIABLES, release
from tests.unit.release.metadata_cases import written as packed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return packed(tmp_path).folder


def read(folder: Path) -> Package:
    return Package(str(folder / "datapackage.json"))


def errors(folder: Path) -> list[tuple[str, str]]:
    report = read(folder).validate()
    return [(e.type, getattr(e, "field_name", "")) for task in report.tasks for e in task.errors] + [
        (e.type, "") for e in report.errors
    ]


def change(folder: Path, row: int, before: str, after: str) -> None:
    """BEFORE becomes AFTER in a row of the CSV file, whose hash is no longer checked."""
    path = folder / "data/cvd.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert before in lines[row]
    lines[row] = lines[row].replace(before, after, 1)
    path.write_text("".join(lines), encoding="utf-8")
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        del resource["hash"], resource["bytes"]
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")


def test_the_package_is_valid_and_so_are_its_data(folder: Path) -> None:
    assert errors(folder) == []
    report = read(folder).validate()
    assert [task.name for task in report.tasks] == ["cvd", "cvd-parquet"]
    assert report.tasks[0].stats["rows"] == 400


def test_dates_truth_values_levels_and_missing_reasons_read_as_they_are(folder: Path) -> None:
    rows = read(folder).get_resource("cvd").read_rows()
    for row, truth in zip(rows, release().evidence.table.to_pylist(), strict=True):
        assert row["sbp"] == (
            None if truth["sbp"] in (None, -7.0) else Decimal(str(truth["sbp"])).normalize()
        )
        assert row["stage"] == (None if truth["stage"] == "?" else truth["stage"])
        assert row["income"] == (None if truth["income"] == "n/a" else Decimal(truth["income"]))
        day = truth["first_seen"]
        assert row["first_seen"] == (day and datetime.datetime.strptime(day, "%d/%m/%Y").date())
        for name in ("age", "sex", "smoker", "died", "visit", "seen"):
            assert row[name] == truth[name], name
        assert float(row[HOSTILE]) == truth[HOSTILE]


@pytest.mark.parametrize(
    ("column", "cell", "kind"),
    [
        ("age", "ninety", "type-error"),
        ("age", "7", "constraint-error"),
        ("sex", '"unknown"', "constraint-error"),
        ("smoker", "yes", "type-error"),
        ("died", "2", "constraint-error"),
        ("visit", "2016-13-01", "type-error"),
        ("stage", '"moderate"', "constraint-error"),
    ],
)
def test_a_broken_cell_is_found(folder: Path, column: str, cell: str, kind: str) -> None:
    names = release().evidence.table.column_names
    lines = (folder / "data/cvd.csv").read_text(encoding="utf-8").splitlines()
    before = lines[1].split(",")  # no cell of this row holds a comma
    after = [cell if name == column else old for name, old in zip(names, before, strict=True)]
    change(folder, 1, lines[1], ",".join(after))
    assert errors(folder) == [(kind, column)]


def test_changed_bytes_are_found(folder: Path) -> None:
    with (folder / "data/cvd.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "hash-count" in {kind for kind, _ in errors(folder)}
    packed(folder.parent)
    (folder / "data/cvd.parquet").write_bytes(b"PAR1")
    assert "hash-count" in {kind for kind, _ in errors(folder)}


def written(made: Release) -> list[dict[str, Any]]:
    """The fields of its datapackage.json."""
    files = [File(f"data/cvd.{ending}", 1, "0" * 64, "", "") for ending in ("parquet", "csv")]
    fields: list[dict[str, Any]] = json.loads(DOCUMENTS[0].write(made, files))["resources"][0]["schema"][
        "fields"
    ]
    return fields


def test_units_reasons_and_order_are_told() -> None:
    fields = {field["name"]: field for field in written(release())}
    assert fields["sbp"]["unit"] == "mmHg"
    assert fields["sbp"]["missingReasons"] == {"": "not recorded", "-7": "refused"}
    assert fields["stage"]["categories"] == ["mild", "severe", "other"]
    assert fields["stage"]["categoriesOrdered"] is True
    assert fields["age"]["constraints"] == {"minimum": 18, "maximum": 100}


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        (pa.timestamp("s"), {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S"}),
        (pa.timestamp("us", "Europe/London"), {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S.%fZ"}),
        (pa.timestamp("ns"), {"type": "datetime", "format": "any"}),
        (pa.date64(), {"type": "date"}),
        (pa.duration("s"), {"type": "integer"}),
        (pa.decimal128(8, 2), {"type": "number"}),
        (pa.dictionary(pa.int8(), pa.int64()), {"type": "integer"}),
    ],
    ids=str,
)
def test_each_storage_is_read_as_it_is_written(kind: pa.DataType, read: dict[str, str]) -> None:
    of_time = pa.types.is_timestamp(kind) or pa.types.is_date(kind)
    variable = Variable("x", Kind.DATE if of_time else Kind.CONTINUOUS)
    found = field(variable, pa.chunked_array([pa.nulls(1, kind)]))
    assert {key: found[key] for key in ("type", "format") if key in found} == read


def test_limits_of_dates_are_dates() -> None:
    visit = replace(VARIABLES["visit"], low=16_000.0, high=18_000.0)
    seen = replace(VARIABLES["seen"], low=17_000.25, kind=Kind.DATE)
    made = release()
    declared = Variables((visit, seen))
    evidence = replace(made.evidence, variables=declared, table=made.evidence.table.select(["visit", "seen"]))
    fields = written(replace(made, evidence=evidence))
    assert fields[0]["constraints"] == {"minimum": "2013-10-22", "maximum": "2019-04-14"}
    assert fields[1]["constraints"] == {"minimum": "2016-07-18T06:00:00"}
