"""The page stands alone, says something in every case, and shows hostile names as they are."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest

from locum.evaluate.metrics import Metrics, Status
from locum.report import render, words
from tests.unit.report.conftest import metric

VOID = {"meta", "br", "img", "link", "input", "hr", "col", "rect", "line", "path", "circle"}


class Page(HTMLParser):
    """Tags that close in order, headings, identifiers and what is referred to."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def count(self, tag: str, **having: str) -> int:
        wanted = {key.rstrip("_"): value for key, value in having.items()}
        return sum(t == tag and wanted.items() <= a.items() for t, a in self.found)


READ: dict[int, tuple[Metrics, Page]] = {}


def page(metrics: Metrics) -> Page:
    """The page read once for each metrics; the tests only look at it."""
    if id(metrics) not in READ:
        READ[id(metrics)] = metrics, Page(render(metrics, title="A study"))
    return READ[id(metrics)][1]


def test_tags_close_in_order(metrics: Metrics) -> None:
    assert page(metrics).open == []


def test_nothing_is_fetched_and_nothing_runs(metrics: Metrics) -> None:
    for tag, attributes in page(metrics).found:
        assert tag not in {
            "script",
            "iframe",
            "object",
            "embed",
            "link",
            "img",
            "image",
            "use",
            "base",
            "form",
        }
        for name, value in attributes.items():
            assert not name.startswith("on"), f"{tag} runs something"
            assert name not in {"src", "srcset", "data", "action", "style"}
            if name == "href":
                assert value is not None
                assert value.startswith("#")
    style = re.search("<style>(.*?)</style>", render(metrics, title="A study"), re.DOTALL)
    assert style
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_headings_go_down_one_step_at_a_time(metrics: Metrics) -> None:
    levels = [int(tag[1]) for tag, _ in page(metrics).found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_identifiers_are_unique_and_links_lead_somewhere(metrics: Metrics) -> None:
    found = page(metrics).found
    identifiers = [a["id"] for _, a in found if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    for _, attributes in found:
        for name in ("href", "aria-labelledby", "aria-describedby"):
            if name in attributes:
                assert (attributes[name] or "").removeprefix("#") in identifiers


def test_every_chart_has_a_name_a_description_and_a_table(metrics: Metrics) -> None:
    read = page(metrics)
    charts = read.count("svg", role="img")
    tables = sum(tag == "details" and a.get("class") == "data" for tag, a in read.found)
    assert charts == tables
    assert read.count("desc") == charts
    others = [a for tag, a in read.found if tag == "svg" and a.get("role") != "img"]
    assert all(a.get("aria-hidden") == "true" for a in others)


def test_the_same_metrics_give_the_same_page(metrics: Metrics) -> None:
    again = Metrics.model_validate_json(metrics.model_dump_json()) if "\x00" not in str(metrics) else metrics
    assert render(metrics, title="A study") == render(again, title="A study")


def test_language_and_skip_link(metrics: Metrics) -> None:
    read = page(metrics)
    assert read.count("html", lang="en-GB") == 1
    first_link = next(a for tag, a in read.found if tag == "a")
    assert first_link["href"] == "#main"


def test_hostile_names_are_shown_as_they_are(cases: dict[str, Metrics]) -> None:
    html = render(cases["hostile"], title="<b>&", subtitle="<script>x</script>")
    assert "<script" not in html
    assert "onerror=alert" not in re.sub("&lt;.*?&gt;", "", html)
    assert "{{ 7 * 7 }}" in html
    text = "".join(Page(html).text)
    for name in cases["hostile"].pairs.variables:
        assert name.replace("\x00", "\N{REPLACEMENT CHARACTER}") in text
    html.encode("utf-8")
    assert "\x00" not in html


def test_a_name_that_utf8_cannot_hold(cases: dict[str, Metrics]) -> None:
    render(cases["nothing"], title="half \ud800 of a pair").encode("utf-8")


def test_nothing_to_assess_is_explained_and_never_looks_passed(cases: dict[str, Metrics]) -> None:
    html = render(cases["nothing"], title="A study")
    text = " ".join("".join(Page(html).text).split())
    assert 'role="img"' not in html
    assert "<table" not in html
    for sentence in (
        "No check was made",
        "No variable could be compared",
        "Pairs were not compared",
        "No variable with missing values",
        "No classifier was trained",
        "No prediction model was trained",
        "No attack was made",
        "Nothing was left out",
    ):
        assert sentence in text
    assert text.count("Not assessable") >= 3
    assert 'class="card card-pass"' not in html


def test_many_variables_are_folded_and_the_heat_map_says_what_it_leaves_out(
    cases: dict[str, Metrics],
) -> None:
    text = " ".join("".join(page(cases["large"]).text).split())
    assert "The other 110 variables, in the same order" in text
    assert "The 25 variables with the largest differences are shown, of 115" in text
    assert "are shown, of" not in "".join(page(cases["usual"]).text)


def test_variables_come_worst_first(cases: dict[str, Metrics]) -> None:
    html = render(cases["usual"], title="A study")
    statuses = [Status.FAIL, Status.WARN, Status.PASS, Status.NOT_ASSESSABLE]
    worst = {
        m.variable: (-statuses.index(m.status), round(m.gap - m.ceiling, 2)) for m in cases["usual"].marginals
    }
    order = re.findall("<h4><bdi>(variable_[^<]*)</bdi></h4>", html)
    assert len(order) == 34
    assert [worst[v] for v in order] == sorted(worst.values(), reverse=True)


@pytest.mark.parametrize("privacy", [Status.FAIL, Status.NOT_ASSESSABLE])
def test_without_a_privacy_pass_nothing_may_leave(cases: dict[str, Metrics], privacy: Status) -> None:
    metrics = cases["usual"]
    metrics = metrics.model_copy(update={"verdict": metrics.verdict.model_copy(update={"privacy": privacy})})
    text = "".join(page(metrics).text)
    assert "Any use outside the secure environment" in text
    allowed = words.uses(metrics.verdict)[0]
    assert len(allowed) > 1
    assert all(use.startswith("Inside the secure environment only: ") for use in allowed)


def test_a_quick_evaluation_says_so(cases: dict[str, Metrics]) -> None:
    metrics = cases["usual"]
    quick = metrics.model_copy(update={"about": metrics.about.model_copy(update={"quick": True})})
    assert "quick evaluation" in "".join(page(quick).text)
    assert "quick evaluation" not in "".join(page(metrics).text)


def test_the_verdict_is_three_sentences_that_count_the_checks(cases: dict[str, Metrics]) -> None:
    text = " ".join("".join(page(cases["usual"]).text).split())
    assert (
        "The artificial patients look like real ones, with reservations: 1 of 2 checks calls for caution. "
        "Work done on them leads to nearly the same conclusions as work on real patients: the one check passed. "
        "None of our attacks learnt who was in the real data: the one check passed."
    ) in text


def test_what_calls_for_caution_is_said_in_plain_words(cases: dict[str, Metrics]) -> None:
    metrics = cases["usual"]
    marginals = [
        m.model_copy(update={"status": Status.WARN if i < 2 else Status.PASS})
        for i, m in enumerate(metrics.marginals)
    ]
    warned = metrics.model_copy(
        update={
            "marginals": marginals,
            "metrics": [*metrics.metrics, metric("missing_share", "fidelity", Status.WARN)],
        }
    )
    text = "".join(page(warned).text)
    assert re.search(
        "Prevalences, averages and ranges of variable_[01]_at_index, variable_[01]_at_index[.]", text
    )
    assert "Studies of who has no value recorded" in text
    assert "Studies of who has no value recorded" not in "".join(page(metrics).text)


def test_the_method_of_every_figure_is_folded_beneath_it(cases: dict[str, Metrics]) -> None:
    read = page(cases["usual"])
    shown = [a for tag, a in read.found if tag == "details" and a.get("class") == "how"]
    assert len(shown) == len(cases["usual"].metrics)


def test_how_the_data_were_made_is_told_or_said_to_be_unknown(cases: dict[str, Metrics]) -> None:
    metrics = cases["usual"]
    assert "does not say how the artificial records were made" in "".join(page(metrics).text)
    about = metrics.about.model_copy(update={"made": {"Privacy setting": "strict", "numpy": "9.9.9"}})
    text = "".join(page(metrics.model_copy(update={"about": about})).text)
    assert "9.9.9" in text
    assert "does not say how" not in text
