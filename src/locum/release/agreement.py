"""Whether the data are what the dictionary says: the Parquet file, the CSV file and dictionary.json tell one story."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, BeforeValidator, Field

from locum.errors import BadInput
from locum.release import csv_file
from locum.release.about import NAME, VERSION
from locum.release.contents import FAULTS, Contents
from locum.variables import OTHER, Kind, Variable, Variables, level_text, to_columns
from locum.variables.reading import distinct, level_texts, raw_number
from locum.variables.storage import storage_of

_DAY_ZERO = datetime.date(1970, 1, 1)
_SLACK = 1e-9


def _days(value: object) -> object:
    """A day in ISO 8601 as days since 1970-01-01, as numbers of dates are counted."""
    return (datetime.date.fromisoformat(value) - _DAY_ZERO).days if isinstance(value, str) else value


Limit = Annotated[float | None, BeforeValidator(_days)]


class Level(BaseModel):
    level: str


class Entry(BaseModel):
    """What dictionary.json says of a variable, as far as it can be held against the data."""

    name: str
    kind: Kind
    storage: str
    levels: tuple[Level, ...] | None = None
    low: Limit = None
    high: Limit = None
    precision: float | None = None


class Dictionary(BaseModel):
    """dictionary.json, as far as it can be held against the data."""

    format: Literal[1]
    name: str = Field(pattern=NAME)
    version: str = Field(pattern=VERSION)
    rows: int
    variables: tuple[Entry, ...]

    @property
    def parquet(self) -> str:
        return f"data/{self.name}.parquet"

    @property
    def csv(self) -> str:
        return f"data/{self.name}.csv"


def check(contents: Contents, dictionary: Dictionary, declared: Variables) -> None:
    """Raises BadInput that names the first thing in which data, dictionary and declaration differ."""
    parquet, text = dictionary.parquet, dictionary.csv
    variables = [_variable(entry, declared, contents.name) for entry in dictionary.variables]
    try:
        with contents.seekable(parquet) as file, contents.open(text) as other:
            data = pq.ParquetFile(file)
            schema = data.schema_arrow
            _check_schema(schema, data.metadata.num_rows, dictionary, contents.name)
            rows = _checked(data, dictionary, variables, contents.name)
            differ = csv_file.agree(rows, csv_file.read(other, schema))
    except (*FAULTS, pa.ArrowException, OSError):
        raise BadInput(f"{contents.name}: {parquet} and {text} are not two files of one table") from None
    if differ is not None:
        where = f'in column "{differ}"' if differ else "in how many rows they have"
        raise BadInput(f"{contents.name}: {parquet} and {text} differ {where}")


def _variable(entry: Entry, declared: Variables, where: str) -> Variable:
    """The declaration of the variable that ENTRY tells of."""
    if entry.name not in declared:
        return Variable(entry.name, entry.kind, entry.storage)
    found = declared[entry.name]
    for what, one, other in (("kind", entry.kind, found.kind), ("storage", entry.storage, found.storage)):
        if one != other:
            raise BadInput(
                f'{where}: dictionary.json and evidence/variables.toml differ in the {what} of "{entry.name}"'
            )
    return found


def _check_schema(schema: pa.Schema, rows: int, dictionary: Dictionary, where: str) -> None:
    told_names = [entry.name for entry in dictionary.variables]
    if schema.names != told_names or len(set(told_names)) != len(told_names):
        differing = sorted(set(schema.names) ^ set(told_names))
        which = (
            f'"{differing[0]}" is in one only'
            if differing
            else "their order differs, or a name is there twice"
        )
        raise BadInput(
            f"{where}: the columns of {dictionary.parquet} are not those of dictionary.json: {which}"
        )
    if rows != dictionary.rows:
        raise BadInput(
            f"{where}: {dictionary.parquet} has {rows} rows, dictionary.json says {dictionary.rows}"
        )
    for entry, kind in zip(dictionary.variables, schema.types, strict=True):
        if _plain(storage_of(kind)) != _plain(entry.storage):
            raise BadInput(
                f'{where}: "{entry.name}" is stored as {kind}, dictionary.json says {entry.storage}'
            )


def _plain(storage: str) -> str:
    """A dictionary is a way to write text."""
    return "string" if storage == "dictionary" else storage


def _checked(
    data: pq.ParquetFile, dictionary: Dictionary, variables: list[Variable], where: str
) -> Iterator[pa.RecordBatch]:
    """The rows of DATA in the types of CSV, each held against the dictionary."""
    for batch in data.iter_batches(batch_size=csv_file.ROWS):
        table = pa.Table.from_batches([batch])
        for entry, variable in zip(dictionary.variables, variables, strict=True):
            if entry.kind.has_levels and entry.levels is not None:
                _check_levels(table.column(entry.name), entry, variable, where)
            elif entry.kind.is_numeric:
                _check_range(table.select([entry.name]), entry, variable, where)
        yield csv_file.written(batch)


def _check_levels(column: pa.ChunkedArray, entry: Entry, variable: Variable, where: str) -> None:
    found = distinct(column)
    used = np.bincount(found.codes[found.codes >= 0], minlength=len(found.values)) > 0
    known = {level.level for level in entry.levels or ()} | {OTHER} | set(_raw(variable))
    texts = level_texts(found.values)
    if any(u and t is not None and t not in known for u, t in zip(used, texts, strict=True)):
        raise BadInput(f'{where}: "{entry.name}" has a level that dictionary.json does not tell of')


def _raw(variable: Variable) -> Iterator[str]:
    """Raw values that stand for a missing reason, as texts of levels."""
    for raws in variable.missing.values():
        for raw in raws:
            yield raw
            number = raw_number(raw, False, None)
            if number is not None:
                yield level_text(number) or raw


def _check_range(table: pa.Table, entry: Entry, variable: Variable, where: str) -> None:
    try:
        values = to_columns(table, Variables((variable,)))[0].values
    except (BadInput, IndexError):
        raise BadInput(
            f'{where}: "{entry.name}" does not read as {entry.kind}, as dictionary.json says'
        ) from None
    values = values[~np.isnan(values)]
    step = (entry.precision or 0.0) / 2  # values are rounded to whole steps
    low = -np.inf if entry.low is None else entry.low - step - _SLACK * abs(entry.low)
    high = np.inf if entry.high is None else entry.high + step + _SLACK * abs(entry.high)
    if len(values) and (values.min() < low or values.max() > high):
        raise BadInput(f'{where}: "{entry.name}" has values beyond the range that dictionary.json tells')
