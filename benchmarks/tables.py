"""A simulated table of primary care, to time things on: numpy only, so that a peer's environment can make it too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

COLUMNS = 23
REGIONS = (
    "North East",
    "North West",
    "Yorkshire",
    "East Midlands",
    "West Midlands",
    "East",
    "London",
    "South",
)
ETHNICITIES = ("white", "asian", "black", "mixed", "other")
SMOKING = ("never", "ex", "current")

Array = npt.NDArray[np.generic]


def primary_care(rows: int, columns: int = COLUMNS, seed: int = 0) -> dict[str, Array]:
    """ROWS patients and COLUMNS columns; beyond 23 the same columns come again, for other years and other noise.

    Measurements have 0 to 2 decimals and gaps (NaN) that depend on who the patient is; levels are text, and None
    where not recorded; counts and flags are whole numbers.
    """
    rng = np.random.default_rng(seed)
    age = np.clip(np.rint(rng.normal(50, 18, rows)), 18, 105)
    frailty = rng.normal(size=rows)
    table: dict[str, Array] = {}
    for year in range(-(-columns // COLUMNS)):
        added = _year(rng, rows, age + year, frailty)
        table |= {f"{name}{year}" if year else name: values for name, values in added.items()}
    return dict(list(table.items())[:columns])


def _year(rng: np.random.Generator, rows: int, age: Array, frailty: Array) -> dict[str, Array]:
    def noise(scale: float = 1.0) -> Array:
        return rng.normal(0, scale, rows)

    def flag(score: Array) -> Array:
        return (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(np.int64)

    def gaps(values: Array, score: Array) -> Array:
        return np.where(flag(score) == 1, values, np.nan)

    old = (age - 50) / 18
    sex = np.array(["female", "male"])[flag(noise(0.1))]
    male = (sex == "male").astype(np.float64)
    deprivation = 1 + np.clip(((frailty + noise()) * 1.1 + 2.5).astype(np.int64), 0, 4)
    practice = np.minimum(rng.geometric(0.02, rows), 150)
    smoking = np.array(SMOKING)[np.clip((noise() + 0.3 * deprivation).astype(np.int64), 0, 2)].astype(object)
    smoking[rng.random(rows) < 0.1] = None
    units = np.where(rng.random(rows) < 0.35, 0, rng.poisson(np.exp(1.6 + 0.4 * male + 0.3 * noise())))
    bmi = np.exp(np.log(26.5) + 0.03 * old + 0.04 * frailty + noise(0.17))
    systolic = 118 + 9 * old + 0.6 * (bmi - 26) + 3 * male + noise(13)
    diastolic = 0.4 * systolic + 28 + noise(7)
    hypertension = flag((systolic - 150) / 8 + old)
    treated = flag(4 * hypertension - 3.5)
    diabetes = flag(-3.2 + 0.8 * old + 0.12 * (bmi - 26) + 0.4 * frailty)
    hba1c = np.exp(np.log(38) + 0.3 * diabetes + 0.02 * old + noise(0.09))
    cholesterol = 5.2 - 0.4 * diabetes + noise(1.0)
    hdl = 1.5 - 0.2 * male + 0.05 * cholesterol - 0.01 * (bmi - 26) + noise(0.3)
    egfr = np.clip(95 - 16 * old - 4 * frailty + noise(12), 5, 120)
    kidney = flag((52 - egfr) / 5)
    fibrillation = flag(-4.5 + 1.3 * old + 0.4 * frailty)
    statin = flag(-3 + 1.2 * diabetes + 0.9 * old + 0.5 * (cholesterol - 5))
    visits = rng.poisson(np.exp(1.2 + 0.25 * old + 0.3 * frailty + 0.4 * diabetes))
    event = flag(-3.4 + 0.9 * old + 0.5 * (smoking == "current") + 0.02 * (systolic - 130) + 0.5 * diabetes)
    days = np.where(event == 1, rng.integers(1, 3652, rows), np.minimum(3652, rng.integers(1, 7300, rows)))
    return {
        "age": age.astype(np.int64),
        "sex": sex,
        "ethnicity": np.array(ETHNICITIES)[np.minimum(rng.geometric(0.7, rows) - 1, 4)],
        "region": np.array(REGIONS)[np.minimum(practice // 19, 7)],
        "practice": np.array([f"P{i:03d}" for i in range(151)])[practice],
        "deprivation": deprivation,
        "smoking": smoking,
        "units": units.astype(np.int64),
        "bmi": gaps(np.round(bmi, 1), 0.8 + 0.4 * old + 0.8 * diabetes),
        "systolic": gaps(np.rint(systolic), 1.2 + 0.7 * old),
        "diastolic": gaps(np.rint(diastolic), 1.2 + 0.7 * old),
        "cholesterol": gaps(np.round(cholesterol, 1), 0.2 + 0.9 * old),
        "hdl": gaps(np.round(hdl, 2), -0.2 + 0.9 * old),
        "hba1c": gaps(np.rint(hba1c), -0.4 + 0.6 * old + 3 * diabetes),
        "egfr": gaps(np.rint(egfr), 0.3 + old),
        "hypertension": hypertension,
        "treated": treated,
        "diabetes": diabetes,
        "kidney": kidney,
        "fibrillation": fibrillation,
        "statin": statin,
        "visits": visits.astype(np.int64),
        "days": days.astype(np.int64),
    }
