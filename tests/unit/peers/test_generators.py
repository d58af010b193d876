"""Anchors are what they are called, codes for pyAgrum lose nothing but what they say, and runs are measured."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from benchmarks.peers.generators.anchors import copy, half, independent
from benchmarks.peers.generators.coded import CELLS, Codes

MEASURED = Path(__file__).parents[3] / "benchmarks" / "peers" / "measured.py"
ROWS = 400


@pytest.fixture
def train() -> pa.Table:
    """Two columns that say the same, so that any mixing shows."""
    return pa.table({"a": range(ROWS), "b": [str(i) for i in range(ROWS)]})


def test_independent_columns_hold_the_same_values_in_other_company(train: pa.Table) -> None:
    drawn = independent(train, 1000, np.random.default_rng(0)).to_pydict()
    assert len(drawn["a"]) == 1000
    assert set(drawn["a"]) <= set(range(ROWS))
    assert sum(str(a) == b for a, b in zip(drawn["a"], drawn["b"], strict=True)) < 20


def test_a_copy_is_every_row_once_in_another_order(train: pa.Table) -> None:
    drawn = copy(train, ROWS, np.random.default_rng(0))
    assert drawn.to_pydict() != train.to_pydict()
    assert drawn.sort_by("a").to_pydict() == train.to_pydict()


def test_half_is_each_of_half_the_rows_once(train: pa.Table) -> None:
    drawn = half(train, ROWS, np.random.default_rng(0)).to_pydict()
    assert len(drawn["a"]) == len(set(drawn["a"])) == ROWS // 2
    assert [str(a) for a in drawn["a"]] == drawn["b"]
    assert drawn != half(train, ROWS, np.random.default_rng(1)).to_pydict()


def test_codes_keep_levels_and_gaps() -> None:
    column = pd.Series(["x", None, "y", "x"], dtype=object)
    codes = Codes.of(column)
    back = codes.decode(codes.codes, np.random.default_rng(0))
    assert back[[0, 2, 3]].tolist() == ["x", "y", "x"]
    assert back.isna().tolist() == column.isna().tolist()


def test_codes_of_numbers_keep_cells_gaps_and_peaks() -> None:
    values = np.random.default_rng(0).normal(size=ROWS)
    values[:40] = np.nan
    values[40:200] = 7.0  # a peak, larger than any number beside it
    column = pd.Series(values)
    codes = Codes.of(column)
    assert 10 <= len(codes.held) <= CELLS
    back = codes.decode(codes.codes, np.random.default_rng(1))
    assert back.isna().tolist() == column.isna().tolist()
    assert set(back.dropna()) <= set(column.dropna())
    assert (back[40:200] == 7.0).all()
    assert np.corrcoef(back[200:], column[200:])[0, 1] > 0.9
    assert (back[200:] != column[200:]).mean() > 0.5  # within a cell chance decides


def test_a_column_of_gaps_alone_stays_one() -> None:
    column = pd.Series([np.nan] * 5)
    codes = Codes.of(column)
    assert codes.decode(codes.codes, np.random.default_rng(0)).isna().all()


def _measured(cap: float, program: str) -> dict[str, Any]:
    command = [sys.executable, "-S", "-E", MEASURED, str(cap), sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def test_work_and_memory_of_a_process_are_measured() -> None:
    found = _measured(60, "print('note: x'); b = bytes(1) * 200_000_000; sum(i for i in range(3_000_000))")
    assert (found["status"], found["said"]) == ("done", "note: x\n")
    assert 190 < found["memory"] < 400
    assert found["processor"] > 0
    assert found["seconds"] > 0


def test_a_small_process_is_not_charged_with_the_memory_of_who_started_it() -> None:
    held = bytes(1) * 150_000_000
    assert _measured(60, "pass")["memory"] < 60
    del held


def test_a_failure_is_told_by_its_last_line() -> None:
    found = _measured(60, "raise ValueError('no such thing')")
    assert (found["status"], found["why"]) == ("failed", "ValueError: no such thing")


def test_who_takes_too_long_is_ended() -> None:
    found = _measured(0.5, "import time; time.sleep(60)")
    assert found["status"] == "timed out"
    assert found["seconds"] < 30


def test_an_interrupt_ends_what_was_started(tmp_path: Path) -> None:
    """The program would leave a second file, were it left to itself."""
    program = (
        "import pathlib, sys, time; p = pathlib.Path(sys.argv[1]); (p / 'begun').touch();"
        " time.sleep(1.5); (p / 'ended').touch()"
    )
    command = [sys.executable, "-S", "-E", MEASURED, "60", sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        late = time.monotonic() + 30
        while not (tmp_path / "begun").exists() and time.monotonic() < late:
            time.sleep(0.02)
        process.terminate()
        assert process.wait(timeout=30) != 0
    time.sleep(2)
    assert not (tmp_path / "ended").exists()
