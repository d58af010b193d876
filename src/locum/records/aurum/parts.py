"""The parts of each table of an extract: which file, in a folder or within an archive, belongs to which table."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from locum.records.aurum.specification import EPISODES, TABLES

_TABLE = re.compile(
    rf"(?P<set>(?:.*[^a-z])?)(?P<table>{'|'.join(TABLES)}|drug_issue)(?:[_-]?(?P<number>\d+))?\.txt(?:\.gz)?",
    re.IGNORECASE,
)
_LINKED = re.compile(rf"(?:.*[^a-z])?{EPISODES}(?:[^a-z].*)?\.txt(?:\.gz)?", re.IGNORECASE)
_OTHER_LINKED = re.compile(r"(?:.*[^a-z])?(?:hes|ons|sgss|linkage)[^a-z].*", re.IGNORECASE)
"""Files of linked data have names such as hes_patient_22_000000.txt, which is not the patient table."""


def named_table(name: str) -> str | None:
    """The table, in lower case, that a file of this name is a part of, or None."""
    name = PurePosixPath(name.replace("\\", "/")).name
    if _LINKED.fullmatch(name):
        return EPISODES
    found = _TABLE.fullmatch(name)
    if not found or _OTHER_LINKED.fullmatch(name):
        return None
    return found["table"].lower().replace("_", "")
