"""The whole extract: practices once, then patients in blocks, each with its own stream of random numbers."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from locum.errors import BadInput
from locum.records.artificial import (
    covid,
    diagnoses,
    hospital,
    layout,
    measurements,
    prescribing,
    truth,
    vaccination,
)
from locum.records.artificial.book import Book
from locum.records.artificial.history import live
from locum.records.artificial.lookups import write_notices
from locum.records.artificial.mess import close
from locum.records.artificial.people import draw_people
from locum.records.artificial.practices import Practices, draw_practices
from locum.records.artificial.surgeries import write_practices
from locum.records.artificial.visits import draw_visits, write_volume

BLOCK = 5000
"""Patients in a block: some 300 MB while it is drawn."""
MOST = 90_000_000
"""A patient's number within the extract has eight digits."""


def simulate(
    folder: Path,
    patients: int,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> None:
    """Fill the empty FOLDER with an artificial extract of PATIENTS in the layout of CPRD Aurum 2.9, and its truth.

    The same SEED gives the same bytes whatever the number of THREADS (all cores when None). Memory does not
    grow with PATIENTS. PROGRESS is told of patients done, and of how many.

    Raises BadInput when PATIENTS is not between 1 and 90 million.
    """
    if not 1 <= patients <= MOST:
        raise BadInput(f"the number of patients must be between 1 and {MOST:,}; give another")
    folder = Path(folder)
    (folder / "truth").mkdir()
    write_notices(folder)
    write_practices(folder, _practices(seed, patients))
    blocks = range(-(-patients // BLOCK))
    workers = min(threads or os.cpu_count() or 1, len(blocks))
    progress(0, patients)
    done = 0
    # Threads, for the work is numpy's and Arrow's, which leave the interpreter to others: as quick as processes here.
    with ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(write_block, folder, patients, seed, block, BLOCK) for block in blocks]
        try:
            for future in as_completed(waiting):
                done += future.result()
                progress(done, patients)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _practices(seed: int, patients: int) -> Practices:
    return draw_practices(np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))), patients)


def write_block(folder: Path, patients: int, seed: int, block: int, size: int) -> int:
    """Draw and write one block of SIZE patients, or the fewer that are left; returns how many."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, block)))
    count = min(size, patients - block * size)
    practices = _practices(seed, patients)
    people = draw_people(rng, practices, block * size + 1, count)
    attacks = live(rng, people)
    book = Book()
    covid.write_covid(rng, people, book)
    diagnoses.write_conditions(rng, people, book)
    diagnoses.write_attacks(rng, people, practices, attacks, book)
    hospital.write_other_admissions(rng, people, attacks, book)
    ethnicity = diagnoses.write_ethnicity(rng, people, book)
    vaccination.write_vaccinations(rng, people, book)
    visits = draw_visits(rng, people)
    write_volume(rng, people, visits, book)
    measurements.write_measurements(rng, people, practices, visits, book)
    prescribing.write_courses(rng, people, book)
    prescribing.write_single(rng, people, visits, book)
    closed = close(rng, people, book)
    out = layout.Layout(folder, block, people, practices)
    shown = out.patients(rng)
    out.consultations(rng, visits)
    out.observations(rng, closed)
    out.issues(rng, closed)
    out.admissions(rng, closed)
    part = f"{block + 1:03d}.parquet"
    truth.write_patients(folder / "truth" / f"patient_{part}", people, practices, out.patid, shown, ethnicity)
    truth.write_events(folder / "truth" / f"event_{part}", closed, out.patid)
    return count
