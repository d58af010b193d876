"""The pages of a release as a reader opens them: in a browser, offline, at a desk, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from locum.release import dictionary_page, method_page
from tests.unit.release.papers_cases import RELEASES, USUAL, many_rows

WRITERS = {"dictionary.html": dictionary_page.DOCUMENTS[0], "method.html": method_page.DOCUMENTS[0]}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a release, with its pages."""
    folder = tmp_path_factory.mktemp("pages")
    for name, release in {**RELEASES, "many": many_rows()}.items():
        (folder / name).mkdir()
        for path, document in WRITERS.items():
            (folder / name / path).write_bytes(document.write(release, ()))
    return folder


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", RELEASES)
@pytest.mark.parametrize("path", WRITERS)
def test_it_is_accessible_and_fits_the_screen(
    page: Page, pages: Path, assert_accessible: Callable[[Page], None], path: str, name: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((pages / name / path).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)


@pytest.mark.parametrize("path", WRITERS)
def test_text_on_a_phone_is_large_enough_to_read(page: Page, pages: Path, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((pages / "usual" / path).as_uri())
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('main *')]"
        ".filter(e => !e.closest('svg') && !['SUB', 'SUP'].includes(e.tagName) && e.innerText && e.offsetParent)"
        ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 14


@pytest.mark.parametrize("path", WRITERS)
def test_on_paper_nothing_is_cut(page: Page, pages: Path, path: str) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 690, "height": 1000})  # an A4 page within its margins
    page.goto((pages / "usual" / path).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 690
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.offsetParent"
        " && e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY != 'visible').length"
    )
    assert cut == 0


def test_the_browsers_search_finds_every_level_and_the_contents_lead_to_each_variable(
    page: Page, pages: Path
) -> None:
    page.goto((pages / "usual" / "dictionary.html").as_uri())
    for level in ("C000", "C150", "C299", "current"):
        assert page.evaluate(f"window.find('{level}')"), level
        page.evaluate("getSelection().removeAllRanges()")
    for v in USUAL.evidence.table.column_names:
        page.get_by_role("navigation").get_by_role("link", name=v, exact=True).click()
        ident = page.evaluate("location.hash.slice(1)")
        assert page.locator(f"#{ident}").inner_text() == v


def test_rows_beside_patients_and_the_verdicts_are_on_the_first_screen(page: Page, pages: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((pages / "many" / "method.html").as_uri())
    for said in (
        "221,700 artificial records",
        "2,217 real patients",
        "Can anyone learn who was in the real data?",
    ):
        place = page.get_by_text(said).first.bounding_box(timeout=2000)
        assert place is not None
        assert place["y"] < 800, said


@pytest.mark.parametrize("path", WRITERS)
def test_no_picture_is_empty(page: Page, pages: Path, path: str) -> None:
    page.goto((pages / "usual" / path).as_uri())
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure > svg, .graph svg')].map(s =>"
        " [s.getBBox().width, s.getBBox().height, s.querySelectorAll('rect,line,path').length])"
    )
    assert sizes
    assert all(width > 50 and height > 20 and shapes for width, height, shapes in sizes)
