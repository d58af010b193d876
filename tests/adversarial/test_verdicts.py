"""Generators whose verdict is known beforehand: perfect, copying, shuffling, shifting, mislabelling."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import Metrics, Status
from locum.evaluate.evaluation import evaluate
from locum.model import fit
from locum.variables import Kind, Variable, Variables
from tests.adversarial import population as p

N = 2500


@cache
def train() -> pa.Table:
    return p.population(N, 1)


@cache
def holdout() -> pa.Table:
    return p.population(N, 2)


@cache
def unseen() -> pa.Table:
    return p.population(N, 3)


def judge(synthetic: pa.Table, **options: object) -> Metrics:
    return evaluate(train(), holdout(), synthetic, p.VARIABLES, quick=True, **options)


def status(metrics: Metrics, name: str) -> Status:
    return next(m.status for m in metrics.metrics if m.name == name)


def value(metrics: Metrics, name: str) -> float:
    found = next(m.value for m in metrics.metrics if m.name == name)
    assert found is not None
    return found


def remarkable(metrics: Metrics) -> list[tuple[object, ...]]:
    """What did not pass; what only describes may also be not assessable."""
    return [
        (m.name, m.status, m.reasons)
        for m in metrics.metrics
        if m.status is not Status.PASS and (m.decides or m.status is not Status.NOT_ASSESSABLE)
    ]


@cache
def perfect() -> Metrics:
    return judge(unseen())


@cache
def copied() -> Metrics:
    return judge(train())


@cache
def independent() -> Metrics:
    return judge(p.shuffled(train(), 4))


def test_unseen_real_patients_pass_everything() -> None:
    metrics = perfect()
    assert remarkable(metrics) == []
    assert set(metrics.verdict.model_dump().values()) == {Status.PASS}


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_unseen_real_patients_pass_whatever_the_draw(seed: int) -> None:
    tables = [p.population(1200, 100 * seed + i) for i in range(3)]
    metrics = evaluate(*tables, p.VARIABLES, quick=True, seed=seed)
    assert remarkable(metrics) == []


def test_a_copy_of_the_training_data_fails_privacy_alone() -> None:
    metrics = copied()
    assert metrics.verdict.privacy is Status.FAIL
    assert metrics.verdict.fidelity is Status.PASS
    assert metrics.verdict.utility is Status.PASS
    for name in ("membership_auc", "membership_tpr", "membership_auc_isolated", "copies_excess"):
        assert status(metrics, name) is Status.FAIL


def test_a_copy_with_noise_fails_privacy() -> None:
    metrics = judge(p.noisy(train(), 0.05, 5))
    assert status(metrics, "membership_auc") is Status.FAIL
    assert metrics.verdict.privacy is Status.FAIL


def test_copying_a_tenth_of_the_patients_fails_privacy() -> None:
    leak = pa.concat_tables([unseen().slice(0, N - N // 10), train().slice(0, N // 10)])
    metrics = judge(leak)
    assert metrics.verdict.privacy is Status.FAIL
    assert metrics.verdict.fidelity is Status.PASS


def test_copying_a_tenth_with_noise_does_not_pass_privacy() -> None:
    leak = pa.concat_tables([unseen().slice(0, N - N // 10), p.noisy(train().slice(0, N // 10), 0.05, 5)])
    assert judge(leak).verdict.privacy in (Status.WARN, Status.FAIL)


def test_copying_the_most_unusual_patients_fails_privacy() -> None:
    # The hundred heaviest: an average over all patients hardly moves.
    heavy = train().filter(pa.array(np.nan_to_num(train().column("weight").to_numpy()) > 0))
    order = np.argsort(-heavy.column("weight").to_numpy())[: N // 20]
    metrics = judge(pa.concat_tables([unseen().slice(0, N - N // 20), heavy.take(pa.array(order))]))
    assert metrics.verdict.privacy is Status.FAIL


def test_a_table_made_from_the_holdout_fails_privacy() -> None:
    metrics = judge(p.noisy(holdout(), 0.02, 5))
    assert status(metrics, "membership_auc") is Status.FAIL
    assert judge(holdout().slice(0, N // 2)).verdict.privacy is Status.FAIL


def test_shuffled_columns_fail_fidelity_and_utility() -> None:
    metrics = independent()
    assert metrics.verdict.fidelity is Status.FAIL
    assert metrics.verdict.utility is Status.FAIL
    assert metrics.verdict.privacy is Status.PASS
    assert status(metrics, "pair_mean") is Status.FAIL
    assert status(metrics, "pair_strongest") is Status.FAIL
    assert status(metrics, "marginal_mean") is Status.PASS


def test_weak_dependence_lost_is_found_where_a_classifier_is_not_sure() -> None:
    def weak(seed: int) -> pa.Table:
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=4000)
        return pa.table({f"x{i}": np.round(0.6 * shared + rng.normal(size=4000), 2) for i in range(4)})

    variables = Variables(
        tuple(Variable(f"x{i}", Kind.CONTINUOUS, "double", precision=0.01) for i in range(4))
    )
    metrics = evaluate(weak(1), weak(2), p.shuffled(weak(1), 3), variables, quick=True)
    assert value(metrics, "c2st") < 0.8
    assert metrics.verdict.fidelity is Status.FAIL


# The defects of the published evaluation, numbered as in the list of what was found in its public code.


def test_defect_1_a_latent_cause_that_carries_no_information_is_found() -> None:
    # Labels shuffled relative to the rows: each column keeps its distribution, the dependence is gone.
    metrics = judge(p.shuffled(train(), 6, ("diabetes", "smoker", "sex")))
    assert metrics.verdict.fidelity is Status.FAIL
    assert status(metrics, "marginal_worst") is Status.PASS


def test_defect_2_a_prevalence_of_5_against_30_percent_fails() -> None:
    rng = np.random.default_rng(0)

    def with_prevalence(table: pa.Table, share: float) -> pa.Table:
        return p.replaced(table, "diabetes", pa.array(rng.random(len(table)) < share))

    metrics = evaluate(
        with_prevalence(train(), 0.05),
        with_prevalence(holdout(), 0.05),
        with_prevalence(unseen(), 0.30),
        p.VARIABLES,
        quick=True,
    )
    assert status(metrics, "marginal_worst") is Status.FAIL
    assert metrics.verdict.fidelity is Status.FAIL
    chart = next(m for m in metrics.marginals if m.variable == "diabetes")
    assert chart.gap == pytest.approx(25, abs=3)
    assert chart.status is Status.FAIL


def test_defect_3_a_shift_of_40_mmhg_fails() -> None:
    moved = np.round(unseen().column("pressure").to_numpy() + 40, 1)
    metrics = judge(p.replaced(unseen(), "pressure", pa.array(moved)))
    assert status(metrics, "marginal_worst") is Status.FAIL
    assert metrics.verdict.fidelity is Status.FAIL
    assert metrics.give_aways[0].variable == "pressure"
    chart = next(m for m in metrics.marginals if m.variable == "pressure")
    assert np.argmax(chart.synthetic) > np.argmax(chart.holdout)  # seen on the common grid


def test_defect_3_a_change_of_scale_fails() -> None:
    values = unseen().column("pressure").to_numpy()
    metrics = judge(
        p.replaced(
            unseen(), "pressure", pa.array(np.round(np.mean(values) + 2 * (values - np.mean(values)), 1))
        )
    )
    assert status(metrics, "marginal_worst") is Status.FAIL


def test_defect_4_a_small_gap_is_found_in_all_rows_and_excused_in_few() -> None:
    def moved(rows: int) -> Metrics:
        tables = [p.population(rows, 60 + i) for i in range(3)]
        values = np.round(tables[2].column("pressure").to_numpy() + 6, 1)  # about 17 points
        return evaluate(
            *tables[:2], p.replaced(tables[2], "pressure", pa.array(values)), p.VARIABLES, quick=True
        )

    assert status(moved(4000), "marginal_worst") is Status.FAIL
    assert status(moved(150), "marginal_worst") is not Status.FAIL


def test_defect_5_utility_stands_beside_training_on_real_patients_and_is_judged_on_unseen_ones() -> None:
    for prediction in perfect().predictions:
        assert prediction.target == "stroke"
        assert prediction.real.auc > 0.7
        assert prediction.shuffled < 0.6
    # A perfect memory of the training patients gains nothing on patients it never saw.
    for prediction in copied().predictions:
        assert prediction.synthetic.auc == pytest.approx(prediction.real.auc, abs=0.01)


def test_defect_6_curves_are_compared_by_what_they_enclose() -> None:
    flipped = p.replaced(unseen(), "stroke", pa.array(1 - unseen().column("stroke").to_numpy()))
    metrics = judge(flipped)
    assert metrics.verdict.utility is Status.FAIL
    for prediction in metrics.predictions:  # a curve below the diagonal is as regular as one above it
        assert prediction.synthetic.auc < 0.4


def test_an_effect_turned_round_among_men_fails_utility() -> None:
    age, male = unseen()["age"].to_numpy(), unseen()["sex"].to_numpy(zero_copy_only=False) == "male"
    stroke = unseen()["stroke"].to_numpy().copy()
    order = np.flatnonzero(male)[np.argsort(age[male], kind="stable")]
    stroke[order] = stroke[order[::-1]]
    metrics = judge(p.replaced(unseen(), "stroke", pa.array(stroke)))
    assert status(metrics, "marginal_worst") is Status.PASS
    assert status(metrics, "subgroup_auc") is Status.FAIL
    assert status(metrics, "coefficients_apart") is Status.FAIL


def test_what_regressions_and_the_whole_table_say_of_known_generators() -> None:
    for name in ("mmd", "coefficients_apart", "subgroup_auc"):
        assert status(perfect(), name) is Status.PASS
        assert status(independent(), name) is Status.FAIL
    assert {e.analysis for e in perfect().effects} == {"logistic regression"}
    assert perfect().survival == []  # no time is declared


def test_defect_7_privacy_is_attacked() -> None:
    assert {a.group for a in perfect().attacks} == {"all patients", "the most isolated tenth"}
    assert all(a.auc is not None and a.curve is not None for a in perfect().attacks)


def test_missing_at_random_where_it_was_informative_fails() -> None:
    table = p.missing_at_random(unseen(), "cholesterol", unseen(), 8)
    metrics = judge(p.missing_at_random(table, "glucose", unseen(), 9))
    assert status(metrics, "missing_share") is Status.PASS
    assert status(metrics, "missing_informative") is Status.FAIL
    assert metrics.verdict.fidelity is Status.FAIL


def test_values_filled_in_fail() -> None:
    values = unseen().column("glucose").to_numpy(zero_copy_only=False)
    metrics = judge(p.replaced(unseen(), "glucose", pa.array(np.where(np.isnan(values), 5.3, values))))
    assert status(metrics, "missing_share") is Status.FAIL


def test_a_decent_generator_stands_between_the_floor_and_the_ceiling() -> None:
    metrics = judge(p.copula(train(), N, 10))
    assert metrics.verdict.privacy is Status.PASS
    for name in ("pair_mean", "c2st"):
        assert value(perfect(), name) < value(metrics, name) < value(independent(), name)


def test_description_does_not_decide() -> None:
    closest = next(m for m in copied().metrics if m.name == "closest_record")
    assert not closest.decides
    assert "no proof" in closest.answer


def test_the_same_table_as_holdout_is_noticed() -> None:
    metrics = evaluate(train(), train(), unseen(), p.VARIABLES, quick=True)
    assert metrics.verdict.privacy is Status.NOT_ASSESSABLE
    assert metrics.verdict.utility is Status.NOT_ASSESSABLE
    assert any("holdout repeats" in notice for notice in metrics.about.notices)


def test_no_raw_value_is_written() -> None:
    planted = train().to_pydict()
    secrets = {
        "weight": 387.6,
        "pressure": 41.7,
        "glucose": 98.76,
        "age": 123456,
        "smoker": "pipe of one make",
    }
    for row, (name, secret) in enumerate(secrets.items()):
        planted[name][row] = secret
    real = pa.table(planted, schema=train().schema)
    declared = Variables(
        tuple(
            replace(v, levels=(*v.levels, "pipe of one make")) if v.name == "smoker" else v
            for v in p.VARIABLES
        )
    )
    text = evaluate(real, holdout(), real, declared, quick=True).model_dump_json()
    for secret in secrets.values():
        assert str(secret) not in text
    for chart in json.loads(text)["marginals"]:
        if chart["edges"] is not None:  # round numbers, within the range of what many patients have
            assert all(float(f"{edge:.4g}") == edge for edge in chart["edges"])
            assert chart["edges"][-1] < 250


def test_no_bin_shows_fewer_than_k_real_patients() -> None:
    for chart in perfect().marginals:
        for a, b in zip(chart.train, chart.holdout, strict=True):
            held = round((a + b) * N)
            assert held == 0 or held >= 10


def test_what_the_model_gives_away_is_told_apart_from_the_table() -> None:
    """A model of every detail, and a table of unseen patients said to be its own: the file fails, not the table."""
    metrics = judge(unseen(), model=fit(train(), p.VARIABLES, privacy="open"))
    assert metrics.model_file is Status.FAIL
    assert metrics.verdict.privacy is Status.PASS
    assert perfect().model_file is None
    own = {m.name: m for m in metrics.metrics if m.name.startswith("model_membership")}
    assert own["model_membership_auc"].status is Status.FAIL
    assert own["model_membership_auc_isolated"].status in (Status.WARN, Status.FAIL)
    assert not any(m.decides for m in own.values())
    assert len(metrics.model_attacks) == 2
