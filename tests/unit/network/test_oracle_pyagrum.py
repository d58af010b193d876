"""Against pyAgrum: without pruning, smoothing or resampling a tree is the maximum-likelihood table."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from locum.network import Network, Settings, fit
from locum.network.boost import Group, draw_boosted
from locum.network.given import draw_given
from locum.variables.clauses import Within, complement
from tests.unit.network.columns import levels

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    gum = pytest.importorskip("pyagrum")

BARE = Settings("oracle", members=1, part=1.0, smallest_leaf=1, charge=0.0, smoothing=0.0, scores=False)
NAMES = {"a": 3, "b": 4, "c": 2, "d": 5, "e": 2}
ROWS = 50_000


@cache
def process() -> Any:
    """A network of five variables with every arc from an earlier one, its tables bounded away from 0."""
    net = gum.BayesNet()
    for name, size in NAMES.items():
        net.add(gum.LabelizedVariable(name, name, size))
    for child, parent in product(range(5), range(5)):
        if parent < child:
            net.addArc(parent, child)
    rng = np.random.default_rng(12)
    for name in NAMES:
        shape = net.cpt(name).toarray().shape
        table = rng.dirichlet(np.full(shape[-1], 1.5), size=shape[:-1]) + 0.05
        net.cpt(name).fillWith((table / table.sum(axis=-1, keepdims=True)).reshape(-1).tolist())
    return net


@cache
def data() -> npt.NDArray[np.int64]:
    """int64[ROWS, 5], drawn from the tables of the process by our own hand."""
    rng = np.random.default_rng(13)
    table = np.zeros((ROWS, 5), np.int64)
    for v, name in enumerate(NAMES):
        cpt = process().cpt(name)
        order = [list(NAMES).index(p) for p in reversed(cpt.names)][:-1]
        chance = cpt.toarray()[tuple(table[:, p] for p in order)].reshape(-1, NAMES[name])
        chance = np.broadcast_to(chance, (ROWS, NAMES[name]))
        table[:, v] = (rng.random(ROWS)[:, None] > np.cumsum(chance, axis=1)[:, :-1]).sum(axis=1)
    return table


@cache
def learned() -> Network:
    columns = [levels(data()[:, v] + 0.0, size, name=name) for v, (name, size) in enumerate(NAMES.items())]
    return fit(columns, k=1, settings=BARE, seed=1, threads=1)


@cache
def oracle() -> Any:
    """Maximum-likelihood tables along the complete graph of our order, learned by pyAgrum."""
    names = list(NAMES)
    frame = pd.DataFrame({name: data()[:, v].astype(str) for v, name in enumerate(names)})
    net = gum.BayesNet()
    for name, size in NAMES.items():
        net.add(gum.LabelizedVariable(name, name, [str(i) for i in range(size)]))
    for place, child in enumerate(learned().order):
        for parent in learned().order[:place]:
            net.addArc(names[parent], names[child])
    learner = gum.BNLearner(frame, net)
    learner.useNoPrior()
    return learner.learnParameters(net.dag())


def joint(net: Any, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """float64[n]: the log-probability of each row under the tables of NET."""
    total = np.zeros(len(rows))
    for name in NAMES:
        cpt = net.cpt(name)
        total += np.log(cpt.toarray()[tuple(rows[:, list(NAMES).index(p)] for p in reversed(cpt.names))])
    return total


def ours(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    columns = [levels(rows[:, v] + 0.0, size, name=name) for v, (name, size) in enumerate(NAMES.items())]
    return learned().log_likelihood(columns)


def test_every_configuration_has_the_probability_of_the_oracle() -> None:
    rows = np.unique(data(), axis=0)
    assert len(rows) > 200
    assert np.exp(ours(rows)) == pytest.approx(np.exp(joint(oracle(), rows)), abs=1e-5)


def test_the_total_log_likelihood_is_that_of_the_oracle() -> None:
    """To rounding: chances are whole millionths, so a table entry p is off by at most 1e-6 / p."""
    assert ours(data()).sum() == pytest.approx(joint(oracle(), data()).sum(), rel=1e-5)


def test_the_likelihood_of_the_truth_is_lower_on_the_training_rows() -> None:
    gain = ours(data()).sum() - joint(process(), data()).sum()
    assert 0 < gain < 3 * 239  # twice the gain is about chi-squared on the parameters


def test_sampled_pairs_agree_with_exact_inference() -> None:
    """Total variation of 200,000 draws from the oracle's exact marginal of each pair, by its sampling error."""
    n = 200_000
    drawn = np.stack([c.values.astype(int) for c in learned().sample(n, seed=3)], axis=1)
    inference = gum.LazyPropagation(oracle())
    names = list(NAMES)
    for a in range(5):
        for b in range(a):
            pair = {names[a], names[b]}
            inference.addJointTarget(pair)
            exact = inference.jointPosterior(pair)
            place = [names.index(p) for p in reversed(exact.names)]
            table = exact.toarray()
            found = np.zeros_like(table)
            np.add.at(found, tuple(drawn[:, p] for p in place), 1 / n)
            expected = np.sqrt(2 * table * (1 - table) / (np.pi * n)).sum() / 2
            assert np.abs(found - table).sum() / 2 < 3 * expected


