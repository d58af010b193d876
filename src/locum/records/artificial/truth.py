"""The truth of a block: what happened to each patient, and what of it is on record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from locum.records.artificial.book import REASONS
from locum.records.artificial.codes import categories, meanings
from locum.records.artificial.figures import MAN, NEVER, figures
from locum.records.artificial.mess import Closed
from locum.records.artificial.people import People
from locum.records.artificial.practices import REGIONS, Practices

SEX = {1: "M", 2: "F", 3: "I"}


def _days(days: np.ndarray) -> pa.Array:
    there = np.abs(days) < NEVER
    return pa.array(np.where(there, days, 0).astype(np.int32), mask=~there).cast(pa.date32())


def _words(numbers: np.ndarray, words: list[str] | tuple[str, ...]) -> pa.DictionaryArray:
    """WORDS by number; missing where negative."""
    index = pa.array(numbers.clip(0).astype(np.int32), mask=numbers < 0)
    return pa.DictionaryArray.from_arrays(index, pa.array(words))


def write_patients(
    path: Path,
    people: People,
    practices: Practices,
    patid: np.ndarray,
    shown: dict[str, np.ndarray],
    ethnicity: np.ndarray,
) -> None:
    """One row a patient: how it was, and as recorded_* what the extract shows."""
    levels = figures()["ethnicity"]["levels"]
    amounts = figures()["smoking"]["levels"]
    deregistered = np.minimum(people.left, people.died)
    table = pa.table(
        {
            "patient": pc.cast(pa.array(patid), pa.string()),
            "practice": pc.cast(pa.array(practices.number[people.practice]), pa.string()),
            "region": _words(practices.region[people.practice] - 1, REGIONS),
            "last_collected": _days(people.last),
            "acceptable": shown["acceptable"],
            "sex": _words((people.sex == MAN).astype(int), ["F", "M"]),
            "recorded_sex": pa.array([SEX[g] for g in shown["gender"].tolist()]),
            "born": _days(people.birth),
            "recorded_birth_year": shown["year"],
            "recorded_birth_month": pa.array(shown["month"], mask=shown["month"] < 0),
            "registered": _days(people.registered),
            "recorded_registered": _days(shown["registered"]),
            "deregistered": _days(deregistered),
            "recorded_deregistered": _days(shown["deregistered"]),
            "died": _days(people.died),
            "recorded_died": _days(shown["died"]),
            "ethnicity": _words(people.ethnicity, levels),
            "recorded_ethnicity": _words(ethnicity, levels),
            "townsend": people.townsend,
            "smoking_started": _days(people.smoking_start),
            "smoking_stopped": _days(people.smoking_stop),
            "smoking_amount": _words(
                np.where(people.smoking_start < NEVER, people.smoking_amount, -1), amounts
            ),
            "height": people.height,
            "systolic_within": people.systolic_within,
        }
    )
    pq.write_table(table, path, compression="zstd")


def write_events(path: Path, closed: Closed, patid: np.ndarray) -> None:
    """One row an event."""
    e = closed.events
    order = np.lexsort((e["day"], e["patient"]))
    e = {name: column[order] for name, column in e.items()}
    names = pc.cast(pa.array(patid), pa.string())
    table = pa.table(
        {
            "patient": pa.DictionaryArray.from_arrays(pa.array(e["patient"]), names),
            "meaning": _words(e["meaning"], meanings()),
            "happened": e["happened"],
            "date": _days(e["day"]),
            "value": pa.array(e["value"], from_pandas=True),
            "category": _words(e["category"], categories()),
            "recorded": e["recorded"],
            "recorded_date": _days(e["recorded_day"]),
            "recorded_value": pa.array(e["recorded_value"], from_pandas=True),
            "recorded_category": _words(e["recorded_category"], categories()),
            "reason": _words(e["reason"], REASONS),
        }
    )
    pq.write_table(table, path, compression="zstd")
