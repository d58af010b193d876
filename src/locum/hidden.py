"""Hidden directories beside an output, in which it comes about; what killed processes left in such is swept."""

from __future__ import annotations

import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = re.compile(r"\.[0-9a-f]{12}\.")
"""How the names of hidden directories begin; that of the output follows."""


def hidden_name(path: Path) -> Path:
    """A new hidden name beside PATH that ends as PATH does."""
    return path.with_name(f".{uuid.uuid4().hex[:12]}.{path.name}")


@contextmanager
def hidden_beside(path: Path, mode: int = 0o777) -> Iterator[Path]:
    """Yield a new hidden directory beside PATH, which is gone at the end, unless it was renamed.

    A process that is killed (SIGKILL, a power cut) cannot take it away, and it may hold patients. So it is locked while
    its process lives, and those beside PATH that nobody holds any more are removed first.
    """
    _sweep(path)
    while True:
        fresh = hidden_name(path)
        fresh.mkdir(mode)
        held = _held(fresh, wait=True)
        if fresh.is_dir():  # no sweep of another process came between
            break
        _release(held)
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        _release(held)


def _sweep(path: Path) -> None:
    """Remove the hidden directories of PATH that no living process holds."""
    left: list[Path] = []
    with suppress(OSError):
        left = [p for p in path.parent.iterdir() if NAME.match(p.name) and p.name[14:] == path.name]
    for folder in left:
        if (held := _held(folder, wait=False)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            _release(held)


def _held(folder: Path, *, wait: bool) -> int | None:
    """A handle that locks FOLDER until it is closed or its process ends, however it ends.

    None where another process holds it, and where the system has no such locks: then nothing is swept.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(handle)
        return None
    return handle


def _release(held: int | None) -> None:
    if held is not None:
        os.close(held)
