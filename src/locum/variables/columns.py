"""Arrow columns as plain numpy arrays, and back: the form in which `network` and `evaluate` see a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.variables.variable import Variable, Variables


@dataclass(frozen=True)
class Column:
    """The values of one variable.

    values: float64[n]. For numeric kinds the number itself (dates: days since 1970-01-01, fractions for
        times); for kinds with levels the index into ``variable.levels``, and ``len(levels)`` for ``other``.
        NaN where missing.
    missing: uint8[n]. 0 where a value is present, else 1 + the index into ``variable.missing_reasons``.
    """

    variable: Variable
    values: npt.NDArray[np.float64]
    missing: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.values)


def to_columns(table: pa.Table, variables: Variables) -> list[Column]:
    """The modelled variables of TABLE as numpy columns, in declaration order.

    Raises BadInput when a column is absent or its type cannot be read as the declared kind.
    """
    raise NotImplementedError


def to_table(columns: Sequence[Column]) -> pa.Table:
    """An Arrow table with each column in its declared storage type; the inverse of `to_columns`."""
    raise NotImplementedError
