"""The codes that the artificial practices use: `codes.csv` for what is observed, `drugs.csv` for what is prescribed.

A meaning has several codes, and the first are used most. Groups without a meaning are decoys and volume: letters,
bloods, reviews, small complaints, and codes that look near a meaning but are none of it.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import numpy as np

FADE = 0.6
"""Each further code of a group is used so much less than the one before it."""


class Codes:
    """The rows of a list, and how to choose among those of a group."""

    def __init__(self, rows: list[dict[str, str]], groups: list[tuple[str, str]]) -> None:
        self.rows = rows
        self.members: dict[tuple[str, str], np.ndarray] = {}
        for group in dict.fromkeys(groups):
            self.members[group] = np.flatnonzero([g == group for g in groups])

    def choose(self, rng: np.random.Generator, meaning: str, category: str, size: int) -> np.ndarray:
        """SIZE codes of a group, as numbers of rows."""
        found = self.members[meaning, category]
        even = meaning == ""
        weights = np.ones(len(found)) if even else FADE ** np.arange(len(found))
        reached = np.cumsum(weights) / weights.sum()
        return np.asarray(found[np.searchsorted(reached, rng.random(size)).clip(0, len(found) - 1)])


def _rows(name: str) -> list[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def clinical() -> Codes:
    """Observations."""
    rows = _rows("codes.csv")
    return Codes(rows, [(row["meaning"], row["category"]) for row in rows])


@cache
def products() -> Codes:
    """Medicines, by meaning, or by kind where there is none."""
    rows = _rows("drugs.csv")
    return Codes(rows, [(row["meaning"], row["kind"]) for row in rows])


@cache
def meanings() -> list[str]:
    """Every meaning of truth/event.parquet, in a fixed order."""
    named = [row["meaning"] for row in (*clinical().rows, *products().rows) if row["meaning"]]
    return [*dict.fromkeys(named), "covid_infection", "covid_admission", "other_admission"]


@cache
def categories() -> list[str]:
    """Every category of a meaning, in a fixed order."""
    return list(
        dict.fromkeys(row["category"] for row in clinical().rows if row["meaning"] and row["category"])
    )
