"""Lives: when lasting conditions begin, courses of medicines, heart attacks and strokes, and deaths.

Everything is a hazard a year of life, a matrix of patients by years, and one draw from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from locum.records.artificial.figures import MAN, NEVER, YEAR, YEARS, day, figures, pick
from locum.records.artificial.people import END, People


@dataclass(frozen=True)
class Attacks:
    """Cardiovascular events: one row an event, several for some patients."""

    patient: np.ndarray
    kind: np.ndarray  # index of figures cardiovascular.kinds
    day: np.ndarray
    fatal: np.ndarray


def first(rng: np.random.Generator, birth: np.ndarray, hazard: np.ndarray) -> np.ndarray:
    """The day of the first event of a process with HAZARD, patients by years of life; NEVER where there is none."""
    reached = np.cumsum(hazard, axis=1)
    at = rng.exponential(size=len(birth))
    year = (reached <= at[:, None]).sum(axis=1)
    never = year == hazard.shape[1]
    year = np.minimum(year, hazard.shape[1] - 1)
    row = np.arange(len(birth))
    share = 1.0 - (reached[row, year] - at) / np.maximum(hazard[row, year], 1e-30)
    return np.where(never, NEVER, birth + (year + share) * YEAR).astype(np.int64)


def live(rng: np.random.Generator, people: People) -> Attacks:
    """Fill in the onsets, courses and deaths of PEOPLE; give their cardiovascular events."""
    f = figures()
    conditions = {name: c for name, c in f["conditions"].items() if name != "ages"}
    for name, condition in conditions.items():
        people.onset[name] = first(rng, people.birth, _hazard(people, condition, f["conditions"]["ages"]))
    # Who has diabetes of one type does not get the other.
    people.onset["diabetes_type_2"][people.onset["diabetes_type_1"] < NEVER] = NEVER
    for drug in ("antihypertensives", "corticosteroids", "atypical_antipsychotics"):
        people.course[drug] = _course(rng, people, f["drugs"][drug])
    attacks = _attacks(rng, people)
    for number, kind in enumerate(f["cardiovascular"]["kinds"]):
        onset = np.full(people.count, NEVER)
        np.minimum.at(onset, attacks.patient[attacks.kind == number], attacks.day[attacks.kind == number])
        people.onset[kind] = onset
    for drug, figure in f["drugs"].items():
        if drug not in people.course:
            people.course[drug] = _course(rng, people, figure)
    people.died = _deaths(rng, people)
    fatal = np.full(people.count, NEVER)
    np.minimum.at(
        fatal,
        attacks.patient[attacks.fatal],
        attacks.day[attacks.fatal] + rng.integers(0, 28, attacks.fatal.sum()),
    )
    fatal = np.where(fatal <= people.registered, NEVER, fatal)  # who registered was alive
    people.died = np.minimum(people.died, fatal)
    return attacks


def _hazard(people: People, condition: dict[str, Any], ages: list[int]) -> np.ndarray:
    """The hazard of a condition, patients by years of life."""
    whole = np.arange(YEARS + 1)
    curves = np.array([np.interp(whole, ages, condition[sex]) for sex in ("women", "men")])
    cumulative = -np.log1p(-curves)
    increments = np.diff(cumulative, axis=1)
    increments[:, 0] += cumulative[:, 0]
    hazard = increments[people.sex]
    factor = np.ones(people.count)
    if "ethnicity" in condition:
        factor *= np.array(condition["ethnicity"])[people.ethnicity]
    if "bmi" in condition:
        # Centred so that the mean of the factor over the spread of bodies is one.
        shift = 26.0 * (people.bmi_factor - 1.0)
        factor *= np.exp(condition["bmi"] * shift - (condition["bmi"] * 4.2) ** 2 / 2)
    if "systolic" in condition:
        factor *= np.exp(
            condition["systolic"] * people.systolic_shift - (condition["systolic"] * 11) ** 2 / 2
        )
    if "smoked" in condition:
        factor *= np.where(people.smoking_start < NEVER, condition["smoked"], condition["never_smoked"])
    hazard = hazard * factor[:, None]
    for cause, ratio in condition.get("causes", {}).items():
        hazard *= np.where(people.has(cause), ratio, 1.0)
    return np.asarray(hazard)


def _course(
    rng: np.random.Generator, people: People, figure: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """The first and last day of a course of medicine: NEVER for those who never take it."""
    start = np.full(people.count, NEVER)
    for cause, share in figure["after"].items():
        onset = people.onset[cause]
        begins = onset + 1 + rng.exponential(figure["delay"], people.count).astype(np.int64)
        begins = np.maximum(begins, day(figure.get("not_before", "1960-01-01")))
        treated = (rng.random(people.count) < share) & (onset < NEVER)
        start = np.minimum(start, np.where(treated, begins, NEVER))
    length = 1 + rng.exponential(YEAR / figure["stop_rate"], people.count).astype(np.int64)
    return start, np.minimum(start + length, NEVER)


def _attacks(rng: np.random.Generator, people: People) -> Attacks:
    """First cardiovascular events by QRISK3's hazards, and further heart attacks and strokes."""
    f = figures()["cardiovascular"]
    onset = first(rng, people.birth, cardiovascular_hazard(people))
    kind = np.where(people.sex == MAN, pick(rng, f["men"], people.count), pick(rng, f["women"], people.count))
    again = onset + 30 + rng.exponential(YEAR / f["again"], people.count).astype(np.int64)
    second = np.flatnonzero((onset < END) & (again < END))
    firsts = np.flatnonzero(onset < END)
    grave = [f["kinds"].index("myocardial_infarction"), f["kinds"].index("stroke")]
    patient = np.concatenate([firsts, second])
    kind = np.concatenate([kind[firsts], np.array(grave)[rng.integers(0, 2, len(second))]])
    days = np.concatenate([onset[firsts], again[second]])
    chance = np.array([f["fatal"].get(name, 0.0) for name in f["kinds"]])[kind]
    fatal = (rng.random(len(patient)) < chance) & (days > people.registered[patient])
    return Attacks(patient, kind, days, fatal)


