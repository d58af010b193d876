import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.variables import Kind, Role, Variable, Variables, check

DECLARED = Variables(
    (
        Variable("pid", Kind.IDENTIFIER, role=Role.PATIENT),
        Variable("note", Kind.TEXT),
        Variable("x", Kind.COUNT),
        Variable("y", Kind.COUNT),
    )
)


def test_what_is_declared_but_absent_is_listed():
    with pytest.raises(BadInput, match='holdout lacks the columns "pid", "y"'):
        check(pa.table({"x": [1]}), DECLARED, "holdout")


def test_what_is_not_declared_is_left_out_with_a_notice():
    notices = check(pa.table({"pid": [1], "x": [1], "y": [1], "z": [1]}), DECLARED, "train")
    assert notices == ('train: left out the column "z", not in the declaration; declare what should be kept',)
    assert check(pa.table({"pid": [1], "x": [1], "y": [1]}), DECLARED, "train") == ()


def test_no_rows_and_double_names_are_refused():
    with pytest.raises(BadInput, match="no rows"):
        check(pa.table({"pid": [], "x": [], "y": []}), DECLARED, "train")
    with pytest.raises(BadInput, match="more than one"):
        check(pa.table([[1], [1]], names=["x", "x"]), DECLARED, "train")
