"""Round numbers between and beyond patients: never one patient's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from locum.network.limits import cut_between, outward_limit, round_outward, roundest_between

MEASURES = st.floats(-1e100, 1e100).map(lambda x: 0.0 if abs(x) < 1e-100 else x)


@pytest.mark.parametrize(
    ("below", "above", "found"),
    [
        (118.2, 123.7, 120.0),
        (118.2, 120.0, 119.0),  # not 120, which a patient holds
        (0.13, 0.14, 0.135),
        (-3.0, 4.0, 0.0),
        (-123.7, -118.2, -120.0),
        (999.0, 1001.0, 1000.0),
        (1e-18, 3e-18, 2e-18),
        (1e6 + 0.25, 1e6 + 0.75, 1000000.5),
    ],
)
def test_the_roundest_number_strictly_between(below: float, above: float, found: float) -> None:
    assert roundest_between(below, above) == pytest.approx(found, rel=1e-12)


@given(MEASURES, MEASURES)
def test_between_is_neither_of_two_patients(a: float, b: float) -> None:
    below, above = min(a, b), max(a, b)
    found = roundest_between(below, above)
    middle = below + (above - below) / 2
    if below < middle < above:
        assert below < found < above
    else:  # equal, or neighbouring doubles
        assert found == above


@given(st.integers(-100_000, 100_000), st.integers(1, 5000), st.sampled_from([0.1, 0.25, 0.5, 1.0, 4.0, 7.0]))
def test_a_cut_lies_on_the_lattice_and_shuns_both_neighbours(first: int, gap: int, step: float) -> None:
    cut = cut_between(first * step, (first + gap) * step, step)
    place = round(cut / step)
    assert cut == pytest.approx(place * step, rel=1e-12)
    assert first < place <= first + gap
    if gap >= 3:  # the cell before ends at place - 1
        assert first + 1 < place < first + gap


@given(MEASURES, st.floats(0, 1e100), st.booleans())
def test_rounding_outward_moves_outward_by_less_than_the_spread(
    value: float, spread: float, up: bool
) -> None:
    moved = round_outward(value, spread, up=up)
    room = spread * (1 + 1e-9) + abs(value) * 1e-9 + 1e-12 * (spread > 0)
    assert -1e-9 * max(abs(value), spread) <= (moved - value if up else value - moved) <= room


@given(st.lists(MEASURES, min_size=2, max_size=20), st.booleans())
def test_a_limit_is_nobodys_value(values: list[float], up: bool) -> None:
    extreme = np.array(values)
    limit = outward_limit(extreme, up=up)
    assert math.isfinite(limit)
    if extreme.min() == extreme.max():
        assert limit == values[0]  # they all share it
    else:
        assert limit not in values


@given(
    st.lists(st.integers(-3000, 3000), min_size=2, max_size=20),
    st.sampled_from([0.1, 1.0, 5.0]),
    st.booleans(),
)
def test_a_limit_on_a_lattice_is_nobodys_value_or_lies_among_others(
    places: list[int], step: float, up: bool
) -> None:
    assume(len(set(places)) > 1)
    limit = outward_limit(np.array(places) * step, up=up, step=step)
    here = round(limit / step)
    assert limit == pytest.approx(here * step)
    assert here not in places or {here - 1, here + 1} <= set(places)
    assert here != (max(places) if up else min(places))


@pytest.mark.parametrize("isolated", [109.5, 1e3, 1e6, 1e50])
def test_a_limit_is_moved_by_no_patient_alone(isolated: float) -> None:
    crowd = np.linspace(100, 109, 9)
    assert outward_limit(np.append(crowd, isolated), up=True) == 110
    assert outward_limit(-np.append(crowd, isolated), up=False) == -110


def test_a_value_that_k_patients_share_may_be_the_limit() -> None:
    extreme = np.array([90.0] * 6 + [91.0, 92.0, 95.0, 104.0])
    assert outward_limit(extreme, up=True, shared=90.0) == 90
    assert outward_limit(extreme, up=True) == 94
    assert outward_limit(np.array([90.0] * 3 + [92.0] * 7), up=True, step=1.0) == 94  # 92 is somebody's


@pytest.mark.parametrize("up", [True, False])
def test_half_of_the_extremes_lie_within_the_limit(up: bool) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        extreme = rng.lognormal(0, 2, 10) * rng.choice([-1, 1])
        limit = outward_limit(extreme, up=up)
        assert np.sum(extreme <= limit if up else extreme >= limit) >= 5
