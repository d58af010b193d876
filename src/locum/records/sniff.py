"""What a file holds, told from its bytes: the kind of file, the encoding of text, the separator of fields."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from locum.errors import BadInput

_BEGINNINGS = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Arrow"),
    (b"\xff\xff\xff\xff", "Arrow"),
    (b"\x1f\x8b", "gzip"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet or document"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"RDX", "R data"),
    (b"$FL2", "an SPSS file"),
)
TABLES = ("Parquet", "Arrow", "DuckDB", "text")
SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 1 << 16


def holds(path: Path) -> str:
    """One of TABLES, or in words what else the file is; "nothing" for an empty one. Looks inside gzip."""
    with opened(path) as stream:
        start = stream.read(_SAMPLE)
    if not start:
        return "nothing"
    if start[8:12] == b"DUCK":
        return "DuckDB"
    for beginning, what in _BEGINNINGS:
        if start.startswith(beginning):
            return what
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "text"
    if b"\0" in start:
        return "not text"
    seen = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not seen:
        return "nothing"
    if seen.startswith(b"{") or (seen.startswith(b"[") and seen[1:].lstrip()[:1] in (b"{", b"[", b'"', b"]")):
        return "JSON"
    if seen.startswith((b"<?xml", b"<!DOC", b"<!doc", b"<html")):
        return "a web page or XML"
    return "text"


def opened(path: Path) -> IO[bytes]:
    """The bytes of the file, unpacked where it is gzip."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def encoding_of(path: Path) -> str:
    """utf-8-sig, utf-16, utf-8, or else cp1252 where every byte has a meaning in it, or latin-1."""
    with opened(path) as stream:
        start = stream.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return next((name for name in ("utf-8", "cp1252") if _decodes(path, name)), "latin-1")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with opened(path) as stream:
        try:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def heading(path: Path, encoding: str, separators: Sequence[str] = SEPARATORS) -> tuple[list[str], str]:
    """The column names and the separator: the one that cuts the first rows into the most equal fields."""
    with opened(path) as stream:
        block = stream.read(_SAMPLE)
    text = codecs.getincrementaldecoder(encoding)().decode(block)
    whole = len(block) < _SAMPLE
    best: tuple[tuple[int, int], str, list[str]] | None = None
    for separator in separators:
        try:
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row]
        except csv.Error:
            continue
        rows = rows if whole or len(rows) < 2 else rows[:-1]
        if not rows:
            continue
        equal = sum(len(row) == len(rows[0]) for row in rows[:100]) * 10 >= 9 * len(rows[:100])
        score = (int(equal and len(rows[0]) > 1), len(rows[0]))
        if best is None or score > best[0]:
            best = score, separator, rows[0]
    if best is None:
        raise BadInput(f"{path} has no row of column names that can be read; check that it is a CSV file")
    return best[2], best[1]


def unpack_faults() -> tuple[type[Exception], ...]:
    """What Python raises on a broken gzip file."""
    return (gzip.BadGzipFile, EOFError, zlib.error)
