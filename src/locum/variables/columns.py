"""Arrow columns as plain numpy arrays, and back: the form in which `network` and `evaluate` see a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.errors import BadInput
from locum.variables.hierarchy import nearest
from locum.variables.reading import Distinct, distinct, level_text, level_texts, numbers, raw_number
from locum.variables.storage import is_readable, is_text, is_text_storage
from locum.variables.variable import OTHER, Kind, Variable, Variables
from locum.variables.writing import from_numbers, from_texts, on_grid

LARGEST = 1e29
"""Of numbers that are compared: an evaluation has 32 bits for each, and -1e30 stands there for a missing one."""


@dataclass(frozen=True)
class Column:
    """The values of one variable.

    values: float64[n]. For numeric kinds the number itself (dates: days since 1970-01-01, fractions for
        times); for kinds with levels the index into ``variable.levels``, and ``len(levels)`` for ``other``.
        NaN where missing.
    missing: uint8[n]. 0 where a value is present, else 1 + the index into ``variable.missing_reasons``.
    kin: int64[n] for levels with a hierarchy: 1 + the index of the level nearest to a value that is read as ``other``,
        0 where there is none. None when the hierarchy says nothing.
    """

    variable: Variable
    values: npt.NDArray[np.float64]
    missing: npt.NDArray[np.uint8]
    kin: npt.NDArray[np.int64] | None = None

    @property
    def nearest(self) -> npt.NDArray[np.int64]:
        """int64[n]: the index of each value's level, of its kin where it has one; 0 where missing."""
        index = np.where(self.missing > 0, 0, self.values).astype(np.int64)
        return index if self.kin is None else np.where(self.kin > 0, self.kin - 1, index)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: npt.NDArray[np.int64]) -> Column:
        """The values of these rows."""
        kin = None if self.kin is None else self.kin[rows]
        return Column(self.variable, self.values[rows], self.missing[rows], kin)


def to_columns(table: pa.Table, variables: Variables, threads: int | None = 1) -> list[Column]:
    """The modelled variables of TABLE as numpy columns, in declaration order.

    An empty cell, NaN, an infinity and text of nothing but blanks are missing as "not recorded".

    threads: that work at once, a column each; None for one a processor.
    Raises BadInput when a column is absent or its type cannot be read as the declared kind.
    """
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        return list(pool.map(lambda own: _column(_field(table, own), own), variables.modelled))


def check_sizes(columns: Sequence[Column]) -> None:
    """Raises BadInput when a number of COLUMNS is beyond `LARGEST`."""
    for column in columns:
        if not column.variable.kind.has_levels and np.any(np.abs(column.values) > LARGEST):
            raise BadInput(
                f'column "{column.variable.name}" has numbers beyond {LARGEST:g}; list those that stand for a missing '
                "value under its missing reasons, and give others in a larger unit"
            )


def _field(table: pa.Table, variable: Variable) -> pa.ChunkedArray:
    places = table.schema.get_all_field_indices(variable.name)
    if len(places) != 1:
        found = "more than once in" if places else "not in"
        raise BadInput(
            f'column "{variable.name}" is declared but {found} the table; '
            "rename it, or take it out of the declaration"
        )
    return table.column(places[0])


def _column(array: pa.ChunkedArray, variable: Variable) -> Column:
    if not is_readable(array.type):
        raise _unreadable(variable, f"its type {array.type} cannot be modelled")
    return _leveled(array, variable) if variable.kind.has_levels else _numeric(array, variable)


def _unreadable(variable: Variable, why: str) -> BadInput:
    return BadInput(
        f'column "{variable.name}" cannot be read as {variable.kind}: {why}; '
        "change its kind in the declaration"
    )


def _reason_codes(variable: Variable) -> dict[str, int]:
    """The raw text that stands for a missing reason -> its code in ``Column.missing``."""
    codes = {reason: 1 + i for i, reason in enumerate(variable.missing_reasons)}
    return {raw: codes[reason] for reason, raws in variable.missing.items() for raw in raws}


def _leveled(array: pa.ChunkedArray, variable: Variable) -> Column:
    found = distinct(array)
    texts = level_texts(found.values)
    if variable.storage == "bool":  # True, TRUE and 1 of text files
        texts = [None if t is None else {"1": "true", "0": "false"}.get(t, t.lower()) for t in texts]
    index = {level: i for i, level in enumerate(variable.levels)}
    other = index.get(OTHER, len(index))  # a real level of that name takes the rest in
    reasons = _reason_codes(variable)
    if not is_text(found.values.type):  # "-7" and "-7.0" are one number
        reasons = {_as_number_text(raw): code for raw, code in reasons.items()}
    missing = np.array([1 if t is None else reasons.get(t, 0) for t in texts] + [1], dtype=np.uint8)
    values = np.array(
        [np.nan if t is None else index.get(t, other) for t in texts] + [np.nan], dtype=np.float64
    )
    values[missing > 0] = np.nan
    kin = None
    if variable.hierarchy:
        unlisted = [i for i, t in enumerate(texts) if t is not None and t not in index and not missing[i]]
        near = np.zeros(len(missing), np.int64)
        near[unlisted] = 1 + nearest(variable.levels, variable.hierarchy, [texts[i] or "" for i in unlisted])
        kin = near[found.codes]
    return Column(variable, values[found.codes], missing[found.codes], kin)


