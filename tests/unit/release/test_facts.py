"""What holds of all machine-readable documents."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from locum.errors import BadInput
from locum.release import facts
from locum.release.release import Evidence
from locum.variables import Variables
from tests.unit.release.metadata_cases import ATTRITION, VARIABLES, evidence, release, written


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    evidence.cache_clear()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one = written(tmp_path / "one").files
    evidence.cache_clear()
    assert written(tmp_path / "other").files == one


def test_no_document_tells_where_it_was_made(tmp_path: Path) -> None:
    made = written(tmp_path)
    texts = {file.path: (made.folder / file.path) for file in made.files if file.path != "data/cvd.parquet"}
    assert len(texts) > 20
    for path, file in texts.items():
        text = file.read_text(encoding="utf-8")
        assert str(tmp_path) not in text, path
        assert str(Path(__file__).parents[3]) not in text, path
        if path.endswith(("json", "jsonld")):
            assert text.endswith("}\n") or text.endswith("]\n"), path
            json.loads(text)


def test_a_column_that_is_not_declared_is_refused() -> None:
    less = Variables(tuple(v for v in VARIABLES if v.name != "sbp"))
    with pytest.raises(BadInput, match=r'^column "sbp" of the synthetic table is not declared'):
        facts.columns(release(evidence=replace(evidence(), variables=less)))


def of_artificial_records() -> Evidence:
    return replace(evidence(), attrition=ATTRITION.model_copy(update={"artificial": True}))


def test_the_patients_learned_from_are_told_and_whether_they_are_real() -> None:
    assert "learned from 395 real patients" in facts.statement(release())
    assert "learned from 395 patients of artificial records" in facts.statement(
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
