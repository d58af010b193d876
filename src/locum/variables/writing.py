"""Numbers and codes as Arrow arrays of a declared storage type; the inverse of `reading`."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from locum.errors import BadInput
from locum.variables.reading import ISO_DATE, Floats
from locum.variables.storage import arrow_type, is_text

_TICKS_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = datetime.datetime(1970, 1, 1)


def on_grid(values: Floats, precision: float | None) -> Floats:
    """VALUES rounded to whole steps of PRECISION; for steps of 1/n, to the double nearest to the decimal."""
    if precision is None:
        return values
    if precision == 1:
        return np.rint(values)
    per_one = np.rint(1 / precision)
    if precision < 1 and np.isclose(per_one * precision, 1, rtol=1e-9, atol=0):
        whole = values * per_one
        np.rint(whole, out=whole)
        whole /= per_one
        return whole
    return np.rint(values / precision) * precision


def from_numbers(values: Floats, storage: str, date_format: str | None, is_date: bool) -> pa.Array:
    """An array of STORAGE from numbers (days for dates); NaN becomes null.

    Raises BadInput, without the column's name, when a number does not fit the type.
    """
    kind = arrow_type(storage)
    empty = np.isnan(values)
    if is_text(kind):
        found, codes = np.unique(values[~empty], return_inverse=True)
        texts = pa.array(_texts(found, date_format, is_date), pa.string())
        index = np.zeros(len(values), dtype=np.int64)
        index[~empty] = codes
        return texts.take(pa.array(index, mask=empty))
    try:
        if pa.types.is_float64(kind):
            return pa.array(values, from_pandas=True)
        gaps = bool(empty.any())
        return _typed(np.where(empty, 0.0, values) if gaps else values, empty if gaps else None, kind)
    except (pa.ArrowInvalid, OverflowError):
        raise BadInput(
            f'values do not fit storage "{storage}"; declare a wider type, such as "double"'
        ) from None


def _typed(filled: Floats, empty: npt.NDArray[np.bool_] | None, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return pa.array(np.floor(filled).astype(np.int32), mask=empty).cast(kind)
    if pa.types.is_date64(kind):
        return pa.array(np.floor(filled).astype(np.int64) * 86_400_000, mask=empty).cast(kind)
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        # float64 is good to the microsecond: nanoseconds would be noise.
        per_second = min(_TICKS_PER_SECOND[kind.unit], 1_000_000)
        ticks = np.rint(filled * (86_400 * per_second)).astype(np.int64)
        return pa.array(ticks * (_TICKS_PER_SECOND[kind.unit] // per_second), mask=empty).cast(kind)
    if pa.types.is_boolean(kind):
        return pa.array(filled != 0, mask=empty)
    if pa.types.is_integer(kind):
        whole = np.rint(filled)
        if len(whole) and max(-whole.min(), whole.max()) >= 2.0**63:
            raise OverflowError
        return pa.array(whole.astype(np.int64), mask=empty).cast(kind)
    if pa.types.is_decimal(kind):
        return pa.array(filled, mask=empty).cast(kind)
    return pa.array(filled, mask=empty).cast(kind, safe=False)


def _texts(found: Floats, date_format: str | None, is_date: bool) -> list[str | None]:
    if not is_date:
        return [format(x, ".12g") for x in found]
    seconds = pa.array(np.rint(found * 86_400).astype(np.int64)).cast(pa.timestamp("s"))
    written: list[str | None] = pc.strftime(seconds, format=date_format or ISO_DATE).to_pylist()
    return written


def from_texts(texts: list[str | None], storage: str) -> pa.Array:
    """An array of STORAGE from level texts; null for None and for text that the type cannot hold."""
    kind = arrow_type(storage)
    if is_text(kind):
        return pa.array(texts, kind)
    return pa.concat_arrays([_parsed(text, kind) for text in texts]) if texts else pa.array([], kind)


def _parsed(text: str | None, kind: pa.DataType) -> pa.Array:
    nothing = pa.nulls(1, kind)
    if text is None:
        return nothing
    try:
        if pa.types.is_boolean(kind):
            return pa.array([{"true": True, "false": False}.get(text)], kind)
        if pa.types.is_integer(kind):
            whole = Decimal(text)
            return pa.array([int(whole)], kind) if whole == int(whole) else nothing
        if pa.types.is_decimal(kind):
            return pa.array([Decimal(text)], kind)
        if pa.types.is_floating(kind):
            return pa.array([float(text)], pa.float64()).cast(kind, safe=False)
        if pa.types.is_duration(kind):
            return from_numbers(np.array([float(text)]), str(kind), None, False)
        return pa.array([text]).cast(kind)
    except (ValueError, ArithmeticError, OverflowError, pa.ArrowInvalid):
        return nothing
