"""All that a package tells of its data, in the order of writing: a document may speak of those before it."""

from __future__ import annotations

from locum.release import (
    changelog,
    croissant,
    datapackage,
    dcat,
    derivation,
    dictionary,
    dictionary_page,
    evidence_files,
    figures,
    hdruk,
    method_page,
    model_card,
    provenance,
    readme,
    sbom,
    terms,
)
from locum.release.release import Document


def documents() -> tuple[Document, ...]:
    """Every document, once."""
    return (
        *evidence_files.DOCUMENTS,
        *dictionary.DOCUMENTS,
        *dictionary_page.DOCUMENTS,
        *method_page.DOCUMENTS,
        *model_card.DOCUMENTS,
        *terms.DOCUMENTS,
        *derivation.DOCUMENTS,
        *changelog.DOCUMENTS,
        *croissant.DOCUMENTS,
        *datapackage.DOCUMENTS,
        *dcat.DOCUMENTS,
        *hdruk.DOCUMENTS,
        *sbom.DOCUMENTS,
        *figures.DOCUMENTS,
        *readme.DOCUMENTS,  # lists the files
        *provenance.DOCUMENTS,  # of which all are made
    )
