"""A known network gives the parents, strengths and words that it was made with, and nothing of a few patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import jsonschema
import numpy as np
import pytest

from locum.network import BALANCED, Network, fit
from locum.network.cells import Cells
from locum.network.codes import line_sizes
from locum.network.graph import json_schema, words
from locum.network.graph.groups import _level, telling
from locum.network.graph.make import graph
from locum.network.graph.schema import Graph, Group, Level, Node
from locum.network.graph.strength import classes, entropy, strengths
from locum.network.graph.summary_tree import _join
from locum.variables import Column, Formula, Kind, Variable
from tests.unit.network.columns import numbers
from tests.unit.network.models import mixed_network

PATIENTS = 4000


def _flag(name: str, held: np.ndarray, missing: np.ndarray | None = None) -> Column:
    absent = np.zeros(len(held), np.uint8) if missing is None else missing.astype(np.uint8)
    values = np.where(absent > 0, np.nan, held.astype(float))
    return Column(Variable(name, Kind.BINARY, levels=("0", "1")), values, absent)


@cache
def hypertension() -> Network:
    """Treated in 61 % of those from 62 years with 148 mmHg or more, else in 4 %."""
    rng = np.random.default_rng(5)
    age = rng.integers(30, 90, PATIENTS).astype(float)
    pressure = np.round(rng.normal(140, 15, PATIENTS))
    treated = rng.random(PATIENTS) < np.where((age >= 62) & (pressure >= 148), 0.61, 0.04)
    systolic = Variable("systolic", Kind.CONTINUOUS, "double", unit="mmHg", precision=1.0)
    columns = [
        numbers(age, name="age", precision=1.0),
        Column(systolic, pressure, np.zeros(PATIENTS, np.uint8)),
        _flag("treated", treated),
        _flag("coin", rng.random(PATIENTS) < 0.5),
    ]
    return fit(columns, k=10, seed=3, settings=replace(BALANCED, scores=False))


@cache
def measured() -> Network:
    """A blood test for those from 60 years only, and a pressure that was copied for 95 %."""
    rng = np.random.default_rng(6)
    age = np.round(rng.uniform(30, 90, PATIENTS), 1)
    test = np.where(age >= 60, np.round(rng.normal(5, 1, PATIENTS), 1), np.nan)
    first = np.round(rng.normal(140, 15, PATIENTS))
    again = np.where(rng.random(PATIENTS) < 0.05, np.round(rng.normal(140, 15, PATIENTS)), first)
    copied = Variable(
        "again", Kind.CONTINUOUS, "double", precision=1.0, follows=(Formula("sum", ("first",), (1.0,)),)
    )
    columns = [
        numbers(age, name="age", precision=0.1),
        numbers(test, name="test", precision=0.1),
        numbers(first, name="first", precision=1.0),
        Column(copied, again, np.zeros(PATIENTS, np.uint8)),
    ]
    return fit(columns, k=10, seed=3)


@cache
def of_men_alone() -> Network:
    """A dysfunction that 12 % of the old men have, 3 % of the other men from 40, and no woman."""
    rng = np.random.default_rng(8)
    age = rng.integers(25, 90, 1500).astype(float)
    man = rng.random(1500) < 0.5
    share = np.where(man & (age >= 64), 0.12, np.where(man & (age >= 40), 0.03, 0.0))
    columns = [
        numbers(age, name="age", precision=1.0),
        _flag("man", man),
        _flag("has", rng.random(1500) < share),
    ]
    return fit(columns, k=10, seed=1, settings=replace(BALANCED, scores=False))


@cache
def told_of(network: Callable[[], Network]) -> Graph:
    return graph(network())


def node(name: str, network: Callable[[], Network] = hypertension) -> Node:
    return next(n for n in told_of(network).variables if n.variable == name)


def test_the_parents_are_those_it_was_made_with() -> None:
    told = node("treated")
    assert {p.variable for p in told.parents if p.strength >= 0.05} == {"age", "systolic"}
    assert "coin" not in {p.variable for p in told.parents}
    assert node("coin").parents == ()
    assert node("coin").groups == ()
    assert node("coin").known < 0.02


def test_the_tree_says_who_is_treated() -> None:
    """It says 61 % where age ≥ 62 and systolic ≥ 148 mmHg, within what the members blur."""
    first = node("treated").groups[0]
    assert first.levels[0].level == "yes"
    assert first.levels[0].share == pytest.approx(0.61, abs=0.08)
    assert first.share == pytest.approx(0.47 * 0.3, abs=0.04)
    said = {c.variable: c.words for c in first.where}
    assert set(said) == {"age", "systolic"}
    assert said["age"] in {f"≥ {year}" for year in range(60, 65)}
    assert said["systolic"] in {f"≥ {value} mmHg" for value in range(146, 151)}
    others = node("treated").groups[1:]
    assert all(group.levels[0].share < 0.2 for group in others)
    assert sum(group.share for group in node("treated").groups) == pytest.approx(1, abs=0.01)


def test_a_limit_stands_after_the_shares_and_only_where_it_tells_the_group_from_all() -> None:
    """ "Under 10 %" of old women, of whom nobody has it, above the men's shares would be a false claim."""
    told = node("has", of_men_alone)
    of_all = told.everyone.levels[0].share
    levels = [group.levels[0] if group.levels else None for group in told.groups]
    bounds = ["few" if level is None else level.bound for level in levels]
    assert bounds[0] == ""
    assert {"under", "few"} & set(bounds)
    assert bounds == sorted(bounds, key=["", "under", "few"].index)
    assert all(level.share <= of_all for level in levels if level and level.bound)
    assert sum(group.share for group in told.groups) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("count", "of_all", "said"),
    [
        (3, 0.02, []),  # under 10 %, where 2 % of all have it
        (3, 0.2, ["under"]),
        (497, 0.95, []),
        (497, 0.6, ["over"]),
        (100, 0.2, [""]),
    ],
)
def test_a_limit_that_all_patients_are_within_is_left_out(count: int, of_all: float, said: list[str]) -> None:
    """Of 500 rows, where 50 stand for k patients."""
    one = Group(
        where=(), share=1.0, missing=None, levels=(_level("x", count, 500, 50.0),), median=None, half=None
    )
    everyone = one.model_copy(update={"levels": (Level(level="x", share=of_all),)})
    assert [level.bound for level in telling(one, everyone).levels] == said
    lacking = one.model_copy(update={"levels": (), "missing": _level("", count, 500, 50.0)})
    everyone = lacking.model_copy(update={"missing": Level(level="", share=of_all)})
    left = telling(lacking, everyone).missing
    assert ([left.bound] if left else []) == said


