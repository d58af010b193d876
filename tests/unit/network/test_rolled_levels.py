"""Levels by the thousand: rare ones follow their kin, and what is drawn is a level that k patients hold."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import locum
from locum.evaluate.rolled import rolled_up
from locum.network.learn_cells import learn_cells
from locum.variables import Column, Kind, Variable, infer, to_columns
from tests.unit.network.columns import everyone, levels


def pregnancies(n: int, seed: int) -> pa.Table:
    """Women have codes of chapter O half of the time, men never; 100 codes a chapter, most of them rare."""
    rng = np.random.default_rng(seed)
    woman = rng.random(n) < 0.5
    chapter = np.where(woman & (rng.random(n) < 0.5), "O", rng.choice(list("IJKN"), n))
    share = 1 / (1 + np.arange(100.0))
    number = rng.choice(100, n, p=share / share.sum())
    codes = [f"{c}{i % 10:02d}.{i // 10}" for c, i in zip(chapter, number, strict=True)]
    return pa.table({"sex": np.where(woman, "female", "male"), "code": codes})


def test_a_man_is_hardly_ever_pregnant_and_rare_codes_count_with_their_kin() -> None:
    real = pregnancies(6000, 1)
    model = locum.fit(real, seed=1, threads=1)
    drawn = model.sample(6000, seed=2, threads=1).to_pandas()
    pregnant = (drawn.sex == "male") & drawn.code.str.startswith("O")
    assert pregnant.sum() <= 3  # leaves are smoothed: some 90 in a million, .3 expected here
    frame = real.to_pandas()
    held = frame.code.value_counts()
    assert (held < 10).sum() > 50  # there are rare codes
    assert set(drawn.code) <= set(held.index[held >= 10])  # and none of them comes back, nor "other"
    for chapter in "OIJKN":
        was = frame.code.str.startswith(chapter).mean()
        assert abs(drawn.code.str.startswith(chapter).mean() - was) < 4 * np.sqrt(was / 3000)


def test_thousands_of_levels_keep_what_their_groups_say() -> None:
    """600 codes for 250 states: without the prefixes, the rarer ones would be drawn whoever the patient is."""
    rng = np.random.default_rng(4)
    sick = rng.random(16_000) < 0.5
    number = rng.integers(0, 300, 16_000)
    table = pa.table(
        {
            "sick": sick,
            "code": [f"{'ZC'[int(s)]}{i // 10:02d}.{i % 10}" for s, i in zip(sick, number, strict=True)],
        }
    )
    model = locum.fit(table, seed=1, threads=1)
    drawn = model.sample(16_000, seed=2, threads=1).to_pandas()
    assert drawn.code.nunique() == 600
    assert (drawn.code.str.startswith("C") == drawn.sick).mean() > 0.999
    cells = model.network.cells[1]
    assert cells.states <= 250


def test_without_kin_a_rare_code_is_other() -> None:
    texts = [f"A{i // 10:02d}.{i % 10}" for i in range(40) for _ in range(20)] + [
        f"Z{i:02d}.0" for i in range(15)
    ]
    table = pa.table({"code": texts})
    model = locum.fit(table, seed=1, threads=1)
    drawn = set(model.sample(3000, threads=1)["code"].to_pylist())
    assert drawn == {*texts[:800], "other"}


def test_a_group_without_a_level_of_k_patients_is_other() -> None:
    """Declared levels, each under k: their patients count as other, and the levels are never drawn."""
    codes = np.repeat(np.arange(12), [100, 100, *[5] * 10])
    variable = Variable(
        "code", Kind.NOMINAL, levels=("A1", "A2", *(f"B{i}" for i in range(10))), hierarchy="prefix"
    )
    column = Column(variable, codes.astype(float), np.zeros(250, np.uint8))
    cells, _ = learn_cells(column, 10, everyone(250))
    assert cells.mass[3:-1].max() == 0
    assert cells.state.tolist() == [0, 1, 2, *[3] * 11]


def test_ordered_levels_by_the_hundred_stay_in_order() -> None:
    column = levels(np.repeat(np.arange(400), 20), 400, kind=Kind.ORDINAL)
    cells, _ = learn_cells(column, 10, everyone(8000))
    split = cells.split[1:-1].astype(int)
    assert 50 < cells.splits <= 250
    assert (np.diff(split) >= 0).all()


@pytest.mark.parametrize("count", [700, 9000])
def test_levels_without_a_hierarchy_are_lumped_by_frequency(count: int) -> None:
    codes = np.repeat(np.arange(count), np.where(np.arange(count) < 200, 40, 12))
    cells, _ = learn_cells(levels(codes, count), 10, everyone(len(codes)))
    assert len(set(cells.state[1:201].tolist())) == 200
    assert len(set(cells.state[201 : count + 1].tolist())) == 1
    assert (cells.mass[1 : count + 1] > 0).all()


def test_the_evaluation_compares_groups() -> None:
    real = pregnancies(4000, 3)
    variables = infer(real)
    train, holdout = (to_columns(t, variables)[1] for t in (real, pregnancies(4000, 5)))
    drawn = locum.fit(real, variables, seed=1, threads=1).sample(4000, threads=1)
    synthetic = to_columns(drawn, variables)[1]
    own, other, made = rolled_up([train, holdout, synthetic], [train, holdout], 10)
    names = own.variable.levels
    assert names == train.variable.levels
    assert max(c.values.max() for c in (own, other, made)) < len(names)  # all have a kin
    shares = [np.bincount(c.values.astype(int), minlength=len(names) + 1) / 4000 for c in (own, other, made)]
    expected = np.sqrt(shares[0] * 2 / 4000).sum() / np.sqrt(2 * np.pi)
    assert 0.5 * np.abs(shares[1] - shares[2]).sum() < 1.5 * expected


def test_groups_are_named_after_their_commonest_level() -> None:
    texts = tuple(f"{c}{i:02d}.{j}" for c in "AB" for i in range(50) for j in range(4))
    variable = Variable("code", Kind.NOMINAL, levels=texts, hierarchy="prefix")
    codes = np.repeat(np.arange(400), np.where(np.arange(400) % 4 == 2, 400, 20)).astype(float)
    codes = np.append(codes, 400.0)  # other, without kin
    column = Column(variable, codes, np.zeros(len(codes), np.uint8))
    (own,) = rolled_up([column], [column], 10)
    assert own.variable.levels[:4] == ("A00.2", "A01.2", "A02.2", "A03.2")
    assert set(own.variable.levels[100:]) == {f"{c}{i:02d}.3 and 2 related" for c in "AB" for i in range(50)}
    assert own.values[-1] == 200
