"""The parts of each table of an extract: which file, in a folder or within an archive, belongs to which table."""

from __future__ import annotations

import gzip
import re
import shutil
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from locum.errors import BadInput
from locum.records.aurum.specification import DICTIONARIES, EPISODES, LOOKUPS, TABLES

_END = r"\.txt(?:\.gz)?"
_TABLE = re.compile(
    rf"(?P<set>(?:.*[^a-z])?)(?P<table>{'|'.join(TABLES)}|drug_issue)(?:[_-]?(?P<number>\d+))?{_END}",
    re.IGNORECASE,
)
_LINKED = re.compile(rf"(?:.*[^a-z])?{EPISODES}(?:[^a-z].*)?{_END}", re.IGNORECASE)
_OTHER_LINKED = re.compile(r"(?:.*[^a-z])?(?:hes|ons|death|sgss|linkage)[^a-z].*", re.IGNORECASE)
"""Files of linked data have names such as hes_patient_22_000000.txt, which is not the patient table."""
_HELP = re.compile(
    rf"(?:.*[^a-z])?(?:(?P<lookup>{'|'.join(LOOKUPS)})|.*(?P<dictionary>{'|'.join(DICTIONARIES)}))(?:[^a-z].*)?{_END}",
    re.IGNORECASE,
)
"""Such as 2023_04_Region.txt or 202304_EMISMedicalDictionary.txt."""


class Damaged(Exception):
    """An archive cannot be unpacked."""


@dataclass(frozen=True)
class Part:
    """A delivered file: NAME as it is told to people, at PATH, or the MEMBER of the zip archive at PATH."""

    table: str
    name: str
    path: Path
    member: str | None
    size: int  # bytes, as it lies there

    @property
    def numbered(self) -> tuple[str, int] | None:
        """What the part belongs to and its number there, where it has one."""
        found = _TABLE.fullmatch(self.name)
        return (found["set"].lower(), int(found["number"])) if found and found["number"] else None


def named_table(name: str) -> str | None:
    """The table, in lower case, that a data file of this name is a part of, or None."""
    name = _plain(name)
    if name.startswith("."):  # what a Mac leaves beside a file
        return None
    if _LINKED.fullmatch(name):
        return EPISODES
    found = _TABLE.fullmatch(name)
    if not found or _OTHER_LINKED.fullmatch(name):
        return None
    return found["table"].lower().replace("_", "")


def named_help(name: str) -> str | None:
    """The dictionary or look-up, in lower case, that a file of this name is, or None."""
    found = _HELP.fullmatch(_plain(name))
    return (found["lookup"] or found["dictionary"]).lower() if found else None


def find_parts(source: Path) -> dict[str, list[Part]]:
    """The parts of each table, dictionary and look-up anywhere below the folder SOURCE, or within the zip SOURCE.

    Raises BadInput when the archive SOURCE is damaged. One within a folder is not looked into when it is: it becomes
    a part of its own, of the table in its name, and cannot be unpacked.
    """
    files = sorted(file for file in source.rglob("*") if file.is_file()) if source.is_dir() else [source]
    found: dict[str, list[Part]] = defaultdict(list)
    for file in files:
        for part in _in_archive(file, source) if file.suffix.lower() == ".zip" else _of_file(file):
            found[part.table].append(part)
    return found


def missing_numbers(parts: Iterable[Part]) -> int:
    """How many parts are missing between 1 and the highest number of each set."""
    sets: dict[str, set[int]] = defaultdict(set)
    for part in parts:
        if part.numbered:
            sets[part.numbered[0]].add(part.numbered[1])
    return sum(max(numbers) - len(numbers - {0}) for numbers in sets.values())


@contextmanager
def unpacked(part: Part, spill: Path) -> Iterator[Path]:
    """The part as a plain text file: where it lies, or unpacked into SPILL for a while.

    Raises Damaged when the archive is broken or locked with a password.
    """
    packed = part.member is not None or part.path.suffix.lower() in (".gz", ".zip")
    if not packed:
        yield part.path
        return
    to = spill / "part.txt"
    try:
        _unpack(part, to)
        yield to
    finally:
        to.unlink(missing_ok=True)


def _unpack(part: Part, to: Path) -> None:
    try:
        if part.path.suffix.lower() != ".zip":
            with gzip.open(part.path, "rb") as packed, to.open("wb") as plain:
                shutil.copyfileobj(packed, plain, 1 << 20)
            return
        with ZipFile(part.path) as archive, archive.open(part.member or "") as member, to.open("wb") as plain:
            stream = gzip.GzipFile(fileobj=member) if part.name.lower().endswith(".gz") else member
            shutil.copyfileobj(stream, plain, 1 << 20)
    except (gzip.BadGzipFile, BadZipFile, EOFError, zlib.error, RuntimeError, NotImplementedError, KeyError):
        raise Damaged from None  # RuntimeError: a password; NotImplementedError: an unusual way to pack


def _plain(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _of_file(file: Path) -> Iterator[Part]:
    table = named_table(file.name) or named_help(file.name)
    if table:
        yield Part(table, file.name, file, None, file.stat().st_size)


def _in_archive(file: Path, source: Path) -> Iterator[Part]:
    try:
        with ZipFile(file) as archive:
            members = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (BadZipFile, OSError):
        if file == source:
            raise BadInput(f"{file} is a damaged zip archive; copy or pack it again") from None
        table = named_table(f"{file.stem}.txt")
        if table:
            yield Part(table, file.name, file, None, file.stat().st_size)
        return
    for entry in members:
        if entry.filename.startswith("__MACOSX"):  # what a Mac adds to an archive
            continue
        table = named_table(entry.filename) or named_help(entry.filename)
        if table:
            yield Part(table, _plain(entry.filename), file, entry.filename, entry.compress_size)
