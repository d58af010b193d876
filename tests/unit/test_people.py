"""Rows of one person stay together, whatever the column that tells persons apart."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.model import people
from locum.split import split
from locum.variables import Kind, Role, Variable, Variables

NAN = float("nan")
VARIABLES = Variables(
    (Variable("patient", Kind.IDENTIFIER, role=Role.PATIENT), Variable("x", Kind.CONTINUOUS, "int64"))
)


def table(ids: pa.Array | pa.ChunkedArray) -> pa.Table:
    return pa.table({"patient": ids, "x": pa.array(range(len(ids)))})


def dictionary(codes: list[int | None], index: pa.DataType, texts: list[str | None]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, index), pa.array(texts))


DAY = datetime.date(2020, 1, 1)
IDS = {
    "text": (pa.array(["a", "b", "a", "c"]), "0102"),
    "unknown text": (pa.array(["a", None, "a", None]), "0102"),
    "blanks": (pa.array(["a", "", "a", " "]), "0102"),
    "whole numbers": (pa.array([5, None, 5, None]), "0102"),
    "NaN": (pa.array([5.0, NAN, 5.0, NAN]), "0102"),
    "none known": (pa.array([None, None, None, None]), "0123"),
    "days": (pa.array([DAY, None, DAY, None]), "0102"),
    "bytes": (pa.array([b"a", b"b", b"a", None]), "0102"),
    "int64 codes": (dictionary([0, 1, 0, None], pa.int64(), ["a", "b"]), "0102"),
    "uint32 codes": (dictionary([0, 1, 0, None], pa.uint32(), ["a", "b"]), "0102"),
    "an empty entry": (dictionary([0, 1, 0, 1], pa.int8(), ["a", None]), "0102"),
    "a double entry": (dictionary([0, 1, 2, 1], pa.int8(), ["a", "b", "a"]), "0101"),
    "two chunks": (pa.chunked_array([pa.array(["a", "b"]), pa.array(["a", "c"])]), "0102"),
    "two dictionaries": (
        pa.chunked_array(
            [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()]
        ),
        "0110",
    ),
}


@pytest.mark.parametrize("kind", IDS)
def test_rows_of_one_person_have_one_number(kind: str) -> None:
    ids, expected = IDS[kind]
    found = people(table(ids), VARIABLES)
    assert found is not None
    assert [found.tolist().index(p) for p in found] == [expected.index(p) for p in expected]


def test_without_a_patient_column_each_row_is_a_person() -> None:
    assert people(table(pa.array(["a"])), Variables(VARIABLES.variables[1:])) is None
    assert people(table(pa.array(["a"])).select(["x"]), VARIABLES) is None


def test_a_column_that_cannot_tell_patients_apart_is_refused() -> None:
    with pytest.raises(BadInput, match="patient"):
        people(table(pa.array([[1], [2]])), VARIABLES)


@pytest.mark.parametrize("seed", range(5))
def test_a_split_keeps_a_person_on_one_side(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ids = [None if i < 5 else f"P{i}" for i in rng.integers(0, 300, 2000)]
    train, holdout = split(table(pa.array(ids)), VARIABLES, share=0.3, seed=seed)
    here, there = set(train["patient"].to_pylist()) - {None}, set(holdout["patient"].to_pylist()) - {None}
    assert not here & there
    assert len(there) == pytest.approx(0.3 * (len(here) + len(there)), abs=12)
    unknown = [t["patient"].null_count for t in (train, holdout)]
    assert min(unknown) > 0  # rows of unknown patients are persons of their own
    assert sorted(train["x"].to_pylist() + holdout["x"].to_pylist()) == list(range(2000))
    assert split(table(pa.array(ids)), VARIABLES, share=0.3, seed=seed)[0].equals(train)


def test_too_few_patients_cannot_be_split() -> None:
    with pytest.raises(BadInput, match="cannot be divided"):
        split(table(pa.array(["a", "a", "a"])), VARIABLES)