def cardiovascular_hazard(people: People) -> np.ndarray:
    """The hazard of a first cardiovascular event, patients by years of life, after QRISK3's published coefficients.

    The published risk is of ten years from an age, so the hazard at an age is that of someone five years younger.
    """
    q = figures()["qrisk3"]
    woman = (people.sex != MAN)[:, None]
    age = np.clip(np.arange(YEARS) + 0.5 - 5.0, 20.0, 90.0)[None, :] / 10.0

    def by_sex(name: str) -> np.ndarray:
        return np.asarray(np.array(q[name])[people.sex][:, None])

    patient = np.arange(people.count)[:, None]
    days = people.grid()
    bmi = people.bmi(patient, days).clip(18, 47) / 10.0

    def age_term(x: np.ndarray) -> np.ndarray:
        w, m = q["age_terms_women"], q["age_terms_men"]
        return np.asarray(np.where(woman, w[0] * x**-2 + w[1] * x, m[0] / x + m[1] * x**3))

    def bmi_term(x: np.ndarray) -> np.ndarray:
        terms = np.where(woman, 0, 1)
        a, b = np.array([q["bmi_terms_women"], q["bmi_terms_men"]]).T
        return np.asarray(a[terms] * x**-2 + b[terms] * x**-2 * np.log(x))

    score = age_term(age) - age_term(by_sex("age") / 10.0) + bmi_term(bmi) - bmi_term(by_sex("bmi") / 10.0)
    statin = 1.0  # who takes statins has had an event or is at risk already
    ratio = (people.total / people.hdl)[:, None] * statin
    score = score + by_sex("ratio_term") * (ratio.clip(1, 11) - by_sex("ratio"))
    score = score + by_sex("systolic_term") * (
        people.systolic(patient, days).clip(80, 200) - by_sex("systolic")
    )
    within = people.systolic_within[:, None] - by_sex("systolic_sd")
    score = score + by_sex("systolic_sd_term") * within
    score = score + by_sex("townsend_term") * (people.townsend[:, None] - by_sex("townsend"))
    ethnic = np.array([q["ethnicity_women"], q["ethnicity_men"]])
    score = score + ethnic[people.sex, people.ethnicity][:, None]
    smoking = np.array([q["smoking_women"], q["smoking_men"]])
    faded = np.interp(np.arange(YEARS), [45, 85], [1.0, q["faded"]])[None, :]
    effects = smoking[people.sex[:, None], people.smoking(patient, days)]
    for name, ratios in q["conditions"].items():
        effects = effects + np.array(ratios)[people.sex][:, None] * _present(people, name, patient, days)
    hazard = -np.log(by_sex("survival")) / 10.0 * np.exp(score + faded * effects)
    return np.where(days < people.birth[:, None] + 20 * YEAR, 0.0, hazard)


def _present(people: People, name: str, patient: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Whether a factor of QRISK3's is there in each year of life."""
    if name == "treated_hypertension":
        return np.asarray(people.has("hypertension") & people.taking("antihypertensives", patient, days))
    if name in people.course:
        return people.taking(name, patient, days)
    return people.has(name)


def _deaths(rng: np.random.Generator, people: People) -> np.ndarray:
    """The day of death from other causes than a heart attack, a stroke or COVID-19; after registration."""
    m = figures()["mortality"]
    mid = np.arange(YEARS) + 0.5
    curves = np.array([np.exp(np.interp(mid, m["ages"], np.log(m[sex]))) for sex in ("women", "men")])
    hazard = curves[people.sex]
    for name, ratio in m["hazard_ratios"].items():
        # The ratios are of middle age; the very old die of age.
        hazard *= np.where(people.has(name), ratio ** np.interp(mid, [70, 95], [1.0, 0.4]), 1.0)
    alive = people.grid() < np.maximum(people.registered, day("1985-01-01"))[:, None]
    died = first(rng, people.birth, np.where(alive, 0.0, hazard))
    return np.where(died <= people.registered, people.registered + 1, died)
