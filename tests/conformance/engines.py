"""The engines that a cohort definition has to mean the same on. Another one is another line of `ENGINES`."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import ibis
import pytest

from locum.cohorts.attrition import disclosed
from locum.cohorts.cohort import draw
from locum.cohorts.definition import Definition
from locum.cohorts.matched_lists import MatchedList
from locum.records.contract import SCHEMAS, Records
from tests.conformance import reference
from tests.conformance.records import Row, Tables, arrow


class Answer(NamedTuple):
    """What an engine makes of a definition: the cohort, and patients at first and after each step, as disclosed."""

    rows: list[Row]
    left: list[int | None]


Engine = Callable[[Tables, Definition, Mapping[str, MatchedList]], Answer]


@functools.cache
def _duckdb(threads: int) -> tuple[Any, Records]:
    """A connection with empty tables of the contract, kept: to make one takes longer than most cases."""
    engine = ibis.duckdb.connect(threads=threads)
    for name in SCHEMAS:
        engine.con.register(name, arrow(name, []))
    return engine, Records(**{name: engine.table(name) for name in SCHEMAS})


def close() -> None:
    """End the connections that are kept."""
    _duckdb.cache_clear()
    gc.collect()  # connections and their tables refer to each other


def on_duckdb(
    rows: Tables, definition: Definition, lists: Mapping[str, MatchedList], threads: int = 1
) -> Answer:
    """The answer of locum itself, on DuckDB."""
    engine, records = _duckdb(threads)
    for name, some in rows.items():
        engine.con.register(name, arrow(name, some or []))
    if rows["admission"] is None:
        records = replace(records, admission=None)
    cohort = draw(records, definition, lists, source="a case", artificial=True)
    left = [cohort.attrition.patients, *(step.left for step in cohort.attrition.steps)]
    return Answer(cohort.table.to_pylist(), left)


def in_python(rows: Tables, definition: Definition, lists: Mapping[str, MatchedList]) -> Answer:
    """The answer of the reference."""
    cohort, left = reference.draw(rows, definition, lists)
    return Answer(cohort, [disclosed(count) for count in left])


ENGINES: dict[str, Engine] = {"duckdb": on_duckdb, "python": in_python}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    return ENGINES[request.param]
