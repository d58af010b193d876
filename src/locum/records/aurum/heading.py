"""What a part is from its first and last bytes: whether it can be read, where its columns are, whether it was cut."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from locum.records.aurum.layout import Layout
from locum.records.aurum.specification import FILES
from locum.records.sniff import holds

_LOOK = 1 << 16


class Unusable(Exception):
    """A part cannot be read; says why, and what to do, without naming the part."""


@dataclass(frozen=True)
class Heading:
    """The columns of a part and what is odd about it."""

    columns: tuple[str, ...]  # in lower case, in the order of the file
    lacks: tuple[str, ...]  # specified columns that are not there, and are not needed
    surplus: int  # columns that are not specified
    cut: bool  # the last row ends in the middle


def read_heading(path: Path, layout: Layout) -> Heading:
    """Look at the part at PATH, plain text, of the table LAYOUT. Raises Unusable when no row of it can be read."""
    what = holds(path)
    if what == "nothing":
        raise Unusable("is empty; ask for it again")
    with path.open("rb") as stream:
        start = stream.read(_LOOK)
        stream.seek(max(0, path.stat().st_size - _LOOK))
        end = stream.read()
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unusable(
            "is UTF-16 text, as spreadsheets and PowerShell write it; copy the file as it was delivered"
        )
    if what != "text":
        raise Unusable(f"holds {'bytes that are no text' if what == 'not text' else what}; copy it again")
    columns = _columns(start)
    _check(columns, layout)
    specified = layout.specified
    rows = end.splitlines()
    cut = not end.endswith((b"\n", b"\r")) and rows[-1].count(b"\t") + 1 < len(columns)
    return Heading(
        columns,
        tuple(name for name in specified if name not in columns),
        len(set(columns) - set(specified)),
        cut and len(rows) > 1,
    )


def _columns(start: bytes) -> tuple[str, ...]:
    first = re.split(rb"\r\n|\n|\r", start.removeprefix(codecs.BOM_UTF8), maxsplit=1)[0].decode("latin-1")
    return tuple(re.sub(r"[\s\".]", "", name).lower() for name in first.split("\t"))  # Term.from.EMIS occurs


def _check(columns: tuple[str, ...], layout: Layout) -> None:
    needed = {column.field for column in layout.columns}
    if needed <= set(columns):
        if len(set(columns)) < len(columns):
            raise Unusable("has two columns of the same name; copy the file as it was delivered")
        return
    if len(columns) == 1 and any(separator in columns[0] for separator in ",;|"):
        raise Unusable("is not separated by tabs; copy the file as it was delivered")
    other = next((name for name, names in FILES.items() if set(columns) == set(names)), None)
    if other and other != layout.file:
        raise Unusable(f"has the columns of the {other} file, not of {layout.file}; check its name")
    if not set(columns) & set(layout.specified):
        raise Unusable("does not begin with the names of its columns; copy the file as it was delivered")
    lacks = ", ".join(name for name in layout.specified if name in needed and name not in columns)
    raise Unusable(f"lacks the columns {lacks}; copy the file as it was delivered")
