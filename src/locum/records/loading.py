"""How records are loaded: what every reader is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


def _quiet(doing: str, share: float) -> None:
    """Tell nobody."""


class Loading(NamedTuple):
    """How to load, whatever is loaded."""

    threads: int | None = None  # of the engine; 2 when not said
    memory: str = "4GB"  # beyond it the engine spills beside the folder that is written
    strict: bool = False  # a quarantined row is an error
    stage: Callable[[str, float], None] = _quiet  # told what is being done, and the share done, 0 to 1
