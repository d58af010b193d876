"""Divide a table into the patients that a model learns from and those it never sees."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from locum.errors import BadInput, UsageError
from locum.model import people
from locum.variables import Variables

HOLDOUT = 0.2
HOLDOUT_OF_FEW = 0.5  # of a small table: a fifth would be too few patients to judge anything by
FEW_PATIENTS = 5_000


def check_share(share: float | None) -> None:
    """Raise UsageError for a share outside (0, 1)."""
    if share is not None and not 0 < share < 1:
        raise UsageError(f"a holdout of {share:g} is not between 0 and 1; give a share such as 0.2")


def split(
    table: pa.Table, variables: Variables, *, share: float | None = None, seed: int = 0
) -> tuple[pa.Table, pa.Table]:
    """(train, holdout): a random part of the patients each, in random order, all rows of a patient on one side.

    The order of a register tells (dates, practices), and whoever takes the first rows should get a fair part.

    share: of the patients held out; None for a fifth, or a half under 5,000 patients.
    Raises UsageError for a share outside (0, 1), BadInput when a side would be empty.
    """
    check_share(share)
    person = people(table, variables)
    if person is None:
        person = np.arange(table.num_rows)
    _, person = np.unique(person, return_inverse=True)
    patients = int(person.max()) + 1
    if share is None:
        share = HOLDOUT_OF_FEW if patients < FEW_PATIENTS else HOLDOUT
    count = round(share * patients)
    if not 0 < count < patients:
        raise BadInput(
            f"a table of {patients} patient{'s' if patients > 1 else ''} cannot be divided into {share:.0%} held out "
            "and the rest; give more patients"
        )
    held = np.zeros(patients, np.bool_)
    rng = np.random.default_rng([seed, 0])
    held[rng.permutation(patients)[:count]] = True
    order = rng.permutation(table.num_rows)
    kept = held[person][order]
    return table.take(pa.array(order[~kept])), table.take(pa.array(order[kept]))
