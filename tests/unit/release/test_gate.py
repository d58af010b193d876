"""The gate: what holds, who has to answer for what does not, and what nobody can answer for."""

from __future__ import annotations

import dataclasses
import datetime
import re
from pathlib import Path
from typing import Any

import pytest

from locum.dial import SETTING
from locum.errors import UsageError
from locum.evaluate.metrics import Metrics, Status
from locum.release.about import Publisher
from locum.release.decision import Approval, Decision
from locum.release.gate import NotReleased, approval, judge, unanswered
from locum.release.policy import SHIPPED, read_policy
from locum.release.release import Evidence
from tests.unit.release.gate_cases import SAID, VARIABLES, about, evidence, figure, metrics

DAY = datetime.date(2026, 3, 1)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return evidence(tmp_path_factory.mktemp("gate") / "study")


def of(good: Evidence, found: Metrics) -> Evidence:
    return Evidence(good.table, good.parquet, good.variables, found, good.graph, good.attrition, good.sha256)


def refused(good: Evidence, found: Metrics, *approvals: str) -> Decision:
    with pytest.raises(NotReleased) as raised:
        judge(of(good, found), SAID, read_policy(), [approval(text, DAY) for text in approvals])
    assert raised.value.exit_code == 4
    assert "\n" not in str(raised.value)
    for check in unanswered(raised.value.decision):
        assert check.name in str(raised.value)
    return raised.value.decision


def needs(decision: Decision) -> dict[str, str]:
    return {check.name: check.needs for check in decision.checks if not check.holds}


def test_what_keeps_to_the_policy_is_released(good: Evidence) -> None:
    decision = judge(good, SAID, read_policy())
    assert decision.released
    assert decision.approvals == ()
    assert all(check.holds and check.asked and check.found and check.source for check in decision.checks)
    names = [check.name for check in decision.checks]
    assert len(set(names)) == len(names)
    assert names[:5] == ["evaluated_bytes", "verdict", "fidelity", "utility", "privacy"]
    assert judge(good, SAID, read_policy()) == decision
    # an approval that nothing needs is not recorded as if it did
    assert judge(good, SAID, read_policy(), [approval("A. Reviewer: fine by me", DAY)]) == decision


STATUSES = {
    # family, status: what is needed
    ("fidelity", Status.WARN): {},
    ("fidelity", Status.FAIL): {"fidelity": "approver"},
    ("utility", Status.WARN): {},
    ("utility", Status.FAIL): {"utility": "approver"},
    ("privacy", Status.WARN): {"privacy": "approver"},
    ("privacy", Status.FAIL): {"privacy": "never"},
}
OF_FAMILY = {"fidelity": "c2st", "utility": "utility_boosting", "privacy": "singling_out"}


@pytest.mark.parametrize(("family", "status"), STATUSES)
def test_a_verdict_needs_what_the_policy_says(good: Evidence, family: str, status: Status) -> None:
    found = figure(metrics(), OF_FAMILY[family], status=status, reasons=["something is 7, above 5"])
    found = found.model_copy(update={"verdict": found.verdict.model_copy(update={family: status})})
    wanted = STATUSES[(family, status)]
    if not wanted:
        assert judge(of(good, found), SAID, read_policy()).released
        return
    decision = refused(good, found)
    assert needs(decision) == wanted
    assert "something is 7, above 5" in next(c.found for c in decision.checks if c.name == family)


@pytest.mark.parametrize("family", ["fidelity", "utility", "privacy"])
def test_what_could_not_be_judged_needs_an_approver(good: Evidence, family: str) -> None:
    unknown: dict[str, Any] = {
        "status": Status.NOT_ASSESSABLE,
        "value": None,
        "interval": None,
        "limit": None,
    }
    found = metrics()
    for metric in metrics().metrics:
        if metric.family == family:
            found = figure(found, metric.name, **unknown)
    found = found.model_copy(
        update={"verdict": found.verdict.model_copy(update={family: Status.NOT_ASSESSABLE})}
    )
    decision = refused(good, found)
    assert set(needs(decision).values()) == {"approver"}
    assert family in needs(decision)
    assert ("membership_auc" in needs(decision)) is (family == "privacy")
    names = tuple(needs(decision))
    blanket, named = "A. Reviewer: too few patients", f"{','.join(names)}=A. Reviewer: too few patients"
    released = judge(of(good, found), SAID, read_policy(), [approval(named, DAY)])
    assert released.approvals[0].checks == names
    if family == "privacy":  # nobody passes over all of it in one breath
        assert not refused(good, found, blanket).approvals
    else:
        assert judge(of(good, found), SAID, read_policy(), [approval(blanket, DAY)]) == released


