"""Under what the data may be used: ``LICENCE.txt``, and the terms of use, ``TERMS.md``."""

from __future__ import annotations

from collections.abc import Sequence

from locum.release import facts, pages, words
from locum.release.about import Licence
from locum.release.release import Document, File, Release


def write_licence(release: Release, _files: Sequence[File]) -> bytes:
    """The text that release.toml gives, as it is; else ours, or a pointer to a licence of another name."""
    about = release.about
    licence = about.licence
    if licence.text is not None:
        return licence.text.encode()
    if licence.name == Licence().name:
        return pages.plain_text(
            "LICENCE.txt.j2",
            name=licence.name,
            title=about.title,
            version=about.version,
            publisher=words.contact(release),
        )
    where = f"\nIts text: {licence.url}" if licence.url else ""
    return pages.plain(
        f"{about.title}, version {about.version}\n\nLicence: {licence.name}{where}\n\n"
        "The terms of use in TERMS.md hold besides.\n"
    )


def write_terms(release: Release, _files: Sequence[File]) -> bytes:
    return pages.markdown_text(
        "TERMS.md.j2",
        about=release.about,
        artificial=words.artificial(release),
        folder=release.folder,
        contact=words.contact(release),
        patients=words.patients(release),
        people=facts.people(release),
        rows=words.rows(release),
        citation=words.citation(release),
        must_not=release.about.misuse,
    )


DOCUMENTS = (
    Document("LICENCE.txt", "text/plain", "The licence", write_licence),
    Document("TERMS.md", "text/markdown", "Terms of use, which recipients accept", write_terms),
)
