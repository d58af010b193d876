"""Load the data of a package, in one line: typed, with what the dictionary says of each variable."""

from __future__ import annotations

import hashlib
import json
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from locum.errors import BadInput, UsageError
from locum.release import checksums
from locum.release.contents import Contents, opened, read
from locum.release.keys import public_key
from locum.release.unpack import data
from locum.release.verify import verify
from locum.release.withdrawal import NAME as WITHDRAWN
from locum.variables.storage import is_text, value_type

Frame = Literal["arrow", "pandas", "polars"]
FRAMES: tuple[Frame, ...] = ("arrow", "pandas", "polars")
DICTIONARY = "dictionary.json"
KEY = b"locum.dictionary"
"""Of the table's metadata; a column has its own entry under the same key."""
ATTRIBUTE = "dictionary"
"""Of a pandas frame's ``attrs``."""


class Told(dict[str, Any]):
    """A dictionary in a frame's ``attrs``, which pandas copies at every step; one is enough, since none is changed."""

    def __deepcopy__(self, memo: object) -> Told:
        return self


ORDERED = "ordinal"
LEVELS = ("nominal", "ordinal", "binary")


def load(package: str | Path, frame: Frame = "arrow", *, key: str | Path | None = None) -> Any:
    """The data of a package, its directory or its zip, as an Arrow table, or a pandas or polars FRAME.

    Text with levels becomes categories (a dictionary in Arrow, an Enum in polars), all of them, in their declared
    order; ordinal ones are ordered. Arrow tables and pandas frames carry the dictionary (`dictionary`).
    key: the publisher's public key, or its file; then the whole package is verified first. Without it only the hashes
    of the data and the dictionary are checked.
    Raises BadInput when the package does not hold, or was withdrawn, and UsageError for another frame, or one whose
    library is not installed.
    """
    if frame not in FRAMES:
        raise UsageError(f'there is no frame "{frame}"; use {", ".join(FRAMES)}')
    if frame != "arrow":
        _check_installed(frame)
    path = Path(package)
    if key is not None:
        verify(path, public_key(str(key)))
    with opened(path) as contents:
        if WITHDRAWN in contents.paths:
            raise BadInput(
                f"{path} was withdrawn: read its {WITHDRAWN}, and ask its publisher for a later version"
            )
        said = _dictionary(contents)
        name = f"data/{said['name']}.parquet"
        parquet = data(contents, name)
        _check_hash(contents, name, parquet)
    table = _typed(pq.ParquetFile(pa.BufferReader(parquet)).read(), said)
    if frame == "pandas":
        found = table.to_pandas(date_as_object=False)
        found.attrs[ATTRIBUTE] = Told(said)
        return found
    if frame == "polars":
        return _polars(table)
    return table


def dictionary(data: Any) -> dict[str, Any]:
    """What the dictionary says of DATA: a package, or what `load` made of it, as far as its columns are left.

    Raises BadInput when it is neither.
    """
    if isinstance(data, str | Path):
        with opened(Path(data)) as contents:
            return _dictionary(contents)
    if isinstance(data, pa.Table):
        found = (data.schema.metadata or {}).get(KEY)
        said, names = json.loads(found) if found else None, data.column_names
    else:
        said, names = getattr(data, "attrs", {}).get(ATTRIBUTE), list(getattr(data, "columns", ()))
    if said is None:
        raise BadInput("the table carries no dictionary; load it with locum.load, or name its package")
    return {**said, "variables": [v for v in said["variables"] if v["name"] in names]}


def _dictionary(contents: Contents) -> dict[str, Any]:
    if DICTIONARY not in contents.paths:
        raise BadInput(
            f"{contents.name} has no {DICTIONARY}; name the directory or the zip of a package of locum"
        )
    text = read(contents, DICTIONARY)
    _check_hash(contents, DICTIONARY, text)
    try:
        said = json.loads(text)
        if said["format"] == 1 and said["name"] and all(v["name"] and v["kind"] for v in said["variables"]):
            return dict(said)
    except (ValueError, TypeError, KeyError):
        pass
    raise BadInput(
        f"{contents.name}: {DICTIONARY} is not the dictionary of a package that this version reads"
    )


def _check_hash(contents: Contents, path: str, found: bytes) -> None:
    sums = checksums.from_text(read(contents, checksums.NAME).decode("utf-8", errors="replace"))
    if sums is None or sums.get(path) != hashlib.sha256(found).hexdigest():
        raise BadInput(
            f"{contents.name}: {path} was changed since it was packed; get the package anew from its publisher"
        )


def _typed(table: pa.Table, said: dict[str, Any]) -> pa.Table:
    of = {variable["name"]: variable for variable in said["variables"]}
    fields, columns = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        variable = of.get(field.name, {})
        typed = _levels(column, variable)
        metadata = {KEY: json.dumps(variable).encode()} if variable else None
        fields.append(pa.field(field.name, typed.type, metadata=metadata))
        columns.append(typed)
    schema = pa.schema(fields, metadata={KEY: json.dumps(said).encode()})
    return pa.table(columns, schema=schema)


def _levels(column: pa.ChunkedArray, variable: dict[str, Any]) -> pa.ChunkedArray:
    """Text with levels as a dictionary of all of them; anything else as it is."""
    if not is_text(value_type(column.type)) or variable.get("kind") not in LEVELS:
        return column
    values = pc.cast(column, pa.string())
    levels = [level["level"] for level in variable.get("levels") or ()]
    there = set(pc.unique(values).drop_null().to_pylist())
    levels += sorted(there - set(levels))  # such as "other"
    ordered = variable["kind"] == ORDERED
    found = pa.array(levels, pa.string())
    kind = pa.dictionary(pa.int32(), pa.string(), ordered=ordered)
    chunks = [
        pa.DictionaryArray.from_arrays(
            pc.index_in(chunk, value_set=found).cast(pa.int32()), found, ordered=ordered
        )
        for chunk in values.chunks
    ]
    return pa.chunked_array(chunks, kind)


def _check_installed(frame: Frame) -> None:
    try:
        import_module(frame)
    except ImportError:
        raise UsageError(
            f'{frame} is not installed; run: pip install {frame}, or load with frame="arrow"'
        ) from None


def _polars(table: pa.Table) -> Any:
    import polars

    levels = {
        name: column.chunk(0).dictionary.to_pylist()
        for name, column in zip(table.column_names, table.columns, strict=True)
        if pa.types.is_dictionary(column.type)
    }
    plain = pa.schema([pa.field(f.name, value_type(f.type)) for f in table.schema])
    enums = [polars.col(name).cast(polars.Enum(of)) for name, of in levels.items()]
    return polars.DataFrame(polars.from_arrow(table.cast(plain))).with_columns(enums)
