"""Groups of patients: dropped, turned, told right; odd tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from locum.evaluate import subgroups
from locum.evaluate.metrics import Metric, Status, Subgroup
from locum.evaluate.sample import read_trio
from locum.evaluate.statistics import wilson, wilson_bounds
from locum.variables import Kind, Role, Variable, Variables
from tests.adversarial import population as p


def found(
    train: pa.Table, holdout: pa.Table, synthetic: pa.Table, variables: Variables = p.VARIABLES, seed: int = 0
) -> tuple[dict[str, Metric], list[Subgroup]]:
    trio = read_trio(train, holdout, synthetic, variables, np.random.default_rng(seed))
    metrics, groups = subgroups.assess(trio, np.random.default_rng([seed, 1]), quick=True)
    return {m.name: m for m in metrics}, groups


def with_region(table: pa.Table, seed: int, *, dropped: bool = False) -> pa.Table:
    """One patient in twenty lives on the islands; a generator that drops them moves them elsewhere."""
    rng = np.random.default_rng(seed)
    region = rng.choice(["north", "south", "islands"], len(table), p=[0.5, 0.45, 0.05])
    if dropped:
        region = np.where(region == "islands", "north", region)
    return table.append_column("region", pa.array(region))


REGION = Variable("region", Kind.NOMINAL, levels=("north", "south", "islands"), role=Role.QUASI_IDENTIFIER)
WITH_REGION = Variables((*p.VARIABLES.variables, REGION))


def test_a_rare_group_that_was_dropped_is_found_and_named() -> None:
    real = [with_region(p.population(4000, i), i) for i in (1, 2)]
    metrics, groups = found(*real, with_region(p.population(4000, 3), 3, dropped=True), WITH_REGION)
    size = metrics["subgroup_size"]
    assert size.status is Status.FAIL
    assert size.value == 100
    assert "region islands" in size.answer
    assert groups[0].group == "region islands"
    assert groups[0].synthetic == 0
    assert groups[0].holdout == pytest.approx(0.05, abs=0.01)
    assert metrics["subgroup_within"].status is Status.PASS


def test_declared_groups_are_told_even_where_all_is_well() -> None:
    tables = [with_region(p.population(4000, i), i) for i in (1, 2, 3)]
    metrics, groups = found(*tables, WITH_REGION)
    assert {m.status for m in metrics.values()} == {Status.PASS}
    assert [g.group for g in groups if g.declared] == ["region north", "region south", "region islands"]
    assert not [g for g in groups if not g.declared]
    assert all(g.variable in p.VARIABLES and g.gap is not None for g in groups)


def test_an_effect_reversed_in_a_subgroup_is_found() -> None:
    """Smoking goes with stroke; in the synthetic table it does the opposite for women, all marginals kept."""

    def table(seed: int, *, turned: bool = False) -> pa.Table:
        rng = np.random.default_rng(seed)
        out = p.population(3000, seed)
        female = pc.equal(out.column("sex"), "female").to_numpy()
        smokes = pc.equal(out.column("smoker"), "never").to_numpy() ^ (turned & female)
        return p.replaced(
            out, "stroke", pa.array((rng.random(3000) < np.where(smokes, 0.2, 0.6)).astype(int))
        )

    metrics, groups = found(table(1), table(2), table(3, turned=True))
    within = metrics["subgroup_within"]
    assert within.status is Status.FAIL
    assert any(
        {"sex female", "smoker never"} == set(g.group.split(", ")) and g.variable == "stroke" for g in groups
    ) or ("sex female" in within.answer)
    assert within.ceiling is not None
    assert within.value is not None
    assert within.value > 25 > within.ceiling


@pytest.mark.parametrize("rows", [300, 2000])
@pytest.mark.parametrize("seed", range(4))
def test_real_patients_pass_whatever_the_search_looks_at(rows: int, seed: int) -> None:
    metrics, groups = found(*(p.population(rows, 70 + 3 * seed + i) for i in range(3)), seed=seed)
    assert {m.status for m in metrics.values()} == {Status.PASS}
    assert not groups


def test_shuffled_columns_and_a_shift_fail() -> None:
    real = p.population(2500, 1), p.population(2500, 2)
    metrics, _ = found(*real, p.shuffled(real[0], 4))
    assert {m.status for m in metrics.values()} == {Status.FAIL}
    synthetic = p.population(2500, 3)
    moved = pc.round(pc.add(synthetic.column("pressure"), 40.0), 1)
    metrics, _ = found(*real, p.replaced(synthetic, "pressure", moved))
    assert {m.status for m in metrics.values()} == {Status.FAIL}


def test_groups_hold_many_patients_and_no_variable_is_told_of_its_own_group() -> None:
    tables = [p.population(2000, i) for i in (1, 2)]
    trio = read_trio(*tables, p.shuffled(tables[0], 4), p.VARIABLES, np.random.default_rng(0))
    groups = subgroups.lay(trio, 10_000, np.random.default_rng(0))
    total = groups.size("holdout")
    assert (total.sum(axis=1) == 2000).all()
    assert (total[groups.large] >= 100).all()
    for split, _, variable in zip(*np.nonzero(groups.judged()), strict=True):
        assert variable not in groups.found.members(int(split))
    men = pc.equal(tables[1].column("sex"), "male").to_numpy()
    old = tables[1].column("age").to_numpy()
    names = {
        groups.found.name(int(s), int(g)): total[s, g] for s, g in zip(*np.nonzero(groups.large), strict=True)
    }
    assert names["sex male"] == men.sum()
    name, rows = next(
        (n, r) for n, r in names.items() if n.startswith("age ") and n.endswith("over, sex male")
    )
    assert rows == (men & (old >= float(name.split()[1]))).sum()


def test_bounds_are_wilsons() -> None:
    low, high = wilson_bounds(np.array([0.0, 7.0, 50.0]), 50, 1.959963984540054)
    for i, successes in enumerate((0, 7, 50)):
        assert (low[i], high[i]) == pytest.approx(wilson(successes, 50), abs=1e-12)


def test_the_same_seed_gives_the_same_figures() -> None:
    tables = [p.population(800, 1), p.population(800, 2), p.shuffled(p.population(800, 1), 3)]
    assert found(*tables) == found(*tables)


def test_odd_tables() -> None:
    few = [p.population(80, i) for i in range(3)]
    metrics, groups = found(*few)
    assert {m.status for m in metrics.values()} == {Status.NOT_ASSESSABLE}
    assert not groups
    one = Variables((p.VARIABLES["sex"],))
    metrics, _ = found(*(p.population(500, i) for i in range(3)), one)
    assert metrics["subgroup_size"].status is Status.PASS
    assert metrics["subgroup_within"].status is Status.NOT_ASSESSABLE
    single = Variables(
        (replace(p.VARIABLES["sex"], levels=("x",)), Variable("none", Kind.CONTINUOUS, "double"))
    )
    table = pa.table({"sex": ["x"] * 400, "none": pa.nulls(400, pa.float64())})
    metrics, _ = found(table, table, table, single)
    assert {m.status for m in metrics.values()} == {Status.PASS}
