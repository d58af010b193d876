"""The command line as tests use it: in this process, which is quick, or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from locum.cli.app import app
from locum.cli.faults import told
from locum.release.policy import read_policy

LOCUM = [sys.executable, "-c", "from locum.cli import main; main()"]
"""The command as a process of its own, whatever is on the PATH."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def message(self) -> str:
        """The error, which is one line: the last, and the only one that begins so."""
        lines = self.err.splitlines()
        assert [line for line in lines if line.startswith("locum: ")] == lines[-1:], self.err
        return lines[-1]


class Locum:
    """Runs commands in this process, in the folder FOLDER."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Done:
        with self._monkeypatch.context() as patched:
            patched.chdir(self.folder)
            patched.setattr(sys, "argv", ["locum", *map(str, arguments)])
            patched.setattr(sys, "warnoptions", ["error"])  # so that `told` leaves the filters of pytest
            self._capsys.readouterr()
            code = told(app)
        out, err = self._capsys.readouterr()
        assert "Traceback" not in out + err
        return Done(code, out, err)

    def well(self, *arguments: object) -> Done:
        """A run that has to succeed."""
        done = self(*arguments)
        assert done.code == 0, done
        return done


def run(*arguments: object, folder: Path, **options: object) -> Done:
    """A command in a process of its own."""
    done = subprocess.run(
        [*LOCUM, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    return Done(done.returncode, done.stdout, done.stderr)


def approved(word: str) -> tuple[str, ...]:
    """Options by which WORD, "NAME: why", answers for all that a person may answer for, privacy by its names."""
    private = ",".join(["privacy", "privacy_setting", "k", *read_policy().policy.limit])
    return ("--approve", word, "--approve", f"{private}={word}")


def everything(folder: Path) -> dict[str, bytes]:
    """Every file and folder below FOLDER, hidden ones too, with what it holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"a folder"
        for path in sorted(folder.rglob("*"))
    }
