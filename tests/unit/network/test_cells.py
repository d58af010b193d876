"""Cells: k patients in each, edges that are nobody's own, and values that come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.errors import BadInput
from locum.network import fit
from locum.network.learn_cells import learn_cells
from locum.variables import Kind
from tests.unit.network.columns import Shape, everyone, levels, numbers, told

INSIDE = np.array([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99999])

SHAPES: dict[str, tuple[Shape, float | None]] = {
    "normal, one decimal": (lambda rng, n: np.round(rng.normal(120, 15, n), 1), 0.1),
    "normal": (lambda rng, n: rng.normal(120, 15, n), None),
    "skewed": (lambda rng, n: rng.lognormal(3, 1.5, n), None),
    "heavy tails": (lambda rng, n: rng.standard_cauchy(n) * 100, None),
    "whole years": (lambda rng, n: rng.integers(18, 95, n) + 0.0, 1.0),
    "sparse whole numbers": (lambda rng, n: np.round(rng.lognormal(5, 2, n)), 1.0),
    "quarters": (lambda rng, n: rng.integers(0, 300, n) / 4, 0.25),
    "sevens": (lambda rng, n: rng.integers(-90, 90, n) * 7.0, 7.0),
    "negative": (lambda rng, n: -rng.lognormal(0, 2, n), None),
    "tied": (lambda rng, n: rng.choice([1.5, 2, 3, 100], n), 0.5),
    "constant": (lambda rng, n: np.full(n, 7.3), None),
    "constant but for one": (lambda rng, n: np.append(np.full(n - 1, 7.3), 1e6), 0.1),
    "mostly zero": (
        lambda rng, n: np.where(rng.random(n) < 0.6, 0, np.round(rng.exponential(99, n), 2)),
        0.01,
    ),
    "tiny": (lambda rng, n: rng.normal(0, 1e-18, n), None),
    "huge": (lambda rng, n: rng.normal(0, 1e99, n), None),
    "days": (lambda rng, n: rng.integers(10_000, 20_000, n) + 0.0, 1.0),
}


@pytest.mark.parametrize("k", [2, 10])
@pytest.mark.parametrize("n", [40, 300, 4000])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_laws_of_number_cells(shape: str, n: int, k: int) -> None:
    draw, precision = SHAPES[shape]
    for seed in range(3):
        column = numbers(draw(np.random.default_rng(seed), n), precision=precision)
        cells, _ = learn_cells(column, k, everyone(n))
        held = np.bincount(cells.encode(column), minlength=cells.size)
        assert ((held == 0) | (held >= k)).all()
        assert ((cells.mass > 0) == (held > 0)).all()
        assert told(cells, column, everyone(n), k) == set()
        low, high = cells.low[1:], cells.high[1:]
        assert (np.diff(low) > 0).all()
        assert (low <= high).all()
        assert (high[:-1] <= low[1:]).all()


@pytest.mark.parametrize("shape", [s for s in SHAPES if s != "constant but for one"])
def test_decoding_and_encoding_give_the_cell_back(shape: str) -> None:
    draw, precision = SHAPES[shape]
    column = numbers(draw(np.random.default_rng(9), 2000), precision=precision)
    cells, _ = learn_cells(column, 10, everyone(2000))
    drawn = np.repeat(np.arange(cells.size), len(INSIDE))
    again = cells.encode(cells.decode(drawn, np.tile(INSIDE, cells.size)))
    assert again.tolist() == drawn.tolist()


@given(
    st.lists(st.integers(-40, 40), min_size=6, max_size=60),
    st.integers(2, 5),
    st.sampled_from([0.1, 0.25, 1.0, 5.0, None]),
    st.none() | st.integers(-50, 0),
    st.none() | st.integers(0, 50),
)
def test_the_laws_hold_for_any_numbers(
    places: list[int], k: int, step: float | None, low: int | None, high: int | None
) -> None:
    unit = step or 0.37
    column = numbers(
        np.array(places) * unit,
        precision=step,
        low=None if low is None else low * unit,
        high=None if high is None else high * unit,
    )
    cells, _ = learn_cells(column, k, everyone(len(places)))
    code = cells.encode(column)
    held = np.bincount(code, minlength=cells.size)
    assert ((held == 0) | (held >= k)).all()
    assert told(cells, column, everyone(len(places)), k) == set()
    drawn = cells.decode(code.astype(np.int64), np.full(len(code), 0.6)).values
    assert np.nanmin(drawn) >= (-np.inf if low is None else low * unit - 1e-9)
    assert np.nanmax(drawn) <= (np.inf if high is None else high * unit + 1e-9)
    if step is not None:
        assert np.abs(drawn / step - np.rint(drawn / step)).max() < 1e-9


def test_a_patient_with_many_rows_counts_once() -> None:
    rng = np.random.default_rng(2)
    person = np.concatenate([np.arange(100), np.full(400, 7)])
    value = np.concatenate([rng.normal(0, 1, 100), rng.normal(50, 1, 400)])  # one patient far out, 400 times
    counted = np.zeros(500, np.bool_)
    counted[np.unique(person, return_index=True)[1]] = True
    column = numbers(value)
    cells, _ = learn_cells(column, 10, counted)
    code = cells.encode(column)
    for cell in range(cells.reasons, cells.size):
        assert len(set(person[code == cell].tolist())) >= 10
    assert np.nanmax(cells.high) < 20
    tall = levels((value > 20).astype(float), 2)
    assert learn_cells(tall, 10, counted)[0].mass[2] == 0.0


def test_values_beyond_the_declared_range_share_the_cell_at_its_end() -> None:
    """Cells that a range cuts off must not leave a part under k behind (here 1 of the 40 is positive)."""
    value = np.append(np.linspace(-39, -1, 39), [1.0, *np.linspace(50, 60, 20)])
    column = numbers(value, low=0.0, high=55.0)
    cells, _ = learn_cells(column, 10, everyone(len(value)))
    held = np.bincount(cells.encode(column), minlength=cells.size)
    assert ((held == 0) | (held >= 10)).all()
    assert np.nanmin(cells.low) >= 0
    assert np.nanmax(cells.high) <= 55


def test_numbers_off_the_declared_lattice_are_drawn_on_it() -> None:
    value = np.random.default_rng(3).normal(0, 1, 500)
    column = numbers(value, precision=0.5, low=-1.3, high=1.3)
    cells, _ = learn_cells(column, 10, everyone(500))
    drawn = cells.decode(np.repeat(np.arange(1, cells.size), 7), np.tile(INSIDE, cells.size - 1)).values
    assert set(drawn.tolist()) <= {-1.0, -0.5, 0.0, 0.5, 1.0}


def test_an_atom_keeps_its_value_and_is_a_state_of_its_own() -> None:
    rng = np.random.default_rng(4)
    value = np.where(rng.random(3000) < 0.4, 0.0, np.round(rng.lognormal(3, 1, 3000), 1) + 0.1)
    cells, _ = learn_cells(numbers(value, precision=0.1), 10, everyone(3000))
    zero = cells.encode(numbers([0.0], precision=0.1))
    assert cells.low[zero] == cells.high[zero] == 0.0
    assert np.sum(cells.state == cells.state[zero]) == 1
    assert cells.mass[zero] == pytest.approx(np.mean(value == 0), abs=1e-5)


def test_a_common_number_that_does_not_stand_out_is_no_atom() -> None:
    rng = np.random.default_rng(4)
    age = rng.integers(30, 70, 4000).astype(float)  # each a fortieth of the patients
    cells, _ = learn_cells(
        numbers(np.where(rng.random(4000) < 0.1, 50.0, age), precision=1.0), 10, everyone(4000)
    )
    fifty = cells.encode(numbers([50.0], precision=1.0))
    assert cells.states == cells.reasons + 2
    assert np.sum(cells.state == cells.state[fifty]) == 1
    assert cells.mass[fifty] == pytest.approx(0.1225, abs=0.02)


def test_missing_reasons_and_levels_under_k_are_never_drawn() -> None:
    rng = np.random.default_rng(5)
    reason = np.array([0] * 471 + [1] * 9 + [2] * 20)
    number = numbers(rng.normal(0, 1, 500), missing=reason, reasons=("refused",))
    level = levels(np.array([0] * 300 + [1] * 191 + [2] * 9), 3)
    network = fit([number, level], k=10, seed=1, threads=1)
    drawn = network.sample(50_000, seed=2, threads=1)
    assert set(np.unique(drawn[0].missing).tolist()) == {0, 2}
    assert set(np.unique(drawn[1].values).tolist()) == {0.0, 1.0}


def test_five_thousand_levels() -> None:
    code = np.repeat(np.arange(5000), 12).astype(float)
    column = levels(code, 5000)
    cells, _ = learn_cells(column, 10, everyone(len(code)))
    assert cells.encode(column).tolist() == (1 + code).astype(int).tolist()
    network = fit([column], k=10, seed=1, threads=1)
    drawn = network.sample(60_000, seed=1, threads=1)[0].values
    assert len(set(drawn.tolist())) > 4900
    assert drawn.max() <= 4999


def test_all_missing_and_all_alike() -> None:
    n = 200
    empty = numbers(np.full(n, np.nan), name="empty")
    alike = numbers(np.full(n, 42.5), name="alike", precision=0.5)
    date = numbers(np.arange(n) % 50 + 15_000.0, name="day", kind=Kind.DATE, precision=1.0)
    network = fit([empty, alike, date], k=10, seed=1, threads=1)
    drawn = network.sample(3000, seed=1, threads=1)
    assert (drawn[0].missing == 1).all()
    assert set(drawn[1].values.tolist()) == {42.5}
    assert (drawn[2].values == np.rint(drawn[2].values)).all()
    assert drawn[2].values.min() >= 14_990
    assert drawn[2].values.max() <= 15_060
    assert np.isfinite(network.log_likelihood([empty, alike, date])).all()


def test_few_patients_with_a_number_are_like_those_without() -> None:
    value = np.full(500, np.nan)
    value[:4] = [1, 2, 3, 4]
    reason = np.where(np.isnan(value), 2, 0)  # but for four, all refused
    cells, _ = learn_cells(numbers(value, missing=reason, reasons=("refused",)), 10, everyone(500))
    assert cells.mass.tolist() == [0.0, 1.0]


def test_more_missing_reasons_than_codes_are_refused() -> None:
    many = tuple(f"reason {i}" for i in range(150))
    with pytest.raises(BadInput, match="missing reasons"):
        learn_cells(numbers(np.arange(100), reasons=many), 10, everyone(100))


@pytest.mark.parametrize("reasons", [0, 20, 98])
def test_codes_fit_in_a_byte(reasons: int) -> None:
    """As many groups as there can be: common and rare cells alternate."""
    count = np.tile([60, 10], 100)
    value = np.repeat(np.arange(200.0), count)
    column = numbers(value, precision=1.0, reasons=tuple(f"r{i}" for i in range(reasons)))
    cells, classes = learn_cells(column, 10, everyone(len(value)))
    for codes in (cells.split, cells.state, classes):
        assert (np.diff(codes[cells.reasons :].astype(int)) >= 0).all() or codes is cells.state
        assert codes[: cells.reasons].tolist() == list(range(cells.reasons))
        assert (codes[cells.reasons :] >= cells.reasons).all()
