"""Arrow arrays as numbers, or as codes of distinct values. Loops run over distinct values, never rows."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from locum.errors import BadInput
from locum.variables.storage import is_day_or_moment, is_number, is_text, value_type

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
ISO_DATE = "%Y-%m-%d"
_NUMBER = re.compile(NUMBER)
_TICKS_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct values. codes: int64[n], index into ``values``, -1 where a cell is empty."""

    codes: Codes
    values: pa.Array


def level_text(value: object) -> str | None:
    """How a level is written in a declaration; None for an empty cell, NaN and an infinity.

    Text is itself, numbers are ``format(x, ".12g")``, truth values "true" and "false", days and moments
    ISO 8601. Text of nothing but blanks is an empty cell.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    number = float(value)  # type: ignore[arg-type]
    return format(number + 0.0, ".12g") if np.isfinite(number) else None  # -0 is 0


def distinct(column: pa.ChunkedArray) -> Distinct:
    """The distinct values of a column of any readable type, with dictionaries of its chunks made one."""
    if pa.types.is_dictionary(column.type):
        column = _without_views(column)
    else:
        if pa.types.is_null(column.type):
            column = column.cast(pa.string())
        if pa.types.is_string_view(column.type):
            column = column.cast(pa.large_string())
        column = column.dictionary_encode()
    merged = column.unify_dictionaries().combine_chunks()
    codes = pc.fill_null(merged.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return Distinct(np.asarray(codes, dtype=np.int64), merged.dictionary)


def _without_views(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same dictionaries, of plain text where they are of string views (polars), which lack kernels."""
    if not pa.types.is_string_view(column.type.value_type):
        return column
    kind = pa.dictionary(column.type.index_type, pa.large_string(), column.type.ordered)
    plain = [
        pa.DictionaryArray.from_arrays(
            part.indices, part.dictionary.cast(pa.large_string()), ordered=kind.ordered
        )
        for part in column.chunks
    ]
    return pa.chunked_array(plain, kind)


def level_texts(values: pa.Array) -> list[str | None]:
    """The text of each distinct value; see `level_text`."""
    kind = values.type
    if pa.types.is_duration(kind) or pa.types.is_decimal(kind):
        return [level_text(x) for x in plain_numbers(values)]
    if pa.types.is_timestamp(kind):  # as text in Arrow: Python has no nanoseconds
        return [None if x is None else x.replace(" ", "T") for x in values.cast(pa.string()).to_pylist()]
    if is_text(kind):
        return [x if x and not x.isspace() else None for x in values.to_pylist()]
    return [level_text(x) for x in values.to_pylist()]


def plain_numbers(array: pa.Array | pa.ChunkedArray) -> Floats:
    """Numbers, truth values, days, moments and lengths of time as float64; NaN where empty or infinite.

    Days and moments count days since 1970-01-01 (UTC where the column has a time zone), lengths of time are
    days. float64 holds moments of this century to the microsecond.
    """
    kind = array.type
    if pa.types.is_date32(kind):
        array = array.cast(pa.int32())
    elif pa.types.is_date64(kind):
        array, kind = array.cast(pa.int64()), pa.timestamp("ms")
    elif pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        array = array.cast(pa.int64())
    found = np.asarray(
        array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64
    ).copy()
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        found /= _TICKS_PER_DAY[kind.unit]
    found[~np.isfinite(found)] = np.nan
    found += 0.0  # -0 is 0
    return found


def text_numbers(values: pa.Array) -> Floats:
    """Numbers written as text; NaN for text that is no number."""
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.large_string())
    numbers = pc.if_else(pc.match_substring_regex(values, NUMBER), pc.utf8_trim_whitespace(values), None)
    numbers = pc.replace_substring_regex(numbers, r"^\+", "")
    return plain_numbers(numbers.cast(pa.float64()))


def text_days(values: pa.Array, date_format: str) -> Floats:
    """Days since 1970-01-01 of dates written as text; NaN for text that is no date in this format."""
    try:
        moments = pc.strptime(values.cast(pa.string()), format=date_format, unit="s", error_is_null=True)
    except pa.ArrowInvalid:
        raise BadInput(f'"{date_format}" is not a strptime format; write one such as "{ISO_DATE}"') from None
    return plain_numbers(moments)


def numbers(
    column: pa.ChunkedArray, is_date: bool, date_format: str | None
) -> tuple[Floats, Distinct | None]:
    """The column as numbers, and its distinct texts where it is written as text.

    Raises BadInput, without the column's name, when the type cannot be read so.
    """
    kind = value_type(column.type)
    if is_text(kind):
        texts = distinct(column)
        found = text_days(texts.values, date_format or ISO_DATE) if is_date else text_numbers(texts.values)
        return np.append(found, np.nan)[texts.codes], texts
    readable = (
        is_day_or_moment(kind)
        if is_date
        else is_number(kind) or pa.types.is_boolean(kind) or pa.types.is_duration(kind)
    )
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan), None
    if not readable:
        raise BadInput(f"its type {column.type} cannot be read as {'dates' if is_date else 'numbers'}")
    if pa.types.is_dictionary(column.type):
        coded = distinct(column)
        return np.append(plain_numbers(coded.values), np.nan)[coded.codes], None
    return plain_numbers(column), None


def raw_number(text: str, is_date: bool, date_format: str | None) -> float | None:
    """A raw value of a missing reason as the number that stands in the column; None when it is none."""
    if is_date:
        found = float(text_days(pa.array([text]), date_format or ISO_DATE)[0])
        return None if np.isnan(found) else found
    return float(text) if _NUMBER.match(text) else None
