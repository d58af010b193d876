"""Density ratio: a generator that repeats its patients is found, and real unseen patients are not."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import Status, density_ratio
from locum.evaluate.attacked import choose
from locum.evaluate.metrics import Attack, Metric
from locum.evaluate.sample import read_trio
from locum.variables import Variables, infer
from tests.adversarial import population as p

N = 1500


@cache
def patients(seed: int) -> pa.Table:
    return p.population(N, seed)


def attack(
    train: pa.Table, holdout: pa.Table, synthetic: pa.Table, variables: Variables = p.VARIABLES
) -> tuple[dict[str, Metric], list[Attack]]:
    rng = np.random.default_rng(0)
    trio = read_trio(train, holdout, synthetic, variables, rng)
    attacked = choose(trio, rng, quick=True) if len(trio.holdout) > 1 else None
    metrics, attacks = density_ratio.assess(trio, attacked, rng, quick=True)
    return {m.name: m for m in metrics}, attacks


def test_unseen_patients_are_taken_for_nobody() -> None:
    metrics, attacks = attack(patients(1), patients(2), patients(3))
    assert {m.status for m in metrics.values()} == {Status.PASS}
    assert list(metrics) == [
        f"membership_density_{k}" for k in ("auc", "tpr", "auc_isolated", "tpr_isolated")
    ]
    assert [a.group for a in attacks] == ["all patients", "the most isolated tenth"]
    assert all(a.name == "density ratio" and a.curve is not None for a in attacks)


@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_a_copy_is_found(noise: float) -> None:
    copy = p.noisy(patients(1), noise, 5) if noise else patients(1)
    metrics, _ = attack(patients(1), patients(2), copy)
    assert metrics["membership_density_auc"].status is Status.FAIL
    assert metrics["membership_density_auc_isolated"].status is Status.FAIL


def test_a_table_made_from_the_holdout_is_found() -> None:
    # Half of the holdout is reference: only those who are not give the attack away, from below.
    metrics, _ = attack(patients(1), patients(2), patients(2))
    assert metrics["membership_density_auc"].status is Status.FAIL
    assert "meant to be unseen" in metrics["membership_density_auc"].reasons[0]


@pytest.mark.parametrize("rows", [1, 99, 120])
def test_few_odd_and_empty_columns(rows: int) -> None:
    rng = np.random.default_rng(0)

    def made() -> pa.Table:
        return pa.table(
            {"none": pa.nulls(rows, pa.float64()), "same": [3] * rows, "x": rng.normal(size=rows)}
        )

    tables = [made() for _ in range(3)]
    metrics, attacks = attack(*tables, infer(tables[0]))
    if rows < 100:
        assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
        assert all(a.auc is None for a in attacks)
    else:
        assert metrics["membership_density_auc"].status is not Status.FAIL
