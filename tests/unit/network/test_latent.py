"""Latent classes: EM finds them, the network hides them, and the model file says what they are."""

from __future__ import annotations

import copy
import json
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import numpy.typing as npt
import pytest

from locum.errors import BadInput, UsageError
from locum.model import Model
from locum.network import Network, fit, schema
from locum.network.mixture import learn_mixture
from locum.variables import Column, Variables
from tests.unit.network.columns import levels
from tests.unit.network.models import TWO_TREES, mixed_columns

CHANCE = np.array([[0.9, 0.1, 0.8, 0.9, 0.2], [0.1, 0.9, 0.7, 0.1, 0.9], [0.2, 0.2, 0.1, 0.9, 0.9]])
SHARE = np.array([0.5, 0.3, 0.2])


def three_classes(n: int, seed: int) -> npt.NDArray[np.uint8]:
    """uint8[n, 5]: five flags that depend on each other through three classes alone."""
    rng = np.random.default_rng(seed)
    chance = CHANCE[rng.choice(3, n, p=SHARE)]
    return np.asarray(rng.random((n, 5)) < chance, np.uint8)


def flags(n: int, seed: int) -> list[Column]:
    codes = three_classes(n, seed)
    return [levels(codes[:, v], 2, name=f"flag {v}") for v in range(5)]


@cache
def network() -> Network:
    return fit(flags(2000, 1), k=5, settings=TWO_TREES, latent="on", seed=3, threads=1)


def test_em_recovers_the_classes() -> None:
    """Shares and chances, up to the names of the classes, within some three standard errors of 20,000 rows."""
    found = learn_mixture(three_classes(20_000, 5), [2] * 5, 3, (1,))
    share, chance = np.exp(found.log_share), np.exp(found.log_chance[1::2].T)
    order = np.argsort(-share)
    assert share[order] == pytest.approx(SHARE, abs=0.06)
    assert chance[order] == pytest.approx(CHANCE, abs=0.06)


def test_em_is_the_same_with_any_threads() -> None:
    codes = three_classes(500, 5)
    one, two = (learn_mixture(codes, [2] * 5, 3, (1,), threads) for threads in (1, 3))
    assert np.array_equal(one.log_chance, two.log_chance)


def test_classes_are_drawn_from_the_posterior_not_its_mode() -> None:
    """Where nothing tells the classes apart, each is drawn as often as it is common."""
    found = learn_mixture(three_classes(500, 5), [2] * 5, 3, (1,))
    blind = found._replace(log_chance=np.full_like(found.log_chance, np.log(0.5)), log_share=np.log(SHARE))
    drawn = blind.draw(three_classes(20_000, 6), np.random.default_rng(1).random(20_000))
    assert np.bincount(drawn) / 20_000 == pytest.approx(SHARE, abs=4 * np.sqrt(0.25 / 20_000))


def test_the_class_is_first_and_hidden() -> None:
    assert network().order[0] == 5
    assert [column.variable.name for column in network().sample(10)] == [f"flag {v}" for v in range(5)]
    assert any(5 in network().parents(v) for v in range(5))


def test_the_likelihood_sums_over_the_classes() -> None:
    """The probabilities of all 32 rows add up to one; each is the share at which it is drawn."""
    every = np.array(list(product((0, 1), repeat=5)))
    columns = [levels(every[:, v], 2, name=f"flag {v}") for v in range(5)]
    chance = np.exp(network().log_likelihood(columns))
    assert chance.sum() == pytest.approx(1.0, abs=1e-4)
    drawn = np.stack([c.values for c in network().sample(100_000, seed=1)], axis=1)
    share = np.bincount((drawn @ [16, 8, 4, 2, 1]).astype(int), minlength=32) / 100_000
    assert share == pytest.approx(chance, abs=4 * np.sqrt(0.25 / 100_000))


