"""The practices: where they are, how poor their patients are, how well they record, and how far their data reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locum.records.artificial.figures import day, figures

REGIONS = (
    "North East",
    "North West",
    "Yorkshire and The Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
    "Wales",
    "Scotland",
    "Northern Ireland",
)
"""The look-up of regions, numbered from 1; Aurum's practices are in the first nine."""
FIRST_NUMBER = 90001
"""The number of the first practice; every identifier here has five digits."""


@dataclass(frozen=True)
class Practices:
    """One array a column, one value a practice."""

    number: np.ndarray  # pracid
    region: np.ndarray  # 1 to 9
    townsend: np.ndarray  # mean deprivation
    size: np.ndarray  # relative
    last_collected: np.ndarray  # day
    computer: np.ndarray  # day from which it keeps records on a computer
    bmi_missing: np.ndarray  # share of patients
    cvd_coded: np.ndarray  # share of heart attacks and strokes


def draw_practices(rng: np.random.Generator, patients: int) -> Practices:
    """The practices of an extract of PATIENTS."""
    f = figures()["practices"]
    count = max(f["least"], round(patients / np.mean(f["patients"])))
    last = rng.integers(day(f["last_collected"][0]), day(f["last_collected"][1]), count, endpoint=True)
    stopped = rng.random(count) < f["stopped_share"]
    last[stopped] = rng.integers(day("2015-01-31"), day("2020-12-31"), stopped.sum())
    region = rng.permutation(np.arange(count) % 9) + 1
    # Evenly spread over the published range, so that few practices show it as well as many do.
    spread = rng.permutation((np.arange(count) + 0.5) / count)
    low, high = f["bmi_missing"]
    (small, large), (least, most) = f["patients"], f["cvd_coded"]
    return Practices(
        number=FIRST_NUMBER + np.arange(count),
        region=region,
        townsend=rng.normal(np.where(region == 7, 1.4, 0.2), 1.9),
        size=rng.uniform(small, large, count),
        last_collected=last,
        computer=rng.integers(day(f["first_computer"][0]), day(f["first_computer"][1]), count),
        bmi_missing=low + (high - low) * spread,
        cvd_coded=rng.uniform(least, most, count),
    )
