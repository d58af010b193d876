"""Several tables side by side: what differs is told, what chance explains is not, and nothing is hidden."""

from __future__ import annotations

import pytest

from locum.evaluate.metrics import Limit, Metrics, Status, Verdict
from locum.report import render_comparison
from locum.report.comparison_words import Compared, alike, conclusion, differences
from tests.unit.report.conftest import HOSTILE, metric
from tests.unit.report.test_page import Page


def words(html: str) -> str:
    return " ".join("".join(Page(html).text).split())


def with_metrics(base: Metrics, privacy: Status, *found: object) -> Metrics:
    verdict = Verdict(fidelity=Status.PASS, utility=Status.PASS, privacy=privacy)
    return base.model_copy(update={"verdict": verdict, "metrics": list(found)})


def likeness(value: float, spread: float = 0.01, status: Status = Status.PASS) -> object:
    limit = Limit(figure=value, par=0.5, caution=0.65, fail=0.8)
    return metric(
        "c2st",
        "fidelity",
        status,
        value=value,
        interval=(value - spread, value + spread),
        better="lower",
        limit=limit,
    )


def attacked(value: float, status: Status = Status.PASS) -> object:
    limit = Limit(figure=value, par=0.5, caution=0.53, fail=0.55)
    return metric(
        "membership_auc", "privacy", status, value=value, interval=None, better="lower", limit=limit
    )


def test_it_tells_what_differs_and_who_leaks(cases: dict[str, Metrics]) -> None:
    base = cases["small"]
    good = with_metrics(base, Status.PASS, likeness(0.55), attacked(0.51))
    leak = with_metrics(base, Status.FAIL, likeness(0.50), attacked(0.9, Status.FAIL))
    text = words(render_comparison([("one", good), ("two", leak)], title="Which?"))
    assert "A: one passes in all three respects. B: two must be treated as patient data" in text
    assert "Pass for A: one (0.510); fail for B: two (0.900)." in text
    assert "B: two is better than A: one by more than chance: 0.500 against 0.550." in text
    assert "not all judged by the same real patients" not in text


def test_what_chance_explains_is_no_difference(cases: dict[str, Metrics]) -> None:
    base = cases["small"]
    sets = [
        Compared(name, with_metrics(base, Status.PASS, likeness(value, 0.04)))
        for name, value in (("A", 0.55), ("B", 0.58))
    ]
    assert differences(sets) == []
    assert conclusion(sets) == "A and B pass in all three respects."
    html = render_comparison([(s.name, s.metrics) for s in sets], title="t")
    assert "On no check do they differ by more than chance explains" in words(html)


def test_other_patients_are_noticed(cases: dict[str, Metrics]) -> None:
    assert alike([Compared("a", cases["small"]), Compared("b", cases["small"])])
    assert not alike([Compared("a", cases["small"]), Compared("b", cases["usual"])])
    text = words(render_comparison([("a", cases["small"]), ("b", cases["usual"])], title="t"))
    assert "not all judged by the same real patients" in text


def test_a_check_that_one_of_them_lacks_is_shown_as_not_measured(cases: dict[str, Metrics]) -> None:
    base = cases["small"]
    whole = with_metrics(base, Status.PASS, likeness(0.55), attacked(0.51))
    part = with_metrics(base, Status.PASS, likeness(0.55))
    text = words(render_comparison([("whole", whole), ("part", part)], title="t"))
    assert "not measured" in text
    assert "Not in the picture, since a figure is lacking: B: part" in text


@pytest.mark.parametrize("first", ["nothing", "hostile", "usual"])
def test_any_evidence_makes_a_page_that_stands_alone(cases: dict[str, Metrics], first: str) -> None:
    html = render_comparison([(HOSTILE[0], cases[first]), (HOSTILE[1], cases["nothing"])], title=HOSTILE[2])
    page = Page(html)
    assert page.open == []
    assert "<script" not in html
    tags = {tag for tag, _ in page.found}
    assert not tags & {"script", "img", "link", "iframe", "form"}
    charts = page.count("svg", role="img")
    assert charts == sum(tag == "details" and a.get("class") == "data" for tag, a in page.found)
    identifiers = [a["id"] for _, a in page.found if "id" in a]
    assert len(identifiers) == len(set(identifiers))


def test_the_same_evidence_gives_the_same_page(cases: dict[str, Metrics]) -> None:
    sets = [("a", cases["small"]), ("b", cases["usual"])]
    assert render_comparison(sets, title="t") == render_comparison(sets, title="t")


def test_one_set_is_no_comparison(cases: dict[str, Metrics]) -> None:
    with pytest.raises(ValueError, match="two sets"):
        render_comparison([("a", cases["small"])], title="t")
