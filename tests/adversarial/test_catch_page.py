"""The page of who catches what is drawn from the evidence alone, whatever metrics there are."""

from __future__ import annotations

import pytest
from benchmarks.catch import page

from locum.evaluate import Metrics, Status
from locum.evaluate.metrics import About, Metric, Pairs
from locum.evaluate.verdict import Judgement, metric, verdict
from tests.adversarial.failures import BY_NAME


def one(name: str, family: str, status: Status, decides: bool = True) -> Metric:
    judgement = Judgement(status, ("said so",))
    return metric(
        name, family, f"{name}?", answer="", method="", judgement=judgement, unit="", decides=decides
    )


def evidence(*metrics: Metric) -> Metrics:
    about = About(
        locum_version="", created="", seed=1, quick=False, k=10, train_rows=4000, train_patients=4000,
        holdout_rows=4000, holdout_patients=4000, synthetic_rows=4000, variables=18, target="stroke", notices=[],
    )  # fmt: skip
    return Metrics(
        verdict=verdict(metrics),
        about=about,
        metrics=list(metrics),
        marginals=[],
        pairs=Pairs(variables=[], gap=[], ceiling=[], worst=[]),
        missing=[],
        give_aways=[],
        predictions=[],
        attacks=[],
    )


@pytest.fixture
def drawn() -> str:
    found = {
        "shift": evidence(
            one("marginal_worst", "fidelity", Status.FAIL), one("new_one", "utility", Status.WARN)
        ),
        "scale": evidence(
            one("marginal_worst", "fidelity", Status.PASS), one("told", "fidelity", Status.FAIL, False)
        ),
        "copied": evidence(
            one("marginal_worst", "fidelity", Status.WARN), one("copies", "privacy", Status.NOT_ASSESSABLE)
        ),
        "unseen": evidence(one("marginal_worst", "fidelity", Status.PASS)),
    }
    return page(found, [BY_NAME[name] for name in found])


def line(drawn: str, start: str, nth: int) -> str:
    return [row for row in drawn.splitlines() if row.startswith(f"| {start}")][nth]


def test_a_metric_that_is_new_gets_a_column_and_tables_without_it_say_so(drawn: str) -> None:
    assert line(drawn, "what is wrong", 2) == "| what is wrong | new one |"
    assert line(drawn, BY_NAME["shift"].told, 2) == f"| {BY_NAME['shift'].told} | warn |"
    assert line(drawn, BY_NAME["scale"].told, 2) == f"| {BY_NAME['scale'].told} | n/a |"


def test_the_first_table_counts_what_decides_and_names_who_sees_it(drawn: str) -> None:
    said = f"| {BY_NAME['shift'].told} | fail | warn | n/a | 1 | 1 | marginal worst, new one |"
    assert line(drawn, BY_NAME["shift"].told, 0) == said
    assert line(drawn, BY_NAME["scale"].told, 0).endswith("| 0 | 0 | nothing |")


def test_what_nothing_catches_is_said_and_so_is_what_is_caught_elsewhere(drawn: str) -> None:
    missed = drawn.split("## What nothing catches")[1]
    assert f"**{BY_NAME['scale'].told}.** Not explained yet." in missed
    assert "What describes without deciding shows it: told." in missed
    assert f"*{BY_NAME['copied'].told}* is a matter of privacy, and caught in fidelity only." in missed
    assert "False alarm" not in missed


def test_an_alarm_about_a_good_table_is_not_hidden() -> None:
    drawn = page({"unseen": evidence(one("c2st", "fidelity", Status.WARN))}, [BY_NAME["unseen"]])
    assert "**False alarm: real patients whom nobody else has.** warn: c2st." in drawn
