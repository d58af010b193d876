"""The shape of ``changes.json``: how a release differs from the one before it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Of = Literal["size", "variable", "levels", "missing", "distribution", "association", "setting"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Change(_Part):
    """One difference. what: such as a variable's name, two of them, or "rows"; of: what kind of difference it is.

    gap: between the two distributions, where it is of one (total variation, or for numbers Kolmogorov-Smirnov, in %).
    beyond_chance: more than two draws of one model differ.
    """

    what: str
    before: str
    after: str
    gap: float | None = None
    beyond_chance: bool = False
    of: Of = "variable"


class Changes(_Part):
    """From VERSION to another. sha256: of the last one's Parquet file.

    compared: rows of each whose distributions were compared, drawn at random where there are more.
    """

    format: int = 1
    before: str
    after: str
    sha256: str
    differences: tuple[Change, ...]
    compared: tuple[int, int] = (0, 0)
