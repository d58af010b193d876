"""A pair of columns that looks like a follow-up time and its event. It is told, and never taken for one unasked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from locum.variables.variable import Kind, Role, Variable

TIME = re.compile(
    r"(^|[^a-z])(time|days|weeks|months|years|follow_?up|futime|survtime|tte|duration)([^a-z]|$)|^t$"
)
EVENT = re.compile(
    r"(^|[^a-z])(cens(ored|oring)?|status|fustat|event|death|died|dead|deceased|relapsed?)([^a-z]|$)"
)
"""Names that analyses of survival give to the two, in small letters; of whole words."""


def find_followup(variables: Sequence[Variable]) -> str | None:
    """A notice where a number of one such name stands beside a variable with two levels of the other; else None."""
    if any(v.role in (Role.TIME, Role.EVENT) for v in variables):
        return None
    time = [v for v in variables if v.kind in (Kind.COUNT, Kind.CONTINUOUS) and TIME.search(v.name.lower())]
    event = [v for v in variables if v.kind is Kind.BINARY and EVENT.search(v.name.lower())]
    if not time or not event:
        return None
    return (
        f'columns "{time[0].name}" and "{event[0].name}" look like a follow-up time and its event; if they are, '
        'declare role = "time" for the one and role = "event" for the other, and survival is judged too'
    )
