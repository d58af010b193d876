"""Scores add up influences that are too weak for a split of their own, and nothing else."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import jsonschema
import numpy as np
import pytest

from locum.errors import BadInput
from locum.network import Settings, fit, from_document, schema, to_document
from locum.network.codes import encode
from locum.network.scores import RANK
from locum.variables import Variables
from tests.unit.network.columns import levels, numbers

SETTINGS = Settings("test", members=4, part=0.8, smallest_leaf=10, charge=1.0, smoothing=0.5)


def many_weak(n: int, seed: int, causes: int = 12, effect: float = 0.12):
    """A flag that depends on many numbers, weakly on each."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (causes, n)).round(2)
    y = (rng.normal(0, 1, n) + effect * x.sum(axis=0) > 0).astype(float)
    return [numbers(line, name=f"x{i}", precision=0.01) for i, line in enumerate(x)] + [
        levels(y, 2, name="y")
    ]


def strength(columns) -> float:
    """The correlation of the flag with the sum of the numbers."""
    total = sum(c.values for c in columns[:-1])
    return float(np.corrcoef(total, columns[-1].values)[0, 1])


def test_many_weak_influences_are_kept_together():
    columns = many_weak(3000, 1)
    real = strength(columns)
    with_scores = strength(fit(columns, k=10, settings=SETTINGS, seed=1).sample(20_000, seed=2))
    without = strength(
        fit(columns, k=10, settings=replace(SETTINGS, scores=False), seed=1).sample(20_000, seed=2)
    )
    assert real > 0.25
    assert with_scores > 0.8 * real
    assert without < 0.7 * real


def test_noise_makes_no_score():
    rng = np.random.default_rng(2)
    columns = [numbers(rng.normal(0, 1, 3000), name=f"x{i}") for i in range(8)]
    columns += [levels(rng.integers(0, 3, 3000) + 0.0, 3, name="y")]
    assert fit(columns, k=10, settings=SETTINGS, seed=1).scores == ()


def test_a_score_is_of_variables_before_it_and_its_terms_pay():
    network = fit(many_weak(3000, 3), k=10, settings=SETTINGS, seed=1)
    assert network.scores
    place = {v: i for i, v in enumerate(network.order)}
    for score in network.scores:
        assert all(place[v] < place[score.target] for v in score.variable.tolist())
        assert np.abs(score.weight).max() == 1.0
        assert (np.diff(score.edges) > 0).all()
    on_flag = next(s for s in network.scores if network.cells[s.target].variable.name == "y")
    assert (on_flag.code == RANK).all()
    assert len(set(np.sign(on_flag.weight).tolist())) == 1  # all influences point one way
    assert {network.cells[v].variable.name for v in network.parents(on_flag.target)} >= {
        network.cells[v].variable.name for v in on_flag.variable.tolist()
    }


def test_missing_values_and_levels_may_be_terms():
    rng = np.random.default_rng(4)
    n = 4000
    group = rng.integers(0, 3, n)
    x = rng.normal(0, 1, n).round(2)
    absent = rng.random(n) < 0.3
    y = rng.normal(0, 1, n) + 0.5 * (group == 1) + 0.5 * absent + 0.3 * np.where(absent, 0, x)
    columns = [
        numbers(np.where(absent, np.nan, x), name="x", precision=0.01),
        levels(group + 0.0, 3, name="group"),
        levels((y > 0.5).astype(float), 2, name="flag"),
    ]
    network = fit(columns, k=10, settings=SETTINGS, seed=1)
    codes = {int(c) for score in network.scores for c in score.code}
    assert RANK in codes
    assert codes - {RANK}


def test_codes_of_drawn_rows_are_those_of_the_same_rows_read_again():
    network = fit(many_weak(2000, 5), k=10, settings=SETTINGS, seed=1)
    drawn = network.sample(500, seed=3)
    assert np.isfinite(network.log_likelihood(drawn)).all()
    _, split = encode(network.cells, drawn, network.scores)
    assert all(len(np.unique(split[-1 - i])) > 5 for i in range(len(network.scores)))


def document():
    network = fit(many_weak(2000, 6), k=10, settings=SETTINGS, seed=1)
    return network, Variables(tuple(own.variable for own in network.cells), network.k), to_document(network)


def test_scores_come_back_from_the_model_file():
    network, variables, written = document()
    again = from_document(json.loads(json.dumps(written)), variables, "model.json")
    assert to_document(again) == written
    for a, b in zip(network.sample(300, seed=1), again.sample(300, seed=1), strict=True):
        assert np.array_equal(a.values, b.values, equal_nan=True)
    part = {"$ref": "#/$defs/score", "$defs": schema()["$defs"]}
    for score in written["scores"]:
        jsonschema.validate(score, part)


def test_a_score_that_was_tampered_with_is_refused():
    network, variables, written = document()
    last = network.order[-1]
    changes = [
        lambda s: s.update(of=99),
        lambda s: s.update(of=True),
        lambda s: s.update(terms=[]),
        lambda s: s["terms"].append([last, -1, 1.0]),  # of a variable that comes later
        lambda s: s["terms"][0].__setitem__(0, -1),
        lambda s: s["terms"][0].__setitem__(1, 255),
        lambda s: s["terms"][0].__setitem__(1, -2),
        lambda s: s["terms"][0].__setitem__(2, "1"),
        lambda s: s["terms"][0].__setitem__(2, 1e300),
        lambda s: s["terms"][0].append(1),
        lambda s: s.update(edges=[1.0, 0.0]),
        lambda s: s.update(edges=list(range(300))),
        lambda s: s.update(more=1),
    ]
    for change in changes:
        broken = copy.deepcopy(written)
        change(broken["scores"][-1])
        with pytest.raises(BadInput, match=r"model\.json is damaged") as told:
            from_document(broken, variables, "model.json")
        assert "\n" not in str(told.value)
    gone = copy.deepcopy(written)
    gone["scores"] = gone["scores"][:-1]  # trees split on a line that is no more
    with pytest.raises(BadInput, match="damaged"):
        from_document(gone, variables, "model.json")
