"""The tools of the browser tests themselves: a check that cannot fail is no check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

GOOD = """<!doctype html><html lang="en"><head><title>A page</title></head>
<body><main><h1>A page</h1><p>Words.</p></main></body></html>"""


def test_a_plain_page_is_accessible(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.set_content(GOOD)
    assert_accessible(page)


def test_a_picture_without_words_is_found(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.set_content(GOOD.replace("Words.", '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'))
    with pytest.raises(AssertionError, match="image-alt"):
        assert_accessible(page)


def test_a_file_opens_offline(page: Page, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(GOOD)
    page.goto((tmp_path / "page.html").as_uri())
    assert page.title() == "A page"
