"""Checks of a document that may be damaged or hostile: what does not fit raises `Damaged`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


class Damaged(ValueError):
    """Says which part of the document is wrong."""


def need(condition: bool | np.bool_, what: str) -> None:
    if not condition:
        raise Damaged(what)


def keys(entry: Any, keys: set[str], what: str) -> None:
    """A part that is not described could carry anything out."""
    need(isinstance(entry, dict) and set(entry) == keys, f"{what} has parts missing or unknown")


def list_of(value: Any, what: str) -> list[Any]:
    need(isinstance(value, list), f"{what} is not a list")
    return list(value)


def whole(value: Any, what: str, dimensions: int = 1) -> npt.NDArray[np.int64]:
    """A list of whole numbers, and of nothing that could be read as one."""
    array = np.array(list_of(value, what))
    need(array.ndim == dimensions and (array.size == 0 or array.dtype == np.int64), what)
    return array.astype(np.int64)


def numbers(value: Any, what: str) -> npt.NDArray[np.float64]:
    array = np.array(list_of(value, what))
    need(array.ndim == 1 and (array.size == 0 or array.dtype.kind in "if"), what)
    array = array.astype(np.float64)
    need(bool(np.isfinite(array).all()), what)
    return array


def inside(numbers: npt.NDArray[np.int64], least: int, beyond: int) -> bool:
    return bool(((numbers >= least) & (numbers < beyond)).all())
