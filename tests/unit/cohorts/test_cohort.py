"""What a definition cannot be drawn from, and what is told of its codelists."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest

from locum.cohorts.cohort import draw
from locum.cohorts.declaration import declaration
from locum.cohorts.definition import parse_definition, read_definition, shipped_definitions
from locum.cohorts.matched_lists import MatchedList, match_lists
from locum.errors import BadInput
from locum.records.contract import SCHEMAS, Records, empty

HEAD = """
format = 1
name = "c"
title = "C"
[index]
latest_of = ["2015-01-01"]
[follow_up]
earliest_of = ["died"]
[measurement.bmi]
plausible = [10, 80]
[[step]]
label = "All"
is = "index"
"""
SEX = '[[variable]]\nname = "sex"\nis = "sex"\n'


def _empty(**tables: ibis.Table) -> Records:
    return Records(**{name: tables.get(name, empty(name)) for name in SCHEMAS if name != "admission"})


def test_a_step_on_admissions_needs_linked_episodes() -> None:
    """Without them it would keep everyone, or nobody, without a word."""
    text = HEAD + '[[step]]\nlabel = "Not admitted"\nis = "never"\nof = "stay"\n' + SEX
    lists = {"stay": MatchedList("stay", "admission", (("U071", None),))}
    with pytest.raises(
        BadInput, match='step "Not admitted" looks at hospital admissions, and these records have no'
    ):
        draw(_empty(), parse_definition(text, "c.toml"), lists, source="s", artificial=True)


def test_a_category_needs_a_list_with_categories(tmp_path: Path) -> None:
    (tmp_path / "kind.csv").write_text("code,term\n230690007,Stroke\n")
    text = HEAD + '[[variable]]\nname = "kind"\nis = "category"\nof = "kind"\n'
    with pytest.raises(
        BadInput, match=r'variable "kind" wants categories, and codelist kind \(kind.csv\) has no'
    ):
        match_lists(parse_definition(text, "c.toml"), tmp_path, [], _empty())


def test_a_value_needs_a_list_of_observations(tmp_path: Path) -> None:
    (tmp_path / "bmi.csv").write_text("substance,term\nsimvastatin,Statin\n")
    text = HEAD + '[[variable]]\nname = "bmi"\nis = "latest"\nof = "bmi"\n'
    with pytest.raises(
        BadInput, match='variable "bmi" wants values; codelist bmi finds medications, without any'
    ):
        match_lists(parse_definition(text, "c.toml"), tmp_path, [], _empty())


def test_lists_that_find_nothing_are_named_once(tmp_path: Path) -> None:
    text = HEAD + '[[variable]]\nname = "a"\nis = "ever"\nof = ["stroke", "statins"]\n'
    matched = match_lists(parse_definition(text, "c.toml"), tmp_path, [], _empty())
    assert matched.notices == (
        "these codelists find nothing, since the records use none of their codes: statins, stroke",
    )
    assert len(matched.evidence) == 2


def test_the_users_own_list_comes_first(tmp_path: Path) -> None:
    (tmp_path / "stroke.csv").write_text("medcodeid,term\n99999001,Stroke\n")
    text = HEAD + '[[variable]]\nname = "a"\nis = "ever"\nof = "stroke"\n'
    matched = match_lists(parse_definition(text, "c.toml"), Path(), [tmp_path], _empty())
    assert matched.lists["stroke"].codes == (("99999001", None),)


def test_nothing_is_left_behind_in_the_engine() -> None:
    records = _empty()
    draw(records, parse_definition(HEAD + SEX, "c.toml"), {}, source="s", artificial=True)
    held = records.patient.get_backend().con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert [name for (name,) in held if name.startswith("locum_")] == []


def test_published_variables_of_the_cardiovascular_dataset() -> None:
    """The 23 columns of the published dataset, by its authors' code, then follow-up."""
    names = [v.name for v in read_definition("cvd")[0].kept]
    assert " ".join(names[:23]) == (
        "gender age ethr region smoking bmi choleratio sbp sbps af ra ckidney semi sle migr type1 type2 treathyp "
        "impot steroid atyantip fh_cad strokeha"
    )
    assert names[23:] == ["followup_days", "event"]


@pytest.mark.parametrize("cohort", shipped_definitions())
def test_every_variable_that_ships_is_declared(cohort: str) -> None:
    """An empty cohort has every column, of the declared type, with a description."""
    definition, place = read_definition(cohort)
    records = _empty()
    lists = match_lists(definition, place.parent, [], records).lists
    drawn = draw(records, definition, lists, source="s", artificial=True)
    declared = declaration(definition, drawn.table)
    assert [v.name for v in declared] == drawn.table.column_names
    assert all(v.description for v in declared)
    for v in declared.modelled:
        assert str(drawn.table.schema.field(v.name).type) == v.storage, v.name