def test_neighbours_of_whom_the_same_limit_is_told_become_one_group() -> None:
    """Node 0 splits into 1 and 2, 2 into 3 and 4, 1 into 5 and 6."""
    left, right = np.array([1, 5, 3, 0, 0, 0, 0]), np.array([2, 6, 4, 0, 0, 0, 0])

    def joined(limits: dict[int, str]) -> list[int]:
        variable = np.array([7, 7, 7, -1, -1, -1, -1])
        _join(variable, left, right, lambda node: limits.get(node, ""))
        return variable.tolist()

    assert joined({3: "under", 4: "under"}) == [7, 7, -1, -1, -1, -1, -1]
    assert joined({3: "under", 4: "over", 5: "under"}) == [7, 7, 7, -1, -1, -1, -1]
    assert joined(dict.fromkeys(range(7), "under")) == [-1] * 7  # until one is left


def test_who_has_a_value_is_told_apart_from_the_value() -> None:
    told = node("test", measured)
    assert told.everyone.missing is not None
    assert told.everyone.missing.share == pytest.approx(0.5, abs=0.03)
    assert told.known < 0.02
    assert told.parents == ()
    assert [p.variable for p in told.missing_parents if p.strength > 0.05] == ["age"]
    first, last = told.missing_groups[0], told.missing_groups[-1]
    assert [(c.variable, c.words) for c in first.where] == [("age", "< 59.9")]
    assert [(c.variable, c.words) for c in last.where] == [("age", "≥ 59.9")]
    assert (first.missing.bound, last.missing.bound) == ("over", "under")  # type: ignore[union-attr]
    assert first.share + last.share > 0.95


