"""sbom.cdx.json: the installed software, whole and in the shape of CycloneDX 1.6."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from locum.release.sbom import DOCUMENTS, installation, walk
from tests.unit.release.metadata_cases import release


def written() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(DOCUMENTS[0].write(release(), ()))
    return document


def test_what_is_needed_is_listed_with_its_version_and_nothing_else() -> None:
    names = {component["name"].lower(): component for component in written()["components"]}
    for needed in (
        "numpy",
        "pyarrow",
        "llvmlite",
        "pydantic_core",
    ):  # the last two are needed by what is needed
        assert names[needed]["version"] == metadata.version(needed)
        assert names[needed]["purl"].endswith(f"@{metadata.version(needed)}")
    assert not {"pytest", "mlcroissant", "frictionless", "hypothesis"} & set(names)  # of tests only
    assert "locum" not in names  # it is what the bill is of


def test_every_arrow_ends_at_a_part_and_every_part_hangs_together() -> None:
    document = written()
    root = document["metadata"]["component"]["bom-ref"]
    refs = [root, *(component["bom-ref"] for component in document["components"])]
    arrows = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
    assert len(set(refs)) == len(refs)
    assert set(arrows) == set(refs)
    reached, waiting = set(), [root]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += arrows[ref]
    assert reached == set(refs)


def test_licences_are_as_stated() -> None:
    licences = {c["name"]: c.get("licenses") for c in written()["components"]}
    assert licences["lifelines"] == [{"license": {"name": "MIT License"}}]
    assert licences["scikit-learn"] == [{"expression": "BSD-3-Clause"}]
    assert all(licences[name] for name in ("numpy", "pyarrow", "duckdb"))


def distribution(folder: Path, name: str, *requires: str) -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}", encoding="utf-8"
    )


def test_extras_markers_and_absent_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(
        tmp_path, "aroot", "amid[fast]>=1", "agone", 'aother; extra == "more"', 'awin; python_version < "3"'
    )
    distribution(tmp_path, "amid", 'aquick; extra == "fast"', 'aother; extra == "slow"', "aroot")
    distribution(tmp_path, "aquick")
    distribution(tmp_path, "aother")
    monkeypatch.syspath_prepend(tmp_path)
    installed, absent = walk("aroot")
    assert set(installed) == {"aroot", "amid", "aquick"}
    assert absent == {"agone"}
    assert installed["amid"].needs == {"aquick", "aroot"}


def test_no_time_and_no_random_number_is_in_it() -> None:
    before = DOCUMENTS[0].write(release(), ())
    installation.cache_clear()
    assert DOCUMENTS[0].write(release(), ()) == before
    document = written()
    assert "serialNumber" not in document
    assert "timestamp" not in document["metadata"]
    assert document["compositions"][0]["aggregate"] == "complete"
