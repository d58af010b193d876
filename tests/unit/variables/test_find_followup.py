"""A pair that looks like a follow-up time and its event is told; other columns are not taken for one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from lifelines.datasets import load_gbsg2, load_rossi

from locum.variables import Role, infer

N = 200
PAIRS = [
    ("time", "cens"), ("futime", "fustat"), ("followup_days", "death"), ("days", "status"),
    ("Survival Time", "Died"), ("os_months", "os_event"), ("T", "event"), ("time_to_death", "censored"),
]  # fmt: skip
OTHERS = [
    ("sometimes", "cens"),  # a part of a word
    ("lifetime", "incense"),
    ("time", "smoker"),
    ("age", "died"),
    ("systolic", "marital_status_known"),
]


def told(time: str, event: str) -> tuple[str, ...]:
    rng = np.random.default_rng(1)
    found = infer(pa.table({time: rng.integers(1, 3000, N), event: rng.integers(0, 2, N)}))
    assert {v.role for v in found} == {Role.PLAIN}  # the role is for the user to say
    return tuple(notice for notice in found.notices if "follow-up time" in notice)


@pytest.mark.parametrize(("time", "event"), PAIRS)
def test_a_pair_is_told_with_what_to_do(time: str, event: str) -> None:
    [notice] = told(time, event)
    assert f'columns "{time}" and "{event}" look like' in notice
    assert 'role = "time"' in notice
    assert 'role = "event"' in notice


@pytest.mark.parametrize(("time", "event"), OTHERS)
def test_what_is_no_pair_is_not_told(time: str, event: str) -> None:
    assert told(time, event) == ()


def test_an_event_has_two_levels() -> None:
    rng = np.random.default_rng(1)
    table = pa.table({"time": rng.integers(1, 3000, N), "status": rng.integers(0, 3, N)})
    assert not [notice for notice in infer(table).notices if "follow-up" in notice]


def test_a_public_trial() -> None:
    [notice] = [n for n in infer(pa.Table.from_pandas(load_gbsg2())).notices if "follow-up" in n]
    assert notice.startswith('columns "time" and "cens" look like')
    assert not [n for n in infer(pa.Table.from_pandas(load_rossi())).notices if "follow-up" in n]
