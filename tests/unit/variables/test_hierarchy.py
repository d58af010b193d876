"""Hierarchies of levels: what stands above a code, which level is nearest, and how they are declared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.variables import Kind, Variable, from_toml, infer, read_toml, to_columns, to_toml
from locum.variables.hierarchy import PREFIX, Ancestors, Hierarchy, are_codes, nearest

HEART: Hierarchy = {
    "heart": ("angina", "infarct"),
    "infarct": ("anterior", "inferior"),
    "all": ("heart", "asthma"),
}


@pytest.mark.parametrize(
    ("hierarchy", "text", "above"),
    [
        (PREFIX, "I21.9", ["I21", "I2", "I"]),
        (PREFIX, "I21", ["I2", "I"]),
        (PREFIX, "G30..", ["G30", "G3", "G"]),
        (PREFIX, "I", []),
        (HEART, "anterior", ["infarct", "heart", "all"]),
        (HEART, "asthma", ["all"]),
        (HEART, "gout", []),
        ("", "I21.9", []),
    ],
)
def test_what_stands_above_a_level(hierarchy: Hierarchy, text: str, above: list[str]) -> None:
    assert list(Ancestors(hierarchy).of(text)) == above


def test_the_nearest_level_lies_under_the_lowest_common_node() -> None:
    levels = ("I21.9", "I21.0", "I25.1", "E11", "E11.9")
    found = nearest(levels, PREFIX, ["I21.4", "I21", "I25", "I20.1", "I99", "E11.0", "E1", "Z00"])
    assert found.tolist() == [1, 1, 2, 2, 2, 4, 4, -1]
    assert nearest(("angina", "asthma"), HEART, ["inferior", "infarct", "gout"]).tolist() == [0, 0, -1]
    assert nearest(("a", "b"), "", ["c"]).tolist() == [-1]


def test_a_very_long_text_is_no_harder_than_a_short_one() -> None:
    assert len(list(Ancestors(PREFIX).of("x" * 100_000))) == 32


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        ([f"I{a}{b}.{c}" for a in range(3) for b in range(4) for c in range(4)], True),
        ([f"C0{a}A{b}" for a in range(9) for b in "ABCDEF"], True),
        ([f"0{a}01000{b}0" for a in range(5) for b in "ABCDEF"], True),
        ([str(100_000 + 137 * i) for i in range(90)], False),  # digits alone
        ([f"ward {i}" for i in range(90)], False),  # words
        ([f"{chr(65 + i % 26)}{i // 26}x{i}" for i in range(26 * 8)], False),  # no two begin alike
        (["I21.9", "I21.0", "I25.1"], False),  # a handful
    ],
)
def test_codes_are_told_from_other_texts(texts: list[str], codes: bool) -> None:
    assert are_codes(texts) is codes


def test_codes_are_inferred_with_their_prefixes_and_rare_ones_have_a_kin() -> None:
    texts = [f"I{i:02d}.{j}" for i in range(10) for j in range(5) for _ in range(12)] + ["I00.7", "Z99.1", ""]
    table = pa.table({"code": texts})
    variables = infer(table)
    code = variables["code"]
    assert code.hierarchy == PREFIX
    assert variables.notices == (
        'column "code": 2 levels are held by fewer than 10 patients and counted with the codes that begin like them',
    )
    column = to_columns(table, variables)[0]
    assert code.levels[column.nearest[-3]].startswith("I00")
    assert column.values[-3] == column.values[-2] == column.nearest[-2] == len(code.levels)
    assert column.missing[-1] == 1
    assert column.kin is not None
    assert np.flatnonzero(column.kin).tolist() == [len(texts) - 3]
    assert column.take(np.array([600, 0])).nearest.tolist() == [column.nearest[600], column.nearest[0]]


DECLARED = '[[variable]]\nname = "code"\nkind = "nominal"\nlevels = ["a", "b"]\nhierarchy = '


def test_a_hierarchy_comes_back_from_toml() -> None:
    for hierarchy in (PREFIX, HEART, ""):
        variable = Variable("code", Kind.NOMINAL, levels=("a", "b"), hierarchy=hierarchy)
        again = from_toml(to_toml(type(from_toml(DECLARED + '"prefix"', "f"))((variable,))), "f")
        assert again["code"] == variable


def test_a_hierarchy_is_read_from_a_file_beside_the_declaration(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text('level,group,note\na,g,x\nb,"g, too",\na,h,\n,,\ng,top,\n')
    (tmp_path / "v.toml").write_text(DECLARED + '"groups.csv"')
    assert read_toml(tmp_path / "v.toml")["code"].hierarchy == {"g": ("a",), "g, too": ("b",), "top": ("g",)}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("7", "hierarchy is not a table of groups"),
        ('"none.csv"', "neither"),
        ('"bad.csv"', "lacks the columns level and group"),
        ('{ g = "a" }', "hierarchy is not a list"),
        ('{ g = ["a"], h = ["a"] }', '"a" is in two groups'),
        ('{ g = ["h"], h = ["g"] }', "contains itself"),
        ('{ g = ["g"] }', "contains itself"),
        ('{ "" = ["a"] }', "has no name"),
        ('"prefix"\nlow = 1', "low"),
    ],
)
def test_a_wrong_hierarchy_is_refused_in_one_line(tmp_path: Path, declared: str, told: str) -> None:
    (tmp_path / "bad.csv").write_text("code,parent\na,g\n")
    (tmp_path / "v.toml").write_text(DECLARED + declared)
    with pytest.raises(BadInput, match=told) as error:
        read_toml(tmp_path / "v.toml")
    assert "\n" not in str(error.value)
    assert 'variable "code"' in str(error.value)


def test_a_file_is_not_read_for_a_declaration_that_has_no_place() -> None:
    with pytest.raises(BadInput, match="neither"):
        from_toml(DECLARED + '"groups.csv"', "a model")


def test_only_nominal_levels_have_a_hierarchy() -> None:
    with pytest.raises(BadInput, match='kind "ordinal" has no hierarchy'):
        from_toml((DECLARED + '"prefix"').replace("nominal", "ordinal"), "f")