def level(name: str, *values: int) -> Within:
    """NAME has one of VALUES."""
    held = tuple((float(x), float(x)) for x in sorted(values))
    return Within(list(NAMES).index(name), held, False)


def posterior(evidence: dict[str, list[float]], wanted: str) -> tuple[float, npt.NDArray[np.float64]]:
    """(probability of EVIDENCE, distribution of WANTED given it) by exact inference; evidence is 0/1 a level."""
    inference = gum.LazyPropagation(oracle())
    for name, likelihood in evidence.items():
        inference.addEvidence(name, likelihood)
    inference.makeInference()
    return inference.evidenceProbability(), inference.posterior(wanted).toarray()


def distance(found: npt.NDArray[np.float64], exact: npt.NDArray[np.float64], n: float) -> float:
    """Total variation, in units of what N independent draws would have."""
    expected = np.sqrt(2 * exact * (1 - exact) / (np.pi * n)).sum() / 2
    away = float(np.abs(found - exact).sum() / 2)
    return away / expected if expected > 1e-9 else away * n


EVIDENCE = [
    {"d": [1, 0, 0, 0, 0]},  # comes first in our order
    {"c": [0, 1]},  # comes late
    {"e": [1, 0], "a": [0, 1, 1]},
    {"b": [0, 0, 0, 1], "c": [1, 0], "e": [0, 1], "d": [1, 0, 1, 0, 0]},
]


@pytest.mark.parametrize("evidence", EVIDENCE, ids=str)
def test_conditioning_agrees_with_exact_inference(evidence: dict[str, list[float]]) -> None:
    """Marginals of 15,000 draws, and the probability of the evidence, whatever its place in the order."""
    clauses = [(level(name, *np.flatnonzero(likelihood)),) for name, likelihood in evidence.items()]
    given = draw_given(learned(), clauses, 15_000, seed=4, threads=1)
    for v, name in enumerate(NAMES):
        chance, exact = posterior(evidence, name)
        found = np.bincount(given.columns[v].values.astype(int), minlength=len(exact)) / 15_000
        assert distance(found, exact, given.effective) < 4.5
        assert set(np.flatnonzero(found)) <= set(np.flatnonzero(exact))
        assert given.chance == pytest.approx(chance, rel=0.03)


def test_evidence_on_the_first_variable_is_exact() -> None:
    first = list(NAMES)[learned().order[0]]
    given = draw_given(learned(), [(level(first, 1),)], 10_000, seed=4, threads=1)
    assert given.weighed == 10_000
    assert given.effective == pytest.approx(10_000)
    assert given.chance == pytest.approx(posterior({}, first)[1][1], abs=3e-6)


def test_a_disjunction_over_variables_agrees_with_exact_inference() -> None:
    """P(x | b = 3 or c = 1), from the exact joints of b, c and x."""
    given = draw_given(learned(), [(level("b", 3), level("c", 1))], 15_000, seed=5, threads=1)
    for v, name in enumerate(NAMES):
        none, without = posterior({"b": [1, 1, 1, 0], "c": [1, 0]}, name)
        exact = (posterior({}, name)[1] - none * without) / (1 - none)
        found = np.bincount(given.columns[v].values.astype(int), minlength=len(exact)) / 15_000
        assert distance(found, exact, given.effective) < 4.5
    assert given.chance == pytest.approx(1 - none, rel=0.03)


def test_the_weights_of_boosted_groups_give_the_marginals_back() -> None:
    groups = [
        Group(
            f"{name} = {value}",
            ((own,),),
            ((Within(own.variable, complement(own.intervals), True),),),
            factor,
        )
        for name, value, factor in (("b", 3, 2.5), ("e", 1, 0.5))
        for own in [level(name, value)]
    ]
    n = 15_000
    given = draw_boosted(learned(), groups, n, seed=6, threads=1)
    assert given.weight is not None
    assert given.weight.sum() == pytest.approx(n)
    for v, name in enumerate(NAMES):
        exact = posterior({}, name)[1]
        values = given.columns[v].values.astype(int)
        found = np.bincount(values, given.weight, minlength=len(exact)) / n
        worth = given.weight.sum() ** 2 / (given.weight**2).sum()
        assert distance(found, exact, worth) < 4.5
        for group_name, value, factor in (("b", 3, 2.5), ("e", 1, 0.5)):
            if name == group_name:
                assert np.mean(values == value) == pytest.approx(factor * exact[value], rel=0.04)
