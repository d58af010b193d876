"""How dear a parameter must be on this very table, so that the dial gives away as much on every table.

What a model gives away of its patients depends on how many parameters pay for themselves, beside how many patients
there are: a wide table of few patients gives away many times what a long narrow one does. So a pilot model is learned
from half of the training patients and attacked as the finished one would be: by its log-likelihood ratio with a
reference model (Murakonda, Shokri & Theodorakopoulos 2021). Nothing but training patients is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from locum.network.arrays import Floats, Rows
from locum.network.cells import Cells
from locum.network.conditional import Codes, Conditional
from locum.network.draw import add_log_probability
from locum.network.members import learn_members
from locum.network.scores import Score
from locum.network.settings import BALANCED

PILOTED = 9
"""Keeps the stream of random numbers apart (`locum.network.network`)."""

MEMBERS = 4
LARGEST = 20_000
"""Patients of a pilot at most."""
PATIENTS = 4_000
"""Of fewer patients, pilots are repeated until they come to so many: the AUC of one is too unsure."""

APART = 0.7
"""By how many standard deviations the pilot's attacker may tell members from others at `balanced`.

Half of the patients give away more each than all do: on ten public tables .7 here is .4 to .6 for
the finished model (an AUC of .61 to .66; benchmarks/README.md)."""

STEEPNESS = 0.9
"""Patients are told apart by about price^-0.9 (measured on the same tables); the second pilot corrects it."""

DEAREST = 4.0


@dataclass(frozen=True)
class Pilot:
    """The training table, as the members see it. person: int64[n], the number of each row's patient."""

    codes: Codes
    cells: Sequence[Cells]
    order: Sequence[int]
    scores: Sequence[Score]
    person: npt.NDArray[np.int64]
    k: int
    seed: int
    threads: int | None

    def dearer(self) -> float:
        """The factor, 1 to DEAREST, on the price of a parameter at which the attacker is held to APART."""
        first = self._apart(1.0)
        if first <= APART:
            return 1.0
        factor = min((first / APART) ** (1 / STEEPNESS), DEAREST)
        second = max(self._apart(factor), APART / 4)
        steepness = np.clip(np.log(first / second) / np.log(factor), STEEPNESS / 2, 2 * STEEPNESS)
        return round(float(np.clip(factor * (second / APART) ** (1 / steepness), 1.0, DEAREST)), 2)

    def _apart(self, factor: float) -> float:
        """Standard deviations between members and others in the attacker's eyes (binormal: sqrt(2) the AUC's probit).

        Where only a part of the patients is asked, as far as all would be: that falls with the root of their number.
        """
        people = int(self.person.max()) + 1
        areas = []
        for turn in range(max(1, PATIENTS // people)):
            rng = np.random.default_rng([self.seed, PILOTED, turn])
            asked = rng.permutation(people)[:LARGEST]
            members, others, reference = np.split(asked, [len(asked) // 2, 3 * len(asked) // 4])
            model, against = (self._learn(own, factor, rng) for own in (members, reference))
            ratio = [
                _log_likelihood(model, self.codes, self.cells, rows)
                - _log_likelihood(against, self.codes, self.cells, rows)
                for rows in (
                    np.flatnonzero(self._rows(own) & self.codes.counted) for own in (members, others)
                )
            ]
            areas.append(_auc(*ratio))
        area = min(max(float(np.mean(areas)), 0.5), 1 - 1e-6)
        return float(np.sqrt(2) * NormalDist().inv_cdf(area) * min(1.0, np.sqrt(LARGEST / people)))

    def _learn(
        self, people: npt.NDArray[np.int64], factor: float, rng: np.random.Generator
    ) -> tuple[Conditional, ...]:
        """Members that each see a random part of PEOPLE."""
        size = max(1, round(BALANCED.part * len(people)))
        parts: list[Rows] = [
            np.flatnonzero(self._rows(rng.permutation(people)[:size])).astype(np.uint32)
            for _ in range(MEMBERS)
        ]
        settings = replace(BALANCED, members=MEMBERS, charge=BALANCED.charge * factor)
        taught = [np.ones(len(self.person), np.bool_)] * len(self.cells)
        return learn_members(
            self.codes, self.cells, self.order, parts, settings, self.k, self.scores, taught, self.threads
        )

    def _rows(self, people: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """bool[n]: the rows of PEOPLE."""
        among = np.zeros(int(self.person.max()) + 1, np.bool_)
        among[people] = True
        return among[self.person]


def _log_likelihood(
    conditionals: Sequence[Conditional], codes: Codes, cells: Sequence[Cells], rows: npt.NDArray[np.int64]
) -> Floats:
    """float64[rows]: the log-probability of ROWS of the training table."""
    joint = np.zeros(len(rows))
    cell, split = codes.cell[:, rows], codes.split[:, rows]
    for own, trees, c in zip(cells, conditionals, cell, strict=True):
        add_log_probability(trees, own.state, own.body, own.shares(), own.ranks(), c, split, joint)
    return joint


def _auc(members: Floats, others: Floats) -> float:
    """Area under the ROC curve, ties counted half (Mann & Whitney 1947)."""
    others = np.sort(others)
    below = np.searchsorted(others, members, "left") + np.searchsorted(others, members, "right")
    return float(below.mean() / (2 * len(others)))
