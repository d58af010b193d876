"""Whether the data are what the dictionary says: the Parquet file, the CSV file and dictionary.json tell one story."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, BeforeValidator, Field

from locum.errors import BadInput
from locum.release import csv_file
from locum.release.about import NAME, VERSION
from locum.release.contents import FAULTS, Contents
from locum.release.within import levels_hold, range_holds
from locum.variables import Kind, Variable, Variables
from locum.variables.storage import storage_of

_DAY_ZERO = datetime.date(1970, 1, 1)


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
        if not is_stored_as(kind, entry.storage):
            raise BadInput(
                f'{where}: "{entry.name}" is stored as {kind}, dictionary.json says {entry.storage}'
            )


def is_stored_as(kind: pa.DataType, storage: str) -> bool:
    """Whether an Arrow type is what STORAGE names; a dictionary is a way to write text."""
    text = ("string", "dictionary")
    return storage_of(kind) == storage or (storage_of(kind) in text and storage in text)


def _checked(
    data: pq.ParquetFile, dictionary: Dictionary, variables: list[Variable], where: str
) -> Iterator[pa.RecordBatch]:
    """The rows of DATA in the types of CSV, each held against the dictionary."""
    for batch in data.iter_batches(batch_size=csv_file.ROWS):
        table = pa.Table.from_batches([batch])
        for entry, variable in zip(dictionary.variables, variables, strict=True):
            _check_values(table.column(entry.name), entry, variable, where)
        yield csv_file.written(batch)


def _check_values(column: pa.ChunkedArray, entry: Entry, variable: Variable, where: str) -> None:
    told = replace(variable, precision=entry.precision)
    if entry.kind.has_levels and entry.levels is not None:
        if not levels_hold(column, [level.level for level in entry.levels], variable):
            raise BadInput(f'{where}: "{entry.name}" has a level that dictionary.json does not tell of')
    elif entry.kind.is_numeric:
        try:
            holds = range_holds(column, entry.low, entry.high, told)
        except BadInput:
            raise BadInput(
                f'{where}: "{entry.name}" does not read as {entry.kind}, as dictionary.json says'
            ) from None
        if not holds:
            raise BadInput(f'{where}: "{entry.name}" has values beyond the range that dictionary.json tells')
