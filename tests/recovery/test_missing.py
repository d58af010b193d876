"""Blood pressure is measured in the old: each arm of missingness recovers what it says it does."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from locum.errors import BadInput
from locum.network import fit
from locum.variables import Column, Kind, Variable

N = 4_000
Numbers = npt.NDArray[np.float64]


def column(name: str, values: Numbers) -> Column:
    variable = Variable(name, Kind.CONTINUOUS, "double", precision=1.0)
    return Column(variable, values, np.isnan(values).astype(np.uint8))


@cache
def process() -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """(age, pressure, whether it is high, pressure where it was measured): missing at random given age."""
    rng = np.random.default_rng(1)
    age = rng.integers(20, 90, N).astype(np.float64)
    pressure = np.round(100 + 0.6 * age + rng.normal(0, 8, N))
    high = np.where(rng.random(N) < 0.2, np.nan, (pressure > 140).astype(np.float64))
    measured = rng.random(N) < 1 / (1 + np.exp(-(age - 55) / 8))
    return age, pressure, high, np.where(measured, pressure, np.nan)


def columns() -> list[Column]:
    age, _, high, seen = process()
    flag = Variable("high", Kind.BINARY, levels=("no", "yes"))
    flags = Column(flag, high, np.isnan(high).astype(np.uint8))
    return [column("age", age), flags, column("pressure", seen)]


@cache
def drawn(arm: str) -> tuple[Numbers, Numbers, Numbers]:
    """Age, high and pressure of 20,000 artificial patients."""
    found = fit(columns(), k=10, missing=arm, seed=2).sample(20_000, seed=3)
    return found[0].values, found[1].values, found[2].values


def error(values: Numbers) -> float:
    """Four standard errors of a mean of N."""
    return float(4 * np.std(values) / np.sqrt(N))


def test_completing_recovers_what_was_not_measured() -> None:
    """The mean, the association and the rule that ties pressure to the flag; those measured average 9 mmHg more."""
    age, pressure, _, seen = process()
    made_age, high, made = drawn("latent")
    assert not np.isnan(made).any()
    assert not np.isnan(high).any()
    assert np.nanmean(seen) - pressure.mean() > 7
    assert made.mean() == pytest.approx(pressure.mean(), abs=error(pressure))
    assert made_age.mean() == pytest.approx(age.mean(), abs=error(age))
    exact = np.corrcoef(age, pressure)[0, 1]
    assert np.corrcoef(made_age, made)[0, 1] == pytest.approx(exact, abs=0.05)
    assert np.mean((made > 140) == (high == 1)) > 0.95


def test_complete_cases_are_other_patients() -> None:
    age, pressure, _, _ = process()
    made_age, _, made = drawn("complete")
    assert not np.isnan(made).any()
    assert made_age.mean() > age.mean() + 10
    assert made.mean() > pressure.mean() + 7


def test_as_a_state_who_is_measured_is_recovered() -> None:
    """And the pressure of those who are, by age."""
    age, _, _, seen = process()
    made_age, _, made = drawn("state")
    for low in (20, 40, 60, 75):
        real, artificial = (
            a[(a_age >= low) & (a_age < low + 15)] for a, a_age in ((seen, age), (made, made_age))
        )
        share = np.mean(np.isnan(real))
        chance = 4 * np.sqrt(share * (1 - share) / len(real)) + 0.02
        assert np.mean(np.isnan(artificial)) == pytest.approx(share, abs=chance)
        assert np.nanmean(artificial) == pytest.approx(np.nanmean(real), abs=3)


def test_completing_is_the_same_with_any_threads() -> None:
    few = [c.take(np.arange(400)) for c in columns()]
    one, two = (fit(few, k=10, missing="latent", seed=1, threads=t).sample(50) for t in (1, 2))
    assert all(np.array_equal(a.values, b.values) for a, b in zip(one, two, strict=True))


def test_no_patient_s_rare_value_spreads() -> None:
    """One patient has a pressure of 400; completing draws from cells of k measured patients, so none comes near."""
    found = columns()
    found[2].values[np.flatnonzero(found[2].missing == 0)[0]] = 400.0
    made = fit(found, k=10, missing="latent", seed=2).sample(20_000, seed=3)[2].values
    assert made.max() < 250


def test_too_few_complete_cases_are_told() -> None:
    found = columns()
    rare = np.where(np.arange(N) < 15, 1.0, np.nan)
    with pytest.raises(BadInput, match='"rare", missing in 100%'):
        fit([*found, column("rare", rare)], k=10, missing="complete")


def test_what_nobody_has_stays_missing() -> None:
    empty = column("empty", np.full(N, np.nan))
    made = fit([*columns(), empty], k=10, missing="latent", seed=2).sample(100)
    assert np.isnan(made[3].values).all()
    assert not np.isnan(made[2].values).any()
