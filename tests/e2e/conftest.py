"""The command line in a folder of its own; a headless Chromium, the one of the system; axe-core for accessibility."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.e2e.cli import Locum

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",  # containers run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture
def locum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Locum:
    """Runs a command in an empty folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    return Locum(folder, monkeypatch, capsys)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    named = os.environ.get("BROWSER", "")
    if named and Path(named).is_file():
        return named
    found = subprocess.run([ROOT / "tools" / "browser"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.fail(found.stderr.strip().splitlines()[-1], pytrace=False)
    return found.stdout.strip()


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(_playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    browser = _playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile, offline."""
    context = chromium.new_context(offline=True)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page. The test fails if it logs an error, throws, or asks for anything but files and data."""
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda m: troubles.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(f"thrown: {error}"))
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("file:", "data:", "blob:", "about:"))
            else troubles.append(f"asks for {r.url}")
        ),
    )
    yield page
    assert not troubles, troubles


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """Fails with a list of the rules of axe-core that PAGE breaks (WCAG 2.2 A and AA, and good practice)."""
    axe = Axe()

    def check(page: Page) -> None:
        results = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        broken = [
            f"{v['id']} ({v['impact']}): {v['help']}: " + "; ".join(n["html"][:120] for n in v["nodes"][:3])
            for v in results.response["violations"]
        ]
        assert not broken, "\n".join(broken)

    return check