def test_other_bytes_are_never_released(good: Evidence) -> None:
    for files in ({}, {"synthetic": "0" * 64}, {"train": metrics().about.files["synthetic"]}):
        decision = refused(good, about(metrics(), files=files), "A. Reviewer: I looked at it")
        assert needs(decision) == {"evaluated_bytes": "never"}


def test_an_edited_verdict_is_found(good: Evidence) -> None:
    failed = figure(metrics(), "singling_out", status=Status.FAIL)  # and the verdict says "pass"
    assert needs(refused(good, failed, "A. Reviewer: fine by me")) == {"verdict": "never", "privacy": "never"}
    # the status too, but not the figure it comes from
    metric = next(m for m in metrics().metrics if m.name == "singling_out")
    assert metric.limit is not None
    limit = metric.limit.model_copy(update={"figure": 0.2})
    edited = figure(metrics(), "singling_out", limit=limit)
    assert needs(refused(good, edited)) == {"verdict": "never"}
    # or the figure that the policy knows
    edited = figure(metrics(), "membership_auc", value=0.9, interval=(0.88, 0.92))
    assert needs(refused(good, edited)) == {"membership_auc": "never"}
    edited = metrics().model_copy(update={"model_file": Status.PASS})
    assert needs(refused(good, edited)) == {"verdict": "never"}


FIGURES = {
    # value, interval: what is needed
    (0.56, (0.50, 0.62)): "approver",
    (0.56, (0.551, 0.57)): "never",
    (0.56, None): "never",
    (0.51, (0.88, 0.92)): "never",  # no interval of this figure
    (0.55, (0.5, 0.6)): "",
    (None, None): "approver",
}


@pytest.mark.parametrize(("value", "interval"), FIGURES)
def test_a_figure_is_held_against_its_limit(
    good: Evidence, value: float | None, interval: tuple[float, float] | None
) -> None:
    found = figure(metrics(), "membership_auc", value=value, interval=interval)
    if needed := FIGURES[(value, interval)]:
        assert needs(refused(good, found)) == {"membership_auc": needed}
    else:
        assert judge(of(good, found), SAID, read_policy()).released


def test_a_figure_that_is_gone_is_not_passed_over(good: Evidence) -> None:
    left = [m for m in metrics().metrics if m.name not in ("linkability", "copies_excess")]
    found = metrics().model_copy(update={"metrics": left})
    assert needs(refused(good, found)) == {"linkability": "approver", "copies_excess": "approver"}


COUNTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "few patients": ({"train_patients": 499}, {"train_patients": "approver"}),
    "few held out": ({"holdout_patients": 10}, {"holdout_patients": "approver"}),
    "small k": ({"k": 5}, {"k": "approver"}),
    "no k": ({"k": 4}, {"k": "approver", "k_least": "never"}),
    "quick": ({"quick": True}, {"quick": "approver"}),
    "open": ({"made": {SETTING: "open"}}, {"privacy_setting": "never"}),
    "another generator": ({"made": {}}, {"privacy_setting": "approver"}),
    "an odd setting": ({"made": {SETTING: "source"}}, {"privacy_setting": "approver"}),
}


@pytest.mark.parametrize("case", COUNTS)
def test_counts_and_how_it_was_made(good: Evidence, case: str) -> None:
    changes, wanted = COUNTS[case]
    assert needs(refused(good, about(metrics(), **changes))) == wanted