def _as_number_text(raw: str) -> str:
    number = raw_number(raw, False, None)
    return raw if number is None else level_text(number) or raw


def _numeric(array: pa.ChunkedArray, variable: Variable) -> Column:
    is_date = variable.kind is Kind.DATE
    try:
        values, texts = numbers(array, is_date, variable.date_format)
    except BadInput as error:
        raise _unreadable(variable, str(error)) from None
    missing = np.isnan(values).astype(np.uint8)
    if texts is not None:
        missing = _text_reasons(texts, np.isnan(values), variable)
    else:
        for raw, code in _reason_codes(variable).items():
            number = raw_number(raw, is_date, None)
            if number is not None:
                missing[values == number] = code
    values[missing > 0] = np.nan
    return Column(variable, values, missing)


def _text_reasons(
    texts: Distinct, unread: npt.NDArray[np.bool_], variable: Variable
) -> npt.NDArray[np.uint8]:
    reasons = _reason_codes(variable)
    codes = [1 if not t.strip() else reasons.get(t, 0) for t in (x or "" for x in texts.values.to_pylist())]
    missing = np.array([*codes, 1], dtype=np.uint8)[texts.codes]
    wrong = int(np.sum(unread & (missing == 0)))
    if wrong:
        what = f'dates in the format "{variable.date_format}"' if variable.kind is Kind.DATE else "numbers"
        raise BadInput(
            f'column "{variable.name}": {wrong} of {len(unread)} cells are not {what}; '
            "list such texts under its missing reasons, or declare it nominal"
        )
    return missing


def to_table(columns: Sequence[Column], threads: int | None = 1) -> pa.Table:
    """An Arrow table with each column in its declared storage type; the inverse of `to_columns`.

    A missing reason comes back as its first raw value, "not recorded" as null, ``other`` as the text "other"
    or, in a storage that is not text, as null. Numbers are rounded to the declared precision.

    threads: that work at once, a column each; None for one a processor.
    Raises BadInput when a value does not fit the declared storage.
    """
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        arrays = list(pool.map(_named_array, columns))
    return pa.table(dict(zip([column.variable.name for column in columns], arrays, strict=True)))


def _named_array(column: Column) -> pa.Array:
    try:
        return _array(column)
    except BadInput as error:
        raise BadInput(f'column "{column.variable.name}": {error}') from None


def _array(column: Column) -> pa.Array:
    variable = column.variable
    reasons: list[str | None] = [
        variable.missing[r][0] if variable.missing[r] else None for r in _beyond_empty(variable)
    ]
    if variable.kind.has_levels:
        pool = from_texts([*variable.levels, OTHER, *reasons], variable.storage)
        return _pick(pool, _pool_index(column, len(variable.levels) + 1), variable)
    is_date = variable.kind is Kind.DATE
    values = on_grid(column.values, variable.precision)
    as_text = is_text_storage(variable.storage)
    if not as_text:
        for i, raw in enumerate(reasons):
            number = None if raw is None else raw_number(raw, is_date, None)
            values = np.where(column.missing == i + 2, np.nan if number is None else number, values)
        return from_numbers(values, variable.storage, variable.date_format, is_date)
    array = from_numbers(values, variable.storage, variable.date_format, is_date)
    if np.any(column.missing > 1):
        rows = np.arange(len(column), dtype=np.int64)
        index = np.where(column.missing > 1, len(column) + column.missing.astype(np.int64) - 2, rows)
        array = pa.concat_arrays([array, pa.array(reasons, pa.string())]).take(pa.array(index))
    return _encoded(array) if variable.storage == "dictionary" else array


def _encoded(texts: pa.Array) -> pa.Array:
    coded = texts.dictionary_encode()
    narrow = coded.indices.cast(_index_type(len(coded.dictionary)))
    return pa.DictionaryArray.from_arrays(narrow, coded.dictionary)


def _beyond_empty(variable: Variable) -> tuple[str, ...]:
    return variable.missing_reasons[1:]


def _pool_index(column: Column, first_reason: int) -> pa.Array:
    """Where each cell stands in the pool of levels, other and missing reasons; null for an empty one."""
    empty = np.isnan(column.values)
    gaps = bool(empty.any())
    index = (np.where(empty, 0.0, column.values) if gaps else column.values).astype(np.int32)
    reason = column.missing > 1
    if reason.any():
        index[reason] = first_reason + column.missing[reason].astype(np.int32) - 2
    return pa.array(index, mask=empty & ~reason if gaps else None)


def _pick(pool: pa.Array, index: pa.Array, variable: Variable) -> pa.Array:
    if variable.storage != "dictionary":
        return pool.take(index)
    texts = pool.to_pylist()
    used = set(index.unique().to_pylist())
    kept = [i for i in range(len(texts)) if i < len(variable.levels) or i in used]
    names = list(dict.fromkeys(texts[i] for i in kept if texts[i] is not None))
    place = pa.array([names.index(t) if t in names else None for t in texts], _index_type(len(names)))
    return pa.DictionaryArray.from_arrays(
        place.take(index), pa.array(names, pa.string()), ordered=_is_ordered(variable)
    )


def _is_ordered(variable: Variable) -> bool:
    return variable.kind is Kind.ORDINAL


def _index_type(size: int) -> pa.DataType:
    return pa.int8() if size <= 127 else pa.int16() if size <= 32_767 else pa.int32()
