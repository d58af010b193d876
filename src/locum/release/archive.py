"""A package as one zip: the same files, the same bytes.

The archive's comment holds the SHA-256 of all that stands before it, so that damage is found wherever it is, also where
no file's content depends on it. It says nothing of who made the archive: the signature within does.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
_MODE = stat.S_IFREG | 0o644
_UNIX = 3
_BLOCK = 1 << 20
_LEAD = b"SHA-256 of all before this comment: "
_COMMENT = re.compile(re.escape(_LEAD) + rb"([0-9a-f]{64})")
_END = 22
"""Bytes of the record that ends a zip, without its comment."""
_LONGEST_COMMENT = 0xFFFF


def write(out: Path, folder: Path, paths: Iterable[str], within: str) -> None:
    """A zip at OUT of the files PATHS of FOLDER, in this order, all in the one folder WITHIN."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in paths:
            source = folder / path
            entry = zipfile.ZipInfo(f"{within}/{path}", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = _MODE << 16
            entry.file_size = source.stat().st_size
            with source.open("rb") as file, archive.open(entry, "w") as target:
                shutil.copyfileobj(file, target, _BLOCK)
        archive.comment = _LEAD + b"0" * 64
    with out.open("r+b") as file:
        size = out.stat().st_size - len(_LEAD) - 64
        found = _sha256(file, size)
        file.seek(size + len(_LEAD))
        file.write(found.encode())


def is_whole(file: BinaryIO) -> bool:
    """Whether the zip in FILE ends where it says and, where its comment holds a hash, is what was hashed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END - _LONGEST_COMMENT))
    tail = file.read()
    for comment in (len(_LEAD) + 64, 0):
        end = len(tail) - comment - _END
        if end >= 0 and tail[end : end + 4] == b"PK\5\6":
            if int.from_bytes(tail[end + 20 : end + 22], "little") != comment:
                return False
            if not comment:
                return True  # packed again by another program
            found = _COMMENT.fullmatch(tail[end + _END :])
            file.seek(0)
            return found is not None and found[1].decode() == _sha256(file, size - comment)
    return False


def _sha256(file: BinaryIO, size: int) -> str:
    """Of the first SIZE bytes."""
    file.seek(0)
    found = hashlib.sha256()
    while size > 0 and (block := file.read(min(_BLOCK, size))):
        found.update(block)
        size -= len(block)
    return found.hexdigest()
