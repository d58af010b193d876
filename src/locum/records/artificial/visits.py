"""Visits to the practice, and what is written at them that no list asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locum.records.artificial.book import Book
from locum.records.artificial.codes import clinical
from locum.records.artificial.figures import NEVER, YEAR, YEARS, figures
from locum.records.artificial.people import People

CHECKED = 0.8
"""New patients of 16 and over who are given a check on joining; own assumption."""


@dataclass(frozen=True)
class Visits:
    """One row a consultation, in order of patients."""

    patient: np.ndarray
    day: np.ndarray
    check: np.ndarray  # the check of a new patient

    @property
    def count(self) -> int:
        return len(self.patient)


def draw_visits(rng: np.random.Generator, people: People) -> Visits:
    """How often each patient comes in each year of life while registered, and when."""
    f = figures()["visits"]
    years = np.arange(YEARS)
    curves = np.array([np.interp(years, f["ages"], f[sex]) for sex in ("women", "men")])
    opens = np.maximum(people.registered, people.computer)
    start = people.birth[:, None] + years * YEAR
    low = np.maximum(start, opens[:, None])
    span = (np.minimum(start + YEAR, people.end[:, None] + 1) - low).clip(0)
    lasting = sum(people.has(name) for name in ("hypertension", "diabetes_type_2", "asthma", "copd"))
    lasting = lasting + people.has("severe_mental_illness") + people.has("chronic_kidney_disease")
    lasting = lasting + people.has("atrial_fibrillation") + people.has("diabetes_type_1")
    rate = curves[people.sex] * people.visits[:, None] * (1.0 + f["of_condition"] * lasting)
    times = rng.poisson(rate * span / YEAR)
    cell = np.repeat(np.arange(times.size), times.ravel())
    patient = cell // YEARS
    days = low.ravel()[cell] + rng.random(len(cell)) * span.ravel()[cell]
    joined = np.flatnonzero(
        (rng.random(people.count) < CHECKED)
        & (people.registered >= people.computer)
        & (people.registered - people.birth >= 16 * YEAR)
    )
    check = people.registered[joined] + rng.integers(0, 40, len(joined))
    kept = check <= people.end[joined]
    patient = np.concatenate([patient, joined[kept]])
    days = np.concatenate([days.astype(np.int64), check[kept]])
    is_check = np.arange(len(patient)) >= len(cell)
    weekday = (days + 3) % 7  # day 0 was a Thursday; Monday is 0
    shifted = days - np.where(weekday > 4, weekday - 4, 0)
    days = np.where(shifted < opens[patient], days, shifted)
    order = np.lexsort((days, patient))
    return Visits(patient[order], days[order], is_check[order])


VOLUME = {"letter": 0.28, "blood": 0.30, "review": 0.24, "minor": 0.14, "decoy": 0.04}
"""Shares of the further records at a visit; own assumption."""


def write_volume(rng: np.random.Generator, people: People, visits: Visits, book: Book) -> None:
    """Letters, bloods, reviews, small complaints, and codes that look near a meaning but are none."""
    times = rng.poisson(figures()["visits"]["other_records"], visits.count)
    row = np.repeat(np.arange(visits.count), times)
    group = np.searchsorted(np.cumsum(list(VOLUME.values())), rng.random(len(row))).clip(0, len(VOLUME) - 1)
    code = np.empty(len(row), np.int64)
    for number, name in enumerate(VOLUME):
        mine = group == number
        code[mine] = clinical().choose(rng, "", name, mine.sum())
    blood = group == list(VOLUME).index("blood")
    value = np.where(blood, np.round(rng.lognormal(3.0, 0.8, len(row)), 1), np.nan)
    days = visits.day[row]
    book.records.add(visits.patient[row], day=days, entered=days, code=code, value=value, visit=row)
    strays = np.flatnonzero(
        (rng.random(people.count) < figures()["mess"]["letters_after_leaving"])
        & (np.minimum(people.left, people.died) < np.minimum(people.last, NEVER) - 60)
    )
    late = np.minimum(people.left, people.died)[strays] + rng.integers(1, 60, len(strays))
    code = clinical().choose(rng, "", "letter", len(strays))
    book.records.add(strays, day=late, entered=late, code=code, after_leaving=True)
