"""Admissions to hospital for other causes than COVID-19, so that the linked file holds more than one kind."""

from __future__ import annotations

import numpy as np

from locum.records.artificial.book import Book
from locum.records.artificial.figures import NEVER, YEAR, day
from locum.records.artificial.history import Attacks
from locum.records.artificial.lookups import DIAGNOSES
from locum.records.artificial.people import END, People

SINCE = day("1997-04-01")
"""Hospital episodes are linked from this day."""
RATE = 0.03
"""Admissions a year, doubled over 65; own assumption."""
ATTACK, OTHERS = DIAGNOSES.index("I21.9"), np.arange(3, len(DIAGNOSES))


def write_other_admissions(rng: np.random.Generator, people: People, attacks: Attacks, book: Book) -> None:
    """Heart attacks that were admitted, and admissions for anything else, of any day since SINCE."""
    heart = np.flatnonzero(
        (attacks.kind == 0) & (attacks.day >= SINCE) & (rng.random(len(attacks.kind)) < 0.8)
    )
    start = np.maximum(people.birth, SINCE)
    span = (np.minimum(people.died, END) - start).clip(0)
    old = people.birth < day("1950-01-01")
    times = rng.poisson(RATE * np.where(old, 2, 1) * span / YEAR)
    patient = np.repeat(np.arange(people.count), times)
    days = start[patient] + (rng.random(len(patient)) * span[patient]).astype(np.int64)
    diagnosis = OTHERS[rng.integers(0, len(OTHERS), len(patient))]
    patient = np.concatenate([attacks.patient[heart], patient])
    days = np.concatenate([attacks.day[heart], days])
    diagnosis = np.concatenate([np.full(len(heart), ATTACK), diagnosis])
    days = np.minimum(days, np.where(people.died[patient] < NEVER, people.died[patient], days))
    stay = rng.gamma(1.2, 3.0, len(days)).astype(np.int64)
    event = book.happened("other_admission", patient, days)
    leave = np.minimum(days + stay, people.died[patient])
    book.admissions.add(patient, day=days, discharged=leave, diagnosis=diagnosis, event=event)
