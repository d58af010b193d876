"""Logistic and Cox regressions: the figures of other programs, known answers, odd tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index
from sklearn.linear_model import LogisticRegression

from locum.evaluate import Status, coefficients, cox, effects, logistic, targets, terms
from locum.evaluate.kaplan_meier import Followed
from locum.evaluate.logistic import Fit
from locum.evaluate.metrics import Effect, Metric
from locum.evaluate.sample import read_trio
from locum.variables import Kind, Role, Variable, Variables
from tests.adversarial import population as p
from tests.unit.evaluate.tables import levels, numbers, sample

N = 2000
PATIENTS = Variables((*p.VARIABLES.variables, Variable("nhs", Kind.IDENTIFIER, "int64", role=Role.PATIENT)))


def trial(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=n), rng.random(n) < 0.3, rng.normal(size=n)])
    return x, rng.random(n) < 1 / (1 + np.exp(1 - x @ [0.8, -0.5, 0.0]))


def test_logistic_coefficients_are_those_of_scikit_learn() -> None:
    x, y = trial(3000, 1)
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x, y)
    assert logistic.fit(x, y).estimate == pytest.approx(other.coef_[0], abs=1e-4)


def test_logistic_errors_are_those_of_repeating_the_study() -> None:
    fits = [logistic.fit(*trial(800, seed)) for seed in range(200)]
    spread = np.std([f.estimate for f in fits], axis=0)
    assert np.mean([f.error for f in fits], axis=0) == pytest.approx(spread, rel=0.15)
    truth = np.array([0.8, -0.5, 0.0])
    assert np.mean([(f.low < truth) & (truth < f.high) for f in fits]) == pytest.approx(0.95, abs=0.03)


def test_separated_and_empty_columns_stay_finite() -> None:
    y = np.arange(200) >= 100
    x = np.column_stack([y * 2.0 - 1, np.zeros(200)])
    found = logistic.fit(x, y)
    assert np.isfinite(found.estimate).all()
    assert np.isfinite(found.error).all()


@pytest.mark.parametrize("ties", [1, 90, 100_000])
def test_cox_and_its_concordance_are_those_of_lifelines(gbsg2: pa.Table, ties: int) -> None:
    frame = gbsg2.to_pandas()
    x = frame[["age", "tsize", "pnodes", "progrec"]].astype(float)
    x = (x - x.mean()) / x.std()
    who = Followed((frame.time.to_numpy(float) // ties) + 1, frame.cens.to_numpy() == 1)
    ours = cox.fit(who, x.to_numpy())
    theirs = CoxPHFitter().fit(x.assign(t=who.time, e=who.event), "t", "e")
    assert ours.estimate == pytest.approx(theirs.params_.to_numpy(), abs=1e-4)
    assert ours.error == pytest.approx(theirs.standard_errors_.to_numpy(), abs=1e-4)
    score = np.round(x.to_numpy() @ ours.estimate, 1)
    if ties < 100_000:  # else everyone has the event at once, and lifelines puts them in order all the same
        value, influence = cox.concordance(who, score)
        assert value == pytest.approx(concordance_index(who.time, -score, who.event))
        assert influence.sum() == pytest.approx(0, abs=1e-9)


def test_a_cox_regression_without_events_and_a_concordance_without_pairs_are_refused() -> None:
    nobody = Followed(np.arange(5.0), np.zeros(5, bool))
    with pytest.raises(ValueError, match="event"):
        cox.fit(nobody, np.ones((5, 1)))
    with pytest.raises(ValueError, match="order"):
        cox.concordance(nobody, np.arange(5.0))


def test_overlaps_by_hand() -> None:
    def fit(at: float, error: float) -> Fit:
        return Fit(np.array([at]), np.array([[error**2]]))

    one = fit(0, 1)
    assert effects.overlap(one, one)[0] == pytest.approx(1)
    assert effects.overlap(one, fit(10, 1))[0] == 0
    assert effects.overlap(one, fit(1.96, 1))[0] == pytest.approx(0.5, abs=1e-4)
    assert effects.overlap(one, fit(0, 2))[0] == pytest.approx((1 + 0.5) / 2)  # one within the other
    assert effects.standardised(fit(3, 9), fit(1, 0.5))[0] == pytest.approx(4)
    assert effects.conclusions(np.array([3.0, -3, 1]), np.ones(3)).tolist() == [1, -1, 0]


def test_terms_are_few_different_and_of_enough_patients() -> None:
    rng = np.random.default_rng(3)
    strong = rng.normal(size=600)
    happened = rng.random(600) < 1 / (1 + np.exp(1 - 2 * strong))
    rare = np.where(np.arange(600) < 15, 2, rng.integers(0, 2, 600))
    columns = [
        numbers("strong", strong),
        numbers("twin", 2 * strong + 1),
        levels("group", rare, ("a", "b", "rare")),
        numbers("constant", np.ones(600)),
        numbers("gone", np.full(600, np.nan)),
        *(numbers(f"noise {i}", rng.normal(size=600)) for i in range(12)),
    ]
    rows = sample(*columns)
    found = terms.choose(
        rows, rows, list(range(len(columns))), (happened, happened), happened - happened.mean(), 10
    )
    names = [t.label for t in found.terms]
    assert len({t.place for t in found.terms}) <= terms.MOST_VARIABLES
    assert names[0] == "strong, per standard deviation"
    assert not any(n.startswith(("twin", "constant", "gone", "group: rare")) for n in names)
    assert found.matrix(rows).shape == (600, len(found))


def synthetic(name: str) -> pa.Table:
    table = p.population(N, 2)
    if name == "shuffled":
        return p.shuffled(table, 4)
    if name == "swapped":
        return p.replaced(table, "stroke", pa.array(1 - table.column("stroke").to_numpy()))
    if name == "one class":
        return p.replaced(table, "stroke", pa.array(np.zeros(N, np.int64)))
    return table


def assessed(name: str) -> tuple[dict[str, Metric], list[object]]:
    trio = read_trio(
        p.population(N, 0), p.population(N, 1), synthetic(name), p.VARIABLES, np.random.default_rng(0)
    )
    target, why = targets.find(trio, None, np.random.default_rng(1))
    found, shown = coefficients.assess(trio, target, why, np.random.default_rng(2), quick=True)
    return {m.name: m for m in found}, list(shown)


def test_unseen_real_patients_show_the_same_effects() -> None:
    found, shown = assessed("real")
    assert {m.status for m in found.values()} == {Status.PASS}
    assert found["coefficients_apart"].value < 40
    assert 3 <= len(shown) <= terms.MOST_TERMS
    age = next(e for e in shown if e.term.startswith("age"))
    assert age.holdout == pytest.approx(0.09 * 16, abs=0.4)
    assert age.kept


def test_swapped_labels_turn_the_effects_round() -> None:
    found, _ = assessed("swapped")
    assert found["coefficients_kept"].status is Status.FAIL
    assert "turned round" in " ".join(found["coefficients_kept"].reasons)
    assert found["coefficients_apart"].value == pytest.approx(200, abs=25)


def test_shuffled_columns_and_a_table_without_the_event_show_no_effects() -> None:
    for name in ("shuffled", "one class"):
        found, _ = assessed(name)
        assert found["coefficients_apart"].status is Status.FAIL, name
    assert found["coefficients_apart"].value > 90
    # Most coefficients are near nothing in real patients too, so that few conclusions are lost.
    assert found["coefficients_kept"].value < found["coefficients_kept"].ceiling


def test_several_tables_of_many_rows_are_worth_what_the_patients_are() -> None:
    real = [p.population(N, i) for i in range(2)]
    tables = [p.population(4 * N, 10 + i) for i in range(3)]
    trios = [read_trio(*real, t, p.VARIABLES, np.random.default_rng(0)) for t in tables]
    target, why = targets.find(trios[0], None, np.random.default_rng(1))
    more = [t.synthetic for t in trios[1:]]
    rng = np.random.default_rng(2)
    found, shown = coefficients.assess(trios[0], target, why, rng, quick=False, more=more)
    alone, other = coefficients.assess(
        trios[0], target, why, np.random.default_rng(2), quick=False
    )  # the first table is judged, whatever follows it
    assert [m.value for m in found] == [m.value for m in alone]
    assert [e.synthetic for e in shown] == [e.synthetic for e in other]
    assert other[0].combined is None
    age = next(e for e in shown if e.term.startswith("age"))
    low, high = age.combined_interval
    of_real = age.train_interval[1] - age.train_interval[0]
    assert age.combined == pytest.approx(0.09 * 16, abs=0.15)
    # A quarter of the variance a table, four times as many rows: v (4 + 1/3) / 4 of the patients' own.
    assert high - low == pytest.approx(of_real * np.sqrt((4 + 1 / 3) / 4), rel=0.1)


def test_without_a_target_nothing_is_assessed() -> None:
    trio = read_trio(*(p.population(50, i) for i in range(3)), p.VARIABLES, np.random.default_rng(0))
    found, shown = coefficients.assess(trio, None, "there is none", np.random.default_rng(2), quick=True)
    assert {m.status for m in found} == {Status.NOT_ASSESSABLE}
    assert shown == []


def test_four_records_of_each_patient_tell_no_more_than_one() -> None:
    def found(times: int) -> dict[str, Effect]:
        tables = []
        for seed in range(3):
            number = pa.array(np.arange(N) + N * (seed == 1))  # the holdout shares no patient with the others
            table = p.population(N, seed).append_column("nhs", number)
            tables.append(table.take(np.repeat(np.arange(N), times)))
        trio = read_trio(*tables, PATIENTS, np.random.default_rng(0))
        target, why = targets.find(trio, "stroke", np.random.default_rng(1))
        _, shown = coefficients.assess(trio, target, why, np.random.default_rng(2), quick=True)
        return {e.term: e for e in shown}

    once, often = found(1), found(4)
    assert len(once) >= 3
    assert once.keys() == often.keys()
    for term, effect in once.items():  # were each row a person, intervals would be half as wide
        for of in ("holdout_interval", "train_interval"):
            assert getattr(often[term], of) == pytest.approx(getattr(effect, of), abs=1e-3), (term, of)
