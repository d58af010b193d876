"""Types for columns of text: whole numbers, numbers, dates and moments, where every cell reads as one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_WHOLE = r"^-?(0|[1-9][0-9]{0,17})$"
_NUMBER = r"^[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_TOO_LONG = r"^[+-]?[0-9]{19,}$"  # a code, such as a SNOMED CT identifier, that double would round
_DECIMAL_COMMA = r"^[+-]?(0|[1-9][0-9]*)(,[0-9]+)?$"
_INFINITY = r"^[+-]?([iI]nf|INF|[iI]nfinity)$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"
_MOMENT_IN_ZONE = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})$"
)


def typed(column: pa.ChunkedArray, decimal_comma: bool = False) -> pa.ChunkedArray:
    """A column of text in the narrowest type that every cell fits; all cells are looked at, none is guessed.

    Whole numbers of up to 18 digits become int64, other numbers double, ISO dates and moments their types.
    A number with a leading zero ("00123") is a code, and keeps its column text; so does any cell of words.
    Truth values stay text: "True", "TRUE" and "true" would not come back as they were.
    """
    coded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    values = coded.dictionary
    if not len(values):
        return column
    found = _values(values, decimal_comma)
    return column if found is None else pa.chunked_array([found.take(coded.indices)])


def _values(values: pa.Array, decimal_comma: bool) -> pa.Array | None:
    if _all(values, _WHOLE):
        return values.cast(pa.int64())
    if decimal_comma and _all(values, _DECIMAL_COMMA):
        return pc.replace_substring(values, ",", ".").cast(pa.float64())
    if pc.any(pc.match_substring_regex(values, _TOO_LONG)).as_py():
        return None
    infinite = pc.match_substring_regex(values, _INFINITY)
    if _all(values.filter(pc.invert(infinite)), _NUMBER):
        return pc.replace_substring_regex(values, r"^\+", "").cast(pa.float64())
    for pattern, kind in (
        (_DAY, pa.date32()),
        (_MOMENT, pa.timestamp("us")),
        (_MOMENT_IN_ZONE, pa.timestamp("us", tz="UTC")),
    ):
        if _all(values, pattern):
            try:
                return values.cast(kind)
            except pa.ArrowInvalid:  # 30 February
                return None
    return None


def _all(values: pa.Array, pattern: str) -> bool:
    """Whether every value matches; the first few are tried alone, to be done quickly with words."""
    return len(values) > 0 and all(
        pc.all(pc.match_substring_regex(part, pattern)).as_py() for part in (values[:20], values)
    )
