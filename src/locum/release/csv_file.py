"""The table as CSV, and its reading: UTF-8, LF, a missing value is an empty cell, dates and moments are ISO 8601.

Of a column by itself an empty cell would be an empty line, which most readers pass over; there it is a cell in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from locum.variables.storage import is_text, value_type

ROWS = 1 << 16
"""That are written, or compared, at once."""


def write(table: pa.Table, path: Path) -> None:
    """The same table gives the same bytes."""
    with pa_csv.CSVWriter(path, written_schema(table.schema)) as writer:
        for batch in table.to_batches(max_chunksize=ROWS):
            writer.write_batch(written(batch))
    if _is_lone_number(table.schema):
        heading, end, rows = path.read_bytes().rpartition(b'"\n')
        path.write_bytes(heading + end + re.sub(rb"^\n", b'""\n', rows, flags=re.MULTILINE))


def read(file: BinaryIO, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a table of SCHEMA as `written` gives them. Raises pa.ArrowInvalid where they are not."""
    kinds = written_schema(schema)
    convert = pa_csv.ConvertOptions(
        column_types=kinds,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=_is_lone_number(schema),
        true_values=["true"],
        false_values=["false"],
    )
    parse = pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    reader = pa_csv.open_csv(file, parse_options=parse, convert_options=convert)
    if reader.schema.names != kinds.names:
        raise pa.ArrowInvalid("the columns are others")
    yield from reader


def written(batch: pa.RecordBatch) -> pa.RecordBatch:
    """BATCH in the types that CSV can hold."""
    schema = written_schema(batch.schema)
    columns = [_column(x, k) for x, k in zip(batch.columns, schema.types, strict=True)]
    if len(columns) == 1 and is_text(schema.types[0]):
        columns = [columns[0].fill_null("")]
    return pa.record_batch(columns, schema)


def written_schema(schema: pa.Schema) -> pa.Schema:
    """The types in which the columns of SCHEMA are written."""
    return pa.schema([pa.field(field.name, _written_type(field.type)) for field in schema])


def _is_lone_number(schema: pa.Schema) -> bool:
    """Whether there is one column, and it is written without quotes."""
    types = written_schema(schema).types
    return len(types) == 1 and not is_text(types[0])


def _written_type(kind: pa.DataType) -> pa.DataType:
    kind = value_type(kind)
    if pa.types.is_timestamp(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_duration(kind):
        return pa.int64()
    return pa.float32() if pa.types.is_float16(kind) else pa.date32() if pa.types.is_date64(kind) else kind


def _column(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_timestamp(array.type):
        utc = "Z" if array.type.tz else ""
        if utc:
            array = array.cast(pa.timestamp(array.type.unit, "UTC"))
        return pc.strftime(array, format=f"%Y-%m-%dT%H:%M:%S{utc}", locale="C")
    if pa.types.is_floating(array.type):  # NaN is missing
        array = pc.if_else(pc.is_nan(array.cast(kind)), None, array.cast(kind))
    return array.cast(kind)


def agree(one: Iterable[pa.RecordBatch], other: Iterable[pa.RecordBatch]) -> str | None:
    """The column in which two tables of one schema differ, "" when they have not as many rows, None when they agree."""
    left, right = iter(one), iter(other)
    a = b = None
    while True:
        a = a if a is not None and a.num_rows else next((x for x in left if x.num_rows), None)
        b = b if b is not None and b.num_rows else next((x for x in right if x.num_rows), None)
        if a is None or b is None:
            return None if a is None and b is None else ""
        rows = min(a.num_rows, b.num_rows)
        for name, x, y in zip(a.schema.names, a.columns, b.columns, strict=True):
            if not x[:rows].equals(y[:rows]):
                return str(name)
        a, b = a[rows:], b[rows:]
