"""croissant.json, read by mlcroissant."""

from __future__ import annotations

import logging
from pathlib import Path

import mlcroissant
import pyarrow as pa
import pytest

from tests.unit.release.metadata_cases import ABOUT, HOSTILE, release, written

pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)  # in rdflib


def read(folder: Path) -> mlcroissant.Dataset:
    return mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))


def test_mlcroissant_finds_nothing_to_say(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = written(tmp_path).folder
    with caplog.at_level(logging.WARNING):
        found = read(folder).metadata
    assert not caplog.records
    assert not found.ctx.issues.errors
    assert not found.ctx.issues.warnings
    assert found.ctx.conforms_to.value == "http://mlcommons.org/croissant/1.1"
    assert found.data_limitations is not None
    assert str(release().evidence.metrics.about.train_patients) in found.data_limitations[0]


def test_a_release_that_says_little_is_valid_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bare = ABOUT.model_copy(
        update={"identifier": None, "keywords": (), "intended": (), "description": "", "source": ""}
        | {"publisher": ABOUT.publisher.model_copy(update={"url": None, "email": None})}
    )
    folder = written(tmp_path, release(about=bare, changes=None)).folder
    with caplog.at_level(logging.WARNING):
        issues = read(folder).metadata.ctx.issues
    assert not caplog.records
    assert not issues.errors
    assert not issues.warnings


def test_records_are_the_rows_of_the_table(tmp_path: Path) -> None:
    folder = written(tmp_path).folder
    table: pa.Table = release().evidence.table
    records = list(read(folder).records("patients"))
    names = {field.id: field.name for field in read(folder).metadata.record_sets[0].fields}
    assert list(names.values()) == table.column_names
    assert HOSTILE in names.values()
    assert len(records) == table.num_rows
    for record, row in zip(records, table.to_pylist(), strict=True):
        got = {names[key]: value for key, value in record.items()}
        for name, value in row.items():
            if isinstance(value, str):
                assert got[name] == value.encode(), name
            elif name in ("visit", "seen") and value is not None:
                assert got[name].isoformat()[: len(value.isoformat())] == value.isoformat()
            else:
                assert got[name] == value, name
                assert type(got[name]) is type(value), name


def test_a_changed_file_is_not_loaded(tmp_path: Path) -> None:
    folder = written(tmp_path).folder
    with (folder / "data/cvd.parquet").open("ab") as file:
        file.write(b" ")
    with pytest.raises(Exception, match="operation Download"):
        next(iter(read(folder).records("patients")))
