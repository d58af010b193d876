"""Columns that a study leaves out take with them what speaks of them, and nothing else."""

from __future__ import annotations

import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.study.without import without
from locum.variables import Kind, Rule, Variable, Variables
from locum.variables.formula import Formula

TABLE = pa.table({"a": [1, 2], "b": [3, 4], "total": [4, 6], "sex": ["F", "M"]})
DECLARED = Variables(
    (
        Variable("a", Kind.COUNT, "int64"),
        Variable("b", Kind.COUNT, "int64"),
        Variable("total", Kind.COUNT, "int64", follows=(Formula("sum", ("a", "b"), (1.0, 1.0)),)),
        Variable("sex", Kind.BINARY, levels=("F", "M")),
    ),
    rules=(Rule("a <= total"), Rule('not (sex = "F" and b > 3)'), Rule("total is not missing or sex in (F)")),
)


def test_what_needs_the_column_goes_with_it():
    table, declared = without(TABLE, DECLARED, ["b"])
    assert table.column_names == ["a", "total", "sex"]
    assert [v.name for v in declared] == table.column_names
    assert declared["total"].follows == ()
    assert [rule.holds for rule in declared.rules] == ["a <= total", "total is not missing or sex in (F)"]


def test_nothing_is_left_out_unless_asked_for():
    table, declared = without(TABLE, DECLARED, [])
    assert table.equals(TABLE)
    assert declared is DECLARED
    assert without(TABLE, None, ["a"])[1] is None


@pytest.mark.parametrize(
    ("names", "says"), [(["c"], 'no column "c"'), (["a", "b", "total", "sex"], "every column")]
)
def test_what_cannot_be_left_out_is_told(names, says):
    with pytest.raises(BadInput, match=says):
        without(TABLE, DECLARED, names)
