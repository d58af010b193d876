"""The codelists by which a cohort was drawn, as files of the package, and as the dictionary names them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

from locum.cohorts.attrition import UsedCodelist
from locum.errors import BadInput
from locum.release.about import NAME
from locum.release.release import Release

FOLDER = "codelists"


def path_of(used: UsedCodelist) -> str | None:
    """Where it lies in the package; None for one that is not ours to pass on."""
    return None if used.text is None else f"{FOLDER}/{used.name}.csv"


def used_by(release: Release, names: Sequence[str]) -> tuple[UsedCodelist, ...]:
    """What is known of the codelists NAMES."""
    attrition = release.evidence.attrition
    found = {one.name: one for one in (attrition.codelists if attrition else ())}
    return tuple(found[name] for name in names if name in found)


def files(release: Release) -> Iterator[tuple[str, str, bytes]]:
    """Of each that travels: its path, a line on it, and its bytes.

    Raises BadInput for one that is not the file that the cohort was drawn by.
    """
    attrition = release.evidence.attrition
    for used in attrition.codelists if attrition else ():
        path = path_of(used)
        if used.text is None or path is None:
            continue
        data = used.text.encode()
        if hashlib.sha256(data).hexdigest() != used.sha256 or not re.fullmatch(NAME, used.name):
            raise BadInput(
                f'attrition.json holds a codelist "{used.name}" that is not the one it names; draw the cohort again'
            )
        yield path, f"A codelist: {used.codes:,} {used.system}", data
