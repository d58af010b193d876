"""The report on a trial as a reviewer opens it: in a browser, offline."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.cli import Locum, run

GBSG2 = str(files("lifelines.datasets").joinpath("gbsg2.csv"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    done = run("synthesize", GBSG2, "--out", "trial", "--quiet", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    return folder / "trial"


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
