"""Samples built by hand."""

from __future__ import annotations

import numpy as np

from locum.evaluate.sample import Sample
from locum.variables import Column, Kind, Variable


def numbers(name: str, values: object, kind: Kind = Kind.CONTINUOUS, **more: object) -> Column:
    array = np.array(values, dtype=np.float64)
    return Column(Variable(name, kind, "double", **more), array, np.isnan(array).astype(np.uint8))


def levels(name: str, codes: object, names: tuple[str, ...], **more: object) -> Column:
    """Codes are indices into NAMES; -1 is missing."""
    array = np.array(codes, dtype=np.float64)
    missing = (array < 0).astype(np.uint8)
    return Column(
        Variable(name, Kind.NOMINAL, levels=names, **more), np.where(missing == 1, np.nan, array), missing
    )


def sample(*columns: Column) -> Sample:
    return Sample(columns, np.arange(len(columns[0]), dtype=np.int64))
