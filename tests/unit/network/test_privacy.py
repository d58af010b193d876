"""Privacy laws of the model file and of what is drawn: nobody's own value leaves."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

import locum
from locum.variables import Column, check, infer, to_columns, to_toml
from tests.conftest import simulated

PLANTED = 1_000_000.0
UNIQUE = "Zebedee's ward"


@pytest.fixture(scope="module")
def table() -> pa.Table:
    rng = np.random.default_rng(8)
    n = 3000
    made = simulated(n, seed=8)
    outlier = rng.normal(50, 10, n)
    outlier[17] = PLANTED
    ward = rng.choice(["north", "south", "east"], n).astype(object)
    ward[17] = UNIQUE
    heavy = rng.lognormal(3, 2, n)
    return (
        made.append_column("outlier", pa.array(outlier))
        .append_column("ward", pa.array(ward))
        .append_column("heavy", pa.array(heavy))
        .drop_columns(["patient"])
    )


@pytest.fixture(scope="module")
def model(table: pa.Table) -> locum.Model:
    return locum.fit(table, seed=3)


@pytest.fixture(scope="module")
def drawn(model: locum.Model) -> pa.Table:
    return model.sample(100_000, seed=1)


def test_a_planted_outlier_is_nowhere(model: locum.Model, drawn: pa.Table) -> None:
    text = model.to_json()
    assert "1000000.0" not in text
    entry = next(e for e in json.loads(text)["cells"] if e["variable"] == "outlier")
    assert max(entry["high"]) < 200
    assert np.max(drawn["outlier"].to_numpy()) <= max(entry["high"])


def test_a_level_that_one_patient_holds_is_nowhere(
    table: pa.Table, model: locum.Model, drawn: pa.Table
) -> None:
    assert UNIQUE in table["ward"].to_pylist()
    for text in (model.to_json(), to_toml(model.variables), to_toml(infer(table))):
        assert "Zebedee" not in text
    assert set(drawn["ward"].to_pylist()) == {"north", "south", "east"}


def test_no_real_extreme_is_drawn_or_written(table: pa.Table, model: locum.Model, drawn: pa.Table) -> None:
    for cells, column in zip(model.network.cells, columns(table, model), strict=True):
        if cells.variable.kind.has_levels:
            continue
        low, high = np.nanmin(cells.low), np.nanmax(cells.high)
        values = to_columns(drawn.select([cells.variable.name]), _alone(model, cells.variable.name))[0].values
        assert low <= np.nanmin(values)
        assert np.nanmax(values) <= high
        for extreme in (np.nanmin(column.values), np.nanmax(column.values)):
            if cells.variable.precision is None and np.sum(column.values == extreme) < 10:
                assert extreme not in {low, high}
                assert extreme not in values


def test_no_rare_value_is_an_edge(table: pa.Table, model: locum.Model) -> None:
    for entry, column in zip(json.loads(model.to_json())["cells"], columns(table, model), strict=True):
        if column.variable.precision is None and not column.variable.kind.has_levels:
            value, count = np.unique(column.values[column.missing == 0], return_counts=True)
            assert not set(value[count < 10].tolist()) & {*entry["low"], *entry["high"]}
            assert len(entry["low"]) > 20


def test_no_real_number_without_precision_is_drawn(table: pa.Table, drawn: pa.Table) -> None:
    for name in ("outlier", "heavy"):
        assert not set(drawn[name].to_pylist()) & set(table[name].to_pylist())


def columns(table: pa.Table, model: locum.Model) -> list[Column]:
    check(table, model.variables, "the table")
    return to_columns(table, model.variables)


def _alone(model: locum.Model, name: str) -> locum.Variables:
    return type(model.variables)((model.variables[name],), model.variables.k)
