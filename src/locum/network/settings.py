"""How finely the network may follow the training patients: the dial between faithful and private."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_PART = 100_000
"""A member learns from at most this many rows: some 100,000 are enough (DESIGN, point 4)."""


@dataclass(frozen=True)
class Settings:
    """What governs growth. Every number is a count of patients, a share, or a factor.

    members: trees per variable, each learned on its own random part of the patients.
    part: share of the patients that a member sees.
    smallest_leaf: no leaf holds fewer patients (and never fewer than k).
    charge: factor on the price of a parameter, charge * log(rows) / 2 nats (1 is BIC: Schwarz 1978); how many
        parameters a split adds is in `locum.network.trees`.
    smoothing: pseudo-patients that a node borrows from its parent (Buntine 1992).
    """

    name: str
    members: int
    part: float
    smallest_leaf: int
    charge: float
    smoothing: float


OPEN = Settings("open", members=16, part=0.9, smallest_leaf=10, charge=0.25, smoothing=0.5)
BALANCED = Settings("balanced", members=16, part=0.6, smallest_leaf=10, charge=0.55, smoothing=2.0)
STRICT = Settings("strict", members=16, part=0.5, smallest_leaf=30, charge=2.0, smoothing=5.0)
PRIVACY = {settings.name: settings for settings in (OPEN, BALANCED, STRICT)}
