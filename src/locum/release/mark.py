"""A recipient's copy of a package, which can be told from others' (`locum.release.fingerprint`): write it, trace it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from locum.errors import BadInput
from locum.release.contents import opened, read
from locum.release.derivation_schema import Base, Derivation
from locum.release.fingerprint import LEFT_OUT, Traced, called, kept, trace
from locum.release.line import line
from locum.release.minisign import SecretKey
from locum.release.package import Package, check_out, write
from locum.release.seal import SUMS
from locum.release.unpack import release_of
from locum.release.verify import verify


def mark(path: Path, out: Path, *, recipient: str, secret: SecretKey) -> Package:
    """The copy for RECIPIENT of the package at PATH, as the directory OUT and OUT.zip, signed with SECRET.

    secret: the key that signed the package; with it alone can a copy be traced.
    Raises BadInput when RECIPIENT is not a line of text, when PATH does not hold, was withdrawn, is a copy itself, or
    is signed with another key, and when OUT would be written over it: copies are traced by the whole.
    """
    recipient = called(line(recipient, "the recipient"))
    check_out(out, path)
    found = verify(path, secret.public)
    if found.withdrawal is not None:
        raise BadInput(f"{path} was withdrawn on {found.withdrawal.date}; no copy of it is to be given away")
    if found.derivation is not None:
        raise BadInput(f"{path} is the copy of {found.derivation.recipient}; mark the package it came from")
    with opened(path) as contents:
        base = release_of(contents)
        sums = hashlib.sha256(read(contents, SUMS)).hexdigest()
    parquet = hashlib.sha256(base.evidence.parquet).hexdigest()
    table = base.evidence.table
    holds = kept(table.num_rows, secret.seed, parquet, recipient)
    copy = table.filter(pa.array(holds))
    if not copy.num_rows:
        raise BadInput(f"{path} has so few rows that the copy would have none; it cannot be marked")
    sink = pa.BufferOutputStream()
    pq.write_table(copy, sink, compression="zstd")
    derivation = Derivation(
        base=Base(name=found.name, version=found.version, rows=table.num_rows, parquet=parquet, sums=sums),
        recipient=recipient,
        rows=copy.num_rows,
        left_out=LEFT_OUT,
    )
    evidence = replace(base.evidence, table=copy, parquet=sink.getvalue().to_pybytes())
    return write(replace(base, evidence=evidence, derivation=derivation), out, secret)


def recipients_of(path: Path | None) -> list[str]:
    """The names in the file PATH, one a line; none without a file. Raises BadInput when it cannot be read."""
    if path is None:
        return []
    try:
        return path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path} cannot be read; give a text file with one recipient in each line") from None


def trace_to(leaked: pa.Table, path: Path, recipients: Sequence[str], secret: SecretKey) -> Traced:
    """Whose copy of the package at PATH the table LEAKED was taken from.

    Raises BadInput when PATH does not hold, is a copy itself or signed with another key, and as `trace` does.
    """
    found = verify(path, secret.public)
    if found.derivation is not None:
        raise BadInput(
            f"{path} is the copy of {found.derivation.recipient}; give the package that was copied"
        )
    with opened(path) as contents:
        base = release_of(contents).evidence
    return trace(leaked, base.table, secret.seed, hashlib.sha256(base.parquet).hexdigest(), recipients)
