"""``WITHDRAWN.md``: that a release is not to be used any more, why, and who says so."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

NAME = "WITHDRAWN.md"

_TEXT = """\
# Withdrawn: {name}

**Do not use this dataset.** It was withdrawn on {date}.

- By: {by}
- Reason: {reason}

The files are those of the release, so that whoever used it can tell what they used. If you hold a copy, stop using
it, and tell those to whom you gave results that rest on it.
"""


@dataclass(frozen=True)
class Withdrawal:
    """name: of the package, such as "cvd-1.0.0". by, reason: one line each."""

    name: str
    date: datetime.date
    by: str
    reason: str

    @property
    def text(self) -> str:
        """The file."""
        return _TEXT.format(name=self.name, date=self.date.isoformat(), by=self.by, reason=self.reason)


def from_text(text: str) -> Withdrawal | None:
    """What the file says, or None when it is not one that `Withdrawal.text` gave."""
    escaped = re.escape(_TEXT)
    for part in ("name", "date", "by", "reason"):
        escaped = escaped.replace(re.escape("{" + part + "}"), f"(?P<{part}>.+)")
    found = re.fullmatch(escaped, text)
    try:
        date = datetime.date.fromisoformat(found["date"]) if found else None
    except ValueError:
        date = None
    if found is None or date is None:
        return None
    return Withdrawal(found["name"], date, found["by"], found["reason"])
