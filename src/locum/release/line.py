"""What a person says of a package in one line: who, to whom, why."""

from __future__ import annotations

from locum.errors import BadInput


def line(text: str, what: str) -> str:
    """TEXT with one blank between its words.

    Raises BadInput, which says WHAT it is, when it has no word, or a sign that does not show, such as a line break.
    """
    words = text.split()
    if not words or not text.strip().isprintable():
        raise BadInput(f"{what} is not a line of text; say it in a few words, without a line break")
    return " ".join(words)
