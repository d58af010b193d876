from __future__ import annotations

import math

import pytest

from locum.evaluate.metrics import Marginal, Status
from locum.report import formats, marginal_chart, svg


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (math.nan, "–"),
        (0.0, "0%"),
        (0.001, "under 0.01%"),
        (0.0645, "0.06%"),
        (3.04, "3.0%"),
        (0.25, "0.25%"),
        (0.5, "0.5%"),
        (3.0, "3%"),
        (9.97, "10%"),
        (41.6, "42%"),
        (100.0, "100%"),
        (-2.25, "−2.2%"),
    ],
)
def test_percent(value: float | None, text: str) -> None:
    assert formats.percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.05123, "0.0512"), (12.34, "12.3"), (12345.6, "12,346"), (100.0, "100"), (-1.5, "−1.5")],
)
def test_number(value: float, text: str) -> None:
    assert formats.number(value) == text


def test_a_negative_that_rounds_to_nothing_has_no_sign() -> None:
    assert formats.decimals(-0.0001, 3) == "0.000"


def test_edges_of_dates_are_months() -> None:
    assert formats.edge(0, "date") == "Jan 1970"
    assert formats.edge(1e12, "date") == "1,000,000,000,000"


@pytest.mark.parametrize(("value", "top"), [(0.143, 0.16), (1.0, 1.0), (21, 30), (0, 1), (math.inf, 1)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert formats.nice_ceiling(value) == pytest.approx(top)


@pytest.mark.parametrize(
    "content", ["short", "a" * 200, "収縮期血圧" * 20, "ضغط الدم " * 20, "é" * 90, "", "MW" * 50]
)
def test_shortened_text_fits_and_keeps_its_ends(content: str) -> None:
    shown = svg.shorten(content, 12, 144)
    assert svg.text_width(shown, 12) <= 144
    assert shown == content or ("…" in shown and shown[0] == content[0])


def test_wrapped_names_lose_nothing_that_fits() -> None:
    name = "Membership by density ratio, with the model's own likelihood"
    assert " ".join(svg.wrap(name, 12, 250)) == name
    assert all(svg.text_width(line, 12) <= 250 for line in svg.wrap("a_b " * 90, 12, 250))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("-0.0022 (95 % interval -0.01 to 0.01)", "−0.0022 (95% interval −0.01 to 0.01)"),
        ("from (-3) to -2", "from (−3) to −2"),
        ("2026-03-02, 10-20, COVID-19 and well-known", "2026-03-02, 10-20, COVID-19 and well-known"),
    ],
)
def test_a_sentence_has_one_minus_sign_and_keeps_its_hyphens(given: str, said: str) -> None:
    assert formats.tidy(given) == said


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("-5 to -1.5", "−5 to −1.5"),
        ("-7", "exactly −7"),
        ("3,653", "exactly 3,653"),
        ("under -5", "under −5"),
    ],
)
def test_ranges_of_negative_numbers(label: str, said: str) -> None:
    marginal = Marginal(
        variable="t", kind="continuous", unit=None, description="", bins=["0 to 1", "1 to 2", label], edges=[0, 1, 2],
        train=[0.5, 0.3, 0.2], holdout=[0.5, 0.3, 0.2], synthetic=[0.5, 0.3, 0.2], gap=0, ceiling=0, status=Status.PASS,
    )  # fmt: skip
    assert [row[0] for row in marginal_chart.draw(marginal, 100, "c").table.rows][2] == said
