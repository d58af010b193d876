"""Levels that vanish because too few real patients have them are named, and never counted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from locum.evaluate import absent
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import MOST_ABSENT, absent_words
from locum.evaluate.sample import Trio, read_trio
from locum.variables import Kind, Role, Variable, Variables

DECLARED = Variables(
    (
        Variable("person", Kind.NOMINAL, levels=(), role=Role.PATIENT),
        Variable("group", Kind.NOMINAL, levels=("a", "b", "c", "d", "e")),
        Variable("flag", Kind.BINARY, levels=("0", "1")),
        Variable("code", Kind.NOMINAL, levels=("I21", "I22"), hierarchy="prefix"),
        Variable("age", Kind.COUNT, "int64"),
    ),
    k=10,
)


def table(group: str, flagged: int, first: int) -> pa.Table:
    """GROUP: a letter a row. Every two rows are a person's; the first FLAGGED rows have the flag."""
    rows = len(group)
    return pa.table(
        {
            "person": [str(first + i // 2) for i in range(rows)],
            "group": list(group),
            "flag": ["1"] * flagged + ["0"] * (rows - flagged),
            "code": ["I22"] + ["I21"] * (rows - 1),
            "age": np.arange(rows) % 90,
        }
    )


REAL = table("a" * 100 + "b" * 18 + "c" * 20 + "d" * 2, 9, 0)  # b: 9 patients, in 18 rows; c: 10; e: nobody
HELD_OUT = table("a" * 100 + "b" * 40, 30, 1000)


def trio(synthetic: pa.Table) -> Trio:
    return read_trio(REAL, HELD_OUT, synthetic, DECLARED, np.random.default_rng(0))


def test_levels_of_fewer_than_k_training_patients_that_no_row_has() -> None:
    """Not c, which 10 patients have: that it is not drawn is another fault. Whether anybody has e is not told."""
    found = absent.levels(trio(table("a" * 140, 0, 2000)), DECLARED)
    assert found == {"group": ["b", "d", "e"], "flag": ["1"]}
    assert absent.levels(trio(table("a" * 139 + "b", 1, 2000)), DECLARED) == {"group": ["d", "e"]}


def test_the_evidence_names_them_without_a_count() -> None:
    metrics = evaluate(REAL, HELD_OUT, table("a" * 140, 0, 2000), DECLARED, quick=True)
    assert metrics.about.absent == {"group": ["b", "d", "e"], "flag": ["1"]}
    (said,) = [notice for notice in metrics.about.notices if "No synthetic row" in notice]
    assert said.endswith(": group (b, d, e), flag (1).")
    assert "fewer than 10 of the patients learned from" in said
    whole = evaluate(REAL, HELD_OUT, REAL, DECLARED, quick=True)
    assert whole.about.absent == {"group": ["e"]}


def test_of_very_many_the_first_are_named() -> None:
    said = absent_words({f"v{i}": [f"level {j}" for j in range(30)] for i in range(MOST_ABSENT + 2)}, 10)
    assert "v19 (level 0" in said
    assert "level 20" not in said
    assert said.endswith(", and levels of 2 more variables.")
    assert absent_words({}, 10) == ""
