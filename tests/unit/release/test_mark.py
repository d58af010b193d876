"""A recipient's copy is a package that holds, says whose it is, and is the same each time; nothing else is copied."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlcroissant
import pyarrow.parquet as pq
import pytest
from frictionless import Package as DataPackage

from locum.errors import BadInput
from locum.release import derivation
from locum.release.contents import opened
from locum.release.fingerprint import kept
from locum.release.mark import mark, recipients_of, trace_to
from locum.release.package import Package
from locum.release.unpack import release_of
from locum.release.verified import as_dict, said
from locum.release.verify import verify
from locum.release.withdraw import withdraw
from tests.unit.release import seal_cases
from tests.unit.release.metadata_cases import release, written
from tests.unit.release.seal_cases import DAY, KEY, OTHER_KEY, changed, copied, instead, named

pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)  # in rdflib
NAME = 'Universität <Nord> 💊 "A | B"'


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return written(tmp_path_factory.mktemp("base"), secret=KEY)


@pytest.fixture(scope="module")
def copy(base: Package, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return mark(base.archive, tmp_path_factory.mktemp("copy") / "copy", recipient=NAME, secret=KEY)


def test_a_package_tells_the_release_that_it_was_written_from(base: Package, copy: Package) -> None:
    made = release()
    for path in (base.folder, base.archive):
        with opened(path) as contents:
            found = release_of(contents)
        assert (found.about, found.decision, found.changes) == (made.about, made.decision, made.changes)
        assert found.evidence.table.equals(made.evidence.table)
        assert found.evidence.parquet == made.evidence.parquet
        assert found.evidence.variables == made.evidence.variables
        assert found.evidence.metrics == made.evidence.metrics
        assert (found.evidence.graph, found.evidence.attrition) == (None, made.evidence.attrition)
        assert found.derivation is None
    with opened(copy.folder) as contents:
        assert release_of(contents).derivation == verify(copy.folder).derivation


def test_a_copy_holds_and_says_whose_it_is(base: Package, copy: Package) -> None:
    for path in (copy.folder, copy.archive):
        found = verify(path, KEY.public)
        assert found.derivation is not None
        assert found.derivation.recipient == NAME
        assert as_dict(found)["copy_for"] == NAME
        assert f"copy      for {NAME}: {found.rows} of 400 rows" in "\n".join(said(found))
    text = (copy.folder / "COPY.md").read_text("utf-8")
    assert '# A copy for Universität &lt;Nord&gt; 💊 "A \\| B"\n' in text
    assert f"holds {found.rows} of its 400 rows" in text
    assert "`COPY.md`" in (copy.folder / "README.md").read_text("utf-8")
    assert as_dict(verify(base.folder))["copy_for"] is None


def test_it_is_a_part_of_the_rows_in_their_order(base: Package, copy: Package) -> None:
    whole, parquet = release().evidence.table, release().evidence.parquet
    holds = kept(400, KEY.seed, hashlib.sha256(parquet).hexdigest(), NAME)
    assert pq.read_table(copy.folder / "data" / "cvd.parquet").equals(whole.filter(holds))
    assert 360 <= holds.sum() < 400
    found = verify(copy.folder).derivation
    assert found is not None
    assert (found.base.name, found.base.version, found.base.rows) == ("cvd", "1.1.0", 400)
    assert found.base.parquet == hashlib.sha256(parquet).hexdigest()
    assert found.base.sums == hashlib.sha256((base.folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert (found.rows, found.left_out) == (holds.sum(), 0.05)


def test_what_was_measured_of_the_base_stays_and_the_rest_is_of_the_copy(
    base: Package, copy: Package
) -> None:
    for name in ("evidence/metrics.json", "evidence/decision.json", "evidence/about.json", "CHANGELOG.md"):
        assert (copy.folder / name).read_bytes() == (base.folder / name).read_bytes()
    found = verify(copy.folder)
    dictionary = json.loads((copy.folder / "dictionary.json").read_text("utf-8"))
    assert dictionary["rows"] == found.rows < 400
    assert f"{found.rows} artificial" in (copy.folder / "README.md").read_text("utf-8")


def test_all_programs_that_read_a_package_read_a_copy(copy: Package) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(copy.folder / "reproduce.py")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert DataPackage(str(copy.folder / "datapackage.json")).validate().valid
    croissant = mlcroissant.Dataset(jsonld=str(copy.folder / "croissant.json"))
    assert not croissant.metadata.ctx.issues.errors
    assert len(list(croissant.records("patients"))) == verify(copy.folder).rows


def test_the_same_recipient_gets_the_same_bytes_and_another_gets_others(
    base: Package, copy: Package, tmp_path: Path
) -> None:
    again = mark(base.folder, tmp_path / "again", recipient=f"  {NAME}", secret=KEY)
    assert again.archive.read_bytes() == copy.archive.read_bytes()
    other = mark(base.folder, tmp_path / "other", recipient="Somebody else", secret=KEY)
    data = "data/cvd.parquet"
    assert (other.folder / data).read_bytes() != (copy.folder / data).read_bytes()


@pytest.mark.parametrize("recipient", ["", " \t", "A\nB", "A\x1b[2J", "A\u202eB", "A\0"])
def test_a_recipient_has_a_name_in_a_line(base: Package, tmp_path: Path, recipient: str) -> None:
    with pytest.raises(BadInput, match="the recipient is not a line of text"):
        mark(base.folder, tmp_path / "out", recipient=recipient, secret=KEY)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_copied(base: Package, copy: Package, tmp_path: Path) -> None:
    gone, unsigned = tmp_path / "gone", tmp_path / "unsigned"
    withdraw(base.folder, gone, by="A", reason="wrong", date=DAY, secret=KEY)
    unsigned.mkdir()
    broken = copied(base, tmp_path)
    (broken.folder / "data" / "cvd.csv").write_text("x")
    cases = (
        (gone, KEY, "was withdrawn on 2026-01-31; no copy"),
        (copy.folder, KEY, f"is the copy of {NAME}; mark the package it came from"),
        (base.folder, OTHER_KEY, "is signed with the key"),
        (written(unsigned).folder, KEY, "it is not signed"),
        (broken.folder, KEY, "data/cvd.csv is not the file"),
        (tmp_path / "absent", KEY, "does not exist"),
    )
    before = sorted(tmp_path.iterdir())
    for path, secret, says in cases:
        with pytest.raises(BadInput) as raised:
            mark(path, tmp_path / "out", recipient="A", secret=secret)
        assert says in str(raised.value)
        assert "\n" not in str(raised.value)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("path", "out"), [("package", "package"), ("package", "package/copy"), ("package.zip", "package")]
)
def test_the_base_is_never_written_over(base: Package, tmp_path: Path, path: str, out: str) -> None:
    made = copied(base, tmp_path)
    with pytest.raises(BadInput, match=r"would be written over .*, which is read; give another name"):
        mark(tmp_path / path, tmp_path / out, recipient="A", secret=KEY)
    assert verify(made.folder).derivation is None
    assert verify(made.archive).derivation is None


def test_the_copy_has_a_name_of_its_own(base: Package) -> None:
    for out in (Path(), Path("x.zip")):
        with pytest.raises(BadInput, match="name"):
            mark(base.folder, out, recipient="A", secret=KEY)


def test_a_copy_without_a_row_is_not_made(tmp_path: Path) -> None:
    one = seal_cases.release(table=seal_cases.TABLE[:1])
    made, sha256 = written(tmp_path, one, KEY), hashlib.sha256(one.evidence.parquet).hexdigest()
    unlucky = next(name for name in map(str, range(1000)) if not kept(1, KEY.seed, sha256, name)[0])
    with pytest.raises(BadInput, match="so few rows that the copy would have none"):
        mark(made.folder, tmp_path / "out", recipient=unlucky, secret=KEY)


DERIVATION = named(derivation.NAME)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(recipient="Somebody else", more=1), "does not have the shape"),
        (lambda d: d["base"].update(parquet="0" * 64), "is not the evaluation of what derivation.json says"),
        (lambda d: d["base"].update(version="1.0.0"), "is not the evaluation of what derivation.json says"),
        (lambda d: d["base"].update(rows=10), "does not speak of as many rows as there are"),
        (lambda d: d.update(rows=d["rows"] + 1), "does not speak of as many rows as there are"),
    ],
)
def test_a_derivation_that_was_tampered_with_is_found(
    base: Package,
    copy: Package,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Any], None],
    says: str,
) -> None:
    instead(monkeypatch, changed(DERIVATION, change))  # and signed as it should be
    made = mark(base.folder, tmp_path / "copy", recipient=NAME, secret=KEY)
    with pytest.raises(BadInput, match=says):
        verify(made.archive, KEY.public)
    monkeypatch.undo()
    plain = copied(copy, tmp_path / "copy").folder / "derivation.json"
    found = json.loads(plain.read_text("utf-8"))
    change(found)
    plain.write_text(json.dumps(found), "utf-8")
    with pytest.raises(BadInput, match=r"derivation\.json is not the file that SHA256SUMS names"):
        verify(plain.parent, KEY.public)


def test_a_copy_without_its_derivation_does_not_hold(
    base: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, replace(DERIVATION, write=lambda release, files: b""))
    made = mark(base.folder, tmp_path / "copy", recipient=NAME, secret=KEY)
    with pytest.raises(BadInput, match=r"is not the evaluation of data/cvd\.parquet"):
        verify(made.folder)


def test_a_leak_is_traced_however_the_names_are_typed(base: Package, copy: Package, tmp_path: Path) -> None:
    leaked = pq.read_table(copy.folder / "data" / "cvd.parquet").select(["age", "sbp", "visit"])
    others = [f"organisation {i}" for i in range(20)]
    for path in (base.folder, base.archive):
        assert trace_to(leaked, path, [*others, NAME], KEY).named == NAME
    assert trace_to(leaked, base.folder, [f" {NAME.upper().replace(' ', '  ')}"], KEY).named is not None
    assert trace_to(leaked, base.folder, others, KEY).named is None
    assert trace_to(release().evidence.table, base.folder, [*others, NAME], KEY).named is None
    with pytest.raises(BadInput, match="give the package that was copied"):
        trace_to(leaked, copy.folder, [NAME], KEY)
    with pytest.raises(BadInput, match="is signed with the key"):
        trace_to(leaked, base.folder, [NAME], OTHER_KEY)
    with pytest.raises(BadInput, match="nobody to ask about"):
        trace_to(leaked, base.folder, [], KEY)


def test_names_are_read_one_a_line(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes("\ufeffA\r\n\r\nÜ B\n".encode())
    assert recipients_of(tmp_path / "names.txt") == ["A", "", "Ü B"]
    assert recipients_of(None) == []
    (tmp_path / "odd.txt").write_bytes(b"\xff\xfe\xff")
    for name in ("odd.txt", "absent.txt"):
        with pytest.raises(BadInput, match="cannot be read; give a text file"):
            recipients_of(tmp_path / name)
