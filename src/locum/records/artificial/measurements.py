"""What is measured and asked at visits: who is measured depends on who is ill, on the practice, on sex and age."""

from __future__ import annotations

import numpy as np

from locum.records.artificial.book import REASON, Book
from locum.records.artificial.codes import clinical
from locum.records.artificial.figures import WOMAN, figures
from locum.records.artificial.measurer import CANONICAL, UNITS, Measurer
from locum.records.artificial.people import People
from locum.records.artificial.practices import Practices
from locum.records.artificial.visits import Visits


def write_measurements(
    rng: np.random.Generator, people: People, practices: Practices, visits: Visits, book: Book
) -> None:
    """Every measurement and every question about smoking, at the visits where they happen."""
    m = Measurer(rng, people, visits, book)
    adult = people.age(visits.patient, visits.day) >= 16
    ill = {
        "hypertension": people.onset["hypertension"][visits.patient] <= visits.day,
        "diabetes": np.minimum(people.onset["diabetes_type_1"], people.onset["diabetes_type_2"])[
            visits.patient
        ]
        <= visits.day,
    }
    _pressures(m, adult, ill)
    _bodies(m, practices, adult, ill)
    _lipids(m, adult, ill)
    _bloods(m, adult, ill)
    _smoking(m, adult)


def _chosen(
    m: Measurer, name: str, adult: np.ndarray, ill: dict[str, np.ndarray], ever: np.ndarray, check: float
) -> np.ndarray:
    """The visits at which NAME is measured. EVER are the patients measured at all unless they are ill."""
    f = figures()["measuring"][name]
    chance = np.full(m.visits.count, f["visit"])
    sick = np.zeros(m.visits.count, bool)
    for illness, there in ill.items():
        chance = chance + f.get(illness, 0.0) * there
        sick |= there & (illness in f)
    chance = np.where(m.visits.check, check, chance)
    chance = chance * adult * (ever[m.visits.patient] | sick)
    return np.flatnonzero(m.rng.random(m.visits.count) < chance)


def _ever(m: Measurer, name: str) -> np.ndarray:
    f = figures()["measuring"][name]
    share = np.where(m.people.sex == WOMAN, f["ever_women"], f["ever_men"])
    return np.asarray(m.rng.random(m.people.count) < share)


def _pressures(m: Measurer, adult: np.ndarray, ill: dict[str, np.ndarray]) -> None:
    visit = _chosen(m, "systolic_bp", adult, ill, _ever(m, "systolic_bp"), 0.8)
    patient, days = m.visits.patient[visit], m.visits.day[visit]
    usual = m.people.systolic(patient, days)
    noise = m.rng.normal(size=len(visit)) * m.people.systolic_within[patient]
    systolic = (usual + noise).clip(75, 240)
    diastolic = (0.42 * systolic + 24 + m.rng.normal(0, 6.5, len(visit))).clip(40, 130)
    diastolic = np.minimum(diastolic, systolic - 10)
    record = m.write("systolic_bp", visit, systolic, 0, tens=True)
    m.write("diastolic_bp", visit, diastolic, 0, parent=record, tens=True)
    twice = np.flatnonzero(m.rng.random(len(visit)) < figures()["mess"]["entered_twice"])
    value = np.round(systolic[twice])
    event = m.book.happened(
        "systolic_bp",
        patient[twice],
        days[twice],
        happened=False,
        recorded_value=value,
        reason=REASON["entered twice"],
    )
    code = clinical().choose(m.rng, "systolic_bp", "", len(twice))
    unit = UNITS.index("mmHg") + 1
    m.book.records.add(
        patient[twice],
        day=days[twice],
        entered=days[twice] + 1,
        code=code,
        value=value,
        unit=unit,
        visit=visit[twice],
        event=event,
    )


def _bodies(m: Measurer, practices: Practices, adult: np.ndarray, ill: dict[str, np.ndarray]) -> None:
    """Weight, height and body mass index: the share without differs by practice."""
    missing = practices.bmi_missing[m.people.practice]
    # Visits of the ill fill gaps, short registrations leave some: so the share without comes out as asked.
    share = np.where(m.people.sex == WOMAN, 0.86, 1.14) * (1.2 * missing - 0.05)
    visit = _chosen(m, "bmi", adult, ill, m.rng.random(m.people.count) >= share, 0.9)
    patient, days = m.visits.patient[visit], m.visits.day[visit]
    bmi = (m.people.bmi(patient, days) * np.exp(m.rng.normal(0, 0.03, len(visit)))).clip(13, 65)
    height = m.people.height[patient]
    weight = np.round(bmi * (height / 100) ** 2, 1)
    bmi = weight / (np.round(height) / 100) ** 2
    swapped = m.rng.random(len(visit)) < figures()["mess"]["swapped"]
    proper = np.flatnonzero(~swapped)
    m.write("weight", visit[proper], weight[proper], 1)
    tall = proper[m.rng.random(len(proper)) < 0.75]
    m.write("height", visit[tall], height[tall], 0)
    indexed = proper[m.rng.random(len(proper)) < 0.93]
    m.write("bmi", visit[indexed], bmi[indexed], 1)
    _swap(m, visit[swapped], weight[swapped], np.round(height[swapped]))


