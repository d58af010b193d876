"""Calibration, precision, net benefit and agreement: known answers, laws, odd cases."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score

from locum.evaluate import Status, agreement, calibration, decisions, importances, targets, utility
from locum.evaluate.agreement import _tau
from locum.evaluate.excess import Scores, worst_family
from locum.evaluate.importances import _spearman
from locum.evaluate.sample import read_trio
from locum.evaluate.statistics import standard_error
from locum.evaluate.utility import Useful
from tests.adversarial import population as p
from tests.unit.evaluate.trained import trained

N = 2000


def outcome(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logit = rng.normal(-1.5, 1.2, n)
    return rng.random(n) < expit(logit), logit


def test_true_risks_are_calibrated() -> None:
    happened, logit = outcome(40_000, 1)
    assert calibration.intercept(happened, logit).value == pytest.approx(0, abs=0.05)
    assert calibration.slope(happened, logit).value == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("moved", "stretched"), [(1.0, 1.0), (-0.7, 1.0), (0.0, 2.0), (0.0, -1.0)])
def test_what_was_done_to_the_risks_is_found(moved: float, stretched: float) -> None:
    happened, logit = outcome(40_000, 2)
    changed = logit * stretched + moved
    assert calibration.slope(happened, changed).value == pytest.approx(1 / stretched, abs=0.05)
    if stretched == 1:
        assert calibration.intercept(happened, changed).value == pytest.approx(-moved, abs=0.05)


def test_influences_give_the_standard_error_of_resampling() -> None:
    happened, logit = outcome(1500, 3)
    figures = {
        "intercept": lambda h, x: calibration.intercept(h, x).value,
        "slope": lambda h, x: calibration.slope(h, x).value,
        "precision": lambda h, x: decisions.average_precision(h, x)[0],
        "benefit": lambda h, x: decisions.net_benefit(h, x, np.array([0.2]))[0][0],
    }
    influences = {
        "intercept": calibration.intercept(happened, logit).influence,
        "slope": calibration.slope(happened, logit).influence,
        "precision": decisions.average_precision(happened, logit)[1],
        "benefit": decisions.net_benefit(happened, logit, np.array([0.2]))[1][0],
    }
    rng = np.random.default_rng(4)
    draws = [rng.integers(0, 1500, 1500) for _ in range(300)]
    for name, figure in figures.items():
        drawn = np.std([figure(happened[d], logit[d]) for d in draws])
        assert standard_error(influences[name], np.arange(1500)) == pytest.approx(drawn, rel=0.15), name


def test_average_precision_is_that_of_scikit_learn_also_with_ties() -> None:
    rng = np.random.default_rng(5)
    for levels in (3, 20, 10_000):
        happened, score = rng.random(500) < 0.2, rng.integers(0, levels, 500).astype(float)
        ours, influence = decisions.average_precision(happened, score)
        assert ours == pytest.approx(average_precision_score(happened, score))
        assert influence.sum() == pytest.approx(0, abs=1e-9)


def test_net_benefit_by_hand() -> None:
    # Of ten, three are treated at 20 %: two rightly, one wrongly.
    happened = np.array([True, True, False, True, *[False] * 6])
    risk = np.array([0.9, 0.5, 0.4, 0.1, *[0.05] * 6])
    value = decisions.net_benefit(happened, np.log(risk / (1 - risk)), np.array([0.2]))[0]
    assert value[0] == pytest.approx(2 / 10 - 1 / 10 * 0.25)
    assert decisions.treat_all(happened, np.array([0.2]))[0] == pytest.approx(0.3 - 0.7 * 0.25)


def test_tenths_hold_k_patients_of_each_kind() -> None:
    happened, logit = outcome(2000, 6)
    patients = np.arange(2000)
    found = calibration.tenths(happened, logit, patients, 10)
    assert 3 <= len(found) <= 10
    assert [t.predicted for t in found] == sorted(t.predicted for t in found)
    assert all(t.observed * 2000 >= 9 for t in found)
    assert calibration.tenths(happened, logit, np.zeros(2000, np.int64), 10) == []  # all of one patient
    assert calibration.tenths(np.arange(2000) < 9, logit, patients, 10) == []


def test_constant_predictions_have_no_slope() -> None:
    happened, _ = outcome(300, 7)
    assert calibration.slope(happened, np.full(300, -1.0)).value == 0
    assert abs(calibration.slope(np.arange(300) > 150, np.arange(300.0)).value) <= 20  # perfectly told apart


def test_the_worst_family_is_named_and_a_half_of_the_real_is_not_worse() -> None:
    happened, logit = outcome(4000, 8)
    rng = np.random.default_rng(9)

    def noisy() -> np.ndarray:
        return logit + rng.normal(0, 0.2, 4000)

    fine = Scores(noisy(), noisy(), logit * 0, (noisy(), noisy()))
    bad = Scores(noisy(), noisy() + 1, logit * 0, (noisy(), noisy()))

    def figure(x: np.ndarray) -> tuple[float, np.ndarray]:
        found = calibration.intercept(happened, x)
        return abs(found.value), np.sign(found.value) * found.influence

    found = worst_family(figure, {"fine": fine, "bad": bad}, np.arange(4000))
    assert found.family == "bad"
    assert found.low > 0.7
    assert worst_family(figure, {"fine": fine}, np.arange(4000)).low < 0


def test_rank_correlations() -> None:
    a = np.array([1.0, 2, 3, 4])
    assert float(_tau(a, a)) == float(_spearman(a, a)) == pytest.approx(1)
    assert float(_tau(a, -a)) == float(_spearman(a, -a)) == pytest.approx(-1)
    assert float(_tau(a, a[[0, 1, 3, 2]])) == pytest.approx(4 / 6)
    assert float(_tau(a, a * 0)) == float(_spearman(a, a * 0)) == 0


@cache
def assessed(name: str) -> Useful:
    tables = [p.population(N, i) for i in range(3)]
    synthetic = tables[2]
    if name == "shifted":
        moved = np.round(synthetic.column("pressure").to_numpy() + 40, 1)
        synthetic = p.replaced(synthetic, "pressure", pa.array(moved))
    elif name == "swapped":
        synthetic = p.replaced(synthetic, "stroke", pa.array(1 - synthetic.column("stroke").to_numpy()))
    elif name == "shuffled":
        synthetic = p.shuffled(synthetic, 4)
    elif name == "one class":
        synthetic = p.replaced(synthetic, "stroke", pa.array(np.zeros(N, np.int64)))
    trio = read_trio(tables[0], tables[1], synthetic, p.VARIABLES, np.random.default_rng(0))
    target, why = targets.find(trio, None, np.random.default_rng(1))
    return utility.assess(trio, target, why, np.random.default_rng(2), quick=True)


def status(name: str) -> dict[str, Status]:
    return {m.name: m.status for m in assessed(name).metrics}


def test_unseen_real_patients_pass() -> None:
    assert {s for n, s in status("real").items() if n != "model_ranking"} == {Status.PASS}
    assert status("real")["model_ranking"] in (Status.PASS, Status.NOT_ASSESSABLE)
    assert {r.model for r in assessed("real").risks} == {
        "logistic regression",
        "gradient boosting",
        "random forest",
        "neural network",
    }


def test_a_shift_of_40_mmhg_is_seen_by_calibration_and_not_by_the_auc() -> None:
    found = status("shifted")
    assert found["calibration_level"] is Status.FAIL
    assert found["net_benefit"] in (Status.WARN, Status.FAIL)
    assert found["utility_logistic"] is Status.PASS


def test_swapped_labels_fail() -> None:
    found = status("swapped")
    for name in ("utility_forest", "utility_network", "calibration_slope", "precision", "net_benefit"):
        assert found[name] is Status.FAIL, name
    assert found["importances"] is Status.FAIL


def test_shuffled_columns_fail_but_keep_the_mean_risk() -> None:
    found = status("shuffled")
    for name in ("utility_forest", "utility_network", "calibration_slope", "precision", "net_benefit"):
        assert found[name] is Status.FAIL, name
    assert found["calibration_level"] is Status.PASS


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_shuffled_columns_have_no_important_variables_whatever_ranks_first(seed: int) -> None:
    tables = [p.population(N, 10 * seed + i) for i in range(2)]
    synthetic = p.shuffled(tables[0], seed)
    trio = read_trio(*tables, synthetic, p.VARIABLES, np.random.default_rng(0))
    target, _ = targets.find(trio, None, np.random.default_rng(1))
    assert target is not None
    models = {family: trained(trio, target, family) for family in agreement.FAMILIES}
    rng = np.random.default_rng(2)
    judged, _ = importances.assess(target, trio.holdout, models, rng, quick=False)
    assert judged.status is Status.FAIL
    assert "matter together" in judged.reasons[-1]


def test_a_synthetic_table_without_the_event_fails() -> None:
    found = status("one class")
    assert found["calibration_level"] is Status.FAIL
    assert found["utility_network"] is Status.FAIL


def test_the_same_call_gives_the_same_figures() -> None:
    first = assessed("real")
    assessed.cache_clear()
    assert assessed("real") == first
