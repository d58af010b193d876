"""Bins: common to all tables, round, never one patient's value, never fewer than k patients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from locum.evaluate import grid
from locum.variables import Kind
from tests.unit.evaluate.tables import levels, numbers


def test_edges_are_round_and_labels_plain() -> None:
    rng = np.random.default_rng(0)
    laid = grid.lay([numbers("pressure", rng.normal(130.123, 15.456, 4000))], 10, 10)
    assert all(float(f"{edge:.3g}") == edge for edge in laid.edges)
    assert laid.labels[0].startswith("under ")
    assert " to " in laid.labels[1]
    assert laid.labels[-2].endswith(" and over")
    assert laid.labels[-1] == "not recorded"


def test_one_extreme_patient_moves_no_edge() -> None:
    values = np.random.default_rng(1).normal(80, 10, 2000)
    with_extreme = np.r_[values[:-1], 9876.5]
    assert grid.lay([numbers("x", with_extreme)], 20, 10).edges[-1] < 130


def test_a_value_that_many_share_is_a_bin_of_its_own() -> None:
    rng = np.random.default_rng(2)
    values = np.where(rng.random(3000) < 0.6, 0, rng.integers(1, 60, 3000))
    column = numbers("cigarettes", values, Kind.COUNT)
    laid = grid.lay([column], 10, 10)
    bin_of_zero = laid.labels.index("0")
    assert (laid.codes(column) == bin_of_zero).sum() == (values == 0).sum()


def test_rare_levels_are_merged_and_not_named() -> None:
    column = levels("make", [0] * 50 + [1] * 40 + [2] * 3, ("common", "usual", "rare"))
    laid = grid.lay([column], 20, 10)
    assert laid.labels == ("common", "usual", "other (fewer than 10 each)", "not recorded")
    assert list(np.bincount(laid.codes(column), minlength=4)) == [50, 40, 3, 0]


def test_levels_unknown_to_the_declaration_are_other() -> None:
    laid = grid.lay([levels("sex", [0, 1] * 20, ("f", "m"))], 20, 10)
    unknown = levels("sex", [2, 2], ("f", "m"))
    assert [laid.labels[c] for c in laid.codes(unknown)] == ["other (fewer than 10 each)"] * 2


def test_dates_end_at_the_turn_of_a_month_or_year() -> None:
    days = np.random.default_rng(3).integers(14000, 19000, 5000)
    laid = grid.lay([numbers("visit", days, Kind.DATE)], 10, 10)
    assert all(grid.text(edge, laid.variable).endswith("-01") for edge in laid.edges)


@pytest.mark.parametrize("most", [1, 2, 7, 20])
@pytest.mark.parametrize("first", ["1899-12-31", "2019-03-01", "9899-01-01"])
@pytest.mark.parametrize("years", [0.1, 1, 2, 5, 11, 20, 40, 100])
def test_dates_of_any_span_have_round_edges(first: str, years: float, most: int) -> None:
    start = np.datetime64(first, "D").astype(float)
    days = np.minimum(start + np.linspace(0, 365.24 * years, 300).round(), 2932896.0)  # 9999-12-31
    edges = grid.lay([numbers("visit", days, Kind.DATE)], most, 10).edges
    assert np.all(np.diff(edges) > 0)
    assert len(edges) >= 2


@pytest.mark.parametrize(
    "values", [[np.nan] * 30, [5.0] * 30, [1.0, 2.0], [5.0] * 30 + [6.0], [1e-9, 1e12] * 20]
)
def test_odd_columns_have_a_grid(values: list[float]) -> None:
    column = numbers("x", values)
    laid = grid.lay([column], 20, 10)
    assert laid.codes(column).max() < len(laid)


def test_bins_with_fewer_than_k_patients_are_published_as_empty() -> None:
    train, holdout = grid.publishable([np.array([50, 4, 0]), np.array([45, 5, 0])], 10)
    assert list(train) == [1, 0, 0]
    assert list(holdout) == [1, 0, 0]


@given(
    st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)), min_size=10, max_size=300),
    st.integers(2, 20),
    st.integers(1, 10),
)
def test_every_numeric_bin_and_atom_holds_k_patients(values: list[float], most: int, k: int) -> None:
    column = numbers("x", values)
    laid = grid.lay([column], most, k)
    counts = np.bincount(laid.codes(column), minlength=len(laid))
    assert counts.sum() == len(values)
    assert len(laid) <= most + 2
    if laid.numeric_bins > 1:
        assert counts[: laid.numeric_bins].min() >= k
    assert all(counts[laid.numeric_bins + i] >= k for i in range(len(laid.atoms)))
    assert (np.diff(laid.edges) > 0).all()


def test_an_atom_is_known_by_a_32_bit_float() -> None:
    column = numbers("dose", [0.1] * 50 + [0.3] * 50)
    laid = grid.lay([column], 20, 10)
    assert laid.labels == ("other (fewer than 10)", "0.1", "0.3", "not recorded")
    assert list(laid.codes(numbers("dose", np.array([0.1, 0.3, 0.2], np.float32)))) == [1, 2, 0]
