"""The files of practices and of those who work in them."""

from __future__ import annotations

from pathlib import Path

from locum.records.artificial.lookups import write_small
from locum.records.artificial.practices import Practices
from locum.records.artificial.text import dates, write

STAFF = 12  # people who work in a practice


def write_practices(folder: Path, practices: Practices) -> None:
    """The practices and who works in them."""
    columns = {
        "pracid": practices.number,
        "lcd": dates(practices.last_collected),
        "uts": None,
        "region": practices.region,
    }
    write(folder, "practice", 1, columns)
    rows = [
        [str(number * 100 + n), str(number), str(1 if n <= 6 else 2 if n <= 9 else 3 if n <= 11 else 4)]
        for number in practices.number.tolist()
        for n in range(1, STAFF + 1)
    ]
    write_small(folder, "aurum_staff_001", ["staffid", "pracid", "jobcatid"], rows)
