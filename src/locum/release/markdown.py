"""Names and sentences of others in Markdown: shown as they are, with no power over the text around them."""

from __future__ import annotations

import re

from locum.report.page import UNWRITABLE

SPECIAL = re.compile(r"([\\`*_\[\]#|~])")
BEGINS = re.compile(r"^(\d*)([-+=.)])(?=[\s=-]|$)")
"""What begins a list, or makes a heading of the line before."""
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the text after them around, beyond the name that holds them."""


class Written(str):
    """Markdown that was written with intent, and is not escaped again."""

    __slots__ = ()


def escape(value: object) -> str:
    """VALUE on one line, so that a reader sees its characters: no heading, link, table or tag begins in it."""
    if isinstance(value, Written):
        return value
    text = SPECIAL.sub(r"\\\1", _plain(str(value)))
    text = BEGINS.sub(r"\1\\\2", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(value: object) -> Written:
    """VALUE between backticks, of which there are more than it holds itself."""
    text = _plain(str(value))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return Written(f"{fence}{room}{text}{room}{fence}")


def _plain(text: str) -> str:
    return " ".join(TURNS.sub("", UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)).split())
