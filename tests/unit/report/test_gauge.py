"""The bar of a family: a check stands where its figure lies between real patients and the limits."""

from __future__ import annotations

import pytest

from locum.evaluate.metrics import Limit, Metric, Status
from locum.report import chance, gauge
from locum.report.levels import explained, level, nearest
from tests.unit.report.conftest import metric


def check(figure: float, status: Status, fail: float | None = 0.8) -> Metric:
    limit = Limit(figure=figure, par=0.5, caution=0.65, fail=fail)
    return metric("c2st", "fidelity", status, limit=limit)


@pytest.mark.parametrize(
    ("figure", "status", "place"),
    [
        (0.5, Status.PASS, 0.0),
        (0.3, Status.PASS, 0.0),
        (0.575, Status.PASS, 0.5),
        (0.725, Status.WARN, 1.5),
        (0.95, Status.FAIL, 2.25),
        (9.0, Status.FAIL, 3.0),
    ],
)
def test_the_place_follows_the_figure(figure: float, status: Status, place: float) -> None:
    assert level(check(figure, status)) == pytest.approx(place)


def test_a_place_never_contradicts_the_status() -> None:
    """A figure beyond the line that chance explains passes, and is drawn on the line, not beyond."""
    assert level(check(0.7, Status.PASS)) < 1
    assert explained(check(0.7, Status.PASS))
    assert not explained(check(0.6, Status.PASS))
    assert not explained(check(9.0, Status.FAIL))
    assert nearest(check(0.6, Status.PASS)) < nearest(check(0.7, Status.PASS))
    assert 1 < level(check(0.9, Status.WARN)) < 2
    assert 1 < level(check(5.0, Status.WARN, fail=None)) < 2


def test_the_nearest_check_is_told_with_its_limits() -> None:
    near = check(0.64, Status.PASS).model_copy(update={"title": "Nearest?", "name": "near"})
    chart = gauge.draw([check(0.51, Status.PASS), near], "Faithful", "chart-1")
    assert chart
    assert "Nearest? It has used 93% of the room up to caution." in chart.svg
    assert chart.table.rows[0] == ["Nearest?", "Pass", "0.640", "0.500", "0.650", "0.800"]


def test_no_bar_where_no_check_could_be_made() -> None:
    unknown = metric("c2st", "fidelity", Status.NOT_ASSESSABLE)
    assert gauge.draw([unknown], "Faithful", "chart-1") is None
    assert gauge.draw([], "Faithful", "chart-1") is None


def test_a_finding_without_a_limit_is_still_drawn() -> None:
    assert gauge.draw([metric("outliers", "privacy", Status.FAIL)], "Private", "chart-1")


def test_the_band_of_chance_is_that_of_wilson() -> None:
    low, high = chance.interval(0.1, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert chance.interval(0.3, 0) == (0.3, 0.3)
    for share in (0.0, 1.0):
        low, high = chance.interval(share, 50)
        assert 0 <= low <= share <= high <= 1
