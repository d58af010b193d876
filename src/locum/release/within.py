"""Whether the values of a column are among those that were told of: its levels, its range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from locum.variables import OTHER, Variable, Variables, level_text, to_columns
from locum.variables.reading import distinct, level_texts, raw_number

_SLACK = 1e-9


def levels_hold(column: pa.ChunkedArray, levels: Iterable[str], variable: Variable) -> bool:
    """Whether COLUMN has no level but LEVELS, "other", and the raw values that stand for a missing reason."""
    found = distinct(column)
    used = np.bincount(found.codes[found.codes >= 0], minlength=len(found.values)) > 0
    known = {*levels, OTHER, *_raw(variable)}
    texts = level_texts(found.values)
    return all(not u or t is None or t in known for u, t in zip(used, texts, strict=True))


def _raw(variable: Variable) -> Iterator[str]:
    """Raw values that stand for a missing reason, as texts of levels."""
    for raws in variable.missing.values():
        for raw in raws:
            yield raw
            number = raw_number(raw, False, None)
            if number is not None:
                yield level_text(number) or raw


def range_holds(column: pa.ChunkedArray, low: float | None, high: float | None, variable: Variable) -> bool:
    """Whether no value lies beyond LOW and HIGH, but for rounding to whole steps of the variable's precision.

    Raises BadInput when COLUMN does not read as the numbers or dates that VARIABLE says.
    """
    (read,) = to_columns(pa.table([column], [variable.name]), Variables((variable,)))
    values = read.values[~np.isnan(read.values)]
    step = (variable.precision or 0.0) / 2
    least = -np.inf if low is None else low - step - _SLACK * abs(low)
    most = np.inf if high is None else high + step + _SLACK * abs(high)
    return not len(values) or bool(values.min() >= least and values.max() <= most)
