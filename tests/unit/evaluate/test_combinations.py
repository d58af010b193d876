"""Sets of three and four variables: what only they can show, what real patients score, odd tables."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import combinations, pairs
from locum.evaluate.metrics import Combination, Metric, Status
from locum.evaluate.sample import Trio, read_trio
from locum.variables import Kind, Variable, Variables
from tests.adversarial import population as p

COINS = Variables(
    (
        *(Variable(name, Kind.BINARY, "bool", levels=("false", "true")) for name in "abc"),
        Variable("x", Kind.CONTINUOUS, "double", precision=0.01),
    )
)


def coins(rows: int, seed: int, *, broken: bool = False) -> pa.Table:
    """c tells whether a and b differ; any two of them are independent."""
    rng = np.random.default_rng(seed)
    a, b = rng.random(rows) < 0.5, rng.random(rows) < 0.5
    c = rng.random(rows) < 0.5 if broken else a ^ b
    return pa.table({"a": a, "b": b, "c": c, "x": np.round(rng.normal(size=rows), 2)})


def trio(make: object, variables: Variables, synthetic: pa.Table, rows: int = 2000) -> Trio:
    return read_trio(make(rows, 1), make(rows, 2), synthetic, variables, np.random.default_rng(0))  # type: ignore[operator]


def found(given: Trio) -> tuple[dict[str, Metric], list[Combination]]:
    metrics, worst = combinations.assess(given, np.random.default_rng(1), quick=True)
    return {m.name: m for m in metrics}, worst


def test_an_exclusive_or_gone_wrong_is_found_though_every_pair_is_right() -> None:
    given = trio(coins, COINS, coins(2000, 3, broken=True))
    two, _ = pairs.assess(given, np.random.default_rng(2))
    assert {m.status for m in two} == {Status.PASS}
    metrics, worst = found(given)
    assert metrics["triple_worst"].status is Status.FAIL
    assert metrics["triple_worst"].value == pytest.approx(50, abs=4)
    assert worst[0].variables == ["a", "b", "c"]
    assert worst[0].worst_pair < 5


def test_an_effect_reversed_in_a_subgroup_is_found() -> None:
    def treated(rows: int, seed: int, *, turned: bool = False) -> pa.Table:
        rng = np.random.default_rng(seed)
        a, b = rng.random(rows) < 0.5, rng.random(rows) < 0.5
        better = rng.random(rows) < np.where(a == (b ^ turned), 0.85, 0.15)
        return pa.table({"a": a, "b": b, "c": better, "x": np.round(rng.normal(size=rows), 2)})

    metrics, worst = found(trio(treated, COINS, treated(2000, 3, turned=True)))
    assert metrics["triple_worst"].status is Status.FAIL
    assert worst[0].variables == ["a", "b", "c"]


def test_what_is_right_passes_and_no_dependence_at_all_fails() -> None:
    metrics, _ = found(trio(p.population, p.VARIABLES, p.population(2000, 3)))
    assert {m.status for m in metrics.values()} == {Status.PASS}
    metrics, worst = found(trio(p.population, p.VARIABLES, p.shuffled(p.population(2000, 1), 4)))
    assert metrics["triple_mean"].status is metrics["quadruple_mean"].status is Status.FAIL
    assert {len(w.variables) for w in worst} == {3, 4}
    assert len({w.worst_pair for w in worst if len(w.variables) == 3}) > 1


@pytest.mark.parametrize("seed", range(5))
def test_few_real_patients_do_not_warn_by_chance(seed: int) -> None:
    made = [p.population(300, 50 + 3 * seed + i) for i in range(3)]
    given = read_trio(*made, p.VARIABLES, np.random.default_rng(seed))
    assert {m.status for m in found(given)[0].values()} == {Status.PASS}


def test_a_gap_is_the_total_variation_of_the_joint_table_and_grows_with_the_set() -> None:
    given = trio(coins, COINS, coins(2000, 3, broken=True))
    laid = combinations.lay(given, 3, 10_000, np.random.default_rng(3))
    for each in (3, 4):
        sets = np.array(list(itertools.combinations(range(4), each)), np.int64)
        gaps = combinations.compare(laid, sets).synthetic.gap
        for members, gap in zip(sets, gaps, strict=True):
            tables = [
                np.unique(codes[members].astype(int).T @ 10 ** np.arange(each), return_counts=True)
                for codes in (laid.others[0][0], laid.holdout)
            ]
            a, b = (dict(zip(*t, strict=True)) for t in tables)
            assert gap == pytest.approx(0.5 * sum(abs(a.get(c, 0) - b.get(c, 0)) / 2000 for c in {*a, *b}))
            inside = np.array(list(itertools.combinations(members.tolist(), 2)))
            assert (
                gap
                >= combinations.two_way_gaps(
                    laid.others[0][0], laid.holdout, laid.others[0][1], laid.cuts, inside
                )[0].max()
                - 1e-9
            )


def test_sets_are_all_or_a_random_part() -> None:
    rng = np.random.default_rng(0)
    assert len(combinations.sampled(5, 3, 500, rng)) == 10
    some = combinations.sampled(200, 4, 300, rng)
    assert len(np.unique(some, axis=0)) == len(some) == 300
    assert (np.diff(some, axis=1) > 0).all()
    assert len(np.unique(some)) > 190
    assert len(combinations.sampled(15, 4, 300, rng)) == 300


def test_the_same_seed_gives_the_same_figures() -> None:
    given = trio(p.population, p.VARIABLES, p.population(500, 3), 500)
    assert found(given) == found(given)


def test_too_few_variables_or_rows_and_empty_columns() -> None:
    two = Variables(COINS.variables[:2])
    metrics, worst = found(trio(coins, two, coins(300, 3), 300))
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
    assert not worst
    metrics, _ = found(trio(coins, COINS, coins(50, 3), 300))
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}

    def empty(rows: int, seed: int) -> pa.Table:
        del seed
        gone = pa.nulls(rows, pa.bool_())
        return pa.table({"a": gone, "b": gone, "c": [True] * rows, "x": pa.nulls(rows, pa.float64())})

    metrics, worst = found(trio(empty, COINS, empty(300, 3), 300))
    assert {m.status for m in metrics.values()} == {Status.PASS}
    assert not worst