def test_a_rule_is_told_with_its_share_and_is_the_strongest_parent() -> None:
    told = next(n for n in (node("again", measured), node("first", measured)) if n.follows)
    assert told.follows[0].words in ("first", "again")
    assert told.follows[0].share == pytest.approx(0.95, abs=0.02)
    assert told.parents[0].variable == told.follows[0].words
    assert told.parents[0].strength >= 0.93
    assert 0.93 <= told.known <= 1


def test_every_graph_fits_the_schema_and_comes_back() -> None:
    for made in (told_of(hypertension), told_of(measured), told_of(mixed_network)):
        jsonschema.validate(made.model_dump(mode="json"), json_schema.schema())
        assert Graph.model_validate_json(made.model_dump_json()) == made


def test_the_published_schema_is_that_of_the_code() -> None:
    assert json_schema.FILE.read_text(encoding="utf-8") == json_schema.as_text()


def test_the_same_network_gives_the_same_graph_whatever_the_threads() -> None:
    assert graph(mixed_network(), threads=1) == graph(mixed_network(), threads=3)


def test_nothing_speaks_of_fewer_than_k_patients() -> None:
    for learned in (hypertension, measured, of_men_alone, mixed_network):
        network, made = learned(), told_of(learned)
        few = network.k / network.patients
        for found in made.variables:
            missing = found.everyone.missing
            held = 1 - (missing.share if missing else 0.0)
            for group in (*found.groups, *found.missing_groups):
                of = held if group in found.groups else 1.0
                assert group.share * of >= few - 0.002
                for level in (*group.levels, *([group.missing] if group.missing else [])):
                    spoken_of = min(level.share, 1 - level.share) * group.share * of
                    assert spoken_of >= few - 0.003 * group.share - 0.002


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, Level(level="x", share=0.1, bound="under")),
        (49, Level(level="x", share=0.1, bound="under")),
        (50, Level(level="x", share=0.1)),
        (305, Level(level="x", share=0.61)),
        (451, Level(level="x", share=0.9, bound="over")),
        (500, Level(level="x", share=0.9, bound="over")),
    ],
)
def test_a_share_of_too_few_is_only_a_limit(count: int, told: Level) -> None:
    """Of 500 rows, where 50 stand for k patients."""
    assert _level("x", count, 500, 50.0) == told


def _numbers(kind: Kind, low: list[float], high: list[float], **declared: object) -> Cells:
    """Two missing reasons, and these cells."""
    nothing = [np.nan, np.nan]
    size = len(low) + 2
    variable = Variable("x", kind, "double", missing={"refused": ("-7",)}, **declared)  # type: ignore[arg-type]
    own = np.arange(size, dtype=np.uint8)
    return Cells(
        variable, 2, np.array(nothing + low), np.array(nothing + high), np.full(size, 1 / size), own, own, -1
    )


AGE = _numbers(Kind.COUNT, [0, 18, 62, 70], [0, 61, 69, 99], precision=1.0, unit="years")
WEIGHT = _numbers(Kind.CONTINUOUS, [30, 55.5, 1234.5678], [55.5, 1234.5, 2000])
DAY = _numbers(Kind.DATE, [0, 365, 17897], [364, 17896, 18000])
LEVELS = Variable("l", Kind.NOMINAL, levels=("a", "b", "c", "d", "e"))
ORDINAL = Variable("o", Kind.ORDINAL, levels=("low", "middle", "high", "top"))


def _levels(variable: Variable) -> Cells:
    size = 1 + len(variable.levels) + 1
    own = np.arange(size, dtype=np.uint8)
    nothing = np.full(size, np.nan)
    mass = np.full(size, 0.1)
    mass[-1] = 0.0  # nobody is "other"
    return Cells(variable, 1, nothing, nothing, mass, own, own, -1)


