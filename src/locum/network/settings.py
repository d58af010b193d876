"""How finely the network may follow the training patients: the dial between faithful and private."""

from __future__ import annotations

import math
from dataclasses import dataclass

LARGEST_PART = 50_000
"""A member learns from at most this many rows: half as many as
100,000 cost .03 of 44 nats on unseen rows, and half the time."""


@dataclass(frozen=True)
class Settings:
    """What governs growth. Every number is a count of patients, a share, or a factor.

    members: trees per variable, each learned on its own random part of the patients.
    part: share of the patients that a member sees.
    smallest_leaf: no leaf holds fewer patients (and never fewer than k).
    charge: factor on the price of a parameter (`price`).
    smoothing: factor on how many pseudo-patients a node borrows from its parent (`locum.network.leaves`).
    scores: whether trees may split on sums of weak influences (`locum.network.scores`).
    taught: share of the patients who fill the leaves of a variable, the same in all members, others for each variable;
        smallest_leaf patients of whom this share is k or more. All patients grow the trees.
    dearer: factor on the price that a table needs which gives away much of its patients (`locum.network.pilot`); None
        before it is known.
    """

    name: str
    members: int
    part: float
    smallest_leaf: int
    charge: float
    smoothing: float
    scores: bool = True
    taught: float = 1.0
    dearer: float | None = None

    def price(self, rows: int) -> float:
        """Nats that a parameter must gain: charge * log(rows) / 2 (of BIC: Schwarz 1978), times `dearer`."""
        return self.charge * (self.dearer or 1.0) * math.log(max(rows, 2)) / 2


OPEN = Settings("open", members=16, part=0.9, smallest_leaf=10, charge=0.4, smoothing=0.25)
BALANCED = Settings("balanced", members=16, part=0.8, smallest_leaf=10, charge=0.8, smoothing=0.3)
STRICT = Settings("strict", members=16, part=0.8, smallest_leaf=40, charge=1.55, smoothing=1.0, taught=0.25)
PRIVACY = {settings.name: settings for settings in (OPEN, BALANCED, STRICT)}
