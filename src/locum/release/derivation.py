"""``derivation.json`` and ``COPY.md``: that a package is one recipient's copy, and of which release."""

from __future__ import annotations

from collections.abc import Sequence

from locum.release.markdown import escape
from locum.release.release import Document, File, Release

NAME = "derivation.json"

_TEXT = """\
# A copy for {recipient}

This is one recipient's copy of {name} {version}. It holds {rows:,} of its {base_rows:,} rows: each row was left out
with a chance of {left_out:.0%}, by a secret of the publisher, differently for each recipient. No value was changed.

- **Why.** A copy that turns up where it should not be can be traced to whom it was given, even if rows and columns
  were taken from it, or numbers rounded. You are told so here and in `TERMS.md`.
- **What it means for results.** A random part of the rows has the same distribution as all of them. Figures differ
  from those of the whole by about a fifth of the error that so many rows have by chance.
- **What the evidence speaks of.** The evaluation in `evidence/` is of all {base_rows:,} rows, whose file has the
  SHA-256 `{parquet}`. The dictionary and the metadata describe this copy.
"""


def _json(release: Release, files: Sequence[File]) -> bytes:
    found = release.derivation
    return b"" if found is None else (found.model_dump_json(indent=1) + "\n").encode()


def _words(release: Release, files: Sequence[File]) -> bytes:
    found = release.derivation
    if found is None:
        return b""
    base = found.base
    return _TEXT.format(
        recipient=escape(found.recipient),
        name=base.name,
        version=base.version,
        rows=found.rows,
        base_rows=base.rows,
        left_out=found.left_out,
        parquet=base.parquet,
    ).encode()


DOCUMENTS = (
    Document("COPY.md", "text/markdown", "Whose copy this is, and what that means", _words),
    Document(NAME, "application/json", "Whose copy of which package this is, for programs", _json),
)
