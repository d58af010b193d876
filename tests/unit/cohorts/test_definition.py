"""Every fault of a definition has its message: where it is, and what to do."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from locum.cohorts.declaration import declaration
from locum.cohorts.definition import parse_definition, read_definition, shipped_definitions
from locum.cohorts.moments import Moment
from locum.errors import BadInput
from locum.variables.rules import rule_clauses

WHOLE = """
format = 1
name = "x"
title = "X"
[index]
latest_of = ["2015-01-01"]
[follow_up]
earliest_of = ["index + 5 years"]
[[step]]
label = "Index"
is = "index"
[[variable]]
name = "sex"
is = "sex"
"""

REPLACED = [
    ('title = "X"', "", "title is not given; add it"),
    ("title", "titel", 'unknown key titel; did you mean "title"?'),
    ("format = 1", "format = 2", "format: 2 is a format that this version does not read; write 1"),
    ('name = "x"', 'name = "a b"', 'name: "a b" does not do as a name; begin with a letter'),
    ('["2015-01-01"]', '["birth"]', 'index.latest_of.1: "birth" is not a date of a patient; use born'),
    ('["2015-01-01"]', '["index"]', 'index: the index date cannot depend on "index"'),
    ('["2015-01-01"]', '["2015-01-01"]\nfirst = "a"', "index: give latest_of or first, one of them"),
    ('latest_of = ["2015-01-01"]', "", "index: give latest_of or first, one of them"),
    ('["2015-01-01"]', '["2015-01-01"]\nto = "died"', "index: from, to and otherwise belong to first"),
    ('["index + 5 years"]', '["end"]', 'follow_up: the end of follow-up cannot depend on "end"'),
    ('["index + 5 years"]', "[]", "follow_up.earliest_of: it is empty; give at least one"),
    ('is = "index"', 'is = "acceptable"', 'one step has to be is = "index"'),
    ("[[step]]", "[step]", "step: there may be several; write each as [[step]], with two brackets"),
    ('label = "Index"', "", 'step."1".label is not given; add it'),
    ('label = "Index"', 'label = ""', 'step."1".label: it is empty; say what it is'),
    ('[[variable]]\nname = "sex"\nis = "sex"', "", "variable is not given; add it"),
]

VARIABLE = [
    ('is = "sex"', 'variable."2".name is not given; add it'),
    ('name = "a"', 'variable."a".is is not given; add it'),
    ('name = "a"\nis = "evr"', 'variable."a".is: "evr" is not known; did you mean "ever"?'),
    ('name = "a"\nis = "zzz"', 'variable."a".is: "zzz" is not known; use one of sex, region, age'),
    (
        'name = "a"\nis = "ever"\nof = "x"\nform = "index"',
        'unknown key variable."a".form; did you mean "from"?',
    ),
    ('name = "a"\nis = "ever"\nof = "x"\nzzz = 1', 'unknown key variable."a".zzz; take it out'),
    ('name = "a"\nis = "ever"', 'variable."a": is = "ever" needs of'),
    ('name = "a"\nis = "sex"\nof = "x"', 'variable."a": is = "sex" takes no of'),
    ('name = "a"\nis = "which"', 'variable."a": is = "which" needs labels'),
    ('name = "a"\nis = "latest"\nof = ["x", "y"]', 'variable."a": "latest" takes one codelist'),
    (
        'name = "a"\nis = "latest"\nof = "bmi"',
        'variable "a" needs a table [measurement.bmi] with a plausible range',
    ),
    (
        'name = "a"\nis = "any"\nof = "sxe"',
        'variable "a" builds on "sxe", which no variable above it is named',
    ),
    ('name = "a"\nis = "any"\nof = "a"', 'variable "a" builds on "a", which no variable above it is named'),
    ('name = "a"\nis = "all"\nof = "sex"', 'variable "a" builds on "sex", which is not 0 or 1'),
    ('name = "sex"\nis = "sex"', 'variable "sex" is defined twice'),
    ('name = "Sex"\nis = "sex"', 'variables "sex" and "Sex" differ in case alone; rename one'),
    ('name = "patient"\nis = "sex"', '"patient" is the name of the identifier; name the variable otherwise'),
    ('name = "a b"\nis = "sex"', 'variable."a b".name: "a b" does not do as a name; begin with a letter'),
    (
        'name = "a"\nis = "sex"\nrole = "targt"',
        'variable."a".role: "targt" is not known; did you mean "target"?',
    ),
    (
        'name = "a"\nis = "sex"\nprecision = 0',
        'variable."a": precision is the step between values, more than 0',
    ),
    (
        'name = "a"\nis = "sex"\nprecision = "day"',
        'variable."a".precision: write a number, or "month" for a date',
    ),
    ('name = "a"\nis = "sex"\nprecision = "month"', 'variable."a": precision = "month" is for dates alone'),
    (
        'name = "a"\nis = "category"\nof = "x"\nlevels = ["b", "b"]',
        'variable."a": a level stands twice in levels',
    ),
]

MOMENTS = [
    ('"5 years ago"', '"5 years ago" is not a moment; write one as "index - 5 years"'),
    ('"indx - 5 years"', '"indx" is not a date of a patient; use born, registered'),
    ('"index - 5 weeks"', '"weeks" is not a length of time; use days, months or years'),
    ('"index - 99999 years"', '"index - 99999 years" is further away than 200 years; write a smaller number'),
    ('"2015-02-30"', '"2015-02-30" is not a day of the calendar'),
    ("5", '"5" is not a moment; write one as'),
]

STEP = [
    ('is = "nevr"', 'step."a".is: "nevr" is not known; did you mean "never"?'),
    ('is = "index"', 'one step has to be is = "index"'),
    ('is = "age"', 'step."a": is = "age" needs between'),
    ('is = "age"\nbetween = [80]', 'step."a".between: write both ends, such as [25, 84]'),
    ('is = "age"\nbetween = [80, 20]', 'step."a": between has the greater value first; turn it round'),
    ('is = "sex"\namong = ["female"]', 'step."a": "female" is not a sex; use F, M, I'),
    (
        'is = "dates"\nall = ["died"]',
        'step."a": "died" compares nothing; write it as "registered + 1 year <= index"',
    ),
    ('is = "dates"\nall = ["did < index"]', 'step."a": "did" is not a date of a patient; use born'),
    ('is = "known"\nall = ["did"]', 'step."a": "did" is not a date of a patient; use born'),
    ('is = "acceptable"\nof = "x"', 'step."a": is = "acceptable" takes no of'),
]

MEASUREMENT = [
    ('unit = "kg"', "measurement.bmi.plausible: write least and greatest, such as [10, 80]"),
    ("plausible = [1]", "measurement.bmi.plausible: write least and greatest, such as [10, 80]"),
    ("plausible = [80, 10]", "measurement.bmi: plausible has the greater value first; turn it round"),
    ("plausible = [1, 9]\nunits = { g = 0 }", "measurement.bmi: units says what one of another unit is"),
    (
        'plausible = [1, 9]\nratio = ["a", "b"]',
        'measurement "bmi" is a ratio of "a", which is no plain measurement',
    ),
]

FAULTS = [
    *((WHOLE.replace(old, new, 1), message) for old, new, message in REPLACED),
    *((f"{WHOLE}[[variable]]\n{text}", message) for text, message in VARIABLE),
    *((f'{WHOLE}[[variable]]\nname = "a"\nis = "date"\nat = {text}', message) for text, message in MOMENTS),
    *(
        (WHOLE.replace("[[step]]", f'[[step]]\nlabel = "a"\n{text}\n[[step]]'), message)
        for text, message in STEP
    ),
    *((f"{WHOLE}[measurement.bmi]\n{text}", message) for text, message in MEASUREMENT),
    (WHOLE + "[codelist.a]\nfil = 'b'", 'unknown key codelist.a.fil; did you mean "file"?'),
    (WHOLE + "[[steps]]\nis = 'index'", 'unknown key steps; did you mean "step"?'),
    (
        WHOLE.replace("[index]\n", "").replace('latest_of = ["2015-01-01"]', "index = 'born'"),
        "index: it has to be a",
    ),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[message for _, message in FAULTS])
def test_fault(text: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_definition(text, "mine.toml")
    said = str(error.value)
    assert message in said
    assert said.startswith("mine.toml: ")
    assert "\n" not in said


def test_not_toml() -> None:
    with pytest.raises(BadInput, match=r"^mine.toml is not TOML: Invalid value \(at line 1, column 10\)"):
        parse_definition("format = \n", "mine.toml")


def test_days_may_be_written_as_toml_writes_them() -> None:
    read = parse_definition(WHOLE.replace('["2015-01-01"]', "[2015-01-01]"), "mine.toml")
    assert read == parse_definition(WHOLE, "mine.toml")
    assert read.index.latest_of == (Moment("2015-01-01", 0, "days"),)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cvdd", 'there is no cohort "cvdd"; did you mean "cvd"?'),
        ("zzzzz", 'there is no cohort "zzzzz"; use covid19 or cvd, or the path of a definition'),
        ("", 'there is no cohort ""; use covid19 or cvd, or the path of a definition'),
        ("no/such.toml", "no/such.toml does not exist; give a definition, or one of covid19, cvd"),
    ],
)
def test_no_such_definition(name: str, message: str) -> None:
    with pytest.raises(BadInput) as error:
        read_definition(name)
    assert str(error.value) == message


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a directory; give the file of the definition"):
        read_definition(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes(WHOLE.replace('"X"', '"Café"').encode("latin-1"))
    with pytest.raises(BadInput, match=r"latin.toml is not UTF-8 text; save it as UTF-8"):
        read_definition(latin)


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(WHOLE.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_definition(path)[0].title == "X"


@pytest.mark.parametrize("name", list(shipped_definitions()))
def test_shipped_definitions_are_read(name: str) -> None:
    definition, path = read_definition(name)
    assert definition.name == name == path.stem
    assert all(v.description for v in definition.kept)


def test_a_variable_names_every_codelist_that_it_is_read_by() -> None:
    definition, _ = read_definition("cvd")
    read_by = {v.name: definition.codelists_of(v) for v in definition.variable}
    assert read_by["ethr"] == ("ethnicity",)
    assert read_by["age"] == ()
    assert read_by["choleratio"] == ("cholesterol_ratio", "total_cholesterol", "hdl_cholesterol")
    built_on = next(v for v in definition.variable if v.is_ == "any")
    assert built_on.of == ("impotence", "impotence_drug")
    assert definition.codelists_of(built_on) == ("erectile_dysfunction", "erectile_dysfunction_drugs")


@pytest.mark.parametrize("sexes", [["F", "M"], ["M", "M"]])
def test_no_artificial_woman_of_the_cvd_cohort_has_erectile_dysfunction(sexes: list[str]) -> None:
    """Though some of the real ones do; nor does a cohort of men alone fail for it."""
    definition, _ = read_definition("cvd")
    table = pa.table({v.name: pa.array([None, None], pa.string()) for v in definition.kept})
    drawn = table.set_column(table.column_names.index("gender"), "gender", pa.array(sexes))
    [(rule, clauses)] = rule_clauses(declaration(definition, drawn))
    assert rule.exactly
    names = [v.name for v in declaration(definition, drawn).modelled]
    assert {names[literal.variable] for clause in clauses for literal in clause} == {"impot", "gender"}


def test_a_rule_of_what_is_no_column_is_told() -> None:
    text = 'rules = [{ holds = "impotence = 0" }]\n' + shipped_definitions()["cvd"].read_text(
        "utf-8"
    ).replace("rules = [", "# rules = [")
    definition = parse_definition(text, "mine.toml")
    table = pa.table({v.name: pa.array([None], pa.string()) for v in definition.kept})
    with pytest.raises(BadInput, match="the cohort cvd: rule 1"):
        declaration(definition, table)
