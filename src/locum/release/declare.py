"""What is said of a release: ``release.toml`` as far as it goes, the rest from the evidence."""

from __future__ import annotations

import datetime
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from locum.errors import BadInput, UsageError
from locum.release.about import About, Licence
from locum.release.facts import layout
from locum.release.release import Evidence
from locum.strict import parse, read_text, validate

_REACHED = re.compile(r"([^<>]*[^<>\s])\s*<([^<>\s]+)>")
"""A name and an address after it, as in a letter's head: ``Our trust <data@trust.example>``."""


def declare(
    evidence: Evidence, folder: Path, path: Path | None = None, publisher: str | None = None
) -> About:
    """What the file PATH says of the release of FOLDER; what it does not say is taken from EVIDENCE.

    publisher: who publishes it, in place of the one in PATH: a name, or a name and an address, "NAME <EMAIL or URL>".
    Raises BadInput, in one line, for a file that is wrong, and UsageError when no one is named as the publisher.
    """
    where = str(path) if path is not None else "release.toml (see --about)"
    said = parse(read_text(path, "what is said of the release"), where) if path is not None else {}
    about = validate(_defaults(evidence, folder) | _publisher(said, publisher), About, where)
    if evidence.artificial is not None and about.artificial is not evidence.artificial:
        raise BadInput(
            f"{where}: artificial is {str(about.artificial).lower()}, and the evidence says "
            f"{str(evidence.artificial).lower()} of the records; take it out"
        )
    return about.model_copy(update={"licence": _with_text(about.licence, path, where)})


def _with_text(licence: Licence, path: Path | None, where: str) -> Licence:
    """LICENCE with the text of the file that it names: the package tells of no file beyond it."""
    if path is None or licence.file is None:
        return licence
    if licence.text is not None:
        raise BadInput(f"{where}: licence has a file and a text; leave one out")
    file = path.parent / licence.file
    if not file.is_file():
        raise BadInput(f"{where}: licence.file: there is no file {file}; mend its name")
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text.strip():
        raise BadInput(
            f"{where}: licence.file: {file} cannot be read as text, or is empty; name a text file in UTF-8"
        )
    return licence.model_copy(update={"file": None, "text": text})


def _defaults(evidence: Evidence, folder: Path) -> dict[str, Any]:
    """What is known without a file."""
    about = evidence.metrics.about
    known: dict[str, Any] = {"title": about.title or folder.resolve().name}
    if name := re.sub(r"[^A-Za-z0-9_]+", "-", folder.resolve().name).lstrip("-_0123456789").rstrip("-"):
        known["name"] = name
    with suppress(ValueError):  # else the file has to say it
        known["published"] = datetime.date.fromisoformat(about.created)
    if evidence.artificial is not None:
        known["artificial"] = evidence.artificial
    if evidence.attrition is not None:
        known["source"] = layout(evidence.attrition)
    return known


def _publisher(said: dict[str, Any], name: str | None) -> dict[str, Any]:
    if name is not None and not name.strip():
        raise UsageError("--publisher names nobody; give the name of who publishes the dataset")
    if name is None and "publisher" not in said:
        raise UsageError(
            "a release says who publishes it; give --publisher NAME, or [publisher] in release.toml"
        )
    given = said.get("publisher", {})
    if name is None or not isinstance(given, dict):
        return said
    reached: dict[str, str] = {}
    if found := _REACHED.fullmatch(name.strip()):
        name, address = found.groups()
        reached = {"email" if "@" in address else "url": address}
    return {**said, "publisher": {**given, "name": name.strip(), **reached}}
