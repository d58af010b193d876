"""`locum demo`, small: from artificial records to a report, and the page of the study in a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from locum.cohorts.files import declared_beside
from locum.demonstration import demonstrate
from locum.study.run import run
from locum.synthesis import synthesize
from tests.e2e.cli import Locum, everything

STAGES = [
    "simulate",
    "load",
    *(f"cvd/{s}" for s in ("extract", "split", "fit", "graph", "generate", "evaluate", "report")),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is made of 1,200 patients."""
    folder = tmp_path_factory.mktemp("demonstration")
    results = demonstrate(folder / "demo", "cvd", patients=1200, seed=1)
    assert list(results.ran) == STAGES
    return folder / "demo"


def test_the_command_ends_in_a_report_to_open(locum: Locum, demo: Path) -> None:
    shutil.copytree(demo, locum.folder / "demo")
    done = locum.well("demo", "cvd", "--patients", 1200, "--seed", 1)
    assert done.out.splitlines()[0].startswith("cvd: learned from ")
    assert done.out.splitlines()[-2:] == [
        "the records are artificial: nobody in them exists",
        "report: demo/cvd/report.html",
    ]
    stages = [line for line in done.err.splitlines() if not line.startswith("note: ")]
    assert stages[:2] == [
        "simulating 1,200 patients: nothing has changed",
        "loading records: nothing has changed",
    ]
    assert len(stages) == len(STAGES)


def test_it_is_a_study_that_goes_on(demo: Path) -> None:
    results = demonstrate(demo, "cvd", patients=1200, seed=1)
    assert (list(results.ran), list(results.skipped)) == ([], STAGES)
    assert results.made[0].artificial
    assert results.made[0].metrics.about.artificial is True
    assert not (demo / "MUST-NOT-LEAVE.txt").exists()
    (demo / "extract" / "ARTIFICIAL.txt").unlink()
    results = demonstrate(demo, "cvd", patients=1200, seed=1)
    assert list(results.ran) == ["simulate"]  # whose files are the same as before


def test_the_cohort_is_made_as_synthesize_makes_it(demo: Path, tmp_path: Path) -> None:
    cohort = demo / "cvd" / "private" / "cohort.parquet"
    variables, attrition = declared_beside(cohort)
    synthesize(
        cohort,
        tmp_path / "out",
        variables=variables,
        holdout=0.5,
        seed=1,
        title="Cardiovascular disease",
        attrition=attrition,
    )
    made = everything(tmp_path / "out")
    del made[".locum"]
    there = everything(demo / "cvd")
    assert {name: there[name] for name in made} == made
    assert set(there) - set(made) == {
        f"private/cohort.{end}" for end in ("parquet", "variables.toml", "attrition.json", "sql")
    }


def test_a_study_of_loaded_records(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "records", tmp_path / "loaded")
    (tmp_path / "study.toml").write_text(
        'format = 1\nseed = 1\n[records]\nsource = "loaded"\n[cohort.cvd]\nholdout = 0.5\n'
    )
    results = run(tmp_path / "study.toml")
    assert list(results.ran) == STAGES[2:]
    made, there = everything(tmp_path / "study" / "cvd"), everything(demo / "cvd")
    assert made.keys() == there.keys()
    assert [name for name in made if made[name] != there[name]] in ([], ["private/cohort.sql"])
    assert (tmp_path / "study" / "MUST-NOT-LEAVE.txt").is_file()


def test_a_cohort_that_is_added_is_all_that_is_made(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "demo")
    results = demonstrate(tmp_path / "demo", patients=1200, seed=1)
    assert list(results.ran) == [stage.replace("cvd", "covid19") for stage in STAGES[2:]]
    assert list(results.skipped) == STAGES
    assert (tmp_path / "demo" / "index.html").read_text(encoding="utf-8").count("report.html") == 2


def test_a_cohort_that_there_is_not(locum: Locum) -> None:
    done = locum("demo", "cvdd")
    assert (done.code, done.message) == (
        2,
        'locum: there is no demonstration of "cvdd"; did you mean "cvd"?',
    )
    assert everything(locum.folder) == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_the_study(
    page: Page, demo: Path, assert_accessible: Callable[[Page], None], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((demo / "index.html").as_uri())
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text() == "A demonstration on artificial records"
    assert "The records behind this page are artificial." in page.locator(".inset").first.inner_text()
    for link in page.locator("main a").all():
        assert (demo / str(link.get_attribute("href"))).is_file()
    page.get_by_role("link", name="Read the evidence").click()
    assert page.locator("h1").inner_text() == "Cardiovascular disease"


def test_what_is_remembered_holds_no_path(demo: Path) -> None:
    text = (demo / "study.json").read_text(encoding="utf-8")
    assert str(demo.parent) not in text
    assert list(json.loads(text)["stages"])[: len(STAGES)] == STAGES
