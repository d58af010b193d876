"""The report on a trial as a reviewer opens it: in a browser, offline."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page

from locum.evaluate.metrics import Status
from locum.report import load_metrics
from tests.e2e.cli import Locum, run

GBSG2 = str(files("lifelines.datasets").joinpath("gbsg2.csv"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    done = run("synthesize", GBSG2, "--out", "trial", "--quiet", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    return folder / "trial"


@pytest.fixture(scope="module")
def comparison(study: Path) -> Path:
    worse = study.parent / "worse"
    worse.mkdir()
    found = load_metrics(study)
    c2st = [
        m.model_copy(update={"value": 0.9, "interval": (0.88, 0.92), "status": Status.FAIL})
        if m.name == "c2st"
        else m
        for m in found.metrics
    ]
    (worse / "metrics.json").write_text(found.model_copy(update={"metrics": c2st}).model_dump_json())
    done = run("report", "trial", "worse", "--out", "comparison.html", "--quiet", folder=study.parent)
    assert (done.code, done.out, done.err) == (0, "", "")
    return study.parent / "comparison.html"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_comparison_is_accessible_and_fits_the_screen(
    page: Page, comparison: Path, assert_accessible: Callable[[Page], None], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(comparison.as_uri())
    assert_accessible(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    assert "Likeness against privacy" in page.locator("main").inner_text()
    assert page.get_by_text("fail for B: worse (0.900)").count() == 1


def test_text_on_a_phone_is_large_enough_to_read(page: Page, study: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((study / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')]"
        ".filter(e => !e.closest('svg') && e.innerText && e.offsetParent)"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 14
    drawn = page.evaluate(
        "Math.min(...[...document.querySelectorAll('figure svg text')].map(e => {"
        " const svg = e.closest('svg');"
        " return parseFloat(e.getAttribute('font-size')) * svg.getBoundingClientRect().width"
        "   / svg.viewBox.baseVal.width }).filter(size => size > 0))"
    )
    assert drawn >= 9.5


def test_on_paper_nothing_is_cut_and_no_method_is_left_out(page: Page, study: Path) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 1000})  # an A4 page within its margins
    page.goto((study / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    text = page.locator("main").inner_text()
    assert "How each figure is computed" in text
    assert "How this is computed" not in text
    for metric in load_metrics(study).metrics:
        assert text.count(" ".join(metric.title.split())) >= 1, metric.title


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_accessible_and_fits_the_screen(
    page: Page, study: Path, assert_accessible: Callable[[Page], None], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((study / "report.html").as_uri())
    assert_accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


def test_the_verdict_comes_first(page: Page, study: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((study / "report.html").as_uri())
    assert page.locator("h1").inner_text() == "gbsg2.csv"
    assert page.locator("h2").first.inner_text() == "Verdict"
    for question in (
        "Do the artificial patients look like real ones?",
        "Would work done on artificial patients lead to the same conclusion?",
        "Can anyone learn who was in the real data?",
    ):
        place = page.get_by_text(question).first.bounding_box(timeout=2000)
        assert place is not None
        assert place["y"] < 800, f"{question} is not answered on the first screen"


def test_no_picture_is_empty(page: Page, study: Path) -> None:
    page.goto((study / "report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    marks = page.evaluate(
        "[...document.querySelectorAll('svg')].map(s => {"
        " const box = s.getBoundingClientRect();"
        " return [s.querySelectorAll('path,rect,line,circle,polyline,polygon,use').length, box.width, box.height]"
        "})"
    )
    assert len(marks) >= 10
    assert [m for m in marks if min(m) <= 0] == []


def test_the_report_drawn_again_is_the_same_page(locum: Locum, study: Path) -> None:
    for name in ("metrics.json", "graph.json"):
        (locum.folder / name).write_bytes((study / name).read_bytes())
    locum.well("report", "metrics.json", "--out", "report.html")
    assert (locum.folder / "report.html").read_bytes() == (study / "report.html").read_bytes()
    locum.well("report", "metrics.json", "--out", "other.html", "--title", "Another title")
    assert "<h1><bdi>Another title</bdi></h1>" in (locum.folder / "other.html").read_text(encoding="utf-8")
    (locum.folder / "graph.json").unlink()
    locum.well("report", "metrics.json", "--out", "plain.html")
    assert "What the model learned" in (locum.folder / "report.html").read_text(encoding="utf-8")
    assert "What the model learned" not in (locum.folder / "plain.html").read_text(encoding="utf-8")
