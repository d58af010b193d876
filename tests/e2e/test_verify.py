"""Keys, verification and withdrawal as they are meant to be used."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.cli import Locum, everything, run
from tests.unit.release.seal_cases import KEY, OTHER_KEY, make, release

pytestmark = pytest.mark.usefixtures("without_pdf")

BAD, USAGE = 3, 2


@pytest.fixture
def locum(locum: Locum, monkeypatch: pytest.MonkeyPatch) -> Locum:
    """Commands in a folder that holds a package and the keys of its publisher."""
    monkeypatch.delenv("LOCUM_KEY_PASSWORD", raising=False)
    make(locum.folder)
    (locum.folder / "custodian.key").write_text(KEY.text(None))
    (locum.folder / "custodian.key.pub").write_text(KEY.public.text)
    return locum


def refused(locum: Locum, code: int, *arguments: object) -> str:
    """The line of a command that has to fail, and to change no file."""
    before = everything(locum.folder)
    done = locum(*arguments)
    assert (done.code, done.out) == (code, "")
    assert everything(locum.folder) == before
    return done.message


@pytest.mark.parametrize("package", ["package", "package.zip"])
@pytest.mark.parametrize("key", ["custodian.key.pub", KEY.public.line])
def test_a_stranger_verifies_a_package(locum: Locum, package: str, key: str) -> None:
    done = locum.well("verify", package, "--key", key)
    assert f"{package} holds" in done.out
    assert f"signed    with the key that you gave, key id {KEY.public.id}" in done.out
    assert "learned   from 4,321 real patients" in done.out
    assert "must not be used for:" in done.out
    assert json.loads(locum.well("verify", package, "--key", key, "--json").out)["rows"] == 5
    assert locum.well("verify", package, "--quiet").out == ""


def test_without_a_key_it_says_what_that_proves(locum: Locum) -> None:
    assert "proves that the package is whole, not who made it" in locum.well("verify", "package.zip").out


def test_what_does_not_hold_is_one_line(locum: Locum) -> None:
    file = locum.folder / "package" / "data" / "small.csv"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"40,", b"41,", 1))
    assert "data/small.csv is not the file that SHA256SUMS names" in refused(locum, BAD, "verify", "package")
    file.write_bytes(whole)
    assert "give the public one" in refused(locum, BAD, "verify", "package", "--key", "custodian.key")
    assert "does not exist" in refused(locum, BAD, "verify", "package", "--key", "nobody.pub")
    assert "does not exist" in refused(locum, BAD, "verify", "nothing.zip")
    shutil.copy(locum.folder / "package.zip", locum.folder / "broken.zip")
    with (locum.folder / "broken.zip").open("r+b") as zipped:
        zipped.seek(5000)
        zipped.write(b"flipped")
    assert "damaged" in refused(locum, BAD, "verify", "broken.zip", "--json")


def test_text_of_a_package_cannot_steer_a_terminal(locum: Locum) -> None:
    whole = release()
    about = whole.about.model_copy(update={"title": "A \x1b[2J study \u202e"})
    other = dataclasses.replace(whole, about=about)
    (locum.folder / "odd").mkdir()
    make(locum.folder / "odd", of=other)
    out = locum.well("verify", "odd/package").out
    assert "A \N{REPLACEMENT CHARACTER}[2J study" in out
    assert all(line.isprintable() for line in out.splitlines())
    (locum.folder / "odd" / "package" / "\x1b[2J").write_text("more")
    assert "\N{REPLACEMENT CHARACTER}[2J is in it but not of it" in refused(
        locum, BAD, "verify", "odd/package"
    )


def test_keys_are_made_shown_and_never_overwritten(locum: Locum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUM_KEY_PASSWORD", "a word")
    made = json.loads(locum.well("keys", "new", "--out", "a.key", "--json").out)
    assert (locum.folder / "a.key").stat().st_mode & 0o777 == 0o600
    for file, kind in (("a.key", "secret"), ("a.key.pub", "public")):
        shown = json.loads(locum.well("keys", "show", file, "--json").out)
        assert shown == {"key_id": made["key_id"], "public_key": made["public_key"], "of": kind}
    assert made["public_key"] in locum.well("keys", "show", "a.key.pub").out
    assert "never overwritten" in refused(locum, BAD, "keys", "new", "--out", "a.key")
    monkeypatch.setenv("LOCUM_KEY_PASSWORD", "another")
    assert "does not open with this password" in refused(locum, BAD, "keys", "show", "a.key")
    monkeypatch.delenv("LOCUM_KEY_PASSWORD")
    plain = locum.well("keys", "new", "--out", "plain.key", "--no-password")
    assert "(not encrypted)" in plain.out
    assert "key id: " in locum.well("keys", "show", "plain.key").out


def test_a_password_is_asked_of_people_only(locum: Locum, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no one to ask" in refused(locum, USAGE, "keys", "new", "--out", "a.key")
    (locum.folder / "custodian.key").write_text(KEY.text("a word"))
    assert "no one to ask" in refused(locum, USAGE, "keys", "show", "custodian.key")
    monkeypatch.setenv("LOCUM_KEY_PASSWORD", "")
    assert "is empty" in refused(locum, USAGE, "keys", "new", "--out", "a.key")
    monkeypatch.delenv("LOCUM_KEY_PASSWORD")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter(["one", "two", "one", "one", "one"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert "differ" in refused(locum, USAGE, "keys", "new", "--out", "a.key")
    locum.well("keys", "new", "--out", "a.key")
    locum.well("keys", "show", "a.key")
    assert next(typed, None) is None


def test_a_release_is_withdrawn(locum: Locum) -> None:
    why = ["--reason", "Ages are wrong", "--by", "A. Custodian", "--key", "custodian.key"]
    done = locum.well("withdraw", "package.zip", *why, "--date", "2026-03-01", "--out", "gone")
    assert "small-1.0.0 is withdrawn" in done.out
    done = locum.well("verify", "gone.zip", "--key", "custodian.key.pub")
    assert done.out.startswith("WITHDRAWN on 2026-03-01 by A. Custodian. Do not use it.")
    assert json.loads(locum.well("verify", "gone", "--json").out)["withdrawn"] is True
    assert "give another name" in refused(locum, BAD, "withdraw", "package", *why, "--out", "package")
    assert "withdrawn already" in refused(locum, BAD, "withdraw", "gone", *why, "--out", "twice")
    (locum.folder / "b.key").write_text(OTHER_KEY.text(None))
    other = ["--reason", "x", "--by", "y", "--key", "b.key", "--out", "other"]
    assert "tell who checks it" in locum.well("withdraw", "package", *other).err


def test_the_commands_as_processes_of_their_own(locum: Locum) -> None:
    folder: Path = locum.folder
    assert run("verify", "package", "--quiet", folder=folder).code == 0
    (folder / "package" / "locum.pub").write_text("x")
    done = run("verify", "package", "--quiet", folder=folder)
    assert (done.code, done.out, len(done.err.splitlines())) == (BAD, "", 1)
