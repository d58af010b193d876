"""The few shapes that the charts are drawn from, escaped, with a text alternative for each picture.

Everything is written as attributes, none as classes, since the PDF writer reads no style sheet in pictures.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from markupsafe import Markup, escape

INK = "#0b0c0c"
GREY = "#505a5f"
GRID = "#d9dcde"
BLUE = "#1d70b8"
WHITE = "#ffffff"
BAND = "#d5d8da"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"

WIDTH = 340.0
"""Every chart is drawn at the width of a phone, so that its text is never scaled down."""


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart. The first cell of each row is its heading."""

    caption: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Chart:
    """title: its name, which the picture carries for a screen reader."""

    svg: Markup
    table: Table

    @property
    def title(self) -> str:
        found = re.search("<title[^>]*>(.*?)</title>", self.svg, re.DOTALL)
        return Markup(found[1]).unescape() if found else self.table.caption


def el(name: str, *children: str | Markup, **attributes: str | float | None) -> Markup:
    """An element; children that are not Markup are escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup(f"<{name}{written}/>")
    return Markup(f"<{name}{written}>") + Markup("").join(children) + Markup(f"</{name}>")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def picture(
    ident: str, height: float, title: str, desc: str, *shapes: Markup, width: float = WIDTH
) -> Markup:
    """An image with its name and its description, scaled to the width of where it stands."""
    return el(
        "svg",
        el("title", title, id=f"{ident}-t"),
        el("desc", desc, id=f"{ident}-d"),
        *shapes,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{ident}-t",
        aria_describedby=f"{ident}-d",
        font_family=FONT,
    )


def text(
    x: float,
    y: float,
    content: str,
    *,
    size: float = 12,
    anchor: str = "start",
    fill: str = INK,
    weight: str | None = None,
    room: float | None = None,
    transform: str | None = None,
    tip: str | None = None,
) -> Markup:
    """A line of text, shortened in the middle where it would not fit, then with the whole as its tooltip.

    tip: the whole, where ``content`` is a part of it.

    Names are isolated, so that one in Arabic or Hebrew does not turn its neighbours around.
    """
    shown = content if room is None else shorten(content, size, room)
    inner: list[str | Markup] = [f"\u2068{shown}\u2069" if not shown.isascii() else shown]
    if shown != (tip or content):
        inner.append(el("title", tip or content))
    return el(
        "text",
        *inner,
        x=x,
        y=y,
        font_size=size,
        text_anchor=anchor,
        fill=fill,
        font_weight=weight,
        transform=transform,
    )


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = GRID, width: float = 1, **more: str
) -> Markup:
    return el("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, **more)


def path(points: list[tuple[float, float]], stroke: str, width: float, dash: str | None = None) -> Markup:
    d = "M" + " L".join(f"{_value(x)} {_value(y)}" for x, y in points)
    return el("path", d=d, fill="none", stroke=stroke, stroke_width=width, stroke_dasharray=dash)


def rect(x: float, y: float, width: float, height: float, **more: str | float) -> Markup:
    return el("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), **more)


def text_width(content: str, size: float) -> float:
    """About how wide a line is; a little more than most system fonts need."""
    return size * sum(_advance(c) for c in content)


def _advance(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in "iljtfrI.,:;|!'()[] -1":
        return 0.42
    if character in "mwMW@%&—…":
        return 0.95
    return 0.7 if character.isupper() else 0.58


def shorten(content: str, size: float, room: float) -> str:
    """Leave out the middle, since names often differ at either end."""
    if text_width(content, size) <= room:
        return content
    keep = len(content) - 1
    while keep > 1:
        head, tail = _cut(content, keep)
        if text_width(head + "…" + tail, size) <= room:
            return head + "…" + tail
        keep -= 1
    return content[:1] + "…"


def wrap(content: str, size: float, room: float, most: int = 2) -> list[str]:
    """Broken between words, or after an underscore, into at most so many lines; the last is shortened."""
    pieces = re.findall(r"[^\s_]*_+|[^\s_]+\s*|\s+", content) or [content]
    lines = [""]
    for i, piece in enumerate(pieces):
        if text_width((lines[-1] + piece).rstrip(), size) <= room or not lines[-1]:
            lines[-1] += piece
        elif len(lines) < most:
            lines.append(piece)
        else:
            lines[-1] += "".join(pieces[i:])
            break
    return [shorten(line.strip(), size, room) for line in lines]


def short(description: str, size: float, room: float, most: int = 3) -> list[str]:
    """DESCRIPTION up to a colon: as many clauses as MOST lines hold, else as many words of the first."""
    words = description.split(": ")[0].split()
    whole = [i for i, word in enumerate(words, 1) if word[-1] in ",;." or i == len(words)]
    for end in reversed(whole):
        found = wrap(" ".join(words[:end]).rstrip(",;:."), size, room, most)
        if not any("…" in line for line in found):
            return found
    for end in range(whole[0] - 1 if whole else 0, 0, -1):
        found = wrap(" ".join(words[:end]) + " …", size, room, most)
        if sum(line.count("…") for line in found) == 1 and found[-1].endswith(" …"):
            return found
    return []


def _cut(content: str, keep: int) -> tuple[str, str]:
    last = keep * 2 // 5
    head, tail = content[: keep - last], content[len(content) - last :]
    while tail and unicodedata.combining(tail[0]):
        tail = tail[1:]
    return head.rstrip(), tail.lstrip()
