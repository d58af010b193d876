"""A model that fails in one group: found there, and nowhere where all is well."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import Status, subgroup_utility, targets
from locum.evaluate.metrics import Metric, SubgroupUtility
from locum.evaluate.sample import read_trio
from locum.variables import Role, Variables
from tests.adversarial import population as p
from tests.unit.evaluate.trained import scores

N = 3000
DECLARED = Variables(
    tuple(
        replace(v, role=Role.QUASI_IDENTIFIER) if v.name in ("sex", "age", "smoker") else v
        for v in p.VARIABLES
    )
)


def turned(table: pa.Table, smoker: str) -> pa.Table:
    """Among these, strokes go to the healthiest in place of the sickest: as many, with every effect reversed."""
    risk = 0.09 * table["age"].to_numpy() + 0.035 * table["pressure"].to_numpy()
    stroke = table["stroke"].to_numpy().copy()
    rows = np.flatnonzero(table["smoker"].to_numpy(zero_copy_only=False) == smoker)
    order = rows[np.argsort(risk[rows], kind="stable")]
    stroke[order] = stroke[order[::-1]]
    return p.replaced(table, "stroke", pa.array(stroke))


@cache
def assessed(name: str, declared: bool = True) -> tuple[list[Metric], list[SubgroupUtility]]:
    tables = [p.population(N, 30 + i) for i in range(3)]
    synthetic = {
        "real": lambda t: t,
        "turned": lambda t: turned(t, "current"),
        "shuffled": lambda t: p.shuffled(t, 4),
        "one class": lambda t: p.replaced(t, "stroke", pa.array(np.zeros(N, np.int64))),
    }[name](tables[2])
    variables = DECLARED if declared else p.VARIABLES
    trio = read_trio(tables[0], tables[1], synthetic, variables, np.random.default_rng(0))
    target, _ = targets.find(trio, None, np.random.default_rng(1))
    assert target is not None
    told = scores(trio, target, subgroup_utility.FAMILY)
    return subgroup_utility.assess(trio, target, trio.holdout, told)


def metrics(name: str, declared: bool = True) -> dict[str, tuple[Status, str]]:
    return {m.name: (m.status, m.answer) for m in assessed(name, declared)[0]}


def test_unseen_real_patients_pass_in_every_group() -> None:
    found = metrics("real")
    assert found["subgroup_auc"][0] is found["subgroup_calibration"][0] is Status.PASS
    groups = assessed("real")[1]
    assert {g.group.split()[0] for g in groups} <= {"sex", "age", "smoker"}
    assert all(0.02 < g.holdout < 1 and g.interval[0] < g.lost < g.interval[1] for g in groups)


@pytest.mark.parametrize("declared", [True, False])
def test_an_effect_reversed_in_one_group_is_found_there(declared: bool) -> None:
    found = metrics("turned", declared)
    status, answer = found["subgroup_auc"]
    assert status is Status.FAIL
    if declared:
        assert "smoker current" in answer


def test_shuffled_columns_fail_and_a_table_without_the_event_too() -> None:
    assert metrics("shuffled")["subgroup_auc"][0] is Status.FAIL
    found = metrics("one class")
    assert found["subgroup_auc"][0] is found["subgroup_calibration"][0] is Status.FAIL


def test_groups_of_few_are_not_looked_at() -> None:
    tables = [p.population(150, i) for i in range(3)]
    trio = read_trio(*tables, DECLARED, np.random.default_rng(0))
    target, _ = targets.find(trio, "sex", np.random.default_rng(1))
    assert target is not None
    rows = trio.holdout
    found = subgroup_utility.groups(trio, target, rows, target.happened(rows))
    for group in found:
        assert group.rows.sum() >= 100
        assert not group.rows.all()
        assert not group.name.startswith("sex")
