"""What holds of all machine-readable documents."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from locum.errors import BadInput
from locum.release import croissant, datapackage, dcat, facts, figures, hdruk, provenance, sbom
from locum.release.release import Document, Evidence
from locum.variables import Variables
from tests.unit.release.metadata_cases import ATTRITION, VARIABLES, evidence, package, release

DOCUMENTS = (
    *croissant.DOCUMENTS,
    *datapackage.DOCUMENTS,
    *dcat.DOCUMENTS,
    *hdruk.DOCUMENTS,
    *sbom.DOCUMENTS,
    *figures.DOCUMENTS,
    *provenance.DOCUMENTS,
)


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    evidence.cache_clear()
    one = package(tmp_path / "one", release(), DOCUMENTS)
    evidence.cache_clear()
    assert package(tmp_path / "other", release(), DOCUMENTS) == one


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path)
def test_no_document_tells_where_it_was_made(tmp_path: Path, document: Document) -> None:
    package(tmp_path, release(), (document,))
    text = (tmp_path / document.path).read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert str(tmp_path) not in text
    assert str(Path(__file__).parents[3]) not in text
    if document.path != "reproduce.py":
        json.loads(text)


def test_a_column_that_is_not_declared_is_refused() -> None:
    less = Variables(tuple(v for v in VARIABLES if v.name != "sbp"))
    with pytest.raises(BadInput, match=r'^column "sbp" of the synthetic table is not declared'):
        facts.columns(release(evidence=replace(evidence(), variables=less)))


def of_artificial_records() -> Evidence:
    return replace(evidence(), attrition=ATTRITION.model_copy(update={"artificial": True}))


def test_the_patients_learned_from_are_told_and_whether_they_are_real() -> None:
    assert "learned from 395 real patients" in facts.statement(release())
    assert "learned from 395 artificial patients" in facts.statement(
        release(evidence=of_artificial_records())
    )


def test_dates_of_birth_are_not_what_the_table_covers() -> None:
    first, last = facts.dates_covered(release()) or ("", "")
    assert first >= "2015-01-01"
    assert last == "2019-03-31"
    births = tuple(replace(v, tier=0) if v.name in ("visit", "seen") else v for v in VARIABLES)
    assert facts.dates_covered(release(evidence=replace(evidence(), variables=Variables(births)))) is None


def test_an_address_names_bytes_by_their_hash() -> None:
    sha256 = "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"  # of "Hello World!", RFC 6920
    assert facts.address(sha256) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
