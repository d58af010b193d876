"""From figures and limits to a status."""

from __future__ import annotations

import pytest

from locum.evaluate import Status
from locum.evaluate.verdict import judge_beyond_chance, judge_if_sure


@pytest.mark.parametrize(
    ("value", "low", "beyond_chance", "if_sure"),
    [
        (0.5, -1.0, Status.PASS, Status.PASS),  # below both limits
        (1.5, 0.5, Status.WARN, Status.WARN),
        (1.5, -0.5, Status.PASS, Status.PASS),  # chance explains it
        (5.0, -0.5, Status.WARN, Status.PASS),  # ... however large it is, for the worst of many
        (5.0, 1.0, Status.WARN, Status.WARN),
        (5.0, 2.5, Status.FAIL, Status.FAIL),
    ],
)
def test_what_chance_explains(value: float, low: float, beyond_chance: Status, if_sure: Status) -> None:
    assert judge_beyond_chance(value, low, 0.0, 1.0, 2.0, "it").status is beyond_chance
    found = judge_if_sure(value, low, 1.0, 2.0, "it")
    assert found.status is if_sure
    assert found.reasons
