"""Who is attacked: training patients, as many unseen ones as control, and how isolated each of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locum.evaluate.neighbours import Embedding, Points, laid_for, nearest
from locum.evaluate.sample import Sample, Trio, one_row_each

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
CAP, QUICK_CAP = 8_000, 2_000  # patients attacked, and as many controls
POOL, QUICK_POOL = 60_000, 20_000  # reference rows searched
SIZES = (
    f"At most {CAP:,} training patients and as many controls are attacked ({QUICK_CAP:,} in a quick look): the "
    f"standard error of an AUC near chance is then {1 / (6 * CAP) ** 0.5:.3f} ({1 / (6 * QUICK_CAP) ** 0.5:.3f})."
)
"""How many are attacked, in words; the standard error is that of Hanley & McNeil (1982) at 0.5."""
ALL, ISOLATED = "all patients", "the most isolated tenth"


@dataclass(frozen=True)
class Attacked:
    """One record each of n patients, half of them members, in random order within members and controls.

    rows: the records. member: bool[n], whether the generator learned from the patient. side: int64[n], 0 or
    1: which of the two REFERENCES, unseen rows of neither a member nor a control of that side, it is compared
    with. Each half of the holdout is control once and reference once. isolation: float64[n], the distance to
    the nearest reference row. embedding: in which distances are taken.
    """

    rows: Sample
    member: Bools
    side: Ints
    isolation: Floats
    references: tuple[Sample, Sample]
    embedding: Embedding

    def __len__(self) -> int:
        return len(self.member)

    @property
    def points(self) -> Points:
        return self.embedding.points(self.rows)

    @property
    def isolated(self) -> Ints:
        """The tenth farthest from any unseen patient, without those who have an exact double there: however
        few others there are, they are not isolated."""
        ranked = np.argsort(-self.isolation, kind="stable")[: len(self) // 10]
        return np.sort(ranked[self.isolation[ranked] > 0])

    def first(self, patients: int) -> Attacked:
        """PATIENTS members at most, and as many controls."""
        places = [
            np.flatnonzero((self.member == m) & (self.side == s)) for m in (True, False) for s in (0, 1)
        ]
        rows = np.sort(np.concatenate([p[: max(patients // 2, 1)] for p in places]))
        return Attacked(
            self.rows.take(rows),
            self.member[rows],
            self.side[rows],
            self.isolation[rows],
            self.references,
            self.embedding,
        )


def attackable(trio: Trio) -> int:
    """How many training patients, and as many controls, could be attacked at most."""
    return min(trio.holdout.distinct_patients // 2, trio.train.distinct_patients)


def choose(trio: Trio, rng: np.random.Generator, *, quick: bool) -> Attacked:
    """Whom every attack on TRIO is made on. The holdout must have two patients or more."""
    cap, pool = (QUICK_CAP, QUICK_POOL) if quick else (CAP, POOL)
    embedding = Embedding.on([trio.train, trio.holdout], rng)
    own, others = one_row_each(trio.train.patients, rng), one_row_each(trio.holdout.patients, rng)
    count = min(cap, len(own), len(others)) // 2
    members, controls = trio.train.take(own[: 2 * count]), trio.holdout.take(others[: 2 * count])
    known, codes = np.unique(trio.holdout.patients, return_inverse=True)
    # A patient's half follows from the order of `others`, which is random.
    half = np.zeros(int(codes.max()) + 1, np.int64)
    half[np.searchsorted(known, trio.holdout.patients[others])] = np.arange(len(others)) % 2
    references, rows, member, side, isolation = [], [], [], [], []
    for one in (0, 1):
        unseen = np.flatnonzero(half[codes] != one)
        if len(unseen) > pool:
            unseen = unseen[np.sort(rng.choice(len(unseen), pool, replace=False))]
        reference = trio.holdout.take(unseen)
        references.append(reference)
        base = laid_for(embedding.points(reference), 2 * count)
        for is_member, group in (
            (True, members.take(np.arange(one * count, (one + 1) * count))),
            (False, controls.take(np.arange(one, 2 * count, 2))),
        ):
            rows.append(group)
            member.append(np.full(len(group), is_member))
            side.append(np.full(len(group), one, np.int64))
            isolation.append(nearest(embedding.points(group), base))
    return Attacked(
        joined(rows),
        np.concatenate(member),
        np.concatenate(side),
        np.concatenate(isolation),
        (references[0], references[1]),
        embedding,
    )


def joined(samples: list[Sample]) -> Sample:
    """The rows of SAMPLES, which have the same variables, one below the other."""
    columns = []
    for parts in zip(*(s.columns for s in samples), strict=True):
        one = parts[0]
        columns.append(
            type(one)(
                one.variable,
                np.concatenate([c.values for c in parts]),
                np.concatenate([c.missing for c in parts]),
            )
        )
    return Sample(tuple(columns), np.concatenate([s.patients for s in samples]))
