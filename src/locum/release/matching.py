"""Which rows of a dataset the rows of a leaked table may be: by the columns they share, numbers perhaps rounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from locum.errors import BadInput

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STEPS = (1000.0, 500.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.1, 0.05, 0.01)
"""To which numbers may have been rounded."""

SLACK = 1e-9  # 2.675 is a little less than it says

Way = Callable[[Floats], Floats]
WAYS: tuple[Way, ...] = (
    np.rint,  # half to even, as Python, R and numpy round
    lambda x: np.floor(x + 0.5 + SLACK),  # half up, as spreadsheets and databases do
    lambda x: np.trunc(x + SLACK),  # cut off
)

ON_GRID = 0.995
"""Of the leaked values lie on a step's grid where they were rounded to it."""


@dataclass(frozen=True)
class Matched:
    """Kinds of rows that look the same in the columns compared, and occur in the leaked table.

    kind: int64[rows of the dataset], -1 where the leaked table has none that looks so. leaked, whole: int64[kinds], how
    many rows of each; of leaked no more than of whole, lest one row, repeated, drown what the others tell. matched:
    rows of the leaked table that are of such a kind, no more of each than the dataset has.
    """

    kind: Codes
    leaked: Codes
    whole: Codes
    matched: int
    columns: tuple[str, ...]


def match(leaked: pa.Table, whole: pa.Table) -> Matched:
    """By the way of rounding under which most rows are found.

    Raises BadInput when the tables have no column in common, or the leaked one no row.
    """
    columns = tuple(name for name in whole.column_names if name in leaked.column_names)
    if not columns:
        raise BadInput(
            "the leaked table has no column of the dataset; give its columns the names that they had"
        )
    if not leaked.num_rows:
        raise BadInput("the leaked table has no row; there is nothing to compare")
    steps = {name: step for name in columns if (step := _step(leaked[name], whole[name])) is not None}
    ways = WAYS if steps else WAYS[:1]
    return max((_match(leaked, whole, columns, steps, way) for way in ways), key=lambda found: found.matched)


def _match(
    leaked: pa.Table, whole: pa.Table, columns: tuple[str, ...], steps: dict[str, float], way: Way
) -> Matched:
    """steps: to which the leaked numbers of a column were rounded."""
    n = whole.num_rows
    kind = np.zeros(n + leaked.num_rows, np.int64)
    for name in columns:
        codes = _codes(leaked[name], whole[name], steps.get(name), way)
        _, kind = np.unique(kind * (codes.max() + 1) + codes, return_inverse=True)
    rows, of_leaked = kind[:n], kind[n:]
    kinds = int(kind.max()) + 1
    in_whole = np.bincount(rows, minlength=kinds)
    in_leaked = np.bincount(of_leaked, minlength=kinds)
    in_leaked = np.minimum(in_leaked, in_whole)
    both = in_leaked > 0
    number = np.where(both, np.cumsum(both) - 1, -1)
    return Matched(
        kind=number[rows],
        leaked=in_leaked[both],
        whole=in_whole[both],
        matched=int(in_leaked[both].sum()),
        columns=columns,
    )


def _codes(leaked: pa.ChunkedArray, whole: pa.ChunkedArray, step: float | None, way: Way) -> Codes:
    """int64[rows of the dataset, then of the leaked table], from 0, equal where the values are."""
    told, own = _numbers(leaked), _numbers(whole)
    if told is not None and own is not None:
        values = np.concatenate([own if step is None else _tidy(way(own / step), step), told])
        codes: Codes = np.unique(values, return_inverse=True)[1].astype(np.int64)
        return codes
    texts = [_text(column) for column in (whole, leaked)]
    indices = pa.chunked_array(texts).combine_chunks().dictionary_encode().indices.fill_null(-1)
    numbered: Codes = indices.to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return numbered


def _text(column: pa.ChunkedArray) -> pa.Array:
    return pa.chunked_array(
        [pc.cast(chunk, pa.string()) for chunk in column.chunks], pa.string()
    ).combine_chunks()


def _numbers(column: pa.ChunkedArray) -> Floats | None:
    """float64[rows], NaN for a missing value; None when the column is not of numbers."""
    kind = column.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return None
    numbers: Floats = pc.cast(column, pa.float64()).to_numpy()
    return numbers + 0.0  # -0.0 is 0.0


def _step(leaked: pa.ChunkedArray, whole: pa.ChunkedArray) -> float | None:
    """The coarsest step to which the leaked numbers are rounded, and the dataset's are not; None for none."""
    told, own = _numbers(leaked), _numbers(whole)
    if told is None or own is None:
        return None

    def on_grid(values: Floats, step: float) -> bool:
        there = values[~np.isnan(values)] / step
        return bool(len(there) and np.mean(np.abs(there - np.rint(there)) < 1e-6) >= ON_GRID)

    return next((step for step in STEPS if on_grid(told, step) and not on_grid(own, step)), None)


def _tidy(steps: Floats, step: float) -> Floats:
    """STEPS times STEP as a program writes it: .1 * 3 is .30000000000000004."""
    return np.round(steps * step, 2) + 0.0
