"""Files and directories that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path

from locum.errors import BadInput
from locum.hidden import hidden_beside, hidden_name

OWN = 0o600
"""The permissions of a file that nobody but its owner may read: real patients, and what was learned from them."""
MARK = ".locum"
"""The file in a directory that locum made: by which command, and the files that it wrote."""

_placed: ContextVar[list[Path] | None] = ContextVar("placed", default=None)


@contextmanager
def noted() -> Iterator[list[Path]]:
    """A list of the files and directories that are put in place meanwhile, in order; some may be gone again, as what
    is written into a directory that does not appear."""
    placed: list[Path] = []
    token = _placed.set(placed)
    try:
        yield placed
    finally:
        _placed.reset(token)


@contextmanager
def atomic_path(path: str | Path, mode: int | None = None) -> Iterator[Path]:
    """Yield a path in a hidden directory beside PATH to write to; it becomes PATH on a clean exit and is removed on
    any other. What a killed process left there is removed by the next that writes PATH (`locum.hidden`).

    The temporary name is that of PATH, so that writers which look at the ending do the same for both.
    mode: the permissions of the file, those that are usual when None.

    Raises BadInput when the folder does not exist or cannot be written to, when PATH is a directory, and when
    the disk is full.
    """
    with atomic_paths([path], mode) as temporaries:
        yield temporaries[0]


@contextmanager
def atomic_paths(paths: Sequence[str | Path], mode: int | None = None) -> Iterator[list[Path]]:
    """As `atomic_path`, for several files that appear together or not at all."""
    final = [check_file(path) for path in paths]
    with _told(final[0]), ExitStack() as held:
        temporaries = [held.enter_context(hidden_beside(path, 0o700)) / path.name for path in final]
        yield temporaries
        for temporary in temporaries:
            if mode is not None:
                temporary.chmod(mode)
            _sync(temporary)
        with _undisturbed():
            for temporary, path in zip(temporaries, final, strict=True):
                temporary.replace(path)
                _note(path)
            _sync(final[0].parent)


def check_file(path: str | Path) -> Path:
    """PATH when a file can stand there, else BadInput: before long work, so that it is not in vain."""
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{path} is a directory; give the name of a file")
    _parent(path)
    return path


@contextmanager
def atomic_directory(
    path: str | Path, maker: str, reads: Sequence[str | Path] = (), mode: int = 0o777
) -> Iterator[Path]:
    """Yield a hidden directory beside PATH to fill; it becomes PATH on a clean exit and is removed on any other, by
    the next process that writes PATH where this one is killed (`locum.hidden`). mode: its permissions, less the umask.

    A directory that stands at PATH is replaced only when it is empty, or when the same MAKER (a command) made it and
    nothing was put in since, and when no file that is read lies in it.

    Raises BadInput when something else stands at PATH, and as `atomic_path` does.
    """
    given, path = Path(path), Path(os.path.abspath(path))  # noqa: PTH100  a link is replaced, not what it points to
    for file in reads:
        if path.resolve() in Path(file).resolve().parents:
            raise BadInput(
                f"{path} holds {Path(file).name}, which is read; give another directory to write to"
            )
    _replaceable(path, maker)
    _parent(path)
    with _told(path), hidden_beside(path, mode) as fresh:
        yield fresh
        _finish(fresh, maker)
        with _undisturbed():
            _put(fresh, path, maker)
            _note(given)
            _sync(path.parent)


@contextmanager
def atomic_directory_and_file(
    directory: str | Path, file: str | Path, maker: str
) -> Iterator[tuple[Path, Path]]:
    """As `atomic_directory` and `atomic_path`, for a directory and a file that appear together or not at all."""
    with (
        ExitStack() as held,  # ends last, so that nothing comes between the one and the other
        atomic_path(file) as temporary,
        atomic_directory(directory, maker) as fresh,
    ):
        yield fresh, temporary
        # now, while it can be stopped: it takes a while where there is much to write
        _finish(fresh, maker)
        _sync(temporary)
        held.enter_context(_undisturbed())


def _note(path: Path) -> None:
    if (placed := _placed.get()) is not None:
        placed.append(path)


def mark(maker: str, files: Iterable[str]) -> str:
    """What stands in the file `MARK` of a directory that MAKER filled with FILES."""
    return "\n".join([_made_by(maker), *sorted(files)]) + "\n"


def _finish(fresh: Path, maker: str) -> None:
    """All that is in FRESH is marked as made by MAKER, and is on the disk."""
    (fresh / MARK).write_text(mark(maker, _files(fresh)), encoding="utf-8")
    for folder, _, files in os.walk(fresh):
        for file in files:
            _sync(Path(folder, file))
        _sync(Path(folder))


def _put(fresh: Path, path: Path, maker: str) -> None:
    if not path.exists():
        fresh.rename(path)
        return
    _replaceable(path, maker)
    old = hidden_name(path.with_name(f"{path.name}.before"))  # a name that no sweep takes, were we killed now
    path.rename(old)
    try:
        fresh.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _made_by(maker: str) -> str:
    return f"Made by locum {maker}, which replaces this directory when it holds no other files than these:"


def _files(folder: Path) -> list[str]:
    """The files below FOLDER, but for the mark, as paths within it."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir() and p.name != MARK)


def _replaceable(path: Path, maker: str) -> None:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise BadInput(f"{path} is not a directory; give another name")
    if not path.is_dir() or not any(path.iterdir()):
        return
    mark = path / MARK
    lines = mark.read_text("utf-8", errors="replace").splitlines() if mark.is_file() else []
    if lines[:1] != [_made_by(maker)] or not set(_files(path)) <= set(lines[1:]):
        raise BadInput(
            f"{path} holds files that locum did not make with {maker}; give an empty directory or another name"
        )


def _parent(path: Path) -> None:
    if not path.parent.is_dir():
        raise BadInput(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise BadInput(f"{path} cannot be written: permission denied; write elsewhere")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off Ctrl-C and SIGTERM for a moment: between two renames nothing would stand at the place."""
    if threading.current_thread() is not threading.main_thread():  # only the main one is ever interrupted
        yield
        return
    came: list[int] = []
    numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(n))]
    before = {n: signal.signal(n, lambda number, frame: came.append(number)) for n in numbers}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if came:
        signal.raise_signal(came[0])


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The faults of a disk as one line for the user, about PATH and not the temporary one within it."""
    try:
        yield
    except Unwritable as inner:
        raise Unwritable(inner.line, path) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unwritable("no space left to write {}; free some, or write elsewhere", path) from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Unwritable("{} cannot be written: permission denied; write elsewhere", path) from None
        if error.errno == errno.ENAMETOOLONG:
            line = "{} cannot be written: the name is too long; give a shorter one"
            raise Unwritable(line, path) from None
        raise


class Unwritable(BadInput):
    """A file that a disk does not take; LINE has a place for its name."""

    def __init__(self, line: str, path: Path) -> None:
        super().__init__(line.format(path))
        self.line = line


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some file systems cannot sync a directory
            raise
    finally:
        os.close(handle)