def test_an_approver_is_recorded(good: Evidence) -> None:
    found = about(metrics(), quick=True, train_patients=100)
    whole = judge(
        of(good, found), SAID, read_policy(), [approval(" Dr  A. Reviewer :  a pilot: for\tus alone ", DAY)]
    )
    assert whole.released
    assert whole.approvals == (
        Approval(
            approver="Dr A. Reviewer",
            text="a pilot: for us alone",
            checks=("train_patients", "quick"),
            date=DAY,
        ),
    )
    assert needs(whole) == {"train_patients": "approver", "quick": "approver"}  # it holds no more than before
    two = [
        "quick=A. Reviewer: a pilot study",
        "train_patients=B. Reviewer: enough for us",
        "k=C. Reviewer: it holds already",
    ]
    parts = judge(of(good, found), SAID, read_policy(), [approval(text, DAY) for text in two])
    assert [(a.approver, a.checks) for a in parts.approvals] == [
        ("A. Reviewer", ("quick",)),
        ("B. Reviewer", ("train_patients",)),
    ]
    half = refused(good, found, two[0])
    assert [check.name for check in unanswered(half)] == ["train_patients"]


def test_what_nobody_may_approve_stays_refused(good: Evidence) -> None:
    found = figure(metrics(), "copies_excess", value=9.0, interval=(7.0, 11.0))
    for text in ("A. Reviewer: I insist on it", "copies_excess=A. Reviewer: I insist on it"):
        decision = refused(good, about(found, quick=True), text)
        assert next(iter(unanswered(decision))).name == "copies_excess"
        assert not decision.released


def test_a_privacy_condition_is_answered_for_by_its_name(good: Evidence) -> None:
    found = about(figure(metrics(), "copies_excess", value=0.6, interval=(0.1, 1.2)), quick=True, k=5)
    blanket = "A. Reviewer: a pilot study"
    decision = refused(good, found, blanket)
    assert [check.name for check in unanswered(decision)] == ["copies_excess", "k"]
    with pytest.raises(NotReleased, match=re.escape('them: --approve "copies_excess,k=NAME: why"')):
        judge(of(good, found), SAID, read_policy(), [approval(blanket, DAY)])
    both = [approval(text, DAY) for text in (blanket, "copies_excess, k=B. Reviewer: chance, and public")]
    released = judge(of(good, found), SAID, read_policy(), both)
    assert [(a.approver, a.checks) for a in released.approvals] == [
        ("A. Reviewer", ("quick",)),
        ("B. Reviewer", ("copies_excess", "k")),
    ]


BARE = {
    # what is said otherwise: the condition that does not hold, and what is found
    "a file": ({"title": "patients.csv"}, "title", "“patients.csv”"),
    "a file of two words": ({"title": "our patients.parquet"}, "title", "“our patients.parquet”"),
    "a word": ({"title": "heart"}, "title", "“heart”"),
    "nobody to write to": ({"publisher": Publisher(name="A trust", url=" ")}, "contact", "no address"),
}


@pytest.mark.parametrize("case", BARE)
def test_a_release_is_to_say_what_it_is_and_whom_to_ask(good: Evidence, case: str) -> None:
    changes, name, found = BARE[case]
    said = SAID.model_copy(update=changes)
    with pytest.raises(NotReleased) as raised:
        judge(good, said, read_policy())
    assert [(check.name, check.found) for check in unanswered(raised.value.decision)] == [(name, found)]
    assert judge(good, said, read_policy(), [approval("A. Reviewer: for us alone", DAY)]).released


def test_every_variable_is_described_and_every_number_has_a_unit(good: Evidence) -> None:
    bare = [dataclasses.replace(v, description="", unit=None) for v in VARIABLES]
    bare[0] = dataclasses.replace(
        VARIABLES.variables[0], description="age"
    )  # which says no more than its name
    found = dataclasses.replace(good, variables=dataclasses.replace(VARIABLES, variables=tuple(bare)))
    with pytest.raises(NotReleased) as raised:
        judge(found, SAID, read_policy())
    assert {check.name: check.found for check in unanswered(raised.value.decision)} == {
        "descriptions": "0 of 10; not age, sex, smoker, cigarettes, pressure and 5 more",
        "units": "1 of 6; not cigarettes, pressure, weight, cholesterol, glucose",
    }


