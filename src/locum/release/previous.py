"""The release before this one, from its package: a folder or a zip, in which everything has to hold."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from locum.errors import BadInput, UsageError
from locum.evaluate.metrics import About as Evaluated
from locum.release.about import About
from locum.release.contents import opened
from locum.release.unpack import release_of
from locum.release.verify import verify
from locum.variables import Variables


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

    Raises BadInput, in one line, when it does not hold, or is one recipient's copy.
    """
    found = verify(path)
    if found.derivation is not None:
        raise BadInput(
            f"{path} is the copy of {found.derivation.recipient}, which lacks some of the rows; give the package that "
            "it came from"
        )
    with opened(path) as contents:
        last = release_of(contents)
    about, evidence = last.about, last.evidence
    sha256 = hashlib.sha256(evidence.parquet).hexdigest()
    return Previous(
        about.name, about.version, evidence.table, evidence.variables, evidence.metrics.about, sha256
    )


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
