"""Results of the peers: read as written, replaced run by run, and no failure hidden."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from benchmarks.peers import picture, tabulated
from benchmarks.peers.registry import GENERATORS
from benchmarks.peers.results import Results, Run, plain, read, summary, write

ROOT = Path(__file__).parents[3]
KEPT = ROOT / "benchmarks" / "peers" / "results.json"


def _run(generator: str, seed: int, c2st: float | None, member: float | None, **more: object) -> Run:
    scores = {"c2st": c2st, "member_auc": member, "member_auc_se": 0.01}
    return Run("adult", generator, seed, "x==1", **{"status": "done", "scores": scores, **more})  # type: ignore[arg-type]


def _results(*runs: Run) -> Results:
    return Results("somebody", {"adult": (100, 5)}, {"adult": {"c2st": 0.5}}, runs)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    kept = _results(_run("copy", 0, 0.5, None), _run("synthpop", 0, 0.6, 0.55, why="", seconds=1.5))
    write(kept, file)
    assert read(file) == kept
    assert read(tmp_path / "none.json") is None


def test_a_run_takes_the_place_of_the_one_before() -> None:
    kept = _results(_run("copy", 0, 0.5, 0.9), _run("copy", 1, 0.5, 0.9), _run("half", 0, 0.5, 0.7))
    again = kept.with_run(_run("copy", 0, 0.4, 0.8)).with_table("adult", (100, 5), {})
    assert [run.scores["c2st"] for run in again.runs if run.generator == "copy" and run.seed == 0] == [0.4]
    assert len(again.runs) == 3
    assert again.real == kept.real  # nothing was scored, so what was known of real rows stays


def test_figures_are_medians_over_the_seeds_that_were_done() -> None:
    runs = [_run("argn", seed, c2st, 0.5, processor=float(seed)) for seed, c2st in enumerate((0.6, 0.9, 0.7))]
    lost = _run("argn", 3, None, None, status="failed", why="ValueError: no", scores={}, processor=99.0)
    (one,) = summary(_results(*runs, lost), "adult", GENERATORS)
    assert (one.scores["c2st"], one.processor, one.done, one.runs) == (0.7, 1.0, 3, 4)
    assert one.failure == "failed: ValueError: no"


def test_a_failure_is_told_in_the_table_and_left_out_of_the_picture() -> None:
    lost = _run("argn", 0, None, None, status="timed out", why="after 4 minutes", scores={}, seconds=240.0)
    kept = _results(lost, _run("synthpop", 0, 0.6, 0.55))
    table = tabulated.text(kept)
    assert "| TabularARGN | 1 | timed out |" in table
    assert "TabularARGN: timed out: after 4 minutes (0 of 1 done)." in table
    drawn = picture.draw(kept)
    assert "synthpop-py" in drawn
    assert "TabularARGN" not in drawn


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("OSError: /home/me/data/x.parquet is missing", "OSError: (a file) is missing"),
        (r"OSError: C:\Users\me\x.csv is missing", "OSError: (a file) is missing"),
        ("ValueError: 1/2 is no share", "ValueError: 1/2 is no share"),
    ],
)
def test_errors_are_kept_without_paths(error: str, told: str) -> None:
    assert plain(error) == told


def test_scales_keep_order_and_end_at_chance_and_certainty() -> None:
    values = [0.2, 0.5, 0.51, 0.55, 0.9, 1.0]
    scaled = [picture.scaled(value) for value in values]
    assert scaled == sorted(scaled)
    assert (scaled[0], scaled[1], scaled[-1]) == (0.0, 0.0, 1.0)


def test_the_picture_and_the_table_are_those_of_the_kept_results() -> None:
    """After a run both are written by run.py; --draw does it alone."""
    kept = read(KEPT)
    assert kept is not None
    assert (ROOT / "docs" / "images" / "peers.svg").read_text(encoding="utf-8") == picture.draw(kept)
    readme = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    between = readme.split(tabulated.BEGIN)[1].split(tabulated.END)[0]
    assert between.strip() == tabulated.text(kept)


def test_the_picture_tells_in_words_what_it_shows() -> None:
    kept = read(KEPT)
    assert kept is not None
    tree = ElementTree.fromstring(picture.draw(kept))
    named = {child.get("id"): child.text or "" for child in tree}
    assert named[tree.get("aria-labelledby")]
    words = named[tree.get("aria-describedby")]
    for table in kept.shapes:
        for one in summary(kept, table, GENERATORS):
            if one.done:
                assert GENERATORS[one.generator].label in words