@pytest.mark.parametrize(
    ("cells", "allowed", "said"),
    [
        (AGE, [4, 5], "≥ 62 years"),
        (AGE, [2, 3], "< 62 years"),
        (AGE, [4], "62 to 69 years"),
        (AGE, [2], "is 0 years"),
        (AGE, [0, 1, 4, 5], "≥ 62 years or not recorded"),
        (AGE, [1, 5], "≥ 70 years or refused"),
        (AGE, [0, 1], "is not recorded"),
        (AGE, [1], "is refused"),
        (AGE, [2, 3, 4, 5], "is recorded"),
        (AGE, [0, 2, 3, 4, 5], "is not refused"),
        (WEIGHT, [2], "< 55.5"),
        (WEIGHT, [3], "55.5 to under 1,234.6"),
        (WEIGHT, [4], "≥ 1,234.6"),
        (DAY, [2], "before 1971-01-01"),
        (DAY, [3], "from 1971-01-01 to before 2019-01-01"),
        (DAY, [4], "from 2019-01-01"),
        (_levels(LEVELS), [1], "is a"),
        (_levels(LEVELS), [1, 2], "is a or b"),
        (_levels(LEVELS), [1, 2, 3, 5], "is not d"),
        (_levels(LEVELS), [0, 2, 3], "is b or c or not recorded"),
        (_levels(ORDINAL), [1, 2], "is middle or less"),
        (_levels(ORDINAL), [3, 4], "is high or more"),
        (_levels(ORDINAL), [2, 3], "is middle to high"),
        (_levels(Variable("f", Kind.BINARY, levels=("False", "True"))), [2], "is yes"),
        (_levels(Variable("s", Kind.BINARY, levels=("female", "male"))), [1], "is female"),
    ],
)
def test_conditions_in_words(cells: Cells, allowed: list[int], said: str) -> None:
    flags = np.zeros(cells.splits, np.bool_)
    flags[allowed] = True
    assert words.condition(cells, flags) == said


def test_conditions_name_edges_of_cells_only() -> None:
    """A number in a condition is the edge of a cell, or a step below it."""
    made = [(own.variable.name, own.seen) for learned in (hypertension, measured) for own in learned().cells]
    cells = dict(reversed(made))
    del cells["age"]  # both have one
    nodes = [*told_of(hypertension).variables, *told_of(measured).variables]
    checked = 0
    for told in nodes:
        for group in (*told.groups, *told.missing_groups):
            for condition in group.where:
                if condition.variable not in cells or cells[condition.variable].variable.kind.has_levels:
                    continue
                low = cells[condition.variable].low
                edges = {words.number(float(v)) for v in (*low[~np.isnan(low)], *(low[~np.isnan(low)] - 1))}
                for word in condition.words.split():
                    if word[0].isdigit():
                        checked += 1
                        assert word in edges
    assert checked > 5


def test_a_split_that_tells_all_has_strength_one_and_one_that_tells_nothing_none() -> None:
    network = hypertension()
    v = [own.variable.name for own in network.cells].index("treated")
    rng = np.random.default_rng(0)
    sizes, _, _ = line_sizes(network.cells, network.scores)
    split = np.stack([rng.integers(0, size, 5000).astype(np.uint8) for size in sizes])
    own = rng.integers(0, 2, 5000).astype(np.uint8)  # has nothing to do with any of them
    told = strengths(network.conditionals[v], network.cells, network.scores, split, own, 2)
    assert told.max() < 0.01
    assert (told >= 0).all()
    root = network.conditionals[v].variable[network.conditionals[v].roots[0]]
    same = strengths(
        network.conditionals[v], network.cells, network.scores, split, split[root], int(split[root].max()) + 1
    )
    assert same.argmax() == root


def test_numbers_count_in_tenths_and_one_that_many_share_alone() -> None:
    column = numbers(np.concatenate([np.zeros(500), np.arange(1, 501)]), precision=1.0)
    network = fit([column, _flag("coin", np.arange(1000) % 2 == 0)], k=10, seed=1)
    own, size = classes(network.cells[0], network.cells[0].split[network.cells[0].encode(column)])
    count = np.bincount(own, minlength=size)
    assert count[0] == 500
    assert 5 <= size <= 7
    assert entropy(np.array([1.0, 1.0, 0.0])) == pytest.approx(np.log(2))
