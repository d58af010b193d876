"""Issues of medicines: courses that go on for years, and single courses."""

from __future__ import annotations

import numpy as np

from locum.records.artificial.book import Book
from locum.records.artificial.codes import products
from locum.records.artificial.figures import figures
from locum.records.artificial.people import People
from locum.records.artificial.visits import Visits

OTHER_ISSUES = 0.22
"""Issues of a medicine that no list asks for, a visit; own assumption."""
BURST = 0.002
"""Visits that end in a short course of a systemic corticosteroid; own assumption."""
ANTIBIOTIC = 0.05
"""Visits that end in an antibiotic for the chest; own assumption."""


def write_courses(rng: np.random.Generator, people: People, book: Book) -> None:
    """One issue every so many days of each course, while the patient is registered."""
    names = set(book.meanings)
    for drug, figure in figures()["drugs"].items():
        start, stop = people.course[drug]
        start = np.maximum(start, np.maximum(people.registered, people.computer))
        span = np.minimum(stop, people.end) - start
        times = np.where(span > 0, span // figure["every"] + 1, 0)
        patient = np.repeat(np.arange(people.count), times)
        turn = np.arange(len(patient)) - np.repeat(np.cumsum(times) - times, times)
        days = start[patient] + turn * figure["every"] + rng.integers(-3, 4, len(patient)) * (turn > 0)
        meaning, kind = (drug, "") if drug in names else ("", drug)
        chosen = products().choose(rng, meaning, kind, people.count)  # one product a patient
        issue(book, meaning, patient, days, chosen[patient], figure["every"])


def write_single(rng: np.random.Generator, people: People, visits: Visits, book: Book) -> None:
    """Single issues at visits: antibiotics, bursts of steroids, and medicines that no list asks for."""
    for meaning, kind, chance, length in (
        ("antibiotics", "", ANTIBIOTIC, 7),
        ("corticosteroids", "", BURST, 5),
        ("", "other", OTHER_ISSUES, 28),
    ):
        visit = np.flatnonzero(rng.random(visits.count) < chance)
        patient, days = visits.patient[visit], visits.day[visit]
        issue(book, meaning, patient, days, products().choose(rng, meaning, kind, len(visit)), length)


def issue(
    book: Book, meaning: str, patient: np.ndarray, days: np.ndarray, product: np.ndarray, length: int
) -> None:
    """Issues of PRODUCT for LENGTH days; those with a MEANING are events."""
    event = book.happened(meaning, patient, days) if meaning else -1
    book.issues.add(
        patient, day=days, entered=days, product=product, quantity=length, days=length, event=event
    )
