"""COVID-19 from December 2019 to May 2021: infections, symptoms, tests, codes, admissions, deaths; and vaccinations."""

from __future__ import annotations

from typing import Any

import numpy as np

from locum.records.artificial.book import REASON, Book
from locum.records.artificial.codes import clinical, products
from locum.records.artificial.figures import MAN, NEVER, YEAR, day, figures
from locum.records.artificial.people import People
from locum.records.artificial.prescribing import issue

U071, U072 = 0, 1
"""Diagnoses of admissions, as rows of `lookups.DIAGNOSES`."""


def infect(rng: np.random.Generator, people: People) -> np.ndarray:
    """The day of each patient's infection, NEVER for most; of those alive and born."""
    f = figures()["covid"]
    one = rng.random(people.count) < f["first_share"]
    waves = [f["first_wave"], f["second_wave"]]
    peak = np.where(one, day(waves[0][1]), day(waves[1][1]))
    spread = np.where(one, waves[0][2], waves[1][2])
    earliest = np.where(one, day(waves[0][0]), day(waves[1][0]))
    days = np.round(peak + spread * rng.normal(size=people.count)).astype(np.int64)
    days = np.clip(days, earliest, day(f["last_day"]))
    chance = f["attack_rate"] * np.exp(0.03 * people.townsend.clip(-4, 6) + 0.25 * (people.ethnicity > 0))
    caught = (rng.random(people.count) < chance) & (days < people.died) & (days > people.birth)
    return np.where(caught, days, NEVER)


def severity(people: People, infection: np.ndarray) -> np.ndarray:
    """The chance of death within 28 days of infection, by OpenSAFELY's hazard ratios."""
    f = figures()["covid"]["death"]
    row = np.arange(people.count)
    when = np.minimum(infection, day("2021-05-31"))
    age = people.age(row, when).clip(0, 105)
    risk = f["reference"] * np.exp(np.interp(age, f["ages"], np.log(f["hazard_ratios"])))
    risk = risk * np.where(people.sex == MAN, f["male"], 1.0)
    bmi = people.bmi(row, when)
    risk = risk * np.select([bmi >= 40, bmi >= 35, bmi >= 30], f["obese"][::-1], 1.0)
    smoking = people.smoking(row, when)
    risk = risk * np.select([smoking == 1, smoking > 1], [f["ex_smoker"], f["smoker"]], 1.0)
    risk = risk * np.array(f["ethnicity"])[people.ethnicity]
    fifth = np.digitize(people.townsend, [-2.2, -0.7, 0.9, 2.7])
    risk = risk * np.array(f["deprivation"])[fifth]
    for name, ratio in f["conditions"].items():
        risk = risk * np.where(people.onset[name] <= when, ratio, 1.0)
    return np.asarray(risk.clip(0, 0.6))


def write_covid(rng: np.random.Generator, people: People, book: Book) -> None:
    """The epidemic as it happened to PEOPLE, some of whom die of it, and what the practice and hospital wrote."""
    f = figures()["covid"]
    infection = infect(rng, people)
    patient = np.flatnonzero(infection < NEVER)
    days = infection[patient]
    book.happened("covid_infection", patient, days)
    death = severity(people, infection)[patient]
    reference = f["death"]["reference"]
    admitted = rng.random(len(patient)) < (
        f["death"]["admission"] * reference * (death / reference) ** f["death"]["admission_power"]
    ).clip(0, 0.7)
    dies = rng.random(len(patient)) < death
    admitted |= dies & (rng.random(len(patient)) < 0.7)
    symptomatic = (rng.random(len(patient)) < f["symptomatic"]) | admitted | dies
    onset = days + np.where(symptomatic, rng.integers(3, 8, len(patient)), 4)
    fate = onset + np.where(dies, rng.integers(5, 24, len(patient)), 0)
    fate = np.where(dies, fate, NEVER)
    people.died[patient] = np.minimum(people.died[patient], fate)
    tested = _tests(rng, f, book, people, patient, onset, symptomatic, admitted)
    contact = symptomatic & (rng.random(len(patient)) < f["contacts_gp"])
    _illness(rng, people, book, patient[symptomatic], onset[symptomatic], 0, contact[symptomatic])
    _codes(rng, people, book, patient, onset, contact, tested)
    _admissions(rng, people, book, patient[admitted], onset[admitted], tested[admitted], fate[admitted])
    _other_illness(rng, people, book)


def _tests(
    rng: np.random.Generator,
    f: dict[str, Any],
    book: Book,
    people: People,
    patient: np.ndarray,
    onset: np.ndarray,
    symptomatic: np.ndarray,
    admitted: np.ndarray,
) -> np.ndarray:
    """Tests of the infected, and their results on file. Returns who is known to be positive."""
    early = onset < day(f["tests_from"])
    chance = np.where(early, f["tested_first"], f["tested_second"])
    chance = np.where(symptomatic, chance, np.where(early, 0.0, f["tested_without_symptoms"]))
    chance = np.where(admitted, 0.95, chance)
    tested = rng.random(len(patient)) < chance
    seen = tested & (rng.random(len(patient)) < f["sensitivity"])
    when = onset + rng.integers(0, 5, len(patient))
    for meaning, mine in (("covid_test_positive", seen), ("covid_test_negative", tested & ~seen)):
        reason = REASON["false test result"] if meaning.endswith("negative") else 0
        file(rng, people, book, meaning, patient[mine], when[mine], f["result_filed"], reason)
    return np.asarray(seen)


