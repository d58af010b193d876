"""The files of a package, whether it is a directory or a zip. A zip comes from anywhere: what is odd is refused."""

from __future__ import annotations

import io
import os
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from locum.errors import BadInput
from locum.release import archive
from locum.release.checksums import NAME as SUMS

MOST_FILES = 1_000
"""A package has some thirty."""
MOST_BYTES = 32 << 30
"""Of all files together. Nothing is unpacked to a disk, so that this bounds the time that reading takes."""
MOST_TEXT = 256 << 20
"""Of a file that is read into memory as a whole, but for the Parquet file."""
MOST_SWELLING = 64
"""How many times larger than in the zip a Parquet file may be: it is compressed within, and read as a whole."""
_SMALL = 1 << 20

_GONE = "get the package anew from where it comes from"
FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError)
"""Of unpacking what is no sound archive, beside those of reading a file."""


class Contents(Protocol):
    """Files by their paths within the package, with forward slashes.

    name: of the package, for messages.
    """

    name: str

    @property
    def paths(self) -> frozenset[str]: ...

    def open(self, path: str) -> BinaryIO:
        """The file, to read through; within `told`."""

    def seekable(self, path: str) -> BinaryIO:
        """The file, to read in any order; within `told`."""


def read(contents: Contents, path: str) -> bytes:
    """A file as a whole. Raises BadInput when it is not there, or too large to be what it should be."""
    if path not in contents.paths:
        raise BadInput(f"{contents.name} has no {path}; {_GONE}")
    with told(contents, path), contents.open(path) as file:
        found = file.read(MOST_TEXT + 1)
    if len(found) > MOST_TEXT:
        raise BadInput(f"{contents.name}: {path} is too large to be what its name says; {_GONE}")
    return found


def blocks(contents: Contents, path: str) -> Iterator[bytes]:
    """A file in pieces. Raises BadInput when it cannot be read; what the caller does with them may fail otherwise."""
    with told(contents, path), contents.open(path) as file:
        while block := file.read(_SMALL):
            yield block


@contextmanager
def told(contents: Contents, path: str) -> Iterator[None]:
    """Faults in reading PATH as one line."""
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"{contents.name}: {path} cannot be read ({error.strerror or error}); {_GONE}"
        ) from None
    except FAULTS:
        raise BadInput(f"{contents.name} is damaged: {path} cannot be unpacked; {_GONE}") from None


@contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """The package at PATH, a directory or a zip. Raises BadInput when it is neither, or no archive to be trusted."""
    if path.is_dir():
        yield _with_sums(_Folder(path))
    elif path.is_file():
        try:
            file = path.open("rb")
        except OSError as error:
            raise BadInput(
                f"{path} cannot be read ({error.strerror or error}); check its permissions"
            ) from None
        with file:
            yield _with_sums(_Archive(path, file))
    else:
        raise BadInput(f"{path} does not exist; name the directory or the zip of a package")


def _with_sums(contents: Contents) -> Contents:
    if SUMS not in contents.paths:
        raise BadInput(f"{contents.name} is not a package of locum, or not whole: it has no {SUMS}; {_GONE}")
    return contents


class _Folder:
    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder
        self.paths = frozenset(self._walk())

    def _walk(self) -> Iterator[str]:
        count = 0
        for folder, folders, files in os.walk(self._folder):
            for name in (*folders, *files):
                count += 1
                path = Path(folder, name)
                if path.is_symlink():
                    raise BadInput(
                        f"{self.name}: {self._within(path)} is a link, which no package holds; {_GONE}"
                    )
                if count > MOST_FILES:
                    raise BadInput(f"{self.name} holds more than {MOST_FILES} files; name a package of locum")
            for name in files:
                path = Path(folder, name)
                if not path.is_file():
                    raise BadInput(f"{self.name}: {self._within(path)} is not a file; {_GONE}")
                yield self._within(path)

    def _within(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def open(self, path: str) -> BinaryIO:
        return (self._folder / path).open("rb")

    seekable = open


class _Archive:
    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.name = str(path)
        try:
            self._zip = zipfile.ZipFile(file)
            entries = self._zip.infolist()
        except (*FAULTS, OSError, ValueError):
            raise BadInput(f"{path} is neither the directory nor the zip of a package; {_GONE}") from None
        self._entries = self._checked(entries)
        self.paths = frozenset(self._entries)
        if not archive.is_whole(file):
            raise BadInput(f"{path} is damaged: it is not the archive that was packed; {_GONE}")

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        """The files by their paths in the one folder."""
        if len(entries) > MOST_FILES:
            raise self._odd(f"more than {MOST_FILES} files")
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise self._odd(f"more than {MOST_BYTES >> 30} GB when unpacked")
        found: dict[str, zipfile.ZipInfo] = {}
        alike: set[str] = set()
        tops: set[str] = set()
        for entry in entries:
            if odd := _oddity(entry):
                raise self._odd(odd)
            top, _, within = entry.filename.partition("/")
            tops.add(top)
            if entry.is_dir():
                continue
            one = unicodedata.normalize("NFC", entry.filename).casefold()
            if one in alike:
                raise self._odd("two files of one name")
            alike.add(one)
            if not within:
                raise self._odd("a file beside its folder")
            found[within] = entry
        if len(tops) > 1:
            raise self._odd("more than one folder")
        self._check_apart(entries)
        return found

    def _check_apart(self, entries: list[zipfile.ZipInfo]) -> None:
        """Files that overlap within the archive are how a small one swells beyond all bounds."""
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise self._odd("files that overlap")
            end = entry.header_offset + 30 + entry.compress_size

    def _odd(self, what: str) -> BadInput:
        return BadInput(f"{self.name} holds {what}, which no package does; do not unpack it, and {_GONE}")

    def open(self, path: str) -> BinaryIO:
        return cast(BinaryIO, self._zip.open(self._entries[path]))

    def seekable(self, path: str) -> BinaryIO:
        entry = self._entries[path]
        if entry.file_size > max(_SMALL, MOST_SWELLING * entry.compress_size):
            raise self._odd(f"a {path} that swells")
        return io.BytesIO(self._zip.read(entry))


def _oddity(entry: zipfile.ZipInfo) -> str | None:
    """What about ENTRY no package has, or None."""
    name = entry.orig_filename  # what zipfile makes of it may look harmless
    parts = name.removesuffix("/").split("/")
    if (
        any(part in ("", ".", "..") for part in parts)
        or set(name) & set('\\:*?"<>|')
        or not name.isprintable()
    ):
        return "a path that leads elsewhere"
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == 3 else 0
    if kind not in (0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG):
        return "a link, or something else that is no file"
    if entry.is_dir() and entry.file_size:
        return "a folder with content of its own"
    if entry.flag_bits & 1:
        return "an encrypted file"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "a file that is compressed in a way of its own"
    return None
