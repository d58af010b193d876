"""A package holds, or the first thing that does not is named in one line; a zip that is odd is refused."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import io
import itertools
import json
import random
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from locum.errors import BadInput
from locum.evaluate import metrics as shapes
from locum.evaluate.metrics import Status, Verdict
from locum.release import contents, csv_file, words
from locum.release.minisign import PublicKey
from locum.release.package import Package
from locum.release.release import Document
from locum.release.verified import as_dict, said
from locum.release.verify import verify
from locum.release.withdraw import withdraw
from tests.unit.release.seal_cases import (
    DAY,
    KEY,
    OTHER_KEY,
    TABLE,
    changed,
    copied,
    instead,
    make,
    metrics,
    named,
    release,
    repacked,
)

DICTIONARY, METRICS = named("dictionary.json"), named("evidence/metrics.json")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return make(tmp_path_factory.mktemp("original"))


@pytest.fixture
def made(original: Package, tmp_path: Path) -> Package:
    """A package that a test may change."""
    return copied(original, tmp_path)


def fault(path: Path, key: PublicKey | None = None) -> str:
    """The one line that says why PATH does not hold."""
    with pytest.raises(BadInput) as caught:
        verify(path, key)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("key", [None, KEY.public])
def test_a_package_holds_as_a_directory_and_as_a_zip(made: Package, key: PublicKey | None) -> None:
    for path in (made.folder, made.archive):
        found = verify(path, key)
        assert found.folder == "small-1.0.0"
        assert (found.rows, found.variables, found.train_patients) == (5, 7, 4_321)
        assert found.trust == ("given" if key else "package")
        assert found.key == KEY.public.id


def test_it_says_in_words_what_the_package_is(made: Package) -> None:
    text = "\n".join(said(verify(made.archive, KEY.public)))
    for part in (
        "small 1.0.0: A small study",
        "5 artificial patients, 7 variables",
        "from 4,321 real patients",
        "utility   not assessable",
        "approved  utility: by A. Reviewer on 2026-01-31: Small on purpose",
        f"with the key that you gave, key id {KEY.public.id}",
        "Decisions about the care of any person.",
    ):
        assert part in text
    assert "not who made it" not in text
    assert "not who made it" in "\n".join(said(verify(made.archive)))
    as_json = json.loads(json.dumps(as_dict(verify(made.folder))))
    assert as_json["holds"] is True
    assert as_json["withdrawn"] is False
    assert as_json["checked_with"] == "the key in the package itself"


def test_records_are_artificial_where_the_publisher_says_so(tmp_path: Path) -> None:
    """Also where no attrition tells it."""
    found = release()
    about = found.about.model_copy(update={"artificial": True})
    made = make(tmp_path, of=dataclasses.replace(found, about=about))
    text = "\n".join(said(verify(made.folder)))
    assert "patients of records that are themselves artificial" in text
    assert "real patients, judged" not in text


@pytest.mark.parametrize("verdict", list(itertools.product(Status, repeat=3)))
def test_what_it_says_of_uses_points_to_the_report(verdict: tuple[Status, ...]) -> None:
    families = dict(zip(("fidelity", "utility", "privacy"), verdict, strict=True))
    judged = metrics(Verdict(**families), b"", 5)
    may, must_not = words.uses_by(judged, ["A use."], ["A misuse."])
    assert "below" not in "\n".join([*may, *must_not])
    assert (may[-1], must_not[0]) == ("A use.", "A misuse.")


def test_it_says_of_uses_what_the_documents_say(tmp_path: Path) -> None:
    """Also what a single check speaks against, and what the publisher wrote."""
    found = release()
    ranking = shapes.Metric(
        name="utility_logistic",
        family="utility",
        title="Do models rank patients as well?",
        answer="Not quite.",
        method="Trained on one, judged on the other.",
        value=0.04,
        unit="difference in AUC",
        better="lower",
        status=Status.WARN,
        reasons=["over 0.03"],
    )
    verdict = Verdict(fidelity=Status.PASS, utility=Status.WARN, privacy=Status.PASS)
    judged = found.evidence.metrics.model_copy(update={"verdict": verdict, "metrics": [ranking]})
    said_so = {"intended": ("Teaching.",), "misuse": ("Estimates of how many are ill.",)}
    of = dataclasses.replace(
        found,
        about=found.about.model_copy(update=said_so),
        evidence=dataclasses.replace(found.evidence, metrics=judged),
    )
    made = make(tmp_path, of=of)
    verified = verify(made.archive)
    assert (verified.may, verified.must_not) == words.uses(of)
    lines, as_json = list(said(verified)), as_dict(verified)
    for use in ("Comparing how well prediction models rank patients.", "Estimates of how many are ill."):
        assert f"  {use}" in lines
        assert use in as_json["must_not"]
        assert use in (made.folder / "README.md").read_text()


def test_a_package_of_another_s_key_is_refused(made: Package) -> None:
    assert f"not with the key that was given, {OTHER_KEY.public.id}" in fault(made.folder, OTHER_KEY.public)


def test_an_unsigned_package_says_so(tmp_path: Path) -> None:
    made = make(tmp_path, secret=None)
    found = verify(made.archive)
    assert found.trust == "nobody"
    assert "NOT SIGNED" in "\n".join(said(found))
    assert as_dict(found)["signed"] is False
    assert "it is not signed" in fault(made.folder, KEY.public)


def test_a_forger_who_signs_anew_is_found_by_the_publisher_s_key_alone(made: Package, tmp_path: Path) -> None:
    (tmp_path / "forged").mkdir()
    forged = make(tmp_path / "forged", secret=OTHER_KEY)
    assert verify(forged.folder).trust == "package"
    fault(forged.folder, KEY.public)


def test_a_flipped_byte_in_any_file_is_found(made: Package) -> None:
    rng = random.Random(1)
    files = [p for p in sorted(made.folder.rglob("*")) if p.is_file()]
    assert {".locum", "locum.pub", "SHA256SUMS", "SHA256SUMS.minisig"} <= {p.name for p in files}
    for file in files:
        whole = file.read_bytes()
        for place in {0, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(5))}:
            other = bytearray(whole)
            other[place] ^= 1 << rng.randrange(8)
            file.write_bytes(other)
            fault(made.folder)
            fault(made.folder, KEY.public)
        file.write_bytes(whole)
    verify(made.folder)


def test_a_flipped_byte_in_an_unsigned_package_is_found(tmp_path: Path) -> None:
    made = make(tmp_path, secret=None)
    sums = made.folder / "SHA256SUMS"
    whole = sums.read_bytes()
    for place in random.Random(3).sample(range(len(whole)), 200):
        other = bytearray(whole)
        other[place] ^= 1 << place % 8
        sums.write_bytes(other)
        fault(made.folder)


def test_a_flipped_byte_in_any_place_of_the_zip_is_found(made: Package) -> None:
    rng = random.Random(2)
    whole = made.archive.read_bytes()
    for place in {*range(40), *range(len(whole) - 200, len(whole)), *rng.choices(range(len(whole)), k=200)}:
        other = bytearray(whole)
        other[place] ^= 1 << rng.randrange(8)
        made.archive.write_bytes(other)
        fault(made.archive)


def test_a_zip_that_was_cut_off_or_added_to_is_found(made: Package) -> None:
    whole = made.archive.read_bytes()
    for other in (whole[: len(whole) // 2], whole[:-1], whole + b"\0", b"\0" + whole, b"", b"PK"):
        made.archive.write_bytes(other)
        fault(made.archive)


def test_a_package_that_another_program_packed_again_holds(made: Package, tmp_path: Path) -> None:
    assert verify(repacked(made.archive, tmp_path / "again.zip", lambda files: None), KEY.public).rows == 5


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: (f / "data" / "small.csv").unlink(), "data/small.csv is missing"),
        (lambda f: (f / "SHA256SUMS").unlink(), "it has no SHA256SUMS"),
        (lambda f: (f / "SHA256SUMS.minisig").unlink(), "its signature SHA256SUMS.minisig is missing"),
        (lambda f: (f / "locum.pub").unlink(), "it has no locum.pub"),
        (lambda f: (f / "more.txt").write_text("more"), "more.txt is in it but not of it"),
        (lambda f: (f / "data" / ".locum").write_text("more"), "data/.locum is in it but not of it"),
        (lambda f: (f / "data" / "link").symlink_to(f / "locum.pub"), "data/link is a link"),
        (lambda f: (f / "NOTES.md").symlink_to("/dev/zero"), "NOTES.md is a link"),
    ],
)
def test_what_is_missing_or_added_is_named(
    made: Package, change: Callable[[Path], object], says: str
) -> None:
    change(made.folder)
    assert says in fault(made.folder)


def test_the_mark_that_locum_left_may_be_gone(made: Package) -> None:
    (made.folder / ".locum").unlink()
    assert verify(made.folder).rows == 5


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.create_system = 3
    found.external_attr = mode << 16
    return found


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("odd", "says"),
    [
        (entry("../evil"), "a path that leads elsewhere"),
        (entry("small-1.0.0/../../evil"), "a path that leads elsewhere"),
        (entry("/etc/evil"), "a path that leads elsewhere"),
        (entry("small-1.0.0//evil"), "a path that leads elsewhere"),
        (entry("small-1.0.0/a\\..\\evil"), "a path that leads elsewhere"),
        (entry("C:/evil"), "a path that leads elsewhere"),
        (entry("small-1.0.0/a\x1b[2J"), "a path that leads elsewhere"),
        (entry("small-1.0.0/link", stat.S_IFLNK | 0o777), "a link"),
        (entry("small-1.0.0/pipe", stat.S_IFIFO | 0o644), "a link, or something else"),
        (entry("small-1.0.0/SHA256SUMS"), "two files of one name"),
        (entry("small-1.0.0/sha256sums"), "two files of one name"),
        (entry("beside"), "a file beside its folder"),
        (entry("other/evil"), "more than one folder"),
        (entry("small-1.0.0/folder/", stat.S_IFDIR | 0o755), "a folder with content"),
    ],
)
def test_a_hostile_zip_is_refused(made: Package, odd: zipfile.ZipInfo, says: str) -> None:
    with zipfile.ZipFile(made.archive, "a") as archive:
        archive.comment = b""
        archive.writestr(odd, b"evil")
    assert says in fault(made.archive)


def test_a_package_one_folder_deeper_is_refused(made: Package, tmp_path: Path) -> None:
    def deeper(files: dict[str, bytes]) -> None:
        for name in list(files):
            files[f"outer/{name}"] = files.pop(name)

    assert "it has no SHA256SUMS" in fault(repacked(made.archive, tmp_path / "deep.zip", deeper))


def test_an_encrypted_and_an_oddly_compressed_zip_are_refused(made: Package, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a/SHA256SUMS", b"x")
    assert "compressed in a way of its own" in fault(tmp_path / "odd.zip")
    raw = bytearray(repacked(made.archive, tmp_path / "locked.zip", lambda files: None).read_bytes())
    raw[raw.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(raw)
    assert "an encrypted file" in fault(tmp_path / "locked.zip")


def test_bombs_are_refused_before_they_swell(
    made: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for i in range(contents.MOST_FILES + 1):
            archive.writestr(f"a/{i}", b"")
    assert "more than 1000 files" in fault(tmp_path / "many.zip")
    # one file of the directory claims 40 GB
    raw = bytearray(repacked(made.archive, tmp_path / "large.zip", lambda files: None).read_bytes())
    size = raw.index(b"PK\1\2") + 24
    claims = [raw.index(b"PK\1\2")]
    while (place := raw.find(b"PK\1\2", claims[-1] + 4)) >= 0:
        claims.append(place)
    for claim in claims[:10]:
        raw[claim + 24 : claim + 28] = (0xFFFFFFF0).to_bytes(4, "little")
    assert size
    (tmp_path / "large.zip").write_bytes(raw)
    assert "more than 32 GB" in fault(tmp_path / "large.zip")
    # files that share their bytes
    for claim in claims[1:3]:
        raw[claim + 42 : claim + 46] = bytes(4)
    for claim in claims[:10]:
        raw[claim + 24 : claim + 28] = (10).to_bytes(4, "little")
    (tmp_path / "shared.zip").write_bytes(raw)
    assert "files that overlap" in fault(tmp_path / "shared.zip")
    monkeypatch.setattr(contents, "MOST_TEXT", 100)
    assert "too large" in fault(made.archive)


def test_a_parquet_file_that_swells_is_not_unpacked(made: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "_SMALL", 1)
    monkeypatch.setattr(contents, "MOST_SWELLING", 0.1)
    assert "that swells" in fault(made.archive)


def test_what_is_no_package_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("text")
    assert "it has no SHA256SUMS" in fault(tmp_path / "empty")
    assert "neither the directory nor the zip" in fault(tmp_path / "text.zip")
    assert "does not exist" in fault(tmp_path / "nothing")


def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: Document) -> str:
    """Why a package in which DOCUMENT stands, signed as it should be, does not hold."""
    instead(monkeypatch, document)
    return fault(make(tmp_path).archive, KEY.public)


def variable(called: str, **changes: Any) -> Callable[[Any], None]:
    def change(found: Any) -> None:
        next(v for v in found["variables"] if v["name"] == called).update(changes)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(rows=6), "has 5 rows, dictionary.json says 6"),
        (lambda d: d.update(format=2), "does not have the shape"),
        (lambda d: d.update(name="../../x"), "does not have the shape"),
        (lambda d: d.update(name="other"), "it has no data/other.parquet"),
        (lambda d: d["variables"].pop(), '"seen" is in one only'),
        (lambda d: d["variables"].reverse(), "their order differs"),
        (lambda d: d["variables"].append(d["variables"][0]), "there twice"),
        (variable("age", name="years"), '"age" is in one only'),
        (variable("age", kind="continuous"), 'differ in the kind of "age"'),
        (variable("age", kind="number"), "does not have the shape"),
        (variable("age", storage="double"), 'differ in the storage of "age"'),
        (variable("age", high=80), '"age" has values beyond the range'),
        (variable("age", low=41), '"age" has values beyond the range'),
        (variable("visit", high="2026-01-30"), '"visit" has values beyond the range'),
        (variable("sex", levels=[{"level": "female"}, {"level": "male"}]), '"sex" has a level'),
        (variable("smoker", levels=[{"level": "never"}]), '"smoker" has a level'),
        (variable("diabetes", levels=[{"level": "true"}]), '"diabetes" has a level'),
    ],
)
def test_a_dictionary_that_is_not_of_the_data_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None], says: str
) -> None:
    assert says in refused(tmp_path, monkeypatch, changed(DICTIONARY, change))


@pytest.mark.parametrize(
    "change",
    [variable("visit", low="2026-01-31", high="2026-01-31"), variable("age", low=40.4, high=88, precision=1)],
)
def test_a_range_holds_up_to_its_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    instead(monkeypatch, changed(DICTIONARY, change))
    assert verify(make(tmp_path).folder).rows == 5


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (TABLE.slice(0, 4), "differ in how many rows"),
        (TABLE.set_column(0, "age", pa.array([41, 51, 63, 88, 40])), 'differ in column "age"'),
        (TABLE.rename_columns(["x", *TABLE.column_names[1:]]), "not two files of one table"),
        (TABLE.set_column(0, "age", pa.array(["a"] * 5)), "not two files of one table"),
    ],
)
def test_a_csv_of_other_rows_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: pa.Table, says: str
) -> None:
    write = csv_file.write
    monkeypatch.setattr(csv_file, "write", lambda _, path: write(table, path))
    assert says in fault(make(tmp_path).archive)


def test_a_parquet_file_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "not two files of one table" in fault(make(tmp_path, of=release(b"PAR1 no PAR1")).archive)


def test_a_parquet_file_of_another_type_is_refused(tmp_path: Path) -> None:
    raw = io.BytesIO()
    pq.write_table(TABLE.set_column(0, "age", TABLE["age"].cast(pa.int32())), raw)
    assert '"age" is stored as int32' in fault(make(tmp_path, of=release(raw.getvalue())).archive)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["about"].pop("files"),
        lambda m: m["about"].update(files={}),
        lambda m: m["about"].update(files={"synthetic": "0" * 64}),
    ],
)
def test_an_evaluation_of_other_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], None]
) -> None:
    says = "evidence/metrics.json is not the evaluation of data/small.parquet"
    assert says in refused(tmp_path, monkeypatch, changed(METRICS, change))


def test_metrics_of_a_later_version_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, changed(METRICS, lambda m: m["about"].update(more="new")))
    assert verify(make(tmp_path).folder).rows == 5


@pytest.mark.parametrize(
    ("decided", "says"),
    [
        ({"released": False}, "the gate refused it"),
        ({"approvals": ()}, 'the check "utility" failed and may not be passed over'),
    ],
)
def test_a_release_that_the_gate_did_not_let_pass_is_refused(
    tmp_path: Path, decided: dict[str, Any], says: str
) -> None:
    assert says in fault(make(tmp_path, of=release(**decided)).folder)


def test_a_check_that_nobody_may_pass_over_stays_failed(tmp_path: Path) -> None:
    checks = tuple(c.model_copy(update={"needs": "never"}) for c in release().decision.checks if not c.holds)
    assert "may not be passed over" in fault(make(tmp_path, of=release(checks=checks)).folder)


def withdrawn(made: Package, out: Path, **changes: Any) -> str:
    given: dict[str, Any] = {
        "by": "A. Custodian",
        "reason": " Ages  are {wrong}\n",
        "date": DAY,
        "secret": KEY,
    }
    withdraw(made.archive, out, **(given | changes))
    return (out / "WITHDRAWN.md").read_text()


def test_a_withdrawn_release_holds_and_says_so_first(made: Package, tmp_path: Path) -> None:
    assert "Ages are {wrong}" in withdrawn(made, tmp_path / "gone")
    for path in (tmp_path / "gone", tmp_path / "gone.zip"):
        found = verify(path, KEY.public)
        first = next(iter(said(found)))
        assert first == ("WITHDRAWN on 2026-01-31 by A. Custodian. Do not use it. Reason: Ages are {wrong}")
        assert as_dict(found)["withdrawn"] is True
        assert as_dict(found)["may"] == []
    kept = ("data/small.csv", "data/small.parquet", "evidence/metrics.json", "evidence/report.html")
    for path in kept:
        assert (tmp_path / "gone" / path).read_bytes() == (made.folder / path).read_bytes()
    assert verify(made.folder).withdrawal is None  # the old one stays as it was
    (tmp_path / "gone" / "WITHDRAWN.md").unlink()
    assert "WITHDRAWN.md is missing" in fault(tmp_path / "gone")


def test_every_document_of_a_withdrawn_release_says_so_first(made: Package, tmp_path: Path) -> None:
    withdrawn(made, tmp_path / "gone", reason="Ages are <b>wrong</b>. See *us*.", secret=OTHER_KEY)
    gone, said = (
        tmp_path / "gone",
        "WITHDRAWN on 2026-01-31 by A. Custodian. Do not use this dataset. Reason: ",
    )
    papers = sorted(path.name for path in gone.glob("*.md") if path.name != "WITHDRAWN.md")
    assert papers == ["CHANGELOG.md", "MODEL-CARD.md", "README.md", "TERMS.md"]
    for name in papers:
        text = (gone / name).read_text("utf-8")
        assert text.startswith(
            f"> **{said}Ages are &lt;b&gt;wrong&lt;/b&gt;. See \\*us\\*. See WITHDRAWN.md.**\n\n# "
        )
    for name in ("dictionary.html", "method.html"):
        text = (gone / name).read_text("utf-8")
        assert "Ages are &lt;b&gt;wrong&lt;/b&gt;. See *us*." in text
        assert text.index("<main") < text.index(said) < text.index("<p", text.index(said))
    dcat, hdruk, pack, croissant = (
        json.loads((gone / name).read_text("utf-8"))
        for name in ("dcat.jsonld", "hdruk.json", "datapackage.json", "croissant.json")
    )
    authority = "http://publications.europa.eu/resource/authority"
    assert dcat["adms:status"] == {"@id": f"{authority}/dataset-status/WITHDRAWN"}
    of_files = [distribution["adms:status"]["@id"] for distribution in dcat["dcat:distribution"]]
    assert of_files == [f"{authority}/distribution-status/WITHDRAWN"] * 2
    texts = (dcat["dct:description"]["@value"], hdruk["summary"]["abstract"], pack["description"])
    texts += (hdruk["documentation"]["description"], croissant["description"])
    assert all(text.startswith(said) for text in texts)
    # what names files by their hashes names those that are there
    files = {file["name"]: file for file in json.loads((gone / "figures.json").read_text("utf-8"))}
    subjects = json.loads((gone / "provenance.intoto.json").read_text("utf-8"))["subject"]
    stated = {f"files/{one['name']}": one["digest"]["sha256"] for one in subjects}
    for name, entry in files.items():
        if name.startswith("files/"):
            found = hashlib.sha256((gone / name.removeprefix("files/")).read_bytes()).hexdigest()
            assert (entry["value"], stated[name]) == (found, found), name
    found = hashlib.sha256((gone / "figures.json").read_bytes()).hexdigest()
    assert stated["files/figures.json"] == found


def test_the_same_withdrawal_gives_the_same_bytes(made: Package, tmp_path: Path) -> None:
    withdrawn(made, tmp_path / "one")
    withdrawn(made, tmp_path / "two")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_withdrawal_may_be_signed_with_another_key(made: Package, tmp_path: Path) -> None:
    withdrawn(made, tmp_path / "gone", secret=OTHER_KEY)
    assert verify(tmp_path / "gone", OTHER_KEY.public).withdrawal is not None
    fault(tmp_path / "gone", KEY.public)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"by": " "}, "by whom is not a line"),
        ({"by": "A\nB"}, "by whom is not a line"),
        ({"reason": "\x1b[2J"}, "reason is not a line"),
        ({"reason": "Ages\nare wrong"}, "reason is not a line"),
    ],
)
def test_a_withdrawal_says_who_and_why(
    made: Package, tmp_path: Path, changes: dict[str, str], says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        withdrawn(made, tmp_path / "gone", **changes)
    assert not (tmp_path / "gone").exists()


def test_only_a_package_that_holds_is_withdrawn_and_once(made: Package, tmp_path: Path) -> None:
    withdrawn(made, tmp_path / "gone")
    with pytest.raises(BadInput, match="withdrawn already"):
        withdraw(tmp_path / "gone", tmp_path / "twice", by="x", reason="y", date=DAY, secret=KEY)
    (made.folder / "data" / "small.csv").write_text("x")
    with pytest.raises(BadInput, match="does not hold"):
        withdraw(made.folder, tmp_path / "twice", by="x", reason="y", date=DAY, secret=KEY)
    assert not (tmp_path / "twice").exists()


@pytest.mark.parametrize("out", ["package", "package/new"])
def test_a_withdrawal_is_not_written_over_what_it_reads(made: Package, out: str) -> None:
    with pytest.raises(BadInput, match="give another name"):
        withdraw(
            made.folder, made.folder.parent / out, by="x", reason="y", date=datetime.date.min, secret=KEY
        )
    with pytest.raises(BadInput, match="give another name"):
        withdraw(made.archive, made.folder, by="x", reason="y", date=DAY, secret=KEY)
    assert verify(made.folder, KEY.public).withdrawal is None
    assert verify(made.archive, KEY.public).withdrawal is None


def test_a_withdrawal_note_that_says_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Document("WITHDRAWN.md", "text/markdown", "a note", lambda release, files: b"gone")
    assert "does not say who withdrew" in refused(tmp_path, monkeypatch, note)
