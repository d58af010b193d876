"""Vaccinations against influenza and COVID-19."""

from __future__ import annotations

import numpy as np

from locum.records.artificial.book import Book
from locum.records.artificial.covid import file
from locum.records.artificial.figures import day, figures
from locum.records.artificial.people import People


def write_vaccinations(rng: np.random.Generator, people: People, book: Book) -> None:
    """Influenza each autumn for the old and the ill; COVID-19 by age from December 2020."""
    f = figures()["vaccination"]
    row = np.arange(people.count)
    risk = np.minimum.reduce(
        [people.onset[name] for name in ("asthma", "copd", "diabetes_type_2", "diabetes_type_1")]
        + [people.onset[name] for name in ("heart_failure", "chronic_kidney_disease")]
    )
    for year in range(1990, 2021):
        start = day(f"{year}-09-15")
        age = people.age(row, np.full(people.count, start))
        chance = np.where(age >= 65, f["influenza_old"], np.where(risk < start, f["influenza_risk"], 0.0))
        inside = (people.end > start) & (np.maximum(people.registered, people.computer) < start)
        taken = np.flatnonzero(inside & (age >= 1) & (rng.random(people.count) < chance))
        days = start + rng.gamma(2.0, 18.0, len(taken)).astype(np.int64)
        file(rng, people, book, "influenza_vaccination", taken, days, 0.96)
    age = people.age(row, np.full(people.count, day("2021-01-01")))
    middle = np.interp(age, f["covid_ages"], [day(text) for text in f["covid_first"]])
    first = (middle + rng.normal(0, 12, people.count)).astype(np.int64).clip(day("2020-12-08"))
    taken = np.flatnonzero(
        (age >= 16) & (rng.random(people.count) < np.interp(age, f["covid_ages"], f["covid_taken"]))
    )
    for dose, days in ((0, first[taken]), (1, first[taken] + f["second_dose"])):
        patient = taken if dose == 0 else taken[days < day("2021-06-30")]
        days = days if dose == 0 else days[days < day("2021-06-30")]
        file(rng, people, book, "covid_vaccination", patient, days, 0.97)
