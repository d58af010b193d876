"""What is drawn has the distribution of the process that made the training rows."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

import locum
from tests.recovery.process import apart, by_chance, coded, patients, shares

TRAIN = 20_000
DRAWN = 100_000


@cache
def truth() -> npt.NDArray[np.int64]:
    return coded(patients(400_000, seed=99))


@cache
def model(n: int = TRAIN) -> locum.Model:
    return locum.fit(patients(n, seed=1), seed=2)


@cache
def table() -> pa.Table:
    return model().sample(DRAWN, seed=3)


@cache
def drawn() -> npt.NDArray[np.int64]:
    return coded(table())


@pytest.mark.parametrize("column", range(6))
def test_marginals(column: int) -> None:
    """Within twice what chance alone parts TRAIN training rows and the truth by, and a hundredth for cells' shapes."""
    exact = shares(truth(), column)
    assert apart(shares(drawn(), column), exact) < 2 * by_chance(exact, TRAIN, DRAWN) + 0.01


@pytest.mark.parametrize("pair", list(combinations(range(6), 2)), ids=str)
def test_pairs(pair: tuple[int, int]) -> None:
    """Within twice chance and two hundredths; columns shuffled apart are beyond that wherever they depend."""
    exact = shares(truth(), *pair)
    independent = np.outer(shares(truth(), pair[0]), shares(truth(), pair[1])).ravel()
    tolerance = min(2 * by_chance(exact, TRAIN, DRAWN) + 0.02, max(0.05, apart(independent, exact)))
    assert apart(shares(drawn(), *pair), exact) < tolerance


def associations(t: pa.Table) -> list[float]:
    """Correlations of disease with age, cost, units and marker, and of age with the marker's absence."""
    sick = np.array(t["disease"].to_pylist()) == "yes"
    age, units = (t[name].to_numpy().astype(float) for name in ("age", "units"))
    absent = np.array(t["marker"].is_null())
    marker = np.array([np.nan if v is None else v for v in t["marker"].to_pylist()])
    pairs = [(age, sick), (np.log(t["cost"].to_numpy()), sick), (units, sick)]
    pairs += [(marker[~absent], sick[~absent]), (age, absent)]
    return [float(np.corrcoef(a, b)[0, 1]) for a, b in pairs]


def test_the_strength_of_association() -> None:
    """Under "open": the standard error of a correlation is at most 1/sqrt(TRAIN) = .007."""
    real = associations(patients(200_000, seed=98))
    made = associations(locum.fit(patients(TRAIN, seed=1), privacy="open", seed=2).sample(DRAWN, seed=3))
    assert min(abs(r) for r in real) > 0.05
    assert made == pytest.approx(real, abs=4 / np.sqrt(TRAIN))


def test_the_price_of_privacy_weakens_no_association_by_a_fifth() -> None:
    """Under "balanced", against the rows learned from: the marker's came out a sixth weaker (.40 to .33)."""
    real, made = associations(patients(TRAIN, seed=1)), associations(table())
    for a, b in zip(real, made, strict=True):
        assert abs(b) > 0.8 * abs(a)
        assert abs(b - a) < 0.2 * abs(a) + 0.01


def test_who_is_measured() -> None:
    """Missing shares by ten years of age and by disease, each within four standard errors of the training rows."""
    exact, made = truth(), drawn()
    missing = 7
    for column, code in [*((0, c) for c in range(8)), (2, 0), (2, 1)]:
        here, there = exact[exact[:, column] == code, 4], made[made[:, column] == code, 4]
        if len(here) < 1000:
            continue
        share = np.mean(here == missing)
        size = TRAIN * len(here) / len(exact)
        assert np.mean(there == missing) == pytest.approx(
            share, abs=4 * np.sqrt(share * (1 - share) / size) + 0.01
        )


def test_skewed_numbers_keep_their_quantiles() -> None:
    real = np.log(patients(200_000, seed=98)["cost"].to_numpy())
    made = np.log(table()["cost"].to_numpy())
    at = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
    assert np.quantile(made, at) == pytest.approx(np.quantile(real, at), abs=0.06)


def test_atoms_keep_their_share() -> None:
    zero = np.mean(table()["units"].to_numpy() == 0)
    assert zero == pytest.approx(0.65, abs=4 * np.sqrt(0.65 * 0.35 / TRAIN))


def test_more_rows_have_the_same_distribution() -> None:
    few = coded(model().sample(10_000, seed=5))
    for pair in combinations(range(6), 2):
        exact = shares(drawn(), *pair)
        assert apart(shares(few, *pair), exact) < 1.5 * by_chance(exact, 10_000, DRAWN)


def test_more_training_rows_come_closer() -> None:
    distance = []
    for n in (500, 4_000, TRAIN):
        made = coded(model(n).sample(DRAWN, seed=6))
        pairs = list(combinations(range(6), 2))
        distance.append(np.mean([apart(shares(made, *p), shares(truth(), *p)) for p in pairs]))
    assert distance[0] > 1.2 * distance[1] > 1.2**2 * distance[2]
