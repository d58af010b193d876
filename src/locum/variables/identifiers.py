"""Which columns name a person or a record, and which hold free text: both are left out of the model."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FEWEST_ROWS = 50
"""With fewer rows, different values say nothing about whether a column is an identifier."""

NEAR_UNIQUE = 0.9
"""Share of distinct values above which a column may be an identifier."""

_OWNERS = (
    "pat|patient|person|people|subject|subj|usubj|participant|case|record|rec|row|study|rand|enc|encounter|visit|obs|"
    "observation|cons|consultation|staff|prac|sample|specimen|user|client|member|unique|uniq|respondent|household|hh|"
    "hospital|family|serial|svy|survey|issue|e|p|s|u|r"
)
_ID_WORD = re.compile(
    rf"({_OWNERS})?ids?|identifier|uuid|guid|mrn|ssn|seqn|pseudonym|nhsnumber|nhsno|({_OWNERS})(no|num|number|key)"
)
_ID_PAIR = re.compile(rf"({_OWNERS}|nhs|chi|national|insurance) (id|no|num|number|nr|key|code)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_id_name(name: str) -> bool:
    """Whether a name says identifier: "id", "case.id", "RANDID", "NHS number"; not "paid" or "covid"."""
    words = re.findall(r"[a-z0-9]+", _CAMEL.sub(" ", name).lower())
    whole = re.sub(r"[^a-z0-9]", "", name.lower())
    pairs = (f"{a} {b}" for a, b in pairwise(words))
    ends = words[:1] + words[-1:]
    return any(_ID_WORD.fullmatch(w) for w in [*ends, whole]) or any(
        _ID_PAIR.fullmatch(pair) for pair in pairs
    )


def is_identifier(name: str, values: npt.NDArray[np.float64], distinct: int) -> bool:
    """Whether a numeric column is an identifier. VALUES are its numbers in row order, without missing ones.

    Only whole numbers can be. With the name of one it is enough that values are many; without, nearly all
    must differ and they must run like row numbers, ascend through the whole table, or have nine digits or
    more, so that a measurement with many distinct values is none.
    """
    n = len(values)
    if n < FEWEST_ROWS or not np.array_equal(values, np.rint(values)):
        return False
    if is_id_name(name):
        return is_many(distinct, n)
    if distinct <= NEAR_UNIQUE * n:
        return False
    low, high = float(values.min()), float(values.max())
    runs = distinct == n and high - low + 1 <= 1.5 * n
    ascends = n >= 4 * FEWEST_ROWS and bool(np.all(np.diff(values) > 0))
    return runs or ascends or low >= 1e8


def is_many(distinct: int, n: int) -> bool:
    """Whether a column named like an identifier has enough values to be one (a site with 8 has not)."""
    return distinct >= FEWEST_ROWS and (distinct > 1_000 or distinct > 0.02 * n)


def is_free_text(values: pa.Array) -> bool:
    """Whether distinct texts read like sentences: most have three words or more and they are long."""
    if not len(values):
        return False
    lengths = pc.mean(pc.utf8_length(values)).as_py()
    wordy = pc.mean(pc.greater_equal(pc.count_substring(values, " "), 2).cast(pa.float64())).as_py()
    return bool(lengths >= 20 and wordy >= 0.5)
