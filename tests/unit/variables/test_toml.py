"""What a declaration file may say, and how the user is told what it may not."""

import datetime

import pytest

from locum.errors import BadInput
from locum.variables import Kind, Role, Variable, Variables, from_toml, to_toml

WHOLE = """
k = 5
[[variable]]
name = "pid"
kind = "identifier"
role = "patient"
[[variable]]
name = "seen"
kind = "date"
storage = "date32[day]"
low = 2001-01-01
high = 2001-01-31
[[variable]]
name = "stage"
kind = "ordinal"
levels = [1, 2, "3"]
storage = "int64"
role = "target"
missing = { refused = [-7], "not asked" = ["-8", -9] }
"""


def test_a_declaration_is_read():
    found = from_toml(WHOLE, "v.toml")
    assert found.k == 5
    assert found["pid"].role is Role.PATIENT
    assert (found["seen"].low, found["seen"].high) == (11323, 11353)
    assert found["stage"].levels == ("1", "2", "3")
    assert found["stage"].missing == {"refused": ("-7",), "not asked": ("-8", "-9")}
    assert from_toml(to_toml(found), "v.toml") == found


def test_what_is_written_explains_itself_and_reads_as_dates():
    days = (datetime.date(1999, 12, 31) - datetime.date(1970, 1, 1)).days
    text = to_toml(Variables((Variable("d", Kind.DATE, "date32[day]", high=float(days)),), notices=("one",)))
    assert text.startswith("#")
    assert "high = 1999-12-31" in text
    assert 'notices = [\n    "one",\n]' in text


def variable(more: str = "", kind: str = "nominal") -> str:
    return f'[[variable]]\nname = "x"\nkind = "{kind}"\n{more}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("k = = 3", "is not TOML: .*line 1"),
        ("kk = 3", 'unknown key "kk"; did you mean "k"'),
        (variable("levls = []"), 'variable "x": unknown key "levls"; did you mean "levels"'),
        (variable(kind="nominl"), 'variable "x": unknown kind "nominl"; did you mean "nominal"'),
        (variable('role = "targt"'), 'unknown role "targt"; did you mean "target"'),
        (variable('disclosure = "zzz"'), "unknown disclosure.*use one of none, sensitive, direct"),
        (variable('levels = ["a", "a"]'), "a level is listed twice"),
        (variable('levels = [""]'), "a level is empty"),
        (variable('levels = "a"'), "levels is not a list"),
        (variable('levels = ["a"]', "count"), 'kind "count" has no levels'),
        (variable('levels = ["a", "b", "c"]', "binary"), "at most two levels"),
        (variable('levels = ["a"]\nstorage = "int64"'), 'cannot be written as storage "int64"'),
        (variable("low = 3\nhigh = 2", "count"), "low is above high"),
        (variable("low = 3"), 'kind "nominal" has no low'),
        (variable('low = "3"', "count"), "low is not a number"),
        (variable("low = nan", "count"), "low is not a number"),
        (variable("precision = 0", "count"), "precision is not above 0"),
        (variable('storage = "int65"', "count"), 'storage "int65" is not a type'),
        (variable('storage = "int64"', "date"), "a date cannot be written"),
        (variable('date_format = "%Y"', "count"), "has no date_format"),
        (variable("tier = 1.5"), "tier is not a whole number"),
        (variable('role = "target"', "text"), 'role "target" needs a variable that is modelled'),
        (variable("missing = 3"), "missing is not a table"),
        (variable("missing = { refused = [] }"), "lists no raw value"),
        (variable('missing = { a = ["1"], b = ["1"] }'), "stands for two missing reasons"),
        (variable('levels = ["1"]\nmissing = { a = ["1"] }'), "is also a level"),
        (variable('storage = "int64"\nmissing = { a = ["x"] }', "count"), "must be numbers"),
        (variable() + variable(), 'variable "x" is declared 2 times'),
        (
            variable('role = "patient"') + variable('role = "patient"').replace('"x"', '"y"'),
            '"x" and "y" all',
        ),
        ("[[variable]]\nkind = 'count'", "variable number 1 has no name"),
        ("[[variable]]\nname = 'x'", "has no kind"),
        ("k = 0\n" + variable(), "k is 0"),
        ("k = 1.5\n" + variable(), "k is not a whole number"),
        ("", "declares no variable"),
        ("k = 1" + 5_000 * "0", "is not TOML"),
        ("k = " + 3_000 * "[", "is not TOML"),
        (variable("low = 1" + 400 * "0", "count"), "a number is beyond 1e308"),
        (variable("levels = [1" + 400 * "0" + "]"), "a number is beyond 1e308"),
        (variable("follows = [{ sum = { y = 1" + 400 * "0" + " } }]", "count"), "a number is beyond 1e308"),
        (variable("precision = 1e-320", "count"), "precision is below 1e-100"),
        ("variable = 3", r"begin each with \[\[variable\]\]"),
    ],
)
def test_faults_are_told_in_one_line_that_names_the_file(text, says):
    with pytest.raises(BadInput, match=says) as error:
        from_toml(text, "v.toml")
    assert str(error.value).startswith("v.toml")
    assert "\n" not in str(error.value)
