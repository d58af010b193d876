"""Who the patients are: sex, age, ethnicity, deprivation, registration, smoking and bodies."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from locum.records.artificial.figures import MAN, NEVER, YEAR, YEARS, day, figures, from_shares, pick, year_of
from locum.records.artificial.practices import Practices

END = day("2021-06-30")
"""Nothing is simulated after this day."""


@dataclass
class People:
    """A block of patients: one array a column, one value a patient. Days count from 1970-01-01."""

    number: np.ndarray  # within the extract, from 1
    practice: np.ndarray  # row of Practices
    sex: np.ndarray
    birth: np.ndarray
    ethnicity: np.ndarray
    townsend: np.ndarray
    registered: np.ndarray
    left: np.ndarray  # moved away; NEVER if not
    last: np.ndarray  # last collection of the practice
    computer: np.ndarray
    smoking_start: np.ndarray
    smoking_stop: np.ndarray
    smoking_amount: np.ndarray  # 2 light, 3 moderate, 4 heavy
    height: np.ndarray
    bmi_factor: np.ndarray
    systolic_shift: np.ndarray
    systolic_within: np.ndarray  # standard deviation of repeated pressures
    total: np.ndarray  # cholesterol, untreated, mmol/L
    hdl: np.ndarray
    sugar: np.ndarray  # 0 to 1: where a patient's glycated haemoglobin lies among their like
    visits: np.ndarray  # factor on how often they come
    died: np.ndarray = field(default_factory=lambda: np.empty(0))
    onset: dict[str, np.ndarray] = field(default_factory=dict)  # day of each lasting condition; NEVER
    course: dict[str, tuple[np.ndarray, np.ndarray]] = field(
        default_factory=dict
    )  # first and last day of medicines

    @property
    def count(self) -> int:
        return len(self.number)

    @property
    def end(self) -> np.ndarray:
        """The last day on which a record of the patient can be made."""
        return np.asarray(np.minimum(np.minimum(self.left, self.died), self.last))

    def grid(self) -> np.ndarray:
        """The day in the middle of each year of life, patients by YEARS."""
        return np.asarray(self.birth[:, None] + (np.arange(YEARS) + 0.5) * YEAR)

    def has(self, name: str) -> np.ndarray:
        """Whether the condition is there in each year of life, patients by YEARS."""
        return self.onset[name][:, None] <= self.grid()

    def age(self, patient: np.ndarray, days: np.ndarray) -> np.ndarray:
        """The age in years of each of PATIENT on each of DAYS."""
        return np.asarray((days - self.birth[patient]) / YEAR)

    def smoking(self, patient: np.ndarray, days: np.ndarray) -> np.ndarray:
        """0 to 4, as QRISK3 numbers them. The first five years of smoking are light."""
        start, stop = self.smoking_start[patient], self.smoking_stop[patient]
        amount = np.where(days < start + 5 * YEAR, 2, self.smoking_amount[patient])
        return np.where(days < start, 0, np.where(days < stop, amount, 1))

    def bmi(self, patient: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Body mass index on each of DAYS, kg/m2; of adults."""
        f = figures()["body"]
        mean = np.array(figures()["qrisk3"]["bmi"])[self.sex[patient]]
        mean = mean + np.interp(self.age(patient, days), f["bmi_ages"], f["bmi_shift"])
        mean = mean + f["bmi_trend"] * (days / YEAR + 1970 - f["bmi_year"]).clip(-25, 20)
        return np.asarray(mean * self.bmi_factor[patient])

    def systolic(self, patient: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Usual systolic pressure on each of DAYS, mmHg, with the effect of treatment."""
        f, q = figures()["body"], figures()["qrisk3"]
        sex = self.sex[patient]
        age = self.age(patient, days).clip(0, 85)
        value = np.array(q["systolic"])[sex] + f["systolic_age"] * (age - np.array(q["age"])[sex])
        value = value + f["systolic_bmi"] * (self.bmi(patient, days) - np.array(q["bmi"])[sex])
        value = value + self.systolic_shift[patient]
        return np.asarray(value - f["treated_fall"] * self.taking("antihypertensives", patient, days))

    def taking(self, drug: str, patient: np.ndarray, days: np.ndarray) -> np.ndarray:
        """Whether each of PATIENT is on a course of DRUG on each of DAYS."""
        if drug not in self.course:
            return np.zeros(np.broadcast(patient, days).shape, bool)
        start, stop = self.course[drug]
        return np.asarray((start[patient] <= days) & (days < stop[patient]))


def draw_people(rng: np.random.Generator, practices: Practices, first: int, count: int) -> People:
    """COUNT patients, numbered from FIRST, before anything happened to them."""
    practice = pick(rng, practices.size, count)
    sex = rng.integers(0, 2, count)
    registered, birth, left = _registrations(rng, count, practices.last_collected[practice])
    e = figures()["ethnicity"]
    london = practices.region[practice] == e["london_region"]
    ethnicity = np.where(london, pick(rng, e["london"], count), pick(rng, e["england"], count))
    townsend = (practices.townsend[practice] + rng.normal(0, 2.2, count)).clip(-7, 11)
    b = figures()["body"]
    spread = b["bmi_spread"]
    ratio = np.array(figures()["qrisk3"]["ratio"])[sex]
    total = (b["total_cholesterol"][0] + b["total_spread"] * rng.normal(size=count)).clip(2.4, 11)
    factor = np.exp(rng.normal(-(spread**2) / 2, spread, count) + 0.006 * townsend)
    hdl = (b["total_cholesterol"][0] / ratio * factor**-0.7 * np.exp(rng.normal(0, 0.2, count))).clip(0.5, 4)
    smoking = _smoking(rng, birth, sex, townsend, ethnicity)
    return People(
        number=np.arange(first, first + count),
        practice=practice,
        sex=sex,
        birth=birth,
        ethnicity=ethnicity,
        townsend=townsend,
        registered=registered,
        left=left,
        last=practices.last_collected[practice],
        computer=practices.computer[practice],
        smoking_start=smoking[0],
        smoking_stop=smoking[1],
        smoking_amount=smoking[2],
        height=rng.normal(np.array(b["height"])[sex], np.array(b["height_sd"])[sex]),
        bmi_factor=factor,
        systolic_shift=rng.normal(0, np.array(b["systolic_spread"])[sex]),
        systolic_within=np.array(figures()["qrisk3"]["systolic_sd"])[sex] * rng.gamma(9.0, 1 / 9.0, count),
        total=total,
        hdl=hdl,
        sugar=rng.random(count),
        visits=rng.gamma(figures()["visits"]["spread"], 1 / figures()["visits"]["spread"], count),
    )


def _registrations(
    rng: np.random.Generator, count: int, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days of registration, of birth, and of moving away."""
    f = figures()["registration"]
    settled = rng.random(count) < f["settled_share"]
    opened = day(f"{f['first_year']}-01-01")
    closing = np.minimum(last, day(f"{f['last_year']}-05-31")) - 30
    joined = (opened + rng.random(count) * (closing - opened)).astype(np.int64)
    registered = np.where(settled, opened - rng.integers(0, 25 * 365, count), joined)
    age = np.where(
        settled,
        from_shares(rng, count, f["settled_ages"], f["settled_shares"]),
        from_shares(rng, count, f["age_ages"], f["age_shares"]),
    )
    age = np.where(age < 1, 0.05 * age, age)  # under one: newborns, registered within three weeks
    birth = (registered - age * YEAR).astype(np.int64)
    # Those who were settled before 1985 are those who were still there then.
    since = np.where(settled, opened, registered)
    rates = np.interp(np.arange(YEARS), f["leave_ages"], f["leave_rates"])
    reached = np.concatenate([[0.0], np.cumsum(rates)])
    ages = np.arange(YEARS + 1)
    # Some move often and others never: without that difference too few would stay for decades.
    restless = rng.gamma(f["restless"], 1 / f["restless"], count)
    at = np.interp((since - birth) / YEAR, ages, reached) + rng.exponential(size=count) / restless.clip(0.02)
    left = np.where(at < reached[-1], birth + np.interp(at, reached, ages) * YEAR, NEVER).astype(np.int64)
    return registered, birth, np.where(left <= since, since + 1, left)


def _smoking(
    rng: np.random.Generator, birth: np.ndarray, sex: np.ndarray, townsend: np.ndarray, ethnicity: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days of starting and stopping, and the amount."""
    f = figures()["smoking"]
    count = len(birth)
    share = np.where(sex == MAN, f["ever_men"], f["ever_women"])
    later = (year_of(birth) - 1960) / 10
    odds = np.log(share / (1 - share)) + f["deprived"] * townsend - 0.18 * later.clip(0, 5)
    odds = odds - np.where((ethnicity > 0) & (sex != MAN), 1.6, np.where(ethnicity > 0, 0.3, 0.0))
    ever = rng.random(count) < 1 / (1 + np.exp(-odds))
    young, old = f["start_age"]
    start = birth + rng.uniform(young, old, count) * YEAR
    stop = start + (1.0 + rng.exponential(1 / f["quit_rate"], count)) * YEAR
    return (
        np.where(ever, start, NEVER).astype(np.int64),
        np.where(ever, stop, NEVER).astype(np.int64),
        2 + pick(rng, f["amounts"], count),
    )