def test_auto_keeps_none_where_there_is_nothing_to_explain() -> None:
    rng = np.random.default_rng(1)
    apart = [levels(rng.integers(0, 2, 400), 2, name=f"flag {v}") for v in range(4)]
    plain, auto = (fit(apart, k=5, settings=TWO_TREES, latent=how, threads=1) for how in ("off", "auto"))
    assert auto.hidden == 0
    assert np.array_equal(auto.conditionals[0].probability, plain.conditionals[0].probability)


def test_a_column_may_have_the_name_of_the_class() -> None:
    columns = flags(300, 1)
    columns[2] = levels(columns[2].values, 2, name="latent class")
    own = fit(columns, k=5, settings=TWO_TREES, latent="on", threads=1).cells[-1].variable.name
    assert own == "(latent class)"


def test_numbers_and_missing_values_have_classes_too() -> None:
    found = fit(mixed_columns(300, 3), k=5, settings=TWO_TREES, latent="on", seed=1, threads=1)
    again = fit(mixed_columns(300, 3), k=5, settings=TWO_TREES, latent="on", seed=1, threads=2)
    for one, two in zip(found.sample(200), again.sample(200), strict=True):
        assert np.array_equal(one.values, two.values, equal_nan=True)
    assert len(found.sample(5)) == 4


def test_conditions_hold_and_the_graph_names_the_class() -> None:
    from locum.network.given import draw_given
    from locum.network.graph.make import graph
    from locum.variables.clauses import Within

    given = draw_given(network(), [(Within(1, ((1.0, 1.0),), False),)], 500, seed=1)
    assert len(given.columns) == 5
    assert (given.columns[1].values == 1).all()
    assert graph(network()).variables[-1].variable == "latent class"


@cache
def document() -> dict[str, Any]:
    declared = Variables(tuple(c.variable for c in network().cells[:5]), network().k)
    loaded: dict[str, Any] = json.loads(Model(network(), declared).to_json())
    return loaded


def load(folder: Path, content: Any) -> Model:
    (folder / "model.json").write_text(json.dumps(content))
    return Model.load(folder / "model.json")


def test_the_file_tells_of_the_class_and_gives_the_same_network(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator(schema()).validate(document())
    again = load(tmp_path, document())
    assert json.loads(again.to_json()) == document()
    for one, two in zip(again.network.sample(300), network().sample(300), strict=True):
        assert np.array_equal(one.values, two.values)


HOSTILE = [
    (("latent",), None),
    (("latent",), {}),
    (("latent",), {"classes": 5}),
    (("latent",), {"classes": 2}),
    (("latent",), {"classes": 3.0}),
    (("latent",), {"classes": "3"}),
    (("latent",), {"classes": 3, "extra": 1}),
    (("latent",), [3]),
    (("order",), [0, 5, 1, 2, 3, 4]),
    (("cells", 5, "share", 0), 0.1),
    (("cells", 5, "share", -1), 0.1),
    (("cells", 5, "variable"), "another"),
]


@pytest.mark.parametrize(("path", "value"), HOSTILE, ids=str)
def test_a_file_that_was_tampered_with_is_refused(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    hostile = copy.deepcopy(document())
    part = hostile
    for step in path[:-1]:
        part = part[step]
    assert json.dumps(part[path[-1]]) != json.dumps(value)
    part[path[-1]] = value
    with pytest.raises(BadInput, match=r"^[^\n]+$"):
        load(tmp_path, hostile)


def test_a_file_without_its_class_is_refused(tmp_path: Path) -> None:
    hostile = copy.deepcopy(document())
    del hostile["latent"]
    with pytest.raises(BadInput):
        load(tmp_path, hostile)


def test_unknown_arms_are_refused() -> None:
    for arms in ({"latent": "yes"}, {"missing": "mean"}):
        with pytest.raises(UsageError, match="use one of"):
            fit(flags(100, 1), k=5, settings=TWO_TREES, **arms)
