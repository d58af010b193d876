"""Readable cases of the vocabulary of cohort definitions: records in, and the answer that was written by hand.

A case of `cases/*.toml` has the tables of a definition (those left out are `USUAL`), of records, and of the answer.

* `lists`: codelists that are not simply the observation of their own name: `{ table, codes }`, where `codes` is a list
  of codes or a table of codes and categories.
* `times`: each patient stands for as many, so that the counts of `left` (at first, and after each step) are not hidden.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from locum.cohorts.attrition import disclosed
from locum.cohorts.definition import Definition
from locum.cohorts.matched_lists import MatchedList
from tests.conformance.engines import Engine
from tests.conformance.records import NAMES, table, tables

USUAL: dict[str, Any] = {
    "index": {"latest_of": ["2015-01-01"]},
    "follow_up": {"earliest_of": ["index + 5 years", "died", "deregistered", "last_collected"]},
    "measurement": {},
    "step": [{"label": "Index date known", "is": "index"}],
    "variable": [{"name": "sex", "is": "sex", "keep": False}],
}
ABOUT = {"title", "why", "lists", "times", "left", "answer"}


def read_cases() -> list[Any]:
    """All cases, by the name of their file and their title."""
    found = []
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            assert not case.keys() - ABOUT - USUAL.keys() - NAMES.keys(), case["title"]
            found.append(pytest.param(case, id=f"{path.stem}: {case['title']}"))
    return found


def definition_of(case: dict[str, Any]) -> Definition:
    """The definition of a case."""
    parts = {name: case.get(name, usual) for name, usual in USUAL.items()}
    heading = {"format": 1, "name": "case", "title": case["title"]}
    return Definition.model_validate({**heading, **parts})


def lists_of(case: dict[str, Any], definition: Definition) -> dict[str, MatchedList]:
    """Each codelist of the definition; when the case says nothing of it, the observation of its own name."""
    found = {}
    for name in definition.codelists:
        said = case.get("lists", {}).get(name, {})
        codes = said.get("codes", [name])
        pairs = codes.items() if isinstance(codes, dict) else [(code, None) for code in codes]
        found[name] = MatchedList(name, said.get("table", "observation"), tuple(pairs))
    return found


def same(one: Any, other: Any) -> bool:
    """Equal; numbers but for the noise of arithmetic."""
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


@pytest.mark.parametrize("case", read_cases())
def test_case(case: dict[str, Any], engine: Engine) -> None:
    definition, times = definition_of(case), case.get("times", 1)
    rows = tables({name: case[name] for name in NAMES if name in case}, times)
    answer = engine(rows, definition, lists_of(case, definition))
    if "left" in case:
        assert answer.left == [None if count == "few" else count for count in case["left"]]
    if "answer" in case:
        expected = table(case["answer"])
        first = [row for row in answer.rows if "~" not in row["patient"]]
        assert [row["patient"] for row in first] == [row["patient"] for row in expected]
        assert len(answer.rows) == len(expected) * times
        for got, row in zip(first, expected, strict=True):
            assert all(same(got[name], row[name]) for name in row), f"{got}, not {row}"


def test_counts_are_rounded_to_ten_and_few_are_not_told() -> None:
    counts = {0: 0, 1: None, 9: None, 10: 10, 14: 10, 15: 20, 24: 20, 25: 30, 1004: 1000, 1005: 1010}
    assert {count: disclosed(count) for count in counts} == counts
