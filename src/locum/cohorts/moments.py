"""Moments as a definition writes them: ``index``, ``registered + 1 year``, ``2020-12-31``."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple

DATES = ("born", "registered", "deregistered", "died", "last_collected", "index", "end")
"""The dates that a patient has. ``index`` and ``end`` are the definition's own: day one, and the end of follow-up."""

_SHAPE = re.compile(
    r"(?P<base>[a-z_]+|\d{4}-\d{2}-\d{2})(?: *(?P<sign>[+-]) *(?P<number>\d{1,5}) +(?P<unit>[a-z]+))?"
)
_UNITS = {
    "day": "days",
    "days": "days",
    "month": "months",
    "months": "months",
    "year": "years",
    "years": "years",
}


_DAYS = {"days": 1, "months": 30, "years": 365}
_LONGEST = 200 * 365  # beyond it an engine's calendar may end


class Moment(NamedTuple):
    """A day: a date of the patient or a fixed one, moved by a number of days, months or years."""

    base: str  # one of DATES, or an ISO date
    number: int  # 0 where the day is not moved
    unit: str  # "days", "months" or "years"

    @property
    def column(self) -> str:
        """The name of a column that holds it, worked out."""
        return f"{self.base}{self.number:+d}{self.unit}" if self.number else self.base

    @property
    def is_fixed(self) -> bool:
        return self.base not in DATES


def read_moment(text: str) -> Moment:
    """The moment that TEXT names. A year after 29 February is 28 February. Raises ValueError with the mend."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f'"{text}" is not a moment; write one as "index - 5 years", "registered" or "2020-12-31"'
        )
    base, unit = found["base"], found["unit"] or "days"
    if base not in DATES:
        try:
            datetime.date.fromisoformat(base)
        except ValueError:
            if base[0].isdigit():
                raise ValueError(f'"{base}" is not a day of the calendar') from None
            raise ValueError(
                f'"{base}" is not a date of a patient; use {", ".join(DATES)} or 2020-12-31'
            ) from None
    if unit not in _UNITS:
        raise ValueError(f'"{unit}" is not a length of time; use days, months or years')
    number = int(found["number"] or 0)
    if number * _DAYS[_UNITS[unit]] > _LONGEST:
        raise ValueError(f'"{text}" is further away than 200 years; write a smaller number')
    return Moment(base, -number if found["sign"] == "-" else number, _UNITS[unit])
