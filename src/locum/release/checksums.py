"""``SHA256SUMS``: the hash of every file, as ``sha256sum -c`` reads it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import BinaryIO

NAME = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([^\\\r\n]+)")
_BLOCK = 1 << 20


def sha256(file: BinaryIO) -> str:
    """Of what is left to read in FILE, in blocks."""
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def to_text(sums: Mapping[str, str]) -> str:
    """One line a file, by path. SUMS: path -> SHA-256."""
    lines = [f"{sums[path]}  {path}" for path in sorted(sums)]
    if not all(_LINE.fullmatch(line) for line in lines):
        raise ValueError("a path that sha256sum would write otherwise")
    return "".join(f"{line}\n" for line in lines)


def from_text(text: str) -> dict[str, str] | None:
    """What `to_text` was given, or None when TEXT is not what it writes."""
    found = [_LINE.fullmatch(line) for line in text.split("\n")[:-1]]
    sums = {match[2]: match[1] for match in found if match}
    return sums if sums and to_text(sums) == text else None
