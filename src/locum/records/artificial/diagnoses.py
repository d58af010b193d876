"""What the practice writes down of lasting conditions, of heart attacks and strokes, and of ethnicity."""

from __future__ import annotations

import numpy as np

from locum.records.artificial.book import REASON, Book
from locum.records.artificial.codes import clinical
from locum.records.artificial.figures import NEVER, YEAR, figures, first_of_year
from locum.records.artificial.history import Attacks
from locum.records.artificial.people import END, People
from locum.records.artificial.practices import Practices

CVD_CODED_AGAIN = 0.08
"""How often a year an old heart attack or stroke is coded anew; own assumption."""


def write_conditions(rng: np.random.Generator, people: People, book: Book) -> None:
    """The conditions that began before the end of the data, and their records."""
    f = figures()
    for name, condition in f["conditions"].items():
        if name == "ages":
            continue
        onset = people.onset[name]
        patient = np.flatnonzero(onset < np.minimum(people.died, END))
        coded = rng.random(len(patient)) < condition["coded"]
        days = onset[patient]
        happened = book.happened(name, patient, days)
        if name == "family_history_chd":  # asked of those who come, not written down on the day it became so
            days = np.maximum(days, people.registered[patient] + rng.integers(0, 1500, len(patient)))
        again = f["mess"]["repeated_codings"] * (0.0 if name == "family_history_chd" else 1.0)
        diagnose(rng, people, book, name, patient[coded], days[coded], happened[coded], again)


def write_attacks(
    rng: np.random.Generator, people: People, practices: Practices, attacks: Attacks, book: Book
) -> None:
    """Cardiovascular events and their records: how many are coded differs by practice."""
    for number, kind in enumerate(figures()["cardiovascular"]["kinds"]):
        mine = np.flatnonzero((attacks.kind == number) & (attacks.day < people.died[attacks.patient] + 28))
        patient, days = (
            attacks.patient[mine],
            np.minimum(attacks.day[mine], people.died[attacks.patient[mine]]),
        )
        happened = book.happened(kind, patient, days)
        coded = rng.random(len(mine)) < practices.cvd_coded[people.practice[patient]]
        diagnose(rng, people, book, kind, patient[coded], days[coded], happened[coded], CVD_CODED_AGAIN)


def diagnose(
    rng: np.random.Generator,
    people: People,
    book: Book,
    meaning: str,
    patient: np.ndarray,
    days: np.ndarray,
    event: np.ndarray,
    again: float,
) -> None:
    """Write down events that were or will be coded: on the day, or as history when the patient registers.

    AGAIN is how often a year the condition is coded anew at reviews.
    """
    # What came before the registration, or before the practice had a computer, is typed in later.
    known = np.maximum(people.registered[patient], people.computer[patient])
    before = days < known
    entered = np.where(before, known + rng.integers(0, 90, len(patient)), days)
    vague = before & (rng.random(len(patient)) < figures()["mess"]["year_only"])
    birth = people.birth[patient]
    written = np.where(vague, np.maximum(first_of_year(days), birth), days)
    inside = entered <= people.end[patient]
    patient, written, entered, event, before = (x[inside] for x in (patient, written, entered, event, before))
    code = clinical().choose(rng, meaning, "", len(patient))
    book.records.add(
        patient,
        day=written,
        entered=entered,
        code=code,
        event=event,
        problem=rng.random(len(patient)) < 0.6,
    )
    times = rng.poisson(again * ((people.end[patient] - entered) / YEAR).clip(0, 12))
    row = np.repeat(np.arange(len(patient)), times)
    more = entered[row] + (rng.random(len(row)) * (people.end[patient[row]] - entered[row])).astype(np.int64)
    repeats = book.happened(meaning, patient[row], NEVER, happened=False, reason=REASON["coded again"])
    same = rng.random(len(row)) < 0.7
    other = clinical().choose(rng, meaning, "", len(row))
    book.records.add(
        patient[row], day=more, entered=more, code=np.where(same, code[row], other), event=repeats
    )


def write_ethnicity(rng: np.random.Generator, people: People, book: Book) -> np.ndarray:
    """Ethnicity as stated at registration, or not; returns the group recorded, -1 for none."""
    f = figures()["ethnicity"]
    patient = np.flatnonzero(rng.random(people.count) >= f["missing"] * 0.85)
    stated = rng.random(len(patient)) >= 0.03
    days = np.maximum(people.registered[patient], people.computer[patient])
    days = days + rng.exponential(400, len(patient)).astype(np.int64)
    inside = days <= people.end[patient]
    patient, stated, days = patient[inside], stated[inside], days[inside]
    wrong = rng.random(len(patient)) < 0.01
    group = np.where(wrong, rng.integers(0, len(f["levels"]), len(patient)), people.ethnicity[patient])
    wrong = group != people.ethnicity[patient]
    recorded = np.full(people.count, -1)
    recorded[patient[stated]] = group[stated]
    for number, level in enumerate(f["levels"]):
        mine = stated & (group == number)
        true = np.array([book.category(name) for name in f["levels"]])[people.ethnicity[patient[mine]]]
        event = book.happened(
            "ethnicity",
            patient[mine],
            days[mine],
            category=true,
            recorded_category=book.category(level),
            reason=np.where(wrong[mine], REASON["category recorded wrongly"], 0),
        )
        code = clinical().choose(rng, "ethnicity", level, len(event))
        book.records.add(patient[mine], day=days[mine], entered=days[mine], code=code, event=event)
    unknown = patient[~stated]
    code = clinical().choose(rng, "", "ethnic_unknown", len(unknown))
    book.records.add(unknown, day=days[~stated], entered=days[~stated], code=code)
    return recorded
