"""Where a table gives much away of its patients a parameter becomes dearer; elsewhere the price stays as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from locum.network import BALANCED, OPEN, fit
from tests.unit.network.columns import levels, numbers


def table(rows: int, variables: int, seed: int):
    """Numbers and flags that share a cause."""
    rng = np.random.default_rng(seed)
    cause = rng.normal(0, 1, rows)
    columns = []
    for i in range(variables):
        value = cause + rng.normal(0, 1, rows)
        columns.append(
            levels((value > 0.5) + 0.0, 2, name=f"v{i}")
            if i % 3 == 0
            else numbers(value.round(2), name=f"v{i}", precision=0.01)
        )
    return columns


def test_a_long_narrow_table_pays_the_usual_price():
    assert fit(table(20_000, 4, 1), k=10, seed=1).settings.dearer == 1.0


def test_a_wide_table_of_few_patients_pays_more():
    assert fit(table(600, 40, 2), k=10, seed=1).settings.dearer > 1.3


def test_patients_are_told_apart_less_for_it():
    known, unseen = table(600, 40, 3), table(600, 40, 4)

    def told_apart(dearer: float | None) -> float:
        model = fit(known, k=10, settings=replace(BALANCED, dearer=dearer), seed=1)
        return float(np.mean(model.log_likelihood(known)) - np.mean(model.log_likelihood(unseen)))

    assert told_apart(None) < 0.8 * told_apart(1.0)


def test_the_factor_is_the_same_at_every_step_of_the_dial_and_for_any_number_of_threads():
    columns = table(600, 40, 5)
    found = [
        fit(columns, k=10, settings=settings, seed=1, threads=threads).settings.dearer
        for settings, threads in ((BALANCED, 1), (BALANCED, 2), (OPEN, 2))
    ]
    assert found[0] == found[1]
    assert found[2] == pytest.approx(found[0], rel=0.2)  # scores, which it looks at too, are cheaper


def test_rows_of_one_patient_stay_together():
    columns = table(900, 12, 6)
    patient = np.repeat(np.arange(300), 3)
    once = fit(columns, k=10, patient=patient, seed=1)
    assert once.settings.dearer >= 1.0
    assert once.patients == 300