def file(
    rng: np.random.Generator,
    people: People,
    book: Book,
    meaning: str,
    patient: np.ndarray,
    days: np.ndarray,
    share: float,
    reason: int = 0,
) -> None:
    """Events of MEANING, of which a SHARE is on record."""
    alive = days <= people.died[patient]
    patient, days = patient[alive], days[alive]
    event = book.happened(meaning, patient, days, reason=reason)
    kept = np.flatnonzero((rng.random(len(patient)) < share) & (days >= people.registered[patient]))
    code = clinical().choose(rng, meaning, "", len(kept))
    book.records.add(patient[kept], day=days[kept], entered=days[kept], code=code, event=event[kept])


def _codes(
    rng: np.random.Generator,
    people: People,
    book: Book,
    patient: np.ndarray,
    onset: np.ndarray,
    contact: np.ndarray,
    known: np.ndarray,
) -> None:
    """Suspected and confirmed disease, as clinicians code it."""
    f = figures()["covid"]
    early = onset < day(f["tests_from"])
    suspected = rng.random(len(patient)) < np.where(early, f["suspected_first"], f["suspected_second"])
    mine = contact & suspected
    when = onset + rng.integers(0, 6, len(patient))
    file(rng, people, book, "covid_suspected", patient[mine], when[mine], 1.0)
    mine = known & (rng.random(len(patient)) < f["confirmed_coded"])
    file(rng, people, book, "covid_confirmed", patient[mine], when[mine] + 3, 1.0)


def _illness(
    rng: np.random.Generator,
    people: People,
    book: Book,
    patient: np.ndarray,
    onset: np.ndarray,
    which: int,
    contact: np.ndarray,
) -> None:
    """Symptoms of an illness: COVID-19 (WHICH 0) or another (1). Few are on record but of those in CONTACT."""
    f = figures()["covid"]
    coded = np.where(contact, f["coded_on_contact"], f["coded_without_contact"])
    for name, chances in f["symptoms"].items():
        there = (rng.random(len(patient)) < chances[which]) & (onset <= people.died[patient])
        there &= onset <= day(f["last_day"])
        mine = np.flatnonzero(there)
        event = book.happened(name, patient[mine], onset[mine])
        written = (rng.random(len(mine)) < coded[mine]) & (onset[mine] >= people.registered[patient[mine]])
        kept = mine[written]
        days = onset[kept] + rng.integers(0, 4, len(kept))
        code = clinical().choose(rng, name, "", len(kept))
        book.records.add(patient[kept], day=days, entered=days, code=code, event=event[written])
    treated = np.flatnonzero(contact & (rng.random(len(patient)) < 0.25) & (onset <= people.end[patient]))
    treated = treated[onset[treated] >= people.registered[patient[treated]]]
    for meaning, share in (("antibiotics", 0.85), ("corticosteroids", 0.15)):
        mine = treated[rng.random(len(treated)) < share]
        product = products().choose(rng, meaning, "", len(mine))
        issue(book, meaning, patient[mine], onset[mine] + 2, product, 7)


def _other_illness(rng: np.random.Generator, people: People, book: Book) -> None:
    """Coughs and colds of the same months, suspected and tested like COVID-19, mostly with a negative result."""
    f = figures()["covid"]
    start, stop = day("2019-12-03"), day(f["last_day"])
    times = rng.poisson(f["other_illness"] * (stop - start) / YEAR, people.count)
    patient = np.repeat(np.arange(people.count), times)
    onset = start + (rng.random(len(patient)) * (stop - start)).astype(np.int64)
    kept = (onset < people.died[patient]) & (onset > people.birth[patient])
    patient, onset = patient[kept], onset[kept]
    contact = rng.random(len(patient)) < f["other_contacts"]
    _illness(rng, people, book, patient, onset, 1, contact)
    early = onset < day(f["tests_from"])
    tested = ~early & (rng.random(len(patient)) < f["other_tested"])
    when = onset + rng.integers(0, 4, len(patient))
    file(rng, people, book, "covid_test_negative", patient[tested], when[tested], f["result_filed"])
    chance = np.where(early, *f["other_suspected"])
    suspected = contact & (onset >= day("2020-02-15")) & (rng.random(len(patient)) < chance)
    file(rng, people, book, "covid_suspected", patient[suspected], when[suspected], 1.0)


def _admissions(
    rng: np.random.Generator,
    people: People,
    book: Book,
    patient: np.ndarray,
    onset: np.ndarray,
    known: np.ndarray,
    fate: np.ndarray,
) -> None:
    """Admissions with COVID-19, known by test (U07.1) or not (U07.2)."""
    died = np.minimum(fate, people.died[patient])
    admitted = np.minimum(onset + rng.integers(2, 9, len(patient)), died)
    discharged = np.minimum(admitted + 1 + rng.gamma(2.0, 4.5, len(patient)).astype(np.int64), died)
    event = book.happened("covid_admission", patient, admitted)
    diagnosis = np.where(known, U071, U072)
    book.admissions.add(patient, day=admitted, discharged=discharged, diagnosis=diagnosis, event=event)
