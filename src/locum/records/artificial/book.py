"""What happened, and what the practice wrote down of it: growing lists of columns.

`events` is the truth. `records`, `issues` and `admissions` are rows of the extract; each names the event that it is a
record of (-1 for none), and no two name the same one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from locum.records.artificial.codes import categories, meanings
from locum.records.artificial.figures import NEVER

NONE = -1
REASONS = (
    "",
    "never recorded",
    "not registered then",
    "implausible value entered",
    "weight and height swapped",
    "rounded",
    "unreadable date",
    "no date",
    "entered twice",
    "coded again",
    "before registration",
    "recorded later",
    "category recorded wrongly",
    "false test result",
    "in percent, under a code of its own",
    "only the year recorded",
    "in another unit",
)
REASON = {name: number for number, name in enumerate(REASONS)}

EVENT = {
    "patient": np.int32,
    "meaning": np.int16,
    "day": np.int64,
    "category": np.int16,
    "value": np.float64,
    "happened": np.bool_,
    "recorded_day": np.int64,
    "recorded_value": np.float64,
    "recorded_category": np.int16,
    "reason": np.int8,
}
RECORD = {
    "patient": np.int32,
    "day": np.int64,
    "entered": np.int64,
    "code": np.int32,
    "value": np.float64,
    "unit": np.int16,
    "visit": np.int64,
    "parent": np.int64,
    "event": np.int64,
    "after_leaving": np.bool_,
    "problem": np.bool_,
}
ISSUE = {
    "patient": np.int32,
    "day": np.int64,
    "entered": np.int64,
    "product": np.int32,
    "quantity": np.float64,
    "days": np.int32,
    "event": np.int64,
}
ADMISSION = {
    "patient": np.int32,
    "day": np.int64,
    "discharged": np.int64,
    "diagnosis": np.int16,
    "event": np.int64,
}


class Columns:
    """A table that grows by blocks of rows."""

    def __init__(self, kinds: dict[str, Any], defaults: dict[str, Any]) -> None:
        self._kinds, self._defaults = kinds, defaults
        self._parts: dict[str, list[np.ndarray]] = {name: [] for name in kinds}
        self.rows = 0

    def add(self, patient: np.ndarray, **columns: Any) -> np.ndarray:
        """Add a row for each of PATIENT; a column is an array, one value for all, or left to its default.

        Returns the numbers of the new rows.
        """
        size = len(patient)
        columns["patient"] = patient
        for name, kind in self._kinds.items():
            value = columns.pop(name, self._defaults.get(name))
            self._parts[name].append(np.broadcast_to(np.asarray(value), size).astype(kind))
        if columns:
            raise TypeError(f"no such columns: {sorted(columns)}")
        self.rows += size
        return np.arange(self.rows - size, self.rows)

    def close(self) -> dict[str, np.ndarray]:
        """The columns, whole."""
        return {
            name: np.concatenate(parts) if parts else np.empty(0, kind)
            for (name, parts), kind in zip(self._parts.items(), self._kinds.values(), strict=True)
        }


class Book:
    """The events and records of one block of patients."""

    def __init__(self) -> None:
        nothing = {"category": NONE, "recorded_category": NONE, "value": np.nan, "recorded_value": np.nan}
        self.events = Columns(EVENT, {**nothing, "happened": True, "recorded_day": NEVER, "reason": 0})
        self.records = Columns(
            RECORD,
            {"value": np.nan, "unit": NONE, "visit": NONE, "parent": NONE, "event": NONE}
            | {"after_leaving": False, "problem": False},
        )
        self.issues = Columns(ISSUE, {"event": NONE})
        self.admissions = Columns(ADMISSION, {"event": NONE})
        self._meaning = {name: number for number, name in enumerate(meanings())}
        self._category = {name: number for number, name in enumerate(categories())}

    def happened(self, meaning: str, patient: np.ndarray, day: Any, **columns: Any) -> np.ndarray:
        """Add events of MEANING, unrecorded until a record names them. Returns their numbers."""
        return self.events.add(patient, meaning=self._meaning[meaning], day=day, **columns)

    @property
    def meanings(self) -> list[str]:
        """Every meaning that an event can have."""
        return list(self._meaning)

    def category(self, name: str) -> int:
        """The number of a category."""
        return self._category[name]
