"""Where inside a cell a number lies: preferred digits, peaks and tails come back as they were."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.errors import BadInput
from locum.network import fit, from_document, schema, to_document
from locum.network.cells import Cells
from locum.network.learn_cells import learn_cells
from locum.network.learn_within import learn_digits, learn_within
from locum.network.within import CLASS_OF, Within, up_to, weight_below
from locum.variables import Column, Kind, Variable, Variables
from tests.unit.network.columns import everyone, numbers
from tests.unit.network.models import TWO_TREES

WEIGHTS = np.array([[4.0, 2.0, 0.5, 0.25], [1.5, 0.5, 1.2, 0.8]])


def weight_of(place: int, digits: np.ndarray) -> float:
    """By the definition: the product over the last digits, as long as they are 0."""
    weight = 1.0
    for power in digits:
        weight *= power[CLASS_OF[place % 10]]
        if place % 10:
            return weight
        place //= 10
    return weight


@pytest.mark.parametrize("start", [-1234, -7, 0, 5, 99, 1_000_000_007])
def test_the_weight_below_a_number_is_the_sum_of_the_weights(start: int) -> None:
    table = up_to(WEIGHTS)
    below = [weight_below(start + i, WEIGHTS, table) for i in range(301)]
    assert np.allclose(np.diff(below), [weight_of(start + i, WEIGHTS) for i in range(300)])
    assert weight_below(0, WEIGHTS, table) == 0


@pytest.mark.parametrize("low", [-253.0, 0.0, 87.0])
def test_places_in_a_cell_are_taken_by_their_weight(low: float) -> None:
    cells = (np.array([low]), np.array([low + 136]))
    within = Within(WEIGHTS, np.zeros(1))
    inside = (np.arange(200_000) + 0.5) / 200_000
    drawn = within.place(np.zeros(len(inside), np.int64), inside, *cells, 1.0)
    expected = np.array([weight_of(int(low) + i, WEIGHTS) for i in range(137)])
    share = np.bincount((drawn - low).astype(int), minlength=137) / len(inside)
    assert np.allclose(share, expected / expected.sum(), atol=2e-5)
    assert (np.diff(drawn) >= 0).all()


def test_weights_of_digits_are_learned_from_what_they_made() -> None:
    """Patients in cells of 40 places, drawn by known weights: the weights come back, up to their scale."""
    rng = np.random.default_rng(3)
    first = np.arange(1000, 3000, 40)
    cell = rng.choice(len(first), 40_000, p=np.arange(len(first), 0, -1) / np.arange(len(first) + 1).sum())
    chance = np.array([weight_of(1000 + i, WEIGHTS) for i in range(2000)]).reshape(-1, 40)
    cumulative = np.cumsum(chance, axis=1) / chance.sum(axis=1, keepdims=True)
    place = first[cell] + (rng.random(len(cell))[:, None] > cumulative[cell]).sum(axis=1)
    found = learn_digits(place, np.ones_like(place), cell, first, first + 40, 10)
    assert len(found) == 2
    told = np.array([weight_of(1000 + i, found) for i in range(2000)])
    true = chance.ravel()
    assert np.allclose(told / told.mean(), true / true.mean(), rtol=0.12)


@pytest.mark.parametrize("seed", range(4))
def test_numbers_without_preference_have_no_digits_bends_or_peaks(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own = np.round(rng.normal(2000, 600, 4000))
    cells, _ = learn_cells(numbers(own, precision=1.0), 10, everyone(4000))
    within = cells.within
    assert within is None or (not len(within.digits) and not len(within.peak_cell))
    assert within is None or (within.bend[1:-1] != 0).mean() < 0.02


def pressures(n: int, seed: int) -> np.ndarray:
    """Half of the pressures are read to the nearest 10, most others to an even number, few to a half."""
    rng = np.random.default_rng(seed)
    true = rng.gamma(30, 4.5, n) + rng.normal(0, 6, n)
    how = rng.random(n)
    return np.select(
        [how < 0.3, how < 0.85, how < 0.95],
        [10 * np.round(true / 10), 2 * np.round(true / 2), np.round(true)],
        np.floor(true) + 0.5,
    )


def drawn_from(column: Column, n: int, k: int = 10) -> np.ndarray:
    return fit([column], k=k, settings=TWO_TREES, seed=1, threads=1).sample(n, seed=5)[0].values


@pytest.mark.parametrize("n", [400, 2000, 20_000])
def test_pressures_end_in_0_as_often_as_they_did(n: int) -> None:
    real = pressures(n, 2)
    made = drawn_from(numbers(real, precision=0.1), 40_000)
    for ends in (lambda x: x % 10 == 0, lambda x: x % 2 == 0, lambda x: x % 1 == 0, lambda x: x % 1 == 0.5):
        share = ends(real).mean()
        error = np.sqrt(share * (1 - share) * (1 / (0.8 * n) + 1 / 40_000))
        assert abs(ends(made).mean() - share) < 4 * error + 0.012
    assert (np.isin(made * 10 % 10, [0, 5])).all()  # tenths that no patient has do not occur


def test_a_peak_inside_a_cell_comes_back() -> None:
    """20 patients at 7,298 share a cell with a few others: too few to be an atom, yet not diluted."""
    rng = np.random.default_rng(0)
    real = np.concatenate([np.repeat(7298.0, 20), 7000 + np.arange(9.0) * 90 + 3, rng.integers(1, 5000, 900)])
    cells, _ = learn_cells(numbers(real, precision=1.0), 10, everyone(len(real)))
    inside = (np.arange(1000) + 0.5) / 1000
    at = int(cells.encode(numbers([7298.0], precision=1.0))[0])
    made = cells.decode(np.full(1000, at), inside).values
    held = (cells.encode(numbers(real, precision=1.0)) == at).sum()
    assert abs((made == 7298).mean() - 20 / held) < 0.03
    assert (cells.encode(numbers(made, precision=1.0)) == at).all()


@pytest.mark.parametrize("precision", [None, 1.0])
def test_a_heavy_tail_thins_out_within_its_cell(precision: float | None) -> None:
    rng = np.random.default_rng(8)
    real = np.append(np.minimum(np.exp(rng.normal(6, 1.4, 3000)), 90_000), np.full(60, 99_999.0))
    real = real if precision is None else np.round(real)
    column = numbers(real, precision=precision)
    cells, _ = learn_cells(column, 40, everyone(len(real)))
    assert cells.within is not None
    assert cells.within.bend[-2] > 1
    made = drawn_from(column, 60_000, k=40)
    made, real = made[made < 99_000], real[real < 99_000]
    for q in (0.98, 0.99, 0.995):
        assert abs(np.log(np.quantile(made, q) / np.quantile(real, q))) < 0.25


def test_no_class_or_peak_of_fewer_than_k_patients_is_kept() -> None:
    rng = np.random.default_rng(5)
    real = np.concatenate([rng.integers(0, 4000, 6000) * 10.0, rng.integers(0, 4000, 9) * 10.0 + 3])
    cells, _ = learn_cells(numbers(real, precision=1.0), 10, everyone(len(real)))
    assert cells.within is not None
    assert cells.within.digits[0].tolist() == [10, 0, 0, 0]
    assert len(cells.within.peak_cell) == 0
    held, count = np.unique(real, return_counts=True)
    assert set(cells.within.peak_value.tolist()) <= set(held[count >= 10].tolist())


def test_dates_have_no_last_digit() -> None:
    days = np.random.default_rng(1).integers(1000, 1800, 5000) * 10.0
    variable = Variable("d", Kind.DATE, "date32[day]", precision=1.0)
    cells, _ = learn_cells(Column(variable, days, np.zeros(5000, np.uint8)), 100, everyone(5000))
    assert cells.within is None or not len(cells.within.digits)


@given(
    st.lists(st.lists(st.floats(0, 10), min_size=4, max_size=4).filter(any), max_size=3),
    st.integers(-(10**9), 10**9),
    st.integers(0, 10**6),
    st.floats(1e-9, 100),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1),
)
def test_whatever_the_file_says_a_number_stays_in_its_cell(
    digits: list[list[float]], low: int, length: int, bend: float, inside: float, share: float
) -> None:
    for power in (bend, -bend):
        within = Within(
            np.array(digits).reshape(-1, 4),
            np.array([power]),
            np.array([0]),
            np.array([low + 0.0]),
            np.array([share]),
        )
        a, b = np.array([low + 0.0]), np.array([low + length + 0.0])
        for step in (1.0, 0.0):
            own = within if step else Within(np.ones((0, 4)), np.array([power]))
            value = own.place(np.zeros(1, np.int64), np.array([inside]), a, b, step)
            assert low <= value[0] <= low + length


def model() -> tuple[dict[str, Any], Variables]:
    real = np.concatenate([pressures(1500, 2), [900.0] * 3, np.repeat(300.0, 12), 271 + 3 * np.arange(9)])
    column = numbers(real, precision=0.1)
    return to_document(fit([column], k=10, settings=TWO_TREES, seed=1)), Variables((column.variable,))


def test_the_file_gives_the_same_numbers_back() -> None:
    document, variables = model()
    within = document["cells"][0]["within"]
    within["bends"] = [[0, 2.0], [3, -1.5]]
    within["peaks"] = [[1, document["cells"][0]["low"][1], 0.25]]
    again = from_document(json.loads(json.dumps(document)), variables, "f")
    assert to_document(again) == document
    assert within["digits"]
    assert "within" in schema()["$defs"]["cells"]["properties"]


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("digits", [[1, 1, 1]]),
        ("digits", [[1, 1, 1, -1]]),
        ("digits", [[1, 1, 1, 11]]),
        ("digits", [[0, 0, 0, 0]]),
        ("digits", [[1, 1, 1, 1]] * 9),
        ("digits", [[1, 1, 1, "a"]]),
        ("digits", [1, 1, 1, 1]),
        ("digits", {}),
        ("bends", [[0, 0]]),
        ("bends", [[0, -101]]),
        ("bends", [[-1, 2]]),
        ("bends", [[9999, 2]]),
        ("bends", [[0.5, 2]]),
        ("bends", [[0]]),
        ("bends", [[0, float("nan")]]),
        ("peaks", [[0, 1e9, 0.5]]),
        ("peaks", [[9999, 120, 0.5]]),
        ("peaks", [[0, 120.123456, 0.5]]),
        ("peaks", "low"),
        ("peaks", [[0, "low", 0.6], [0, "low", 0.6]]),
        ("peaks", [[0, "low", 0]]),
        ("more", []),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(part: str, wrong: Any) -> None:
    document, variables = model()
    wrong = copy.deepcopy(wrong)
    if part == "peaks" and isinstance(wrong, list):
        low = document["cells"][0]["low"][0]
        wrong = [[low if x == "low" else x for x in three] for three in wrong]
    document["cells"][0]["within"][part] = wrong
    with pytest.raises(BadInput, match="damaged") as error:
        from_document(document, variables, "f")
    assert "\n" not in str(error.value)


def test_digits_of_numbers_without_a_lattice_are_refused() -> None:
    real = np.random.default_rng(1).lognormal(3, 2, 500)
    column = numbers(real)
    document = to_document(fit([column], k=10, settings=TWO_TREES, seed=1))
    document["cells"][0]["within"] = {"digits": [[1, 1, 1, 2]], "bends": [], "peaks": []}
    with pytest.raises(BadInput, match="damaged"):
        from_document(document, Variables((column.variable,)), "f")


def test_nothing_is_said_of_even_cells() -> None:
    own = np.arange(1000.0)
    assert (
        learn_within(
            Variable("x", Kind.COUNT, precision=1.0),
            own,
            np.ones(1000, np.int64),
            np.array([0.0, 500]),
            np.array([499.0, 999]),
            10,
        )
        is None
    )
    column = numbers(own, precision=1.0)
    cells = learn_cells(column, 10, everyone(1000))[0]
    assert isinstance(cells, Cells)
