"""The release before this one, from its package: a folder or a zip. Only its data and what describes them are read."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, Field, ValidationError

from locum.errors import BadInput, UsageError
from locum.evaluate.metrics import About as Evaluated
from locum.evaluate.metrics import Metrics
from locum.release.about import NAME, VERSION, About
from locum.variables import Variables, check, from_toml

DICTIONARY, DECLARATION, METRICS = "dictionary.json", "evidence/variables.toml", "evidence/metrics.json"
GONE = "name the folder or the zip of the last release, or copy it again"
FAULTS = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError)

Open = Callable[[str], bytes]


class _Dictionary(BaseModel):
    """dictionary.json, as far as it tells which release it is of."""

    name: str = Field(pattern=NAME)
    version: str = Field(pattern=VERSION)


@dataclass(frozen=True)
class Previous:
    """A release that was packed before. sha256: of its Parquet file."""

    name: str
    version: str
    table: pa.Table
    variables: Variables
    evaluated: Evaluated
    sha256: str


def read_previous(path: Path) -> Previous:
    """The release in the package PATH: its folder, or its zip.

    Raises BadInput, in one line, when it is no package or a file of it is missing or broken.
    """
    read = _zip(path) if path.is_file() else _folder(path)
    try:
        named = _Dictionary.model_validate_json(read(DICTIONARY))
        variables = from_toml(read(DECLARATION).decode("utf-8"), f"{path}: {DECLARATION}")
        evaluated = Metrics.model_validate_json(read(METRICS)).about
    except (UnicodeDecodeError, ValidationError):
        what = f"{DICTIONARY}, {DECLARATION} or {METRICS}"
        raise BadInput(f"{path}: {what} is damaged, or of another version; copy the package again") from None
    data = f"data/{named.name}.parquet"
    parquet = read(data)
    try:
        table = pq.ParquetFile(pa.BufferReader(parquet)).read()
        check(table, replace(variables, variables=variables.modelled), f"{path}: {data}")
    except (pa.ArrowException, OSError):
        raise BadInput(f"{path}: {data} is damaged; copy the package again") from None
    sha256 = hashlib.sha256(parquet).hexdigest()
    return Previous(named.name, named.version, table, variables, evaluated, sha256)


def check_follows(about: About, previous: Previous) -> None:
    """Raises UsageError unless ABOUT is of a later version of the dataset that PREVIOUS is of."""
    if about.name != previous.name:
        raise UsageError(
            f'the last release is of "{previous.name}", and this one of "{about.name}"; give --previous a package of '
            "the same name, or leave it out for the first"
        )
    if _numbers(about.version) <= _numbers(previous.version):
        raise UsageError(
            f"the last release is version {previous.version}, and this one {about.version}; give a higher version in "
            "release.toml"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _folder(path: Path) -> Open:
    if not path.is_dir():
        raise BadInput(f"{path} does not exist; name the folder or the zip of the last release")

    def read(name: str) -> bytes:
        try:
            return (path / name).read_bytes()
        except OSError:
            raise BadInput(f"{path} is no whole package: {name} cannot be read; {GONE}") from None

    return read


def _zip(path: Path) -> Open:
    """Files of the one folder in it."""

    def read(name: str) -> bytes:
        try:
            with zipfile.ZipFile(path) as package:
                top = {PurePosixPath(entry).parts[0] for entry in package.namelist()}
                return package.read(f"{top.pop()}/{name}")
        except (KeyError, IndexError, *FAULTS):
            raise BadInput(f"{path} is no whole package: {name} cannot be read; {GONE}") from None

    return read
