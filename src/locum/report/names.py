"""Identifiers of charts on one page."""

from __future__ import annotations

from itertools import count


class Names:
    """A fresh identifier for each chart, the same on every run."""

    def __init__(self) -> None:
        self._next = count(1)

    def new(self) -> str:
        return f"chart-{next(self._next)}"
