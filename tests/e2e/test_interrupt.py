"""Ctrl-C and SIGTERM at any moment: exit code 130, one line, nothing half-written, what stood before intact."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from locum.atomic import atomic_directory
from locum.model import fit
from locum.records.tables import write_table
from locum.release.verify import verify
from tests.conftest import simulated
from tests.e2e.cli import LOCUM, approved, everything, run

APPROVED = approved("Reviewer:because_it_is_a_test")
STOPPED = "locum: stopped; nothing was written\n"
PATIENCE = 240  # seconds for what takes ten on a quiet machine


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables on which every command works for seconds, a model, and evidence."""
    folder = tmp_path_factory.mktemp("inputs")
    large = simulated(300_000, seed=1)
    write_table(large, folder / "large.parquet")
    write_table(large[:20_000], folder / "train.parquet")
    write_table(large[20_000:40_000], folder / "holdout.parquet")
    write_table(large[40_000:60_000], folder / "synthetic.parquet")
    small = large[:2_000]
    fit(small).save(folder / "model.json")
    write_table(small, folder / "small.parquet")
    done = run("synthesize", "small.parquet", "--quick", "--out", "evidence", folder=folder)
    assert done.code == 0, done
    return folder


COMMANDS = {
    "describe": ("describe {}/large.parquet --out out.toml", "reading"),
    "fit": ("fit {}/large.parquet --out out.json", "learning"),
    "generate": ("generate {}/model.json --rows 3000000 --out out.csv", "drawing"),
    "generate sets": (
        "generate {}/model.json --rows 200000 --sets 9 --out out.csv",
        "drawing set 3 of 9",
    ),
    "evaluate": (
        "evaluate --train {0}/train.parquet --holdout {0}/holdout.parquet --synthetic {0}/synthetic.parquet --out out",
        "comparing pairs of variables",
    ),
    "synthesize": ("synthesize {}/large.parquet --out out", "drawing artificial patients"),
    "release": ("release {}/evidence --out out --publisher A " + " ".join(APPROVED), "writing the package"),
}


