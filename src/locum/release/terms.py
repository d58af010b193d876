"""Under what the data may be used: ``LICENCE.txt``, and the terms of use, ``TERMS.md``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from locum.errors import BadInput
from locum.release import facts, pages, words
from locum.release.about import Licence
from locum.release.release import Document, File, Release


def write_licence(release: Release, _files: Sequence[File]) -> bytes:
    """The file that release.toml names, as it is; else our text, or a pointer to a licence of another name.

    Raises BadInput when the file cannot be read.
    """
    about = release.about
    licence = about.licence
    if licence.file is not None:
        return _read(Path(licence.file))
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


def _read(path: Path) -> bytes:
    try:
        found = path.read_bytes()
        found.decode()
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"{path}, the licence that release.toml names, cannot be read as text; name a text file in UTF-8"
        ) from None
    return found


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
