"""How a number is written: two or three significant digits, British English, a true minus sign."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
EPOCH = date(1970, 1, 1)


def number(value: float | None, digits: int = 3) -> str:
    """``digits`` significant digits, thousands separated: 0.0512, 12.3, 12,345."""
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    places = max(0, digits - 1 - size)
    text = f"{abs(value):,.{min(places, 6)}f}"
    if places and size >= 0:
        text = text.rstrip("0").rstrip(".")
    return (MINUS if value < 0 and text.strip("0.,") else "") + text


def decimals(value: float | None, places: int) -> str:
    """A fixed number of decimals, for scores that are read beside each other."""
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{places}f}"
    return (MINUS if value < 0 and text.strip("0.,") else "") + text


def percent(value: float | None) -> str:
    """A percentage (0 to 100) to about two digits: 42%, 3.1%, 0.06%, under 0.01%."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    if 0 < size < 0.005:
        return "under 0.01%"
    text = f"{size:.{2 if size < 0.95 else 1 if size < 9.95 else 0}f}"
    if size < 0.95:
        text = text.rstrip("0").rstrip(".") or "0"
    if value == round(value) and "." in text:
        text = text.split(".")[0]
    return (MINUS if value < 0 else "") + text + "%"


def share(value: float | None) -> str:
    """A share (0 to 1) as a percentage."""
    return NONE if value is None else percent(100 * value)


def count(value: int) -> str:
    return f"{value:,}"


def quantity(value: float | None, unit: str) -> str:
    """A metric's figure in its own unit; the unit is written only where it is a sign."""
    if unit.strip() == "%":
        return percent(value)
    if unit.strip() == "share":
        return share(value)
    if "AUC" in unit:
        return decimals(value, 3)
    return number(value)


def interval(bounds: tuple[float, float] | None, unit: str) -> str:
    if bounds is None:
        return ""
    return f"{quantity(bounds[0], unit)} to {quantity(bounds[1], unit)}"


def tidy(sentence: str) -> str:
    """A sentence of the evaluation in the page's spelling: 3% and a true minus sign."""
    sentence = re.sub(r"(?<=\d)[ \u00a0\u202f](?=%)", "", sentence)
    return re.sub(r"(?<![^\s(])-(?=\d)", MINUS, sentence)


def edge(value: float, kind: str) -> str:
    """A bin's edge on an axis. Edges of dates are days since 1970-01-01."""
    if kind == "date":
        try:
            return (EPOCH + timedelta(days=value)).strftime("%b %Y")
        except OverflowError:
            return number(value)
    return number(value)


def nice_ceiling(value: float) -> float:
    """The next round number at or above a positive value, with a round half: where an axis ends."""
    if not value > 0 or not math.isfinite(value):
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    for step in (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10):
        if value <= step * size * (1 + 1e-9):
            return step * size
    return 10 * size
