"""The attackers of benchmarks/attacks.py must find the members of a model that leaks, and nobody in one that cannot."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from benchmarks import attacks
from benchmarks.tables import primary_care

ROWS = 500


@pytest.fixture(scope="module")
def tables() -> attacks.Tables:
    drawn = primary_care(4 * ROWS, columns=8)
    table = pa.table({name: pa.array(values, from_pandas=True) for name, values in drawn.items()})
    return attacks.Tables.of(table.slice(0, ROWS), table.slice(ROWS, 2 * ROWS))


def test_a_ratio_finds_members_of_an_open_model(tables: attacks.Tables) -> None:
    model = tables.fit(tables.train, "open", 0)
    reference = tables.fit(tables.reference, "open", 100)
    everyone, _, given = attacks.ratio(tables, model, reference)
    assert everyone.auc > 0.6
    each = attacks.by_variable(model, tables.controls)
    assert len(given) == 8
    assert np.allclose(each.sum(axis=0), model.log_likelihood(tables.controls))


def test_no_attack_finds_members_in_a_model_of_others(tables: attacks.Tables) -> None:
    """A model of the reference rows alone, so that every attack stands at chance (.5, .02 to .03 either way)."""
    model = tables.fit(tables.reference, "open", 0)
    reference = tables.fit(tables.reference.slice(0, ROWS // 2), "open", 100)
    assert abs(attacks.ratio(tables, model, reference)[0].auc - 0.5) < 0.08
    assert abs(attacks.table_of_ten(tables, model, 0)[0].auc - 0.5) < 0.08


def test_shadows_tell_in_from_out(tables: attacks.Tables) -> None:
    reference = tables.fit(tables.reference, "open", 100)
    model = tables.fit(tables.train, "open", 0)
    assert attacks.shadows(tables, model, reference, fits=8, targets=20, seed=0).auc > 0.6


def test_found_counts_at_the_false_alarms_that_it_says() -> None:
    controls = np.arange(1000.0)
    members = np.array([-1.0, 988.5, 990.5, 999.5])
    got = attacks.found(members, controls)
    assert (got.at_1pct, got.at_01pct) == (0.5, 0.25)
    assert got.auc == pytest.approx((0 + 989 + 991 + 1000) / 4000)
