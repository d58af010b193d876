"""How a measurement is written down: units, rounding, slips, and a code of several."""

from __future__ import annotations

import numpy as np

from locum.records.artificial.book import REASON, Book
from locum.records.artificial.codes import clinical
from locum.records.artificial.figures import day, figures
from locum.records.artificial.people import People
from locum.records.artificial.visits import Visits

UNITS = ("mmHg", "kg/m2", "kg", "cm", "m", "mmol/L", "mg/dL", "mmol/mol", "%", "mL/min/1.73m2", "10*9/L")
"""The look-up of units, numbered from 1."""
CANONICAL = {
    "systolic_bp": "mmHg",
    "diastolic_bp": "mmHg",
    "bmi": "kg/m2",
    "weight": "kg",
    "height": "cm",
    "total_cholesterol": "mmol/L",
    "hdl_cholesterol": "mmol/L",
    "cholesterol_ratio": "",
    "hba1c": "mmol/mol",
    "egfr": "mL/min/1.73m2",
}
OTHER = {"height": ("m", 0.01), "total_cholesterol": ("mg/dL", 38.67), "hdl_cholesterol": ("mg/dL", 38.67)}
"""The other unit in use, and what a canonical value is multiplied by to be in it."""
SLIP = dict.fromkeys(("systolic_bp", "diastolic_bp", "bmi", "weight", "height"), 10)
"""How far a decimal slips, so that no slip looks like a true value; a hundredfold for others."""
PERCENT_UNTIL = day("2011-06-01")
"""Until then glycated haemoglobin was reported in percent: mmol/mol = 10.929 (percent - 2.15)."""


class Measurer:
    """Writes measurements of one block of patients, with the mess of real ones."""

    def __init__(self, rng: np.random.Generator, people: People, visits: Visits, book: Book) -> None:
        self.rng, self.people, self.visits, self.book = rng, people, visits, book

    def write(
        self,
        meaning: str,
        visit: np.ndarray,
        value: np.ndarray,
        decimals: int,
        parent: np.ndarray | int = -1,
        tens: bool = False,
    ) -> np.ndarray:
        """Measurements at VISITS (rows): the event, and its record. Returns the numbers of the records."""
        rng, mess = self.rng, figures()["mess"]
        size = len(visit)
        patient, days = self.visits.patient[visit], self.visits.day[visit]
        value = np.round(value, decimals)
        kept, reason = value, np.zeros(size, np.int8)
        if tens:
            rounded = (rng.random(size) < mess["rounded_to_ten"]) & (value % 10 != 0)
            kept = np.where(rounded, np.round(value / 10) * 10, value)
            reason = np.where(rounded, REASON["rounded"], reason)
        wrong = rng.random(size) < mess["implausible"]
        slip = rng.integers(0, 3, size)
        kept = np.where(
            wrong, np.where(slip == 0, 0.0, np.where(slip == 1, 9999.0, kept * SLIP.get(meaning, 100))), kept
        )
        reason = np.where(wrong, REASON["implausible value entered"], reason)
        written, unit = self._units(meaning, kept, days, wrong)
        if meaning in OTHER:  # what was written, in the canonical unit again
            other, factor = OTHER[meaning]
            elsewhere = unit == UNITS.index(other) + 1
            kept = np.where(elsewhere, written / factor, kept)
            reason = np.where(elsewhere, REASON["in another unit"], reason)
        old = unit == UNITS.index("%") + 1
        reason = np.where(old, REASON["in percent, under a code of its own"], reason)
        event = self.book.happened(
            meaning,
            patient,
            days,
            value=value,
            recorded_value=kept,
            reason=reason,
        )
        code = clinical().choose(rng, meaning, "", size)
        if meaning == "hba1c":
            code[old] = clinical().choose(rng, meaning, "%", old.sum())
        return self.book.records.add(
            patient,
            day=days,
            entered=days,
            code=code,
            value=written,
            unit=unit,
            visit=visit,
            parent=parent,
            event=event,
        )

    def _units(
        self, meaning: str, value: np.ndarray, days: np.ndarray, wrong: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The values as written, and the numbers of their units (-1: none)."""
        rng, mess = self.rng, figures()["mess"]
        name = CANONICAL[meaning]
        unit = np.full(len(value), UNITS.index(name) + 1 if name else -1)
        unit[rng.random(len(value)) < mess["no_unit"]] = -1
        if meaning in OTHER:
            other, factor = OTHER[meaning]
            chosen = (rng.random(len(value)) < mess["other_unit"]) & ~wrong & (unit > 0)
            unit = np.where(chosen, UNITS.index(other) + 1, unit)
            value = np.where(chosen, np.round(value * factor, 2 if factor < 1 else 0), value)
        if meaning == "hba1c":
            old = (days < PERCENT_UNTIL) & ~wrong
            unit = np.where(old, UNITS.index("%") + 1, unit)
            value = np.where(old, np.round(value / 10.929 + 2.15, 1), value)
        return value, unit
