"""Tiers bind the order where that is asked for, and are recorded, checked on reading, and refused where some lack."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

import locum
from locum.errors import BadInput, UsageError
from locum.model import Model
from locum.network import schema
from locum.network.order import check_order, declared_tiers
from locum.report.graph_chart import draw
from locum.variables import Rule, Variables

N = 1500
TIERS = {"total": 1, "one": 1, "other": 1, "flag": 0, "late": 2}


def table() -> pa.Table:
    """A total of two parts, a flag made of it, and a number that depends on the flag and stays under the total."""
    rng = np.random.default_rng(11)
    one, other = np.round(rng.gamma(4, 10, N), 1), np.round(rng.gamma(3, 12, N), 1)
    flag = one + other > 80
    late = np.round((one + other) * rng.uniform(0.2, 0.9, N))
    return pa.table(
        {"total": np.round(one + other, 1), "one": one, "other": other, "flag": flag, "late": late}
    )


def declared(tiers: dict[str, int] = TIERS) -> Variables:
    found = locum.describe(table())
    with_tiers = tuple(replace(v, tier=tiers.get(v.name)) for v in found)
    return replace(found, variables=with_tiers, rules=(Rule("late <= total"),))


@cache
def bound(latent: str = "off") -> Model:
    return locum.fit(table(), declared(), order="tiers", latent=latent, seed=2, threads=1)


def drawn_order(model: Model) -> list[str]:
    return [model.network.cells[v].variable.name for v in model.network.order]


def test_earlier_tiers_come_first_and_the_finest_within_each() -> None:
    network = bound().network
    tiers = [network.cells[v].variable.tier for v in network.order]
    assert tiers == sorted(tiers)
    for tier in set(tiers):
        own = [network.cells[v] for v in network.order if network.cells[v].variable.tier == tier]
        entropy = [round(cells.entropy, 6) for cells in own if not cells.formulas]
        assert entropy == sorted(entropy, reverse=True)


def test_tiers_count_for_nothing_unless_asked_for() -> None:
    without = replace(declared(), variables=tuple(replace(v, tier=None) for v in declared()))
    by_default = locum.fit(table(), declared(), seed=2, threads=1)
    assert drawn_order(by_default) == drawn_order(locum.fit(table(), without, seed=2, threads=1))
    assert drawn_order(by_default) != drawn_order(bound())
    assert "ordered_by" not in json.loads(by_default.to_json())


def test_formulas_and_rules_hold_in_the_order_of_tiers() -> None:
    assert drawn_order(bound()).index("total") == 3, "a total after its parts, within its tier"
    drawn = bound().sample(2000, seed=1).to_pandas()
    assert (drawn["late"] <= drawn["total"]).all()
    exact = np.isclose(drawn["total"], drawn["one"] + drawn["other"], atol=0.06)
    assert exact.mean() > 0.99, "but for the ends of ranges"


def test_a_total_of_an_earlier_tier_than_its_parts_is_not_made_of_them() -> None:
    model = locum.fit(table(), declared(TIERS | {"total": 0}), order="tiers", seed=2, threads=1)
    assert drawn_order(model)[0] == "total"
    cells = {own.variable.name: own for own in model.network.cells}
    assert cells["total"].variable.follows
    assert not cells["total"].formulas
    last = "one" if drawn_order(model).index("one") > drawn_order(model).index("other") else "other"
    assert cells[last].formulas, "what is left of the total"


def test_a_latent_class_comes_before_all_tiers() -> None:
    model = bound("on")
    assert model.network.order[0] == len(TIERS)
    assert [model.variables[name].tier for name in drawn_order(model)[1:]] == [0, 1, 1, 1, 2]
    assert model.graph(threads=1).ordered_by == "tiers"


@pytest.mark.parametrize("latent", ["off", "on"])
def test_the_file_records_it(tmp_path: Path, latent: str) -> None:
    bound(latent).save(tmp_path / "model.json")
    again = Model.load(tmp_path / "model.json")
    document = json.loads(again.to_json())
    assert document["ordered_by"] == "tiers"
    jsonschema.validate(document, schema())
    assert again.to_json() == bound(latent).to_json()


@pytest.mark.parametrize("said", ["finest", None, [], True, 1])
def test_a_file_may_say_nothing_else(tmp_path: Path, said: object) -> None:
    document = json.loads(bound().to_json()) | {"ordered_by": said}
    (tmp_path / "model.json").write_text(json.dumps(document))
    with pytest.raises(BadInput, match="not by declared tiers"):
        Model.load(tmp_path / "model.json")


@pytest.mark.parametrize(
    ("tier", "why"), [(7, "does not follow the tiers"), (None, "not by declared tiers")], ids=["late", "none"]
)
def test_a_file_whose_order_is_another_is_refused(tmp_path: Path, tier: int | None, why: str) -> None:
    document = json.loads(bound().to_json())
    first = document["declaration"]["variable"][0]
    first["tier"] = tier
    if tier is None:
        del first["tier"]
    (tmp_path / "model.json").write_text(json.dumps(document))
    with pytest.raises(BadInput, match=why):
        Model.load(tmp_path / "model.json")


def test_variables_without_a_tier_are_named() -> None:
    with pytest.raises(UsageError, match='"other" has none'):
        locum.fit(table(), declared({k: t for k, t in TIERS.items() if k != "other"}), order="tiers")
    with pytest.raises(UsageError, match='"total", "one", "other" and 2 more have none'):
        locum.fit(table(), order="tiers")
    with pytest.raises(UsageError, match="use one of finest, tiers"):
        check_order("tier")


def test_a_column_that_is_left_out_needs_no_tier() -> None:
    assert declared_tiers(declared().modelled) == [1, 1, 1, 0, 2]


def test_the_figure_says_so_and_no_line_leads_back() -> None:
    graph = bound().graph(threads=1)
    assert graph.ordered_by == "tiers"
    tier = {node.variable: node.tier for node in graph.variables}
    assert all(tier[p.variable] <= tier[n.variable] for n in graph.variables for p in n.parents)
    assert draw(graph, "x") is not None
