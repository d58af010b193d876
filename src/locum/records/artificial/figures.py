"""The figures of `figures.toml`, and the calendar that they are read on: days since 1970-01-01."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

WOMAN, MAN = 0, 1
YEAR = 365.25
NEVER = 2**30
"""The day of what does not happen: after every other day."""
YEARS = 105
"""Lives are followed to this age."""


@cache
def figures() -> dict[str, Any]:
    """Every figure, by section; the file names the source of each."""
    return tomllib.loads(files(__package__).joinpath("figures.toml").read_text("utf-8"))


def day(text: str) -> int:
    """The day of YYYY-MM-DD."""
    return int(np.datetime64(text, "D").astype(np.int64))


def year_of(days: np.ndarray) -> np.ndarray:
    """The calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def first_of_year(days: np.ndarray) -> np.ndarray:
    """1 January of the year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def from_shares(rng: np.random.Generator, size: int, values: list[float], shares: list[float]) -> np.ndarray:
    """SIZE draws from the distribution function with SHARES at VALUES."""
    return np.interp(rng.random(size), shares, values)


def pick(rng: np.random.Generator, shares: np.ndarray | list[float], size: int) -> np.ndarray:
    """SIZE draws of an index, with SHARES (made to sum to one)."""
    reached = np.cumsum(shares)
    return np.asarray(
        np.minimum(np.searchsorted(reached, rng.random(size) * reached[-1], "right"), len(reached) - 1)
    )
