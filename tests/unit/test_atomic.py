"""Files and directories appear whole or not at all, whatever goes wrong."""

import errno
import os
import signal
import stat
import subprocess
import sys

import pytest

from locum.atomic import OWN, atomic_directory, atomic_directory_and_file, atomic_path
from locum.errors import BadInput


def left(folder):
    return sorted(p.name for p in folder.iterdir())


def write_half(path, fault):
    with atomic_path(path) as temporary:
        temporary.write_text("half")
        raise fault


def fill_half(path, fault):
    with atomic_directory(path, "test") as fresh:
        (fresh / "a").write_text("half")
        raise fault


def test_a_file_appears_on_a_clean_exit(tmp_path):
    with atomic_path(tmp_path / "a.csv") as temporary:
        assert temporary.suffix == ".csv"
        temporary.write_text("new")
        assert not (tmp_path / "a.csv").exists()
    assert (tmp_path / "a.csv").read_text() == "new"
    assert left(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_old_file_stays_when_writing_fails(tmp_path, fault):
    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(fault):
        write_half(tmp_path / "a.csv", fault)
    assert (tmp_path / "a.csv").read_text() == "old"
    assert left(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_a_directory_does_not_appear_when_filling_it_fails(tmp_path, fault):
    with pytest.raises(fault):
        fill_half(tmp_path / "out", fault)
    assert left(tmp_path) == []


def fill(path, name):
    with atomic_directory(path, "test") as fresh:
        (fresh / name).write_text("x")
        (fresh / "deep").mkdir()
        (fresh / "deep" / name).write_text("x")


def test_a_directory_made_by_locum_is_replaced_whole(tmp_path):
    fill(tmp_path / "out", "first")
    fill(tmp_path / "out", "second")
    assert left(tmp_path / "out") == [".locum", "deep", "second"]
    assert left(tmp_path) == ["out"]


def test_a_directory_of_another_command_or_with_files_of_others_stays(tmp_path):
    fill(tmp_path / "out", "first")
    with (
        pytest.raises(BadInput, match="did not make with evaluate"),
        atomic_directory(tmp_path / "out", "evaluate"),
    ):
        pass
    (tmp_path / "out" / "deep" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="did not make"):
        fill(tmp_path / "out", "second")
    assert (tmp_path / "out" / "deep" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("mark", [b"", b"\xff\xfe", b"Made by locum test"])
def test_a_directory_with_a_mark_of_another_kind_stays(tmp_path, mark):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".locum").write_bytes(mark)
    (tmp_path / "out" / "a").write_text("x")
    with pytest.raises(BadInput, match="did not make"):
        fill(tmp_path / "out", "second")


def test_a_directory_that_is_read_from_stays(tmp_path):
    fill(tmp_path / "out", "first")
    read = tmp_path / "out" / "deep" / "first"
    with (
        pytest.raises(BadInput, match="which is read"),
        atomic_directory(tmp_path / "out", "test", [read]),
    ):
        pass
    assert read.exists()


def test_an_empty_directory_is_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out", "first")
    assert (tmp_path / "out" / "first").exists()


def test_files_of_others_are_never_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="locum did not make"):
        fill(tmp_path, "first")
    with pytest.raises(BadInput, match="not a directory"):
        fill(tmp_path / "thesis.txt", "first")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_the_old_directory_stays_when_the_last_step_fails(tmp_path, monkeypatch):
    fill(tmp_path / "out", "first")
    real, calls = type(tmp_path).rename, []

    def rename(self, target):
        calls.append(self)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "full")
        return real(self, target)

    monkeypatch.setattr(type(tmp_path), "rename", rename)
    with pytest.raises(BadInput, match="no space left"):
        fill(tmp_path / "out", "second")
    assert left(tmp_path) == ["out"]
    assert (tmp_path / "out" / "first").exists()


def test_a_missing_folder_and_a_directory_in_place_of_a_file_are_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no folder"), atomic_path(tmp_path / "no" / "a.csv"):
        pass
    with pytest.raises(BadInput, match="is a directory"), atomic_path(tmp_path):
        pass