def _swap(m: Measurer, visit: np.ndarray, weight: np.ndarray, height: np.ndarray) -> None:
    """Weight written as height, and height as weight."""
    patient, days = m.visits.patient[visit], m.visits.day[visit]
    for meaning, right, wrong in (("weight", weight, height), ("height", height, weight)):
        reason = REASON["weight and height swapped"]
        event = m.book.happened(meaning, patient, days, value=right, recorded_value=wrong, reason=reason)
        unit = UNITS.index(CANONICAL[meaning]) + 1
        code = clinical().choose(m.rng, meaning, "", len(visit))
        m.book.records.add(
            patient, day=days, entered=days, code=code, value=wrong, unit=unit, visit=visit, event=event
        )


def _lipids(m: Measurer, adult: np.ndarray, ill: dict[str, np.ndarray]) -> None:
    visit = _chosen(m, "cholesterol", adult, ill, _ever(m, "cholesterol"), 0.05)
    patient, days = m.visits.patient[visit], m.visits.day[visit]
    factor = np.where(m.people.taking("statins", patient, days), figures()["body"]["statin_factor"], 1.0)
    total = (m.people.total[patient] * factor * np.exp(m.rng.normal(0, 0.06, len(visit)))).clip(2, 14)
    hdl = (m.people.hdl[patient] * np.exp(m.rng.normal(0, 0.07, len(visit)))).clip(0.4, 4)
    hdl = np.minimum(hdl, total * 0.75)
    m.write("total_cholesterol", visit, total, 1)
    both = np.flatnonzero(m.rng.random(len(visit)) < figures()["measuring"]["hdl_given_total"])
    m.write("hdl_cholesterol", visit[both], hdl[both], 1)
    rated = both[m.rng.random(len(both)) < 0.7]
    m.write("cholesterol_ratio", visit[rated], (np.round(total, 1) / np.round(hdl, 1))[rated], 1)


def _bloods(m: Measurer, adult: np.ndarray, ill: dict[str, np.ndarray]) -> None:
    b, everyone = figures()["body"], np.ones(m.people.count, bool)
    visit = _chosen(m, "hba1c", adult, ill, everyone, 0.02)
    patient = m.visits.patient[visit]
    diabetic = ill["diabetes"][visit]
    trait = m.people.sugar[patient]
    value = np.where(
        diabetic,
        b["hba1c_diabetic"] + 16 * (trait - 0.4) + m.rng.gamma(2.0, 4.5, len(visit)) - 9,
        b["hba1c"] + 5 * (trait - 0.5) + m.rng.normal(0, 2.0, len(visit)),
    )
    m.write("hba1c", visit, value.clip(20, 150), 0)
    visit = _chosen(m, "egfr", adult, ill, everyone, 0.03)
    patient, days = m.visits.patient[visit], m.visits.day[visit]
    healthy = b["egfr"] + b["egfr_age"] * (m.people.age(patient, days) - 20) + m.rng.normal(0, 9, len(visit))
    kidney = m.people.onset["chronic_kidney_disease"][patient] <= days
    value = np.where(kidney, 58 - m.rng.gamma(2.0, 6.5, len(visit)), healthy.clip(60, 120))
    m.write("egfr", visit, value.clip(6, 120), 0)


def _smoking(m: Measurer, adult: np.ndarray) -> None:
    visit = _chosen(m, "smoking", adult, {}, _ever(m, "smoking"), 0.9)
    patient, days = m.visits.patient[visit], m.visits.day[visit]
    levels = figures()["smoking"]["levels"]
    numbers = np.array([m.book.category(level) for level in levels])
    true = m.people.smoking(patient, days)
    said = true.copy()
    # Some who smoke more are only called smokers, and some who stopped long ago say that they never smoked.
    said[(true > 2) & (m.rng.random(len(true)) < 0.25)] = 2
    said[(true == 1) & (m.rng.random(len(true)) < 0.05)] = 0
    for number, level in enumerate(levels):
        mine = said == number
        wrong = np.where(true[mine] != number, REASON["category recorded wrongly"], 0)
        event = m.book.happened(
            "smoking",
            patient[mine],
            days[mine],
            category=numbers[true[mine]],
            recorded_category=numbers[number],
            reason=wrong,
        )
        code = clinical().choose(m.rng, "smoking", level, mine.sum())
        m.book.records.add(
            patient[mine], day=days[mine], entered=days[mine], code=code, visit=visit[mine], event=event
        )
