"""What a study remembers: hashes of contents, and of nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from locum.errors import BadInput
from locum.study.place import claimed
from locum.study.state import FILE, Done, Hashes, State, read_state


def test_a_hash_is_of_contents_and_names_within_a_folder(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "inner").mkdir(parents=True)
        (tmp_path / name / "inner" / "x").write_text("one")
        (tmp_path / name / "y").write_text("two")
    of = Hashes().of
    assert of(tmp_path / "absent") is None
    assert of(tmp_path / "a") == of(tmp_path / "b") != of(tmp_path / "a" / "y")
    os.utime(tmp_path / "b" / "y")
    assert of(tmp_path / "a") == of(tmp_path / "b")
    (tmp_path / "b" / "y").rename(tmp_path / "b" / "z")
    assert of(tmp_path / "a") != of(tmp_path / "b")
    (tmp_path / "b" / "z").rename(tmp_path / "b" / "y")
    (tmp_path / "b" / "y").write_text("too")
    assert of(tmp_path / "a") != of(tmp_path / "b")


def test_inputs_are_settings_and_contents(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("one")
    reads = (tmp_path / "x",)
    base = Hashes().inputs("fit", {"seed": 0}, reads)
    assert base == Hashes().inputs("fit", {"seed": 0}, reads)
    assert base != Hashes().inputs("fit", {"seed": 1}, reads)
    assert base != Hashes().inputs("split", {"seed": 0}, reads)
    assert base != Hashes().inputs("fit", {"seed": 0}, ())
    (tmp_path / "x").write_text("two")
    assert base != Hashes().inputs("fit", {"seed": 0}, reads)


def test_the_state_is_written_and_read(tmp_path: Path) -> None:
    assert read_state(tmp_path, "study.toml") == State(study="study.toml")
    state = State(study="study.toml")
    state.stages["load"] = Done(inputs="a", outputs={"records": "b"}, seconds=1.5, notices=["one"])
    state.write(tmp_path)
    assert read_state(tmp_path, "study.toml") == state
    with pytest.raises(BadInput, match=r"holds the results of study\.toml; give another"):
        read_state(tmp_path, "other.toml")
    for damage in (
        "",
        "{",
        "[]",
        '{"format": 2, "study": "study.toml"}',
        '{"study": "study.toml", "more": 1}',
    ):
        (tmp_path / FILE).write_text(damage)
        with pytest.raises(BadInput, match=r"study\.json is"):
            read_state(tmp_path, "study.toml")


def test_one_run_at_a_time(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with (
        claimed(out, []),
        pytest.raises(BadInput, match=rf"in use by another run \(process {os.getpid()}\)"),
        claimed(out, []),
    ):
        pass
    with claimed(out, []):
        pass


def test_the_lock_of_a_run_that_was_killed_is_taken_over(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from locum.study.place import claimed\n"
        "with claimed(Path(sys.argv[1]), []): os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], check=False)
    assert done.returncode == -9
    assert (tmp_path / "out" / ".lock").exists()
    with claimed(tmp_path / "out", []):
        pass


def test_a_directory_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("")
    for name, says in {
        "file": "not a directory",
        "other": "files that locum did not make",
        "no/out": "no folder",
    }.items():
        with pytest.raises(BadInput, match=says), claimed(tmp_path / name, []):
            pass
    assert [p.name for p in (tmp_path / "other").iterdir()] == ["mine.txt"]


def test_what_a_killed_run_left_is_swept_away_and_nothing_else(tmp_path: Path) -> None:
    left = [
        ".0123456789ab.extract/x",
        "one/.0123456789ab.model.json/x",
        "one/private/.0123456789ab.cohort.parquet/y",
    ]
    for name in [*left, "one/private/cohort.parquet", "one/.0123.notes", "mine.txt", "study.json"]:
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_text("")
    with claimed(tmp_path / "out", ["one", "two"]):
        pass
    files = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file()}
    assert files == {".lock", "one/private/cohort.parquet", "one/.0123.notes", "mine.txt", "study.json"}
