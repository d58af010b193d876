"""What is wrong in a definition, in one line: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

_PAIRS = {
    "plausible": "write least and greatest, such as [10, 80]",
    "between": "write both ends, such as [25, 84]",
    "ratio": 'write two measurements, such as ["total_cholesterol", "hdl_cholesterol"]',
}


def told(error: ValidationError, data: dict[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    """The first fault of DATA. keys: those that may stand in each table, "" for the file itself."""
    faults = error.errors(include_url=False)
    # A key that is misspelt is missing too: the misspelling says more.
    first: dict[str, Any] = dict(next((f for f in faults if f["type"] == "extra_forbidden"), faults[0]))
    location = first["loc"]
    place, last = ".".join(_named(data, location)), str(location[-1]) if location else ""
    if first["type"] == "extra_forbidden":
        table = str(location[0]) if len(location) > 1 else ""
        return f"unknown key {place}; {_meant(last, keys[table], 'take it out')}"
    pair = next((key for key in location if key in _PAIRS), None)
    if pair and first["type"] in ("missing", "too_long", "tuple_type"):
        return f"{'.'.join(_named(data, location[: location.index(pair) + 1]))}: {_PAIRS[str(pair)]}"
    if "precision" in location:
        return f'{place.removesuffix(".float")}: write a number, or "month" for a date'
    if first["type"] == "missing":
        return f"{place} is not given; add it"
    message = _message(first, last)
    return f"{place}: {message}" if place else message


def _message(fault: dict[str, Any], key: str) -> str:
    """What is wrong and what to do, in the words of a definition where pydantic's are those of a program."""
    kind, given = fault["type"], fault["input"]
    if kind in ("literal_error", "enum"):
        if key == "format":
            return f"{given} is a format that this version does not read; write 1"
        known = fault["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f'"{given}" is not known; {_meant(str(given), known, "use one of " + ", ".join(known))}'
    if kind == "string_pattern_mismatch":
        return f'"{given}" does not do as a name; begin with a letter, go on with letters, digits and _'
    if kind in ("too_short", "string_too_short"):
        return "it is empty; give at least one" if kind == "too_short" else "it is empty; say what it is"
    if kind == "tuple_type" and isinstance(given, dict):
        return f"there may be several; write each as [[{key}]], with two brackets"
    if kind == "model_type":
        return f"it has to be a table; write [{key}] and its keys on the lines below"
    return str(fault["msg"]).removeprefix("Value error, ").replace("Input should", "it should")


def _meant(word: str, known: Sequence[str], otherwise: str) -> str:
    near = get_close_matches(word, known, 1)
    return f'did you mean "{near[0]}"?' if near else otherwise


def _named(data: Any, location: Sequence[int | str]) -> Iterator[str]:
    """The path to a fault, entries of lists by their name or label."""
    for key in location:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            data = None
        if isinstance(key, int) and isinstance(data, dict):
            yield f'"{data.get("name") or data.get("label") or key + 1}"'
        else:
            yield str(key + 1 if isinstance(key, int) else key)
