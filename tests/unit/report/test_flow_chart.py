"""The flow chart says how many each step left, and never points at a few people."""

from __future__ import annotations

import pytest

from locum.cohorts.attrition import Attrition, AttritionStep, disclosed
from locum.report import flow_chart


def _attrition(*left: int) -> Attrition:
    first, *rest = map(disclosed, left)
    steps = tuple(AttritionStep(label=f"Step <{i}>", left=count) for i, count in enumerate(rest, 1))
    return Attrition(cohort="c", title="T", source="S", artificial=True, patients=first, steps=steps)


@pytest.mark.parametrize(
    ("count", "told"), [(0, 0), (1, None), (9, None), (10, 10), (14, 10), (15, 20), (12345, 12350)]
)
def test_counts_are_rounded(count: int, told: int | None) -> None:
    assert disclosed(count) == told


def test_table_and_boxes() -> None:
    chart = flow_chart.draw(_attrition(1234, 1003, 998, 997, 0), "f")
    assert chart.table.rows == [
        ["Patients in the records", "1,230", "–"],
        ["Step <1>", "1,000", "about 230"],
        ["Step <2>", "1,000", "none, or fewer than 10"],
        ["Step <3>", "1,000", "none, or fewer than 10"],
        ["Step <4>", "0", "about 1,000"],
    ]
    assert "Step &lt;1&gt;" in chart.svg
    assert "<1>" not in chart.svg
    assert chart.svg.count("<rect") == 5


def test_a_few_are_not_counted() -> None:
    """7 left of 8 would tell that one was left out."""
    chart = flow_chart.draw(_attrition(500, 8, 7, 0), "f")
    assert [row[1:] for row in chart.table.rows[1:]] == [
        ["fewer than 10", "about 500"],
        ["fewer than 10", "none, or fewer than 10"],
        ["0", "fewer than 10"],
    ]
