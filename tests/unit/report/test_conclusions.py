"""Forest plots and survival curves: hostile names, odd figures, nothing to show, a table behind each."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from locum.evaluate.metrics import Effect, SurvivalCurve
from locum.report import coefficient_chart, survival_chart
from tests.unit.report.conftest import HOSTILE


def effect(term: str, at: float = 0.5, **changes: object) -> Effect:
    given: dict[str, object] = {
        "analysis": "logistic regression",
        "outcome": "stroke (yes)",
        "term": term,
        "overlap": 0.7,
        "standardised": 0.4,
        "kept": True,
    }
    for i, side in enumerate(("holdout", "train", "synthetic")):
        middle = at + i / 10
        given |= {side: middle, f"{side}_interval": (middle - 0.2, middle + 0.2)}
    return Effect.model_validate(given | changes)


def curve(group: str = "all patients", **changes: object) -> SurvivalCurve:
    shares = [1.0, 0.9, 0.8, 0.7, None]
    given: dict[str, object] = {
        "group": group,
        "unit": "days",
        "time": [0.0, 100.0, 200.0, 300.0, 400.0],
        "holdout": shares,
        "low": [None if s is None else s - 0.02 for s in shares],
        "high": [None if s is None else min(s + 0.02, 1.0) for s in shares],
        "train": shares,
        "synthetic": [1.0, 0.8, 0.6, None, None],
        "gap": 20.0,
        "ceiling": 1.0,
    }
    return SurvivalCurve.model_validate(given | changes)


def positions(drawn: str) -> list[float]:
    """Every place along the width of a picture."""
    found = re.findall(r'(?:cx|x1|x2|x)="([-\d.]+)"', drawn)
    return [float(x) for x in found]


def test_a_forest_plot_is_a_picture_with_its_table() -> None:
    chart = coefficient_chart.draw([effect("age"), effect("sex: male", -0.4, kept=False)], "c")
    ET.fromstring(chart.svg)
    assert chart.table.rows[0][:2] == ["age", "1.65 (1.35 to 2.01)"]
    assert [row[-1] for row in chart.table.rows] == ["yes", "no"]
    assert "1 of 2 lead to the same conclusion" in chart.svg


def test_several_tables_have_a_column_of_their_own() -> None:
    told = {"combined": 0.0, "combined_interval": (-0.1, 0.1)}
    table = coefficient_chart.draw([effect("age", **told), effect("sex")], "c").table
    assert [row[-1] for row in table.rows] == ["1 (0.905 to 1.11)", "–"]
    assert all(len(row) == len(table.head) for row in table.rows)


def test_a_hazard_ratio_is_called_one() -> None:
    chart = coefficient_chart.draw([effect("age", analysis="Cox regression")], "c")
    assert chart.table.caption.startswith("Hazard ratios")


@pytest.mark.parametrize("at", [0.0, 50.0, -50.0, 1e9, 1e-9])
def test_endless_effects_stay_within_the_picture(at: float) -> None:
    wide = {f"{s}_interval": (-abs(at) - 1, abs(at) + 1) for s in ("holdout", "train", "synthetic")}
    chart = coefficient_chart.draw([effect("age", at, **wide)], "c")
    ET.fromstring(chart.svg)
    assert all(0 <= x <= 340 for x in positions(chart.svg))
    assert "inf" not in str(chart.table.rows)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    drawn = [
        coefficient_chart.draw([effect(name, outcome=name)], "c"),
        survival_chart.draw(curve(name, unit=name), "c"),
    ]
    for chart in drawn:
        assert "<script" not in chart.svg
        assert "<img" not in chart.svg


def test_survival_curves_have_a_band_two_lines_and_a_table() -> None:
    chart = survival_chart.draw(curve(), "s")
    ET.fromstring(chart.svg)
    assert chart.svg.count("stroke-dasharray") == 1  # synthetic patients, told apart without colour
    assert f'fill="{survival_chart.BAND}"' in chart.svg
    assert chart.table.rows[0] == ["0", "100%", "100%", "100%"]
    assert chart.table.head[0] == "Time (days)"


@pytest.mark.parametrize(
    "changes",
    [
        {"synthetic": [None] * 5},
        {"low": [1.0] * 5, "high": [1.0] * 5, "train": [1.0] * 5, "synthetic": [1.0] * 5},
        {"time": [0.0] * 5, "unit": None},
        {"low": [1.0, None, None, None, None]},
        {"synthetic": [0.0] * 5},
    ],
)
def test_curves_that_say_little_are_drawn(changes: dict[str, object]) -> None:
    chart = survival_chart.draw(curve(**changes), "s")
    ET.fromstring(chart.svg)
    assert "nan" not in chart.svg
