"""Survival curves and Cox models: the figures of lifelines, known answers, what is not shown."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from lifelines import KaplanMeierFitter, NelsonAalenFitter

from locum.evaluate import Status, kaplan_meier, survival
from locum.evaluate.kaplan_meier import Followed
from locum.evaluate.sample import read_trio
from locum.evaluate.survival import Found
from locum.variables import Role, Variables
from tests.unit.evaluate import followed as f

N = 2000


@cache
def assessed(name: str, patients: int = N) -> Found:
    synthetic = {
        "real": lambda: f.cohort(patients, 2),
        "turned": lambda: f.cohort(patients, 2, effect=0.7),
        "longer": lambda: f.cohort(patients, 2, longer=2.0),
        "shuffled": lambda: f.shuffled(f.cohort(patients, 2), 3),
        "nobody": lambda: f.cohort(patients, 2).set_column(5, "died", pa.array(np.zeros(patients, np.int64))),
    }[name]()
    return survival.assess(f.trio(synthetic, patients), np.random.default_rng(1), quick=True)


def status(name: str) -> dict[str, Status]:
    return {m.name: m.status for m in assessed(name).metrics}


def test_curves_errors_and_hazards_are_those_of_lifelines(gbsg2: pa.Table) -> None:
    who = Followed(gbsg2["time"].to_numpy().astype(float) // 30, gbsg2["cens"].to_numpy() == 1)
    at = np.linspace(0, 80, 41)
    ours, theirs = kaplan_meier.survival(who, at), KaplanMeierFitter().fit(who.time, who.event)
    assert ours.share == pytest.approx(theirs.survival_function_at_times(at).to_numpy())
    table = theirs.event_table
    for time, at_risk, events in zip(at, ours.at_risk, ours.events, strict=True):
        later = table[table.index >= time]
        assert at_risk == (later.at_risk.iloc[0] if len(later) else 0)
        assert events == table[table.index <= time].observed.sum()
    greenwood = theirs._cumulative_sq_  # the sum that Greenwood's formula is made of
    assert ours.variance == pytest.approx([greenwood[greenwood.index <= t].iloc[-1] for t in at])
    expected = NelsonAalenFitter().fit(who.time, who.event)
    hazard = expected.cumulative_hazard_at_times(who.time).to_numpy()
    assert who.event - kaplan_meier.beyond_expected(who) == pytest.approx(hazard, rel=1e-6)


def test_the_gap_of_curves_by_hand() -> None:
    a = Followed(np.arange(1.0, 101), np.ones(100, bool))
    b = Followed(np.arange(1.0, 101), np.arange(100) % 2 == 0)
    assert kaplan_meier.gap(a, a, 20) == 0
    assert kaplan_meier.gap(a, b, 20) == pytest.approx(0.45 - 0.2, abs=0.05)  # at 80: 0.2 against some 0.45
    assert kaplan_meier.gap(a, b, 101) == 0


def test_unseen_real_patients_pass() -> None:
    assert set(status("real").values()) == {Status.PASS}
    assert assessed("real").curves[0].group == "all patients"
    assert any(c.group.startswith("treated") for c in assessed("real").curves)
    treated = next(e for e in assessed("real").effects if "treated" in e.term)
    assert treated.analysis == "Cox regression"
    assert abs(treated.holdout) == pytest.approx(0.7, abs=0.25)


@pytest.mark.parametrize("patients", [250, 600])
def test_fewer_unseen_real_patients_pass_too(patients: int) -> None:
    assert {m.status for m in assessed("real", patients).metrics} <= {Status.PASS, Status.NOT_ASSESSABLE}


def test_a_treatment_that_harms_is_found() -> None:
    found = status("turned")
    assert found["survival_curves"] is found["hazards_apart"] is found["hazards_kept"] is Status.FAIL


def test_times_that_are_too_long_are_found_by_the_curves_alone() -> None:
    found = status("longer")
    assert found["survival_curves"] is Status.FAIL
    assert found["hazards_apart"] is found["concordance"] is Status.PASS


def test_shuffled_columns_fail() -> None:
    found = status("shuffled")
    assert found["survival_curves"] is found["hazards_apart"] is found["concordance"] is Status.FAIL


def test_a_synthetic_table_without_an_event_fails() -> None:
    assert status("nobody")["survival_curves"] is Status.FAIL
    assert status("nobody")["concordance"] is Status.NOT_ASSESSABLE


def test_without_a_time_there_is_nothing() -> None:
    plain = Variables(tuple(replace(v, role=Role.PLAIN) if v.name == "days" else v for v in f.VARIABLES))
    tables = [f.cohort(300, i) for i in range(3)]
    trio = read_trio(*tables, plain, np.random.default_rng(0))
    assert survival.assess(trio, np.random.default_rng(1), quick=True) == Found([], [], [])


def test_too_few_patients_or_a_time_with_levels_are_not_assessable() -> None:
    assert {m.status for m in assessed("real", 60).metrics} == {Status.NOT_ASSESSABLE}
    assert assessed("real", 60).curves == []


def test_curves_end_where_few_are_at_risk_and_hide_the_steps_of_few() -> None:
    for curve in assessed("real", 600).curves:
        assert curve.holdout[0] == 1
        assert len(curve.time) == len(curve.holdout) == len(curve.synthetic) == len(curve.low)
    at = np.linspace(0, 100, 51)
    who = Followed(np.arange(1.0, 101), np.ones(100, bool))
    curve = kaplan_meier.survival(who, at)
    shown = kaplan_meier_smoothed(curve)
    bends = np.flatnonzero(np.abs(np.diff(shown, 2)) > 1e-9)
    assert shown[0] == 1
    assert np.abs(shown - curve.share)[curve.at_risk >= 20].max() < 0.1
    assert len(bends) <= 8  # 80 events before 20 are left, ten a piece


def kaplan_meier_smoothed(curve: kaplan_meier.Curve) -> np.ndarray:
    return survival.smoothed(curve.share, curve, 20, 10)


def test_an_early_curve_of_few_is_nothing() -> None:
    for curve in assessed("real", 250).curves:
        for side in (curve.holdout, curve.train):
            gone = [i for i, v in enumerate(side) if v is None]
            assert gone == list(range(len(side) - len(gone), len(side)))  # at the end, if anywhere


def test_hazard_ratios_of_several_tables_are_combined() -> None:
    first = f.trio(f.cohort(N, 2), N)
    more = [f.trio(f.cohort(N, i), N).synthetic for i in (3, 4)]
    found = survival.assess(first, np.random.default_rng(1), quick=True, more=more)
    assert [m.value for m in found.metrics[:1]] == [m.value for m in assessed("real").metrics[:1]]
    for effect in found.effects:
        low, high = effect.combined_interval
        assert low < effect.combined < high
    treated = next(e for e in found.effects if "treated" in e.term)
    assert abs(treated.combined) == pytest.approx(0.7, abs=0.15)


def test_the_same_call_gives_the_same_figures() -> None:
    first = assessed("real")
    assessed.cache_clear()
    assert assessed("real") == first
