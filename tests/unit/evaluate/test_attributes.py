"""Guessing a variable from the rest of the record: leaks that are known beforehand, and tables that tell nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import cdist

from locum.evaluate import Status
from locum.evaluate.attacked import choose
from locum.evaluate.attributes import assess, secrets
from locum.evaluate.guessing import guess
from locum.evaluate.metrics import Metric, Risk
from locum.evaluate.neighbours import LANE
from locum.evaluate.risk import Success, pooled, prevalence
from locum.evaluate.sample import read_trio
from locum.variables import Disclosure, Kind, Role, Variable, Variables, infer
from tests.adversarial import population as p

N = 2000


@cache
def patients(seed: int) -> pa.Table:
    return p.population(N, seed)


def attack(
    train: pa.Table,
    holdout: pa.Table,
    synthetic: pa.Table,
    variables: Variables = p.VARIABLES,
    quick: bool = True,
) -> tuple[dict[str, Metric], list[Risk]]:
    rng = np.random.default_rng(0)
    trio = read_trio(train, holdout, synthetic, variables, rng)
    metrics, guesses = assess(trio, choose(trio, rng, quick=quick), rng, quick=quick)
    return {m.name: m for m in metrics}, guesses


def statuses(synthetic: pa.Table) -> set[Status]:
    return {m.status for m in attack(patients(1), patients(2), synthetic)[0].values()}


def test_unseen_patients_give_nothing_away() -> None:
    assert statuses(patients(3)) == {Status.PASS}


def test_shuffled_columns_give_nothing_away() -> None:
    assert statuses(p.shuffled(patients(1), 5)) == {Status.PASS}


def test_a_copy_gives_all_away() -> None:
    metrics, guesses = attack(patients(1), patients(2), patients(1))
    assert {m.status for m in metrics.values()} == {Status.FAIL}
    risk = metrics["attributes"].value
    assert risk is not None
    assert risk > 0.98
    assert metrics["attributes"].floors["copy of the training data"] == pytest.approx(risk, abs=0.01)
    assert all(g.train > g.holdout for g in guesses)


def test_a_copied_tenth_gives_a_tenth_away() -> None:
    train, holdout, unseen = (p.population(2 * N, i) for i in (1, 2, 3))
    leak = pa.concat_tables([unseen.slice(0, 2 * N - N // 5), train.slice(0, N // 5)])
    metrics, _ = attack(train, holdout, leak, quick=False)
    assert metrics["attributes"].value == pytest.approx(0.1, abs=0.03)
    assert metrics["attributes"].status is Status.FAIL


def test_the_column_that_leaks_is_named() -> None:
    # Who somebody is follows from any of the measurements, which follow from each other; the secret from none.
    rng = np.random.default_rng(0)

    def made() -> pa.Table:
        size = rng.normal(size=N)
        measured = {f"x{i}": size + 0.0001 * rng.normal(size=N) for i in range(4)}
        return pa.table(measured | {"secret": rng.integers(0, 3, N).astype(str)})

    train, holdout, other = made(), made(), made()
    variables = infer(train)
    metrics, _ = attack(train, holdout, p.replaced(train, "secret", other["secret"]), variables)
    assert {m.status for m in metrics.values()} == {Status.PASS}
    metrics, guesses = attack(train, holdout, train, variables)
    assert metrics["attribute_worst"].status is Status.FAIL
    assert "It is secret" in metrics["attribute_worst"].answer
    given = {g.name: g.risk for g in guesses if g.group == "all patients"}
    assert given.pop("secret") > 0.9
    assert all(risk < 0.2 for risk in given.values())


def test_a_generator_that_leaks_one_column_is_found() -> None:
    """All else is drawn anew; the secret is that of the training patient most like the drawn one."""
    rng = np.random.default_rng(0)

    def made() -> pa.Table:
        size = rng.normal(size=N)
        measured = {f"x{i}": size + 0.3 * rng.normal(size=N) for i in range(4)}
        return pa.table(measured | {"secret": rng.integers(0, 4, N).astype(str)})

    train, holdout, drawn = made(), made(), made()
    points = [np.stack([t.column(f"x{i}").to_numpy() for i in range(4)], axis=1) for t in (drawn, train)]
    nearest = cdist(*points).argmin(axis=1)
    leak = p.replaced(drawn, "secret", train.column("secret").take(pa.array(nearest)))
    for synthetic, status in ((drawn, Status.PASS), (leak, Status.FAIL)):
        metrics, _ = attack(train, holdout, synthetic, infer(train))
        assert metrics["attribute_worst"].status is status
    assert "It is secret" in metrics["attribute_worst"].answer


def with_rare(seed: int, held: int) -> pa.Table:
    """The population, with a diagnosis that so many of its patients have whatever else they are."""
    has = np.random.default_rng(seed).permutation(N) < held
    return p.population(N, seed).append_column("rare", pa.array(has.astype(int).astype(str)))


RARE = Variables(
    (
        *p.VARIABLES.variables,
        Variable("rare", Kind.BINARY, levels=("0", "1"), disclosure=Disclosure.SENSITIVE),
    )
)


def test_a_variable_with_one_value_in_all_synthetic_rows_is_no_secret() -> None:
    """The guess "nobody has it" is right more often where fewer have it: that is prevalence, no leak."""
    train, holdout, synthetic = with_rare(1, 8), with_rare(2, 60), with_rare(3, 0)
    metrics, guesses = attack(train, holdout, synthetic, RARE)
    assert "rare" not in {g.name for g in guesses}
    assert {m.status for m in metrics.values()} == {Status.PASS}


def test_what_a_guess_of_the_commonest_value_gives_does_not_count() -> None:
    """A synthetic row or two with the other value do not make a leak of a difference in prevalence."""
    train, holdout, synthetic = with_rare(1, 8), with_rare(2, 60), with_rare(3, 4)
    metrics, guesses = attack(train, holdout, synthetic, RARE)
    (rare,) = [g for g in guesses if g.name == "rare" and g.group == "all patients"]
    assert rare.risk < 0.1
    assert {m.status for m in metrics.values()} == {Status.PASS}


def test_a_rare_value_that_is_told_is_found_also_where_more_of_the_unseen_have_it() -> None:
    train, holdout = with_rare(1, 40), with_rare(2, 60)
    metrics, guesses = attack(train, holdout, train, RARE)
    (rare,) = [g for g in guesses if g.name == "rare" and g.group == "all patients"]
    assert rare.risk > 0.9
    assert metrics["attribute_worst"].status is Status.FAIL


def test_controls_are_weighted_to_the_prevalence_of_the_members() -> None:
    """Of controls, half have the commonest value and 3 of 4 of them are guessed, of the others 1 of 4."""
    member = np.arange(16) < 8
    common, right = np.zeros((16, 1), np.bool_), np.zeros((16, 1), np.bool_)
    common[:6] = common[8:12] = True
    right[[8, 9, 10, 12]] = True
    assert prevalence(right, common, member)[0] == pytest.approx(0.75 * 0.75 + 0.25 * 0.25 - 0.5)
    always = common.copy()  # the guess is always the commonest value
    assert pooled(always[member], always[~member], prevalence(always, common, member))[0] == pytest.approx(0)
    assert prevalence(right, np.ones_like(common), member)[0] == 0


def test_sensitive_variables_come_first_and_known_ones_are_no_secret() -> None:
    declared = Variables(
        (
            Variable("known", Kind.BINARY, levels=("0", "1"), role=Role.QUASI_IDENTIFIER),
            Variable("plain", Kind.BINARY, levels=("0", "1")),
            Variable("number", Kind.CONTINUOUS, "double", disclosure=Disclosure.SENSITIVE),
            Variable("constant", Kind.BINARY, levels=("0", "1")),
        )
    )
    rng = np.random.default_rng(0)

    def made() -> pa.Table:
        flags = {name: rng.integers(0, 2, 200).astype(str) for name in ("known", "plain")}
        return pa.table(flags | {"number": rng.normal(size=200), "constant": ["1"] * 200})

    trio = read_trio(made(), made(), made(), declared, rng)
    assert secrets(trio, rng, 1).tolist() == [2]
    assert secrets(trio, rng, 9).tolist() == [1, 2]


def test_the_nearest_rows_on_the_other_columns_vote() -> None:
    base = np.zeros((5, LANE), np.float32)
    base[:, 0] = [0, 0, 0, 1, 1]  # the first column is the secret
    base[:, 1] = [0.2, 0.2, 0.2, 0.5, 0.9]
    query = np.zeros((3, LANE), np.float32)
    query[:, 0], query[:, 1] = 1, [0.21, 0.45, 0.95]
    codes = np.array([[0], [2], [2], [1], [3]], np.uint8)
    assert guess(query, base, np.zeros(1, np.int64), codes)[:, 0].tolist() == [2, 1, 3]


def test_guesses_are_those_of_a_plain_search() -> None:
    rng = np.random.default_rng(1)
    query, base = (np.zeros((n, 2 * LANE), np.float32) for n in (40, 300))
    query[:, :11], base[:, :11] = rng.random((40, 11)), rng.random((300, 11))
    codes = rng.integers(0, 7, (300, 3)).astype(np.uint8)
    places = np.array([0, 4, 10])
    told = guess(query, base, places, codes)
    for s, place in enumerate(places):
        others = [j for j in range(11) if j != place]
        apart = np.abs(query[:, None, others] - base[None][:, :, others]).sum(axis=2)
        assert (told[:, s] == codes[apart.argmin(axis=1), s]).all()


def test_risk_is_what_is_gained_over_the_control() -> None:
    assert Success(60, 100, 20, 100).risk == pytest.approx(0.5)
    assert Success(20, 100, 60, 100).risk == pytest.approx(-1.0)
    assert Success(100, 100, 100, 100).risk == 0.0
    low, high = Success(60, 100, 20, 100).interval()
    assert low == pytest.approx((0.4 - np.hypot(0.6 - 0.5020, 0.2889 - 0.2)) / 0.8, abs=1e-3)
    wide = Success(60, 100, 20, 100).interval(tests=10)
    assert wide[0] < low < high < wide[1]


@pytest.mark.parametrize(
    "columns",
    [
        {"x": list(range(200))},
        {"x": [None] * 200, "y": [None] * 200},
        {"x": ["a"] * 200, "y": list(range(200))},
    ],
)
def test_tables_without_a_secret_are_not_assessable_or_pass(columns: dict[str, list[object]]) -> None:
    table = pa.table(
        {name: pa.array(v, pa.string() if v[0] == "a" else pa.float64()) for name, v in columns.items()}
    )
    variables = Variables(
        tuple(
            Variable(field.name, Kind.NOMINAL, levels=("a",))
            if field.type == pa.string()
            else Variable(field.name, Kind.CONTINUOUS, "double")
            for field in table.schema
        )
    )
    metrics, _ = attack(table, table, table, variables)
    assert {m.status for m in metrics.values()} <= {Status.NOT_ASSESSABLE, Status.PASS}
