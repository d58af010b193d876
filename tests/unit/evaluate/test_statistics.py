"""Intervals and curves against scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score, roc_curve

from locum.evaluate import statistics


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (1, 171), (5, 50), (50, 50), (17, 8000)])
def test_wilson_agrees_with_scipy(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert statistics.wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_of_nothing_says_nothing() -> None:
    assert statistics.wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("digits", [0, 1, 6])
def test_auc_and_curve_agree_with_scikit_learn(digits: int) -> None:
    rng = np.random.default_rng(digits)
    y = rng.random(400) < 0.3
    score = np.round(rng.normal(y, 1), digits)  # with and without ties
    assert statistics.auc(y, score) == pytest.approx(roc_auc_score(y, score), abs=1e-12)
    false, true, _ = roc_curve(y, score, drop_intermediate=False)
    assert statistics.roc(y, score) == pytest.approx(np.interp(statistics.GRID, false, true), abs=1e-12)


def test_interval_of_the_auc_covers_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    truth, inside = 0.7602, 0  # Phi(1 / sqrt 2)
    for _ in range(400):
        y = np.repeat([True, False], [60, 90])
        _, low, high = statistics.auc_interval(y, rng.normal(y, 1), np.arange(150))
        inside += low <= truth <= high
    assert 0.92 <= inside / 400 <= 0.98


def test_rows_of_one_patient_count_once() -> None:
    rng = np.random.default_rng(4)
    y = rng.random(300) < 0.5
    score = rng.normal(y, 1)
    once = statistics.auc_interval(y, score, np.arange(300))
    twice = statistics.auc_interval(np.tile(y, 2), np.tile(score, 2), np.tile(np.arange(300), 2))
    assert twice == pytest.approx(once, abs=1e-9)


def test_perfect_separation_is_not_certainty() -> None:
    y = np.repeat([True, False], 20)
    area, low, high = statistics.auc_interval(y, y.astype(float), np.arange(40))
    assert (area, high) == (1.0, 1.0)
    assert low < 0.97


def test_a_model_against_itself_differs_by_nothing() -> None:
    rng = np.random.default_rng(5)
    y = rng.random(100) < 0.4
    score = rng.normal(y, 1)
    assert statistics.auc_difference(y, score, score, np.arange(100)) == (0.0, 0.0, 0.0)


def test_an_auc_needs_both_classes() -> None:
    with pytest.raises(ValueError, match="both classes"):
        statistics.auc(np.ones(3, bool), np.zeros(3))


def test_rate_at_lets_through_no_more_than_allowed() -> None:
    score = np.arange(300.0)
    y = np.r_[np.zeros(200, bool), np.ones(100, bool)]
    assert statistics.rate_at(y, score, 0.01) == (100, 2)
    assert statistics.rate_at(y, np.zeros(300), 0.01) == (0, 0)  # all tied: nobody stands out


def test_difference_of_shares_contains_it_and_widens_with_fewer_rows() -> None:
    low, high = statistics.share_difference(30, 10, 1000)
    wide = statistics.share_difference(3, 1, 100)
    assert low < 0.02 < high
    assert wide[1] - wide[0] > high - low
    assert statistics.share_difference(0, 0, 50)[0] < 0 < statistics.share_difference(0, 0, 50)[1]


def test_jackknife_variance_of_a_mean_is_the_textbook_one() -> None:
    x = np.random.default_rng(6).normal(size=40)
    left_out = (x.sum() - x) / 39
    assert statistics.jackknife_variance(left_out) == pytest.approx(x.var(ddof=1) / 40)
