"""What a study has done, ``study.json``: of each stage the hash of what it read and of what it wrote.

Hashes are SHA-256 of contents. No value of a patient is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, ValidationError

from locum.atomic import atomic_path
from locum.digest import sha256
from locum.errors import BadInput
from locum.version import VERSION

FILE = "study.json"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Done(_Strict):
    """A stage that was done. notices: what it told the user; they hold no value of a patient."""

    inputs: str
    outputs: dict[str, str]  # path within the directory: hash
    seconds: NonNegativeFloat
    notices: list[str]


class State(_Strict):
    """study.json. study: the name of the study's file, to which the directory belongs."""

    format: int = 1
    study: str
    stages: dict[str, Done] = {}

    def write(self, out: Path) -> None:
        """Write it into OUT, whole or not at all."""
        with atomic_path(out / FILE) as temporary:
            temporary.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_state(out: Path, study: str) -> State:
    """What was done in OUT of STUDY; nothing yet when there is no study.json.

    Raises BadInput when it is of another study or version, or damaged.
    """
    path = out / FILE
    if not path.exists():
        return State(study=study)
    try:
        state = State.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise BadInput(f"{path} is damaged, or of another version; give another directory") from None
    if state.format != 1:
        raise BadInput(f"{path} is of another version; give another directory")
    if state.study != study:
        raise BadInput(f"{out} holds the results of {state.study}; give another directory")
    return state


class Hashes:
    """Hashes of files and folders, each file read once while its size and time of change stay the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], str] = {}

    def of(self, path: Path) -> str | None:
        """The hash of a file, or of all files below a folder with their names; None where there is nothing."""
        if path.is_file():
            return self._file(path)
        if not path.is_dir():
            return None
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return digest([[p.relative_to(path).as_posix(), self._file(p)] for p in files])

    def inputs(self, stage: str, settings: Mapping[str, object], reads: Sequence[Path]) -> str:
        """The hash of all that a stage depends on: this version, its settings, and the contents of what it reads."""
        return digest([VERSION, stage, dict(settings), [self.of(path) for path in reads]])

    def _file(self, path: Path) -> str:
        about = path.stat()
        key = (str(path), about.st_size, about.st_mtime_ns, about.st_ino)
        if key not in self._known:
            self._known[key] = sha256(path)
        return self._known[key]


def digest(value: object) -> str:
    """The hash of VALUE, which JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
