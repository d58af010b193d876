"""The notebooks of the manual run from the top, and show what they say they show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spec import notebook
from tests.spec.pages import ROOT, fences

NOTEBOOKS = sorted(ROOT.glob("docs/**/*.ipynb"))
LARGEST = 300_000  # bytes: a page that a reader opens, and a file that git keeps


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_fresh_run_prints_what_is_stored(path: Path, tmp_path: Path) -> None:
    out = tmp_path / path.name
    environment = {**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "110", "NO_COLOR": "1", "TERM": "dumb"}
    command = [sys.executable, "-m", "tests.spec.notebook", path, out]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    stored, ran = (notebook.code(notebook.read(file)) for file in (path, out))
    for one, other in zip(stored, ran, strict=True):
        assert notebook.printed(one) == notebook.printed(other), f"cell {one['id']}; run make notebooks"
        assert len(notebook.figures(one)) == len(notebook.figures(other)), f"cell {one['id']}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_a_notebook(path: Path) -> None:
    """As nbformat 4.5 asks, and with nothing of the machine that it ran on."""
    found = notebook.read(path)
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in found["cells"]]
    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one)] == []
    for number, cell in enumerate(notebook.code(found), 1):
        assert set(cell) == {"cell_type", "execution_count", "id", "metadata", "outputs", "source"}
        assert cell["execution_count"] == number
        assert all(png.startswith(b"\x89PNG") for png in notebook.figures(cell))
        assert str(Path.home()) not in notebook.printed(cell)
        assert not notebook.figures(cell) or cell["metadata"]["alt"]  # for who cannot see it
    assert path.stat().st_size < LARGEST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_page_shows_what_it_shows(path: Path) -> None:
    """The page beside it has its figures, and text that it printed."""
    found = notebook.read(path)
    page = path.with_suffix(".md")
    text = page.read_text(encoding="utf-8")
    for file, png in notebook.figure_files(path, found).items():
        assert file.read_bytes() == png, f"{file.name} is another figure; run make notebooks"
        assert f"({file.name})" in text
    printed = [notebook.printed(cell) for cell in notebook.code(found)]
    shown = [fence.body for fence in fences(page) if fence.language == "text"]
    assert shown
    assert [one for one in shown if not any(one in text for text in printed)] == []


def test_a_warning_ends_a_run() -> None:
    source = ["import warnings\n", "warnings.warn('no')"]
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
    with pytest.raises(UserWarning):
        notebook.run({"cells": [cell]})


def test_what_is_printed_and_drawn_is_kept() -> None:
    source = "print('a'); import matplotlib.pyplot as plt; figure = plt.figure(figsize=(1, 1))"
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
    (ran,) = notebook.code(notebook.run({"cells": [cell]}))
    assert notebook.printed(ran) == "a\n"
    assert len(notebook.figures(ran)) == 1
    assert cell["outputs"] == []
