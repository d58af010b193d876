"""An invented clinic: every kind of thing that an evaluation must see, drawn from a process written down here.

Beside `population` it has a region with a small group, a rule, blood pressure as two columns, survival, and three flags
that say nothing about each other. Nobody in it exists.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.variables import Disclosure, Kind, Role, Rule, Variable, Variables

REGIONS = ("north", "east", "south", "west", "islands")
SHARES = (0.26, 0.25, 0.24, 0.20, 0.05)
SMOKING = ("never", "ex", "current")
END = 10.0  # years after which nobody is followed

VARIABLES = Variables(
    (
        Variable("age", Kind.COUNT, "int64", precision=1, unit="years", role=Role.QUASI_IDENTIFIER),
        Variable("sex", Kind.BINARY, levels=("female", "male"), role=Role.QUASI_IDENTIFIER),
        Variable("region", Kind.NOMINAL, levels=REGIONS, role=Role.QUASI_IDENTIFIER),
        Variable("smoking", Kind.NOMINAL, levels=SMOKING),
        Variable("bmi", Kind.CONTINUOUS, "double", precision=0.1, unit="kg/m2"),
        Variable("systolic", Kind.CONTINUOUS, "double", precision=1, unit="mmHg"),
        Variable("diastolic", Kind.CONTINUOUS, "double", precision=1, unit="mmHg"),
        Variable("cholesterol", Kind.CONTINUOUS, "double", precision=0.1, unit="mmol/L"),
        Variable("hba1c", Kind.CONTINUOUS, "double", precision=1, unit="mmol/mol"),
        Variable("diabetes", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("kidney", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("prostate", Kind.BINARY, "bool", levels=("false", "true"), disclosure=Disclosure.SENSITIVE),
        Variable("winter", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("morning", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("firstborn", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("stroke", Kind.BINARY, "int64", levels=("0", "1"), role=Role.TARGET),
        Variable("years", Kind.CONTINUOUS, "double", precision=0.01, unit="years", role=Role.TIME),
        Variable("died", Kind.BINARY, "int64", levels=("0", "1"), role=Role.EVENT),
    ),
    rules=(Rule("systolic > diastolic"), Rule("sex = 'male' or not prostate")),
)


def clinic(patients: int, seed: int) -> pa.Table:
    """PATIENTS rows. Cholesterol is measured in the old, HbA1c in those with diabetes."""
    rng = np.random.default_rng(seed)

    def chance(score: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        return np.asarray(rng.random(patients) < expit(score))

    def noise(scale: float) -> npt.NDArray[np.float64]:
        return rng.normal(0, scale, patients)

    age = np.clip(rng.normal(55, 16, patients), 18, 95).astype(np.int64)
    male = rng.random(patients) < 0.48
    region = rng.choice(len(REGIONS), patients, p=SHARES)
    smoking = np.where(rng.random(patients) < 0.4 + 0.2 * male, rng.integers(1, 3, patients), 0)
    bmi = np.round(np.exp(3.28 + 0.02 * (region == 4) + noise(0.16)), 1)
    systolic = np.rint(92 + 0.5 * age + 0.6 * (bmi - 26) + noise(11))
    diastolic = np.minimum(np.rint(26 + 0.4 * systolic + noise(6)), systolic - 10)
    diabetes = chance(-6.4 + 0.04 * age + 0.09 * bmi)
    kidney = chance(-7.0 + 0.065 * age)  # one in twenty
    prostate = male & chance(-9.0 + 0.1 * age)
    cholesterol = np.round(4.2 + 0.015 * age - 0.5 * diabetes + noise(0.8), 1)
    hba1c = np.rint(36 + 16 * diabetes + 0.06 * age + noise(4))
    drawn = pa.table(
        {
            "age": pa.array(age),
            "sex": pa.array(np.where(male, "male", "female")),
            "region": pa.array(np.array(REGIONS)[region]),
            "smoking": pa.array(np.array(SMOKING)[smoking]),
            "bmi": pa.array(bmi, mask=rng.random(patients) < 0.15),
            "systolic": pa.array(systolic),
            "diastolic": pa.array(diastolic),
            "cholesterol": pa.array(cholesterol, mask=rng.random(patients) < np.where(age > 50, 0.1, 0.7)),
            "hba1c": pa.array(hba1c, mask=rng.random(patients) < np.where(diabetes, 0.05, 0.6)),
            "diabetes": pa.array(diabetes),
            "kidney": pa.array(kidney),
            "prostate": pa.array(prostate),
            "winter": pa.array(rng.random(patients) < 0.5),
            "morning": pa.array(rng.random(patients) < 0.5),
            "firstborn": pa.array(rng.random(patients) < 0.5),
        }
    )
    drawn = drawn.append_column("stroke", pa.array(chance(risk(drawn)).astype(np.int64)))
    years, died = followed(hazard(drawn), rng)
    return drawn.append_column("years", pa.array(years)).append_column("died", pa.array(died))


def risk(table: pa.Table) -> npt.NDArray[np.float64]:
    """The log-odds of a stroke."""
    age, systolic, smoking, diabetes = (
        table.column(name).to_numpy() for name in ("age", "systolic", "smoking", "diabetes")
    )
    return np.asarray(-10.6 + 0.075 * age + 0.03 * systolic + 0.9 * (smoking == "current") + 0.6 * diabetes)


def hazard(table: pa.Table) -> npt.NDArray[np.float64]:
    """Deaths a year."""
    age, sex, smoking, diabetes, stroke = (
        table.column(name).to_numpy() for name in ("age", "sex", "smoking", "diabetes", "stroke")
    )
    log = 0.07 * (age - 55) + 0.8 * diabetes + 0.5 * (smoking == "current") + 0.3 * (sex == "male")
    return np.asarray(0.02 * np.exp(log + 0.8 * stroke))


def followed(
    hazard: npt.NDArray[np.float64], rng: np.random.Generator
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Years followed and whether that ended in death: exponential, some leave, everyone by END."""
    death = rng.exponential(1 / hazard)
    left = np.minimum(rng.exponential(25, len(hazard)), END)
    return np.maximum(np.round(np.minimum(death, left), 2), 0.01), (death <= left).astype(np.int64)


def expit(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x)))
