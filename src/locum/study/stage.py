"""A stage of a study: what it reads, what it writes, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str, float], None]  # what is being done, and how much of it (0 to 1)
Make = Callable[[Say], Sequence[str]]


@dataclass(frozen=True)
class Stage:
    """A stage. What it writes appears whole or not at all.

    of: the cohort or table, "" for what comes before them. words: what it does, for the user.
    settings: what its outputs depend on beside the contents of the files and folders that it `reads`.
    make: does it, says what it is at, and returns notices for the user, without a value of a patient.
    """

    of: str
    name: str
    words: str
    settings: Mapping[str, object]
    reads: tuple[Path, ...]
    writes: tuple[Path, ...]
    make: Make

    @property
    def key(self) -> str:
        """Its name in study.json."""
        return f"{self.of}/{self.name}" if self.of else self.name
