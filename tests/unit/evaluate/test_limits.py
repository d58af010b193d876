"""The limit that stands beside a status is the one that it was judged by."""

from __future__ import annotations

from math import inf

from locum.evaluate.metrics import Status
from locum.evaluate.verdict import judge, judge_beyond_chance, metric, not_assessable, worst


def test_the_limit_of_a_plain_judgement() -> None:
    limit = judge(3.0, 1.0, 2.0, 5.0, "the gap").limit
    assert limit
    assert (limit.figure, limit.par, limit.caution, limit.fail) == (3.0, 0.0, 2.0, 5.0)


def test_what_cannot_fail_has_no_limit_to_fail() -> None:
    limit = judge(3.0, 1.0, 2.0, inf, "the gap").limit
    assert limit
    assert limit.fail is None


def test_chance_is_par_whether_or_not_it_explains_the_figure() -> None:
    for low in (0.49, 0.51):
        judged = judge_beyond_chance(0.54, low, 0.5, 0.53, 0.55, "the AUC")
        assert judged.limit
        assert judged.limit.par == 0.5


def test_of_several_the_nearest_limit_of_the_worst_status_is_kept() -> None:
    passed = judge(1.9, 0.0, 2.0, 5.0, "a")
    small, large = judge(2.1, 0.0, 2.0, 5.0, "b"), judge(4.0, 0.0, 2.0, 5.0, "c")
    limit = worst([passed, small, large]).limit
    assert limit
    assert limit.figure == 4.0
    assert worst([not_assessable("too few")]).limit is None


def test_a_limit_on_the_value_itself_starts_at_what_real_patients_score() -> None:
    found = metric(
        "c2st",
        "fidelity",
        "?",
        answer="",
        method="",
        judgement=judge(0.55, 0.5, 0.65, 0.8, "the AUC"),
        unit="AUC",
        value=0.55,
        ceiling=0.504,
    )
    assert found.limit
    assert found.limit.par == 0.504
    assert found.status is Status.PASS
