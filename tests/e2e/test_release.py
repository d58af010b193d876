"""`locum release`: what is let through, what is refused, and that nothing is written where it is refused."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from locum.evaluate.metrics import Status
from locum.release.contents import opened
from locum.release.policy import SHIPPED
from locum.release.release import Release
from locum.release.unpack import release_of
from locum.release.verify import verify
from tests.e2e.cli import Locum, everything
from tests.unit.release.gate_cases import (
    ATTRITION,
    about,
    figure,
    metrics,
    packed,
    write_folder,
)
from tests.unit.release.seal_cases import KEY

pytestmark = pytest.mark.usefixtures("without_pdf")
APPROVED = ("--approve", "A. Reviewer: fine by me")
GBSG2 = str(files("lifelines.datasets").joinpath("gbsg2.csv"))
PUBLISHER = ("--publisher", "A trust <data@trust.example>")


def released(package: Path) -> Release:
    """What the package tells, which has to hold."""
    verify(package)
    with opened(package) as contents:
        return release_of(contents)


@pytest.fixture
def study(locum: Locum) -> Path:
    return write_folder(locum.folder / "heart study")


def test_what_passes_is_packed(locum: Locum, study: Path) -> None:
    (locum.folder / "our.key").write_text(KEY.text(None))
    told = locum.well("release", "heart study", "--out", "package", *PUBLISHER, "--key", "our.key")
    release = released(locum.folder / "package.zip")
    assert release.decision.released
    assert release.changes is None
    assert release.evidence.parquet == (study / "synthetic.parquet").read_bytes()
    said = release.about
    assert (said.name, said.title, said.version) == ("heart-study", "A made-up population", "1.0.0")
    assert (said.published.isoformat(), said.publisher.name, said.artificial) == (
        "2026-01-02",
        "A trust",
        False,
    )
    assert "conditions hold" in told.out
    assert told.out.splitlines()[-1] == "package: package"
    assert verify(locum.folder / "package", KEY.public).trust == "given"
    quiet = locum.well("release", "heart study", "--out", "other", *PUBLISHER, "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    assert verify(locum.folder / "other").trust == "nobody"
    machine = locum.well("release", "heart study", "--out", "third", *PUBLISHER, "--json", "--quiet")
    found = json.loads(machine.out)
    assert (found["released"], found["name"], found["out"]) == (True, "heart-study", "third")
    assert found["decision"] == release.decision.model_dump(mode="json")


def test_release_toml_says_what_no_data_can(locum: Locum, study: Path) -> None:
    (locum.folder / "ours").mkdir()
    (locum.folder / "ours" / "licence.txt").write_text("Ours")
    (locum.folder / "ours" / "release.toml").write_text(
        'name = "heart"\ntitle = "Hearts of some"\nversion = "1.2.0"\nidentifier = "10.5555/heart.2"\n'
        'published = 2026-02-01\nkeywords = ["heart"]\n[publisher]\nname = "B trust"\nurl = "https://b.example"\n'
        '[licence]\nname = "Ours"\nfile = "licence.txt"\n'
    )
    locum.well("release", "heart study", "--out", "package", "--about", "ours/release.toml")
    said = released(locum.folder / "package").about
    assert (said.name, said.version, said.published.isoformat()) == ("heart", "1.2.0", "2026-02-01")
    assert said.publisher.name == "B trust"
    assert (locum.folder / "package" / "LICENCE.txt").read_text() == "Ours"
    locum.well("release", "heart study", "--out", "other", "--about", "ours/release.toml", *PUBLISHER)
    publisher = released(locum.folder / "other").about.publisher
    assert (publisher.name, publisher.url) == ("A trust", "https://b.example")
    assert publisher.email == "data@trust.example"


def test_artificial_records_are_told(locum: Locum) -> None:
    write_folder(locum.folder / "heart", about(metrics(), artificial=True), ATTRITION)
    (locum.folder / "heart" / "attrition.json").unlink()  # metrics.json tells it too
    told = locum.well("release", "heart", "--out", "package", *PUBLISHER)
    assert released(locum.folder / "package").about.artificial
    assert "nobody in them exists" in told.out
    (locum.folder / "release.toml").write_text('artificial = false\n[publisher]\nname = "A"\n')
    lied = locum("release", "heart", "--out", "other", "--about", "release.toml")
    assert (lied.code, "artificial is false" in lied.message) == (3, True)
    write_folder(locum.folder / "torn", about(metrics(), artificial=False), ATTRITION)
    torn = locum("release", "torn", "--out", "other", *PUBLISHER)
    assert (torn.code, "metrics.json that they are real" in torn.message) == (3, True)
    assert not (locum.folder / "other").exists()


def test_an_approver_is_recorded(locum: Locum) -> None:
    few = about(metrics(), quick=True, train_patients=343, holdout_patients=343)
    shutil.rmtree(write_folder(locum.folder / "trial", few) / "private")  # it need not be there
    before = everything(locum.folder)
    refused = locum("release", "trial", "--out", "package", *PUBLISHER)
    assert refused.code == 4
    for name in ("train_patients", "holdout_patients", "quick"):
        assert name in refused.message
        assert f"✗ {name}" in refused.err
    assert "found   343" in refused.err
    assert "needed  a named approver" in refused.err
    machine = locum("release", "trial", "--out", "package", *PUBLISHER, "--json", "--quiet")
    assert (machine.code, json.loads(machine.out)["released"]) == (4, False)
    assert everything(locum.folder) == before
    approve = ("--approve", "A. Reviewer: a teaching example", "--approved-on", "2026-03-04")
    told = locum.well("release", "trial", "--out", "package", *PUBLISHER, *approve)
    [approval] = released(locum.folder / "package").decision.approvals
    assert (approval.approver, approval.text) == ("A. Reviewer", "a teaching example")
    assert approval.date.isoformat() == "2026-03-04"
    assert {"train_patients", "holdout_patients", "quick"} <= set(approval.checks)
    assert "A. Reviewer answers for " in told.out
    one = locum(
        "release", "trial", "--out", "other", *PUBLISHER, "--approve", "quick=A. Reviewer: a pilot study"
    )
    assert (one.code, "quick" in one.message, "train_patients" in one.message) == (4, False, True)


def test_ones_own_policy(locum: Locum, study: Path) -> None:
    own = SHIPPED.read_text("utf-8").replace(
        'least = 500\nneeds = "approver"', 'least = 900\nneeds = "never"', 1
    )
    own = own.replace("locum default", "Our board")
    (locum.folder / "own.toml").write_text(own, encoding="utf-8")
    refused = locum("release", "heart study", "--out", "package", *PUBLISHER, "--policy", "own.toml")
    assert (refused.code, "train_patients cannot be approved" in refused.message) == (4, True)
    (locum.folder / "own.toml").write_text(own.replace("900", "9"), encoding="utf-8")
    locum.well("release", "heart study", "--out", "package", *PUBLISHER, "--policy", "own.toml")
    sha256 = hashlib.sha256((locum.folder / "own.toml").read_bytes()).hexdigest()
    assert released(locum.folder / "package").decision.policy_sha256 == sha256


def test_a_later_version_says_what_changed(locum: Locum, study: Path) -> None:
    packed(locum.folder / "last")
    (locum.folder / "release.toml").write_text(
        'name = "heart"\nversion = "1.1.0"\n[publisher]\nname = "A"\nemail = "a@b.example"\n'
    )
    options = ("--about", "release.toml", "--previous", "last")
    locum.well("release", "heart study", "--out", "package", *options)
    changes = released(locum.folder / "package").changes
    assert changes is not None
    assert (changes.before, changes.after) == ("1.0.0", "1.1.0")
    same = locum("release", "heart study", "--out", "other", *PUBLISHER, "--previous", "last")
    assert (same.code, 'is of "heart"' in same.message) == (2, True)
    (locum.folder / "release.toml").write_text('name = "heart"\n[publisher]\nname = "A"\n')
    same = locum("release", "heart study", "--out", "other", *options)
    assert (same.code, "give a higher version" in same.message) == (2, True)
    assert not (locum.folder / "other").exists()


def _edited(study: Path) -> None:
    """A failure is told as a pass by hand."""
    leak = figure(metrics(), "singling_out", status=Status.FAIL)
    (study / "metrics.json").write_text(leak.model_dump_json(), encoding="utf-8")


def _other_table(study: Path) -> None:
    found = json.loads((study / "metrics.json").read_text("utf-8"))
    found["marginals"] = found["marginals"][1:]
    (study / "metrics.json").write_text(json.dumps(found), encoding="utf-8")


def _truncated(study: Path) -> None:
    (study / "metrics.json").write_text((study / "metrics.json").read_text("utf-8")[:5000], encoding="utf-8")


def _in_memory(study: Path) -> None:
    (study / "metrics.json").write_text(about(metrics(), files={}).model_dump_json(), encoding="utf-8")


def _nothing(study: Path) -> None:
    pass


HOSTILE: dict[str, tuple[Callable[[Path], None], tuple[str, ...], int, str]] = {
    "an edited verdict": (
        _edited,
        APPROVED,
        4,
        "verdict, privacy cannot be approved by anyone",
    ),
    "metrics of another table": (_other_table, (), 3, "metrics.json is of another table"),
    "truncated metrics": (_truncated, (), 3, "metrics.json is not JSON"),
    "evaluated in memory": (
        _in_memory,
        APPROVED,
        4,
        "evaluated_bytes cannot be approved",
    ),
    "an approver without a name": (_nothing, ("--approve", " : fine by me"), 2, "no name before its colon"),
    "an approver without a reason": (_nothing, ("--approve", "A. Reviewer:"), 2, "no reason after its colon"),
    "an approver of nothing": (
        _nothing,
        ("--approve", "secrecy=A. Reviewer: fine by me"),
        2,
        'no condition "secrecy"',
    ),
    "a day that is none": (_nothing, ("--approved-on", "someday"), 2, "does not match the format"),
    "no policy": (_nothing, ("--policy", "absent.toml"), 3, "absent.toml does not exist"),
    "no release.toml": (_nothing, ("--about", "absent.toml"), 3, "absent.toml does not exist"),
    "no last release": (_nothing, ("--previous", "absent.zip"), 3, "absent.zip does not exist"),
    "a publisher without a name": (_nothing, ("--publisher", " "), 2, "--publisher names nobody"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_evidence_and_arguments(locum: Locum, study: Path, case: str) -> None:
    spoil, options, code, words = HOSTILE[case]
    spoil(study)
    before = everything(locum.folder)
    publisher = () if "--publisher" in options else PUBLISHER
    done = locum("release", "heart study", "--out", "package", *publisher, *options)
    assert (done.code, words in done.message) == (code, True), done
    assert everything(locum.folder) == before


ABOUT = {
    # release.toml: what the message says
    'titel = "A"\n[publisher]\nname = "B"': 'did you mean "title"?',
    'version = "1.0"\n[publisher]\nname = "B"': "version:",
    'name = "a b"\n[publisher]\nname = "B"': "name:",
    'published = "2026-01-01"\n[publisher]\nname = "B"': "published:",
    'publisher = "B"': "publisher is to be a table; write it as [publisher]",
    '[publisher]\nnam = "B"': "publisher.name is not given",
    'title = "A"': "give --publisher NAME",
    '[publisher]\nname = "B"\n[licence]\nfile = "absent.txt"': "there is no file absent.txt",
    '[publisher]\nname = "B"\n[licence]\nfile = "heart study/synthetic.parquet"': "cannot be read as text",
    '[publisher]\nname = "B"\n[licence]\nfile = "a.txt"\ntext = "A"': "leave one out",
    'identifier = "doi:10"\n[publisher]\nname = "B"': "identifier:",
}


@pytest.mark.parametrize("text", ABOUT)
def test_a_release_toml_that_is_wrong(locum: Locum, study: Path, text: str) -> None:
    (locum.folder / "release.toml").write_text(text)
    before = everything(locum.folder)
    done = locum("release", "heart study", "--out", "package", "--about", "release.toml")
    assert (done.code in (2, 3), ABOUT[text] in done.message) == (True, True), done
    assert everything(locum.folder) == before


def test_a_folder_without_a_name(locum: Locum) -> None:
    write_folder(locum.folder / "2026")
    done = locum("release", "2026", "--out", "package", *PUBLISHER)
    assert (done.code, "name is not given" in done.message) == (3, True)


def _foreign(folder: Path) -> None:
    (folder / "package").mkdir()
    (folder / "package" / "thesis.txt").write_text("mine")


def _foreign_archive(folder: Path) -> None:
    (folder / "package.zip").write_text("mine")


def _file(folder: Path) -> None:
    (folder / "package").write_text("mine")


def _link(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "package").symlink_to(folder / "elsewhere")


IN_THE_WAY: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a directory of others": (_foreign, "package", "holds files that locum did not make with release"),
    "an archive of others": (_foreign_archive, "package", "package.zip exists, and is no package's"),
    "a file": (_file, "package", "package is not a directory"),
    "a link": (_link, "package", "package is not a directory"),
    "what is read": (_nothing, "heart study", "holds files that locum did not make with release"),
    "no folder": (_nothing, "absent/package", "there is no folder absent"),
    "a name that is an archive's": (_nothing, "package.zip", "name the directory"),
    "a name that is too long": (_nothing, "p" * 300, "the name of a file is too long"),
}


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_nothing_of_others_is_written_over(locum: Locum, study: Path, case: str) -> None:
    put, out, words = IN_THE_WAY[case]
    put(locum.folder)
    before = everything(locum.folder)
    done = locum("release", "heart study", "--out", out, *PUBLISHER)
    assert (done.code, words in done.message) == (3, True), done
    assert everything(locum.folder) == before


FULL = {
    "release": ("release", "heart study", "--out", "new", *PUBLISHER),
    "mark": ("mark", "old.zip", "--recipient", "A", "--key", "our.key", "--out", "new"),
    "withdraw": ("withdraw", "old", "--reason", "x", "--by", "A", "--key", "our.key", "--out", "new"),
}


@pytest.mark.parametrize("command", FULL)
def test_a_full_disk_is_told_and_leaves_nothing(
    locum: Locum, study: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    (locum.folder / "our.key").write_text(KEY.text(None))
    locum.well("release", "heart study", "--out", "old", *PUBLISHER, "--key", "our.key")
    before = everything(locum.folder)
    real = Path.open

    def full(*arguments: Any, **options: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full_for_writing(*arguments: Any, **options: Any) -> Any:
        return (full if "wb" in (*arguments, *options.values()) else real)(*arguments, **options)

    for place, name, fault in ((Path, "open", full_for_writing), (os, "fsync", full)):
        with monkeypatch.context() as patched:
            patched.setattr(place, name, fault)
            done = locum(*FULL[command])
        assert (done.code, done.out) == (3, ""), done
        assert "no space left to write new" in done.message
        assert everything(locum.folder) == before
