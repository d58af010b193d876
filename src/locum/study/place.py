"""The directory of a study's results: one study's alone, and one run's at a time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from locum.errors import BadInput
from locum.hidden import NAME
from locum.study.state import FILE

LOCK = ".lock"


@contextmanager
def claimed(out: Path, names: Sequence[str]) -> Iterator[None]:
    """Make OUT when it is not there, keep other runs away from it, and sweep what a killed run left in it.

    names: of the folders within that hold a `private` one. The lock file stays; what locks is held by the process, so
    that it ends with it, however it ends.

    Raises BadInput when OUT is no directory, holds other things, or is in use.
    """
    _ours(out)
    try:
        out.mkdir(exist_ok=True)
        handle = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError:
        raise BadInput(f"{out} cannot be written: permission denied; write elsewhere") from None
    try:
        if not _locked(handle):
            who = os.read(handle, 20).decode("ascii", "replace").strip()
            raise BadInput(
                f"{out} is in use by another run{f' (process {who})' if who else ''}; wait for its end"
            )
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        for name in ("", *names):
            _sweep(out / name)
            _sweep(out / name / "private")
        yield
    finally:
        os.close(handle)


def _ours(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out} is not a directory; give another name")
    if not out.parent.is_dir():
        raise BadInput(f"{out} cannot be written: there is no folder {out.parent}; make it first")
    if not out.is_dir() or (out / FILE).is_file():
        return
    if any(path.name != LOCK and not NAME.match(path.name) for path in out.iterdir()):
        raise BadInput(
            f"{out} holds files that locum did not make with a study; give an empty directory or another name"
        )


def _locked(handle: int) -> bool:
    """Whether this process now holds the lock of the file."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sweep(folder: Path) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if NAME.match(path.name):
            shutil.rmtree(path, ignore_errors=True)
