"""The book is closed: what lies outside a registration goes, dates are spoilt, truth learns what is on record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locum.records.artificial.book import NONE, REASON, Book
from locum.records.artificial.figures import NEVER, figures
from locum.records.artificial.people import END, People

USELESS = (
    "implausible value entered",
    "unreadable date",
    "no date",
    "in percent, under a code of its own",
)
"""Reasons for which a record cannot be used."""
UNREADABLE = -NEVER
"""The day of a date that cannot be read; NEVER is one left empty."""


@dataclass(frozen=True)
class Closed:
    """Events and the rows of the extract, each a dict of columns; events have a column `recorded` now."""

    events: dict[str, np.ndarray]
    records: dict[str, np.ndarray]  # in order of patient and day; `parent` is a row of them
    issues: dict[str, np.ndarray]
    admissions: dict[str, np.ndarray]


def close(rng: np.random.Generator, people: People, book: Book) -> Closed:
    """The events and rows of a block, whole and in order."""
    events, records = book.events.close(), book.records.close()
    issues, admissions = book.issues.close(), book.admissions.close()
    late = events["happened"] & ((events["day"] > people.died[events["patient"]]) | (events["day"] > END))
    records = _on_time(people, records, late)
    issues = _on_time(people, issues, late)
    admissions = _take(admissions, (admissions["day"] <= END) & ~late[admissions["event"]])
    records = _in_order(records)
    _enter_late(rng, people, records)
    spoilt = _spoil_dates(rng, records, events)
    _learn(people, events, (records, issues, admissions), spoilt)
    # An event that did not happen is told of only where a record says that it did.
    kept = ~late & (events["happened"] | events["recorded"])
    number = np.cumsum(kept) - 1
    for table in (records, issues, admissions):
        event = table["event"]
        linked = (event >= 0) & kept[event]
        table["event"] = np.where(linked, number[event], NONE)
    return Closed(_take(events, kept), records, issues, admissions)


def _take(table: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: column[rows] for name, column in table.items()}


def _on_time(people: People, table: dict[str, np.ndarray], late: np.ndarray) -> dict[str, np.ndarray]:
    """The rows of TABLE that were entered while the patient was there, and letters afterwards."""
    kept = np.maximum(table["day"], table["entered"]) <= people.end[table["patient"]]
    kept &= (table["event"] < 0) | ~late[table["event"]]
    if "after_leaving" in table:
        kept |= table["after_leaving"]
    number = np.where(kept, np.cumsum(kept) - 1, NONE)
    taken = _take(table, kept)
    if "parent" in taken:
        taken["parent"] = np.where(taken["parent"] >= 0, number[taken["parent"]], NONE)
    return taken


def _in_order(records: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    order = np.lexsort((records["entered"], records["patient"]))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    taken = _take(records, order)
    taken["parent"] = np.where(taken["parent"] >= 0, place[taken["parent"]], NONE)
    return taken


def _enter_late(rng: np.random.Generator, people: People, records: dict[str, np.ndarray]) -> None:
    rows = np.flatnonzero(rng.random(len(records["day"])) < figures()["mess"]["late"])
    entered = records["entered"][rows] + rng.integers(3, 300, len(rows))
    records["entered"][rows] = np.minimum(entered, people.end[records["patient"][rows]]).clip(
        records["entered"][rows]
    )


def _spoil_dates(
    rng: np.random.Generator, records: dict[str, np.ndarray], events: dict[str, np.ndarray]
) -> np.ndarray:
    """Spoil a few dates; whether each record is spoilt."""
    mess = figures()["mess"]
    chance = rng.random(len(records["day"]))
    unreadable = chance < mess["unreadable_dates"]
    empty = ~unreadable & (chance < mess["unreadable_dates"] + mess["no_date"])
    for rows, day, reason in ((unreadable, UNREADABLE, "unreadable date"), (empty, NEVER, "no date")):
        records["day"][rows] = day
        event = records["event"][rows]
        events["reason"][event[event >= 0]] = REASON[reason]
    return np.asarray(unreadable | empty)


def _learn(
    people: People,
    events: dict[str, np.ndarray],
    tables: tuple[dict[str, np.ndarray], ...],
    spoilt: np.ndarray,
) -> None:
    """Tell events of their records: whether there is one that can be used, its day, and why it differs."""
    has_row = np.zeros(len(events["day"]), bool)
    for table in tables:
        linked = table["event"] >= 0
        event, day = table["event"][linked], table["day"][linked]
        has_row[event] = True
        events["recorded_day"][event] = np.where(day == UNREADABLE, NEVER, day)
    reason = events["reason"]
    useless = np.isin(reason, [REASON[r] for r in USELESS])
    events["recorded"] = recorded = has_row & ~useless
    for name in ("value", "category"):
        same = has_row & (
            np.isnan(events["recorded_value"]) if name == "value" else events["recorded_category"] == NONE
        )
        events[f"recorded_{name}"] = np.where(same, events[name], events[f"recorded_{name}"])
        empty = np.nan if name == "value" else NONE
        events[f"recorded_{name}"] = np.where(has_row, events[f"recorded_{name}"], empty)
    patient = events["patient"]
    there = (events["day"] >= people.registered[patient]) & (events["day"] <= people.end[patient])
    reason[~has_row] = np.where(there, REASON["never recorded"], REASON["not registered then"])[~has_row]
    plain = recorded & (reason == 0) & events["happened"]
    reason[plain & (events["recorded_day"] > events["day"])] = REASON["recorded later"]
    reason[plain & (events["recorded_day"] < events["day"])] = REASON["only the year recorded"]
    early = plain & (events["recorded_day"] < people.registered[patient])
    reason[early] = REASON["before registration"]
