"""What the package is, for whoever opens it first: ``README.md``."""

from __future__ import annotations

from collections.abc import Sequence

from locum.evaluate.metrics import absent_words
from locum.release import facts, pages, words
from locum.release.facts import is_signed
from locum.release.markdown import Written
from locum.release.release import Document, File, Release
from locum.report import words as report_words

LATER = (
    ("provenance.intoto.json", "What was made from what, by hashes (in-toto)"),
    ("SHA256SUMS", "The hash of every file"),
)
"""Files that every package has and that are written after this one."""
SIGNED = ("SHA256SUMS.minisig", "The publisher's signature of that list")


def write(release: Release, files: Sequence[File]) -> bytes:
    about, evidence = release.about, release.evidence
    may, must_not = words.uses(release)
    return pages.markdown_text(
        "README.md.j2",
        about=about,
        artificial=words.artificial(release),
        made=evidence.metrics.about.made,
        rows=words.rows(release),
        columns=evidence.table.num_columns,
        patients=words.patients(release),
        people=facts.people(release),
        precision=words.precision_words(release),
        absent=absent_words(evidence.metrics.about.absent, evidence.metrics.about.k),
        sentences=report_words.sentences(evidence.metrics),
        decision=release.decision,
        folder=Written(release.folder),  # letters, digits, - and _ alone, within code
        name=Written(about.name),
        may=may,
        must_not=must_not,
        listed=listed(files),
        signed=is_signed(files),
        citation=words.citation(release),
        contact=words.contact(release),
    )


def listed(files: Sequence[File]) -> list[tuple[str, str]]:
    """Each file of the package but this one, and a line on it: those written so far, and those to come."""
    before = [(file.path, file.what) for file in files]
    return [*before, *LATER, *([SIGNED] if is_signed(files) else [])]


DOCUMENTS = (
    Document("README.md", "text/markdown", "What this is, how to load, verify, use and cite it", write),
)