def interrupted(command: str, stage: str, folder: Path, number: int) -> tuple[int, str]:
    """(exit code, standard error after the stages) of COMMAND, sent signal NUMBER when STAGE has begun."""
    process = subprocess.Popen(
        [*LOCUM, *command.split()], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if line.strip() == stage:
                break
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert out == ""
    return process.returncode, "".join(line for line in err.splitlines(True) if line.startswith("locum"))


@pytest.mark.parametrize(("command", "stage"), COMMANDS.values(), ids=COMMANDS)
def test_a_command_under_way(inputs: Path, tmp_path: Path, command: str, stage: str) -> None:
    ended = interrupted(command.format(inputs), stage, tmp_path, signal.SIGINT)
    assert ended == (130, STOPPED)
    assert everything(tmp_path) == {}


def test_a_request_to_end_is_taken_as_an_interrupt(inputs: Path, tmp_path: Path) -> None:
    command, stage = COMMANDS["fit"]
    assert interrupted(command.format(inputs), stage, tmp_path, signal.SIGTERM) == (130, STOPPED)
    assert everything(tmp_path) == {}


# Moments that no clock can hit: a signal raised by the process itself as it does a certain thing.

AT_IMPORT = """
import signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {0!r}:
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
from locum.cli import main
main()
"""
AT_CALL = """
import os, signal, sys
sys.modules["weasyprint"] = None  # a package without its PDF is written in a moment
real, calls = os.{0}, [0]
def call(*arguments, **options):
    calls[0] += 1
    if calls[0] == {1}:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)  # an impatient user
    return real(*arguments, **options)
os.{0} = call
from locum.cli import main
main()
"""


def python(code: str, command: str, folder: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split(), "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


OTHERS = ("rich.console", "pyarrow", "duckdb", "sklearn")


@pytest.mark.parametrize(
    "module", ["typer", "numba", *(pytest.param(m, marks=pytest.mark.slow) for m in OTHERS)]
)
def test_while_python_starts(inputs: Path, tmp_path: Path, module: str) -> None:
    command = f"synthesize {inputs}/small.parquet --quick --out out"
    assert python(AT_IMPORT.format(module), command, tmp_path) == (130, "", STOPPED)
    assert everything(tmp_path) == {}


WRITING = {
    "describe": ("describe {}/small.parquet --out out.toml", "out.toml"),
    "fit": ("fit {}/small.parquet --out out.json", "out.json"),
    "generate": ("generate {}/model.json --rows 100 --out out.csv", "out.csv"),
    "generate sets": ("generate {}/model.json --rows 100 --sets 3 --out out.csv", "out-2.csv"),
    "report": ("report {}/evidence --out out.html", "out.html"),
    "synthesize": ("synthesize {}/small.parquet --quick --out out", "out"),
}
# Both ways of writing, a file and a directory, each time; the other commands with `make test-all`.
QUICK_WRITING = [
    WRITING[name] if name in ("fit", "synthesize") else pytest.param(*WRITING[name], marks=pytest.mark.slow)
    for name in WRITING
]


@pytest.mark.parametrize(("command", "out"), QUICK_WRITING, ids=WRITING)
def test_while_the_output_is_written(inputs: Path, tmp_path: Path, command: str, out: str) -> None:
    if out == "out":
        with atomic_directory(tmp_path / out, "synthesize") as earlier:
            (earlier / "report.html").write_text("what stood before")
    else:
        (tmp_path / out).write_text("what stood before")
    before = everything(tmp_path)
    assert python(AT_CALL.format("fsync", 1), command.format(inputs), tmp_path) == (130, "", STOPPED)
    assert everything(tmp_path) == before


@pytest.mark.parametrize(("command", "out"), QUICK_WRITING, ids=WRITING)
def test_between_the_renames_is_too_late(inputs: Path, tmp_path: Path, command: str, out: str) -> None:
    """There is no moment at which neither the old nor the new stands: the new is put in place whole."""
    inner = {"out.csv": 1, "out-2.csv": 3}.get(
        out, 0
    )  # tables are put in place under their temporary name first
    call = ("rename", 1) if out == "out" else ("replace", inner + 1)
    if out == "out":
        run("synthesize", inputs / "small.parquet", "--quick", "--seed", 9, "--out", out, folder=tmp_path)
    sets = {f"out-{i}.csv" for i in (1, 2, 3)} if out == "out-2.csv" else {out}
    code, stdout, stderr = python(AT_CALL.format(*call), command.format(inputs), tmp_path)
    more = " and 2 more" if len(sets) > 1 else ""
    first = "out-1.csv" if more else out
    assert (code, stdout, stderr) == (130, "", f"locum: stopped; {first}{more} had been written by then\n")
    assert {path.name for path in tmp_path.iterdir()} == sets
    if out == "out":
        assert (tmp_path / out / "model.json").read_bytes() == (
            inputs / "evidence" / "model.json"
        ).read_bytes()


@pytest.mark.parametrize("moment", [("fsync", 1), ("fsync", 9), ("rename", 1), ("replace", 1)])
def test_while_a_package_is_written(inputs: Path, tmp_path: Path, moment: tuple[str, int]) -> None:
    """The old directory and the old archive stay, or the new ones stand in their places."""
    command = f"release {inputs}/evidence --out out {' '.join(APPROVED)} --publisher"
    assert python(AT_CALL.format("rename", 9), f"{command} Before", tmp_path) == (0, "", "")
    before = everything(tmp_path)
    code, stdout, stderr = python(AT_CALL.format(*moment), f"{command} After", tmp_path)
    assert (code, stdout) == (130, "")
    if moment[0] == "fsync":
        assert everything(tmp_path) == before
        assert stderr == STOPPED
    else:
        assert stderr == "locum: stopped; out and 1 more had been written by then\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.zip"]
    found = [verify(tmp_path / name).sums for name in ("out", "out.zip")]
    assert found[0] == found[1]
    said = (tmp_path / "out" / "evidence" / "about.json").read_text("utf-8")
    assert ("After" in said) is (moment[0] != "fsync")
