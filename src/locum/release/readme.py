"""What the package is, for whoever opens it first: ``README.md``."""

from __future__ import annotations

from collections.abc import Sequence

from locum.release import facts, pages, words
from locum.release.markdown import Written
from locum.release.release import Document, File, Release
from locum.report import words as report_words

LATER = (
    ("CHANGELOG.md", "What changed between versions"),
    ("croissant.json", "Metadata for machine learning (Croissant)"),
    ("datapackage.json", "Metadata for tables (Data Package)"),
    ("dcat.jsonld", "Metadata for data catalogues (DCAT)"),
    ("hdruk.json", "Metadata for the Health Data Research gateway"),
    ("sbom.cdx.json", "Software that the data were made with (CycloneDX)"),
    ("figures.json", "Every figure of this release, and how it can be computed again"),
    ("reproduce.py", "Computes again every figure that needs only this package"),
    ("provenance.intoto.json", "What was made from what, by hashes (in-toto)"),
    ("locum.pub", "The publisher's public key; trust the one that the publisher gives you"),
    ("SHA256SUMS", "The hash of every file"),
    ("SHA256SUMS.minisig", "The publisher's signature of that list"),
)
"""Files that every package has and that are written after this one."""


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
        sentences=report_words.sentences(evidence.metrics),
        decision=release.decision,
        folder=Written(release.folder),  # letters, digits, - and _ alone, within code
        name=Written(about.name),
        may=may,
        must_not=must_not,
        listed=listed(files),
        citation=words.citation(release),
        contact=words.contact(release),
    )


def listed(files: Sequence[File]) -> list[tuple[str, str]]:
    """Each file of the package and a line on it: those written so far, this one aside, and those to come."""
    before = {file.path: file.what for file in files if file.path != "README.md"}
    return [*before.items(), *((path, what) for path, what in LATER if path not in before)]


DOCUMENTS = (
    Document("README.md", "text/markdown", "What this is, how to load, verify, use and cite it", write),
)
