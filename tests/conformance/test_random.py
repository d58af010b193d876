"""DuckDB and the reference agree on every patient and variable of random records, however these are laid out."""

from __future__ import annotations

import datetime
from random import Random

import pytest

from locum.cohorts.definition import read_definition
from tests.conformance.engines import Answer, in_python, on_duckdb
from tests.conformance.population import lists_of, random_definition, random_records, shuffled
from tests.conformance.records import Tables
from tests.conformance.test_cases import same

MIDDLE = {"cvd": datetime.date(2008, 1, 1), "covid19": datetime.date(2020, 4, 1)}


def differences(one: Answer, other: Answer) -> list[str]:
    """Where two answers differ, by variable."""
    if one.left != other.left or len(one.rows) != len(other.rows):
        return [f"{one.left} and {other.left} patients"]
    pairs = zip(one.rows, other.rows, strict=True)
    return [
        f"{name} of {a['patient']}: {a[name]!r}, {b[name]!r}"
        for a, b in pairs
        for name in b
        if not same(a[name], b[name])
    ]


@pytest.mark.parametrize("name", ["cvd", "covid19"])
def test_shipped_definitions(name: str) -> None:
    rng = Random(name)
    definition, _ = read_definition(name)
    lists = lists_of(definition)
    tables = random_records(rng, lists, MIDDLE[name], patients=1200, events=16_000)
    expected = in_python(tables, definition, lists)
    if name == "cvd":  # in order, on one thread; one definition is enough
        assert differences(on_duckdb(tables, definition, lists), expected) == []
    assert differences(on_duckdb(shuffled(rng, tables), definition, lists, threads=4), expected) == []
    assert len(expected.rows) > 30
    constant = {v.name for v in definition.kept if len({row[v.name] for row in expected.rows}) < 2}
    assert constant == set(), "the records are too few to say anything of these"


def test_without_linked_episodes() -> None:
    rng = Random(0)
    definition, _ = read_definition("covid19")
    lists = lists_of(definition)
    tables = {**random_records(rng, lists, MIDDLE["covid19"], patients=300, events=3000), "admission": None}
    expected = in_python(tables, definition, lists)
    assert differences(on_duckdb(tables, definition, lists), expected) == []
    assert {row["admitted"] for row in expected.rows} == {None}


@pytest.mark.parametrize("seed", [0, 1, 4, 6])
def test_random_definitions(seed: int) -> None:
    rng = Random(seed)
    definition = random_definition(rng)
    lists = lists_of(definition)
    tables: Tables = random_records(rng, lists, MIDDLE["cvd"], patients=300, events=3000)
    if seed == 4:
        tables = {**tables, "admission": None}
    expected = in_python(tables, definition, lists)
    assert differences(on_duckdb(shuffled(rng, tables), definition, lists, threads=4), expected) == []