NAN, INF = float("nan"), float("inf")
NO_NUMBERS = [
    {"value": NAN},
    {"value": -INF},
    {"interval": (NAN, NAN)},
    {"interval": (-INF, INF)},
    {"ceiling": NAN},
]


@pytest.mark.parametrize("changes", NO_NUMBERS, ids=str)
def test_a_figure_that_is_no_number_is_never_released(good: Evidence, changes: dict[str, Any]) -> None:
    assert needs(refused(good, figure(metrics(), "c2st", **changes))) == {"verdict": "never"}


def test_a_figure_that_is_told_twice_is_never_released(good: Evidence) -> None:
    leaky = figure(metrics(), "membership_auc", value=0.9, interval=(0.88, 0.92), decides=False)
    twice = leaky.model_copy(update={"metrics": [*metrics().metrics, *leaky.metrics]})
    decision = refused(good, twice, "A. Reviewer: fine by me")
    assert needs(decision) == {"verdict": "never"}
    assert "membership_auc twice" in next(check.found for check in decision.checks if not check.holds)


@pytest.mark.parametrize("same", [("train", "holdout"), ("train", "synthetic"), ("holdout", "synthetic")])
def test_rows_that_were_judged_by_themselves_are_never_released(
    good: Evidence, same: tuple[str, str]
) -> None:
    files = {"train": "1" * 64, "holdout": "2" * 64, **metrics().about.files}
    assert judge(of(good, about(metrics(), files=files)), SAID, read_policy()).released
    files[same[0]] = files[same[1]] = files["synthetic"]
    if "synthetic" not in same:
        files |= {"train": "1" * 64, "holdout": "1" * 64}
    decision = refused(good, about(metrics(), files=files), "A. Reviewer: fine by me")
    assert needs(decision) == {"evaluated_bytes": "never"}


@pytest.mark.parametrize("patients", [0, -600, 10_000])
def test_patients_that_there_cannot_be_are_never_released(good: Evidence, patients: int) -> None:
    decision = refused(good, about(metrics(), train_patients=patients), "A. Reviewer: fine by me")
    assert needs(decision)["verdict"] == "never"


NO_APPROVALS = {
    "": "who approves and why",
    "A. Reviewer": "who approves and why",
    ": because": "no name",
    "privacy=: because": "no name",
    "x: because it is so": "a name has 3 or more",
    "A. Reviewer: x": "a reason 10 or more",
    "A. Reviewer:  ": "no reason",
    "\u200b: because": "signs that do not show",
    "A. Reviewer\x1b[8m: because": "signs that do not show",
    "\u202eReviewer: because it is so": "signs that do not show",
    "A. Reviewer: \u2060": "signs that do not show",
    ".: because": "without a word in it",
    "A. Reviewer: -": "without a word in it",
    "privcy=A. Reviewer: because it is so": 'did you mean "privacy"?',
    "=A. Reviewer: because it is so": 'no condition ""',
    "nothing_like_it=A. Reviewer: because it is so": "leave it out",
}


@pytest.mark.parametrize("text", NO_APPROVALS)
def test_an_approval_names_a_person_a_reason_and_a_condition(good: Evidence, text: str) -> None:
    with pytest.raises(UsageError) as raised:
        judge(good, SAID, read_policy(), [approval(text, DAY)])
    assert NO_APPROVALS[text] in str(raised.value)


def test_the_model_file_counts_where_it_is_handed_out_too(good: Evidence, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    text = SHIPPED.read_text("utf-8").replace("locum default", "ours")
    own.write_text(text.replace("released = false", "released = true"), encoding="utf-8")
    with pytest.raises(NotReleased, match="model_file cannot be approved"):
        judge(good, SAID, read_policy(own))
    attacked = (
        metrics()
        .metrics[-1]
        .model_copy(
            update={
                "name": "model_membership_auc",
                "family": "privacy",
                "status": Status.WARN,
                "decides": False,
            }
        )
    )
    found = metrics().model_copy(
        update={"metrics": [*metrics().metrics, attacked], "model_file": Status.WARN}
    )
    with pytest.raises(NotReleased, match="model_file needs an approver who names it"):
        judge(of(good, found), SAID, read_policy(own))
    assert judge(of(good, found), SAID, read_policy()).released