@pytest.mark.parametrize(
    ("code", "says"),
    [(errno.ENOSPC, "no space left"), (errno.EDQUOT, "no space"), (errno.EROFS, "permission")],
)
def test_faults_of_the_disk_are_told_in_one_line(tmp_path, monkeypatch, code, says):
    def fsync(handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(BadInput, match=says) as error, atomic_path(tmp_path / "a.csv") as temporary:
        temporary.write_text("x")
    assert "\n" not in str(error.value)
    assert left(tmp_path) == []


def make_both(folder, fault=None):
    with atomic_directory_and_file(folder / "d", folder / "d.zip", "test") as (fresh, temporary):
        (fresh / "a").write_text("new")
        temporary.write_text("new")
        if fault:
            raise fault


def test_a_directory_and_a_file_appear_together(tmp_path):
    make_both(tmp_path)
    assert left(tmp_path) == ["d", "d.zip"]
    assert left(tmp_path / "d") == [".locum", "a"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_neither_a_directory_nor_a_file_appears_when_writing_fails(tmp_path, fault):
    with pytest.raises(fault):
        make_both(tmp_path, fault)
    assert left(tmp_path) == []


def test_a_directory_that_cannot_be_replaced_keeps_its_file_away(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "mine").write_text("mine")
    with pytest.raises(BadInput, match="did not make"):
        make_both(tmp_path)
    assert left(tmp_path) == ["d"]


def test_an_interrupt_while_both_are_flushed_leaves_neither(tmp_path, monkeypatch):
    fsync_ = os.fsync

    def fsync(handle):
        signal.raise_signal(signal.SIGINT)
        fsync_(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(KeyboardInterrupt):
        make_both(tmp_path)
    assert left(tmp_path) == []


def test_an_interrupt_between_the_two_waits_for_both(tmp_path, monkeypatch):
    rename_ = type(tmp_path).rename

    def rename(self, target):
        rename_(self, target)
        if target.name == "d":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(type(tmp_path), "rename", rename)
    with pytest.raises(KeyboardInterrupt):
        make_both(tmp_path)
    assert left(tmp_path) == ["d", "d.zip"]


HALF = """
import sys
from locum.atomic import atomic_directory, atomic_path
with atomic_directory("out", "test") as fresh, atomic_path("table.csv") as temporary:
    (fresh / "rows").write_text("patients")
    temporary.write_text("patients")
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a directory cannot be locked there: nothing is swept")
def test_what_a_killed_process_left_is_removed_and_a_living_one_s_is_not(tmp_path):
    mine = tmp_path / ".0123456789ab.other"  # of another output
    mine.mkdir()
    started = [sys.executable, "-c", HALF]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(started, cwd=tmp_path, **pipes) as process:
        assert process.stdout.readline() == "written\n"
        begun = left(tmp_path)
        assert len(begun) == 3
        fill(tmp_path / "out", "a")
        with atomic_path(tmp_path / "table.csv") as temporary:
            temporary.write_text("new")
        assert left(tmp_path) == sorted([*begun, "out", "table.csv"])
        process.kill()
    assert set(begun) <= set(left(tmp_path))
    fill(tmp_path / "out", "b")
    assert len(left(tmp_path)) == 4
    with atomic_path(tmp_path / "table.csv") as temporary:
        temporary.write_text("newer")
    assert left(tmp_path) == [mine.name, "out", "table.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_a_file_can_be_its_owner_s_alone(tmp_path):
    def others(path):
        return stat.S_IMODE(path.stat().st_mode) & 0o077

    with atomic_path(tmp_path / "rows.csv", OWN) as temporary:
        temporary.write_text("patients")
        assert others(temporary.parent) == 0
    assert others(tmp_path / "rows.csv") == 0
    (tmp_path / "usual").touch()
    with atomic_path(tmp_path / "page.html") as temporary:
        temporary.write_text("for all")
    assert others(tmp_path / "page.html") == others(tmp_path / "usual")
