"""Singling out, linkability, copied outliers: leaks that are known beforehand, and tables that tell nothing."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import Status, linkability, outliers, singling_out
from locum.evaluate.attacked import choose
from locum.evaluate.metrics import Metric
from locum.evaluate.predicates import MISSING, Predicates, matrix, on_one_column, on_rare_columns
from locum.evaluate.sample import read_trio
from locum.variables import Variables, infer
from tests.adversarial import population as p
from tests.unit.evaluate.tables import levels, numbers, sample

N = 1500


@cache
def patients(seed: int) -> pa.Table:
    return p.population(N, seed)


def attack(
    synthetic: pa.Table,
    train: pa.Table | None = None,
    holdout: pa.Table | None = None,
    variables: Variables = p.VARIABLES,
) -> dict[str, Metric]:
    rng = np.random.default_rng(0)
    train, holdout = train or patients(1), holdout or patients(2)
    trio = read_trio(train, holdout, synthetic, variables, rng)
    metrics, _ = singling_out.assess(trio, rng, quick=True)
    more, _ = linkability.assess(trio, choose(trio, rng, quick=True), rng, quick=True)
    return {m.name: m for m in [*metrics, *more, outliers.assess(trio, rng, quick=True)]}


def statuses(metrics: dict[str, Metric]) -> set[Status]:
    return {m.status for m in metrics.values() if m.decides}


def test_unseen_patients_point_to_nobody() -> None:
    assert statuses(attack(patients(3))) == {Status.PASS}


def test_shuffled_columns_point_to_nobody_but_keep_values_that_one_patient_has() -> None:
    metrics = attack(p.shuffled(patients(1), 4))
    assert statuses(metrics) == {Status.PASS}
    assert metrics["singling_out_univariate"].status is Status.FAIL
    assert not metrics["singling_out_univariate"].decides


def test_a_copy_points_to_everybody() -> None:
    metrics = attack(patients(1))
    assert {m.status for m in metrics.values()} == {Status.FAIL}
    assert all(m.value == pytest.approx(1, abs=0.01) for m in metrics.values())


def test_a_copied_tenth_is_joined() -> None:
    leak = pa.concat_tables([patients(3).slice(0, N - N // 10), patients(1).slice(0, N // 10)])
    metrics = attack(leak)
    for name in ("linkability", "singling_out"):
        assert metrics[name].status is Status.FAIL
        assert metrics[name].value == pytest.approx(0.1, abs=0.03)
    assert metrics["outliers_copied"].status is not Status.PASS


def test_a_copy_with_noise_still_singles_people_out() -> None:
    metrics = attack(p.noisy(patients(1), 0.05, 5))
    assert metrics["singling_out"].status is Status.FAIL


@pytest.mark.parametrize("seed", range(20))
def test_nobody_is_singled_out_by_unseen_patients_whatever_the_draw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = [p.population(800, 1000 + 10 * seed + i) for i in range(3)]
    metrics, _ = singling_out.assess(read_trio(*tables, p.VARIABLES, rng), rng, quick=True)
    assert metrics[0].name == "singling_out"
    assert metrics[0].status is Status.PASS


def test_one_copied_outlier_is_found_and_one_unseen_is_none() -> None:
    def with_outlier(table: pa.Table) -> pa.Table:
        rows = table.to_pylist()
        rows[0] |= {"weight": 180.0, "age": 95, "pressure": 215.5, "glucose": 17.3, "cigarettes": 44}
        return pa.Table.from_pylist(rows, schema=table.schema)

    train = with_outlier(patients(1))
    leak = pa.concat_tables([patients(3).slice(1), train.slice(0, 1)])
    found = attack(leak, train)["outliers_copied"]
    assert found.status is Status.WARN
    assert "215" not in found.model_dump_json()
    assert attack(leak)["outliers_copied"].status is Status.PASS


def test_predicates_hold_for_the_rows_that_they_describe() -> None:
    table = sample(
        numbers("x", [1, 2, 2, np.nan, 9]), levels("y", [0, 1, 1, 1, -1], ("a", "b")), numbers("z", [5] * 5)
    )
    rows = matrix(table)
    assert rows[3, 0] < MISSING / 2
    single = on_one_column(table, 99, np.random.default_rng(0))
    # x: 1, missing and 9 are held once, at most 1, at least 9; y: a and missing; z: the same value for all.
    assert single.isolate(rows).sum() == 7
    assert len(single) == 9
    several = on_rare_columns(table, 5, 2, 3, np.random.default_rng(0))
    # All but the two rows that are alike are set apart, and none where every row is there twice.
    assert several.isolate(rows).sum() == 3
    assert several.isolate(np.repeat(rows, 2, axis=0)).sum() == 0
    at_most = Predicates(np.array([[0]]), np.array([[2]]), np.array([[1.5]], np.float32))
    assert at_most.isolate(rows)[0]  # a missing value is not below any


def test_two_halves_are_joined_by_a_row_nearest_to_both() -> None:
    base = np.array([[0.1, 0.1, 0.9, 0.9], [0.5, 0.5, 0.5, 0.5], [0.9, 0.9, 0.1, 0.1]], np.float32)
    query = np.array([[0.1, 0.1, 0.1, 0.1], [0.5, 0.4, 0.5, 0.6], [0.9, 0.9, 0.1, 0.1]], np.float32)
    half = np.array([True, True, False, False])
    assert linkability.joined(query, base, half).tolist() == [False, True, True]
    assert linkability.joined(query, base[::-1].copy(), half).tolist() == [False, True, True]


@pytest.mark.parametrize("rows", [30, 400])
def test_narrow_and_empty_tables_are_judged_or_not_assessable(rows: int) -> None:
    rng = np.random.default_rng(0)
    for made in (
        lambda: {"x": rng.integers(0, 2, rows)},
        lambda: {"x": ["a"] * rows, "y": rng.normal(size=rows)},
        lambda: {f"x{i}": rng.integers(0, 2, rows) for i in range(5)},
    ):
        tables = [pa.table(made()) for _ in range(3)]
        metrics, _ = singling_out.assess(trio := read_trio(*tables, infer(tables[0]), rng), rng, quick=True)
        attacked = choose(trio, rng, quick=True)
        more, _ = linkability.assess(trio, attacked, rng, quick=True)
        metrics += [*more, outliers.assess(trio, rng, quick=True)]
        assert {m.status for m in metrics} <= {Status.PASS, Status.NOT_ASSESSABLE}
