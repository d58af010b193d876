"""Names of Arrow types, as a declaration writes them, and the types they name."""

from __future__ import annotations

import re

import pyarrow as pa

from locum.errors import BadInput

_TIMESTAMP = re.compile(r"timestamp\[(s|ms|us|ns), tz=(.+)\]")
_DECIMAL = re.compile(r"decimal(128|256)\((\d+), (-?\d+)\)")


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are text (any width; not a dictionary)."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_number(kind: pa.DataType) -> bool:
    """Whether values of this type are numbers (truth values and lengths of time are not)."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def is_day_or_moment(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def value_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values, looking through a dictionary."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def is_readable(kind: pa.DataType) -> bool:
    """Whether locum can model values of this type. Lists, structs, bytes and times of day it cannot."""
    kind = value_type(kind)
    return bool(
        is_text(kind)
        or is_number(kind)
        or is_day_or_moment(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_duration(kind)
        or pa.types.is_null(kind)
    )


def storage_of(kind: pa.DataType) -> str:
    """The declared name of an Arrow type; "string" for any text, "dictionary" for a dictionary of text."""
    if pa.types.is_dictionary(kind):
        return "dictionary" if is_text(kind.value_type) else storage_of(kind.value_type)
    return "string" if is_text(kind) or pa.types.is_null(kind) else str(kind)


def arrow_type(storage: str) -> pa.DataType:
    """The Arrow type that STORAGE names; text for "dictionary", since its index width depends on the levels.

    Raises BadInput when there is no such type, or when locum cannot write it.
    """
    if storage == "dictionary":
        return pa.string()
    if found := _TIMESTAMP.fullmatch(storage):
        return pa.timestamp(found[1], tz=found[2])
    if found := _DECIMAL.fullmatch(storage):
        make = pa.decimal128 if found[1] == "128" else pa.decimal256
        try:
            return make(int(found[2]), int(found[3]))
        except ValueError:
            pass
    try:
        kind = pa.type_for_alias(storage)
    except ValueError:
        kind = None
    if kind is None or not is_readable(kind) or pa.types.is_null(kind):
        raise BadInput(
            f'storage "{storage}" is not a type that can be written; '
            'use an Arrow type such as "int64", "double", "string", "bool" or "date32[day]"'
        )
    return kind


def is_text_storage(storage: str) -> bool:
    """Whether values are written as text, so that any level, and "other", can be."""
    return is_text(arrow_type(storage))
