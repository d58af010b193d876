"""All that a package tells of its data, in the order of writing: a document may speak of those before it."""

from __future__ import annotations

from locum.release import evidence_files
from locum.release.release import Document


def documents() -> tuple[Document, ...]:
    """Every document, once."""
    return (
        *evidence_files.DOCUMENTS,
        # for people: the README, terms, model card, dictionary and method
        # what changed since the last release
        # for programs: metadata, the list of software, figures and how to reproduce them; last, where all came from
    )
