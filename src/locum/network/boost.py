"""Draw some groups more often than the model would, with weights that undo it.

The patients are parted into strata, one for each combination of groups that they may belong to. The strata's shares are
moved as little as will make each group as frequent as asked (raking: Deming & Stephan 1940; Csiszar 1975), each stratum
is drawn given that it is so (`locum.network.given`), and a patient weighs the ratio of the shares before and after.
Over-sampling what a model trained on the data serves badly is BayesBoost (Draghi et al. 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from locum.errors import BadInput
from locum.network.arrays import Flags, Floats, Integers
from locum.network.given import Given, draw_pool, weigh
from locum.network.network import BOOSTING, Network, check_draw
from locum.network.threads import Progress
from locum.variables import Column
from locum.variables.clauses import Clause

MOST_GROUPS = 5  # they part the patients into up to 32 strata
ROUNDS = 500
CLOSE = 1e-6  # to the share asked for


@dataclass(frozen=True)
class Group:
    """Patients to draw FACTOR times as often. inside, outside: clauses that hold for them, and for all others."""

    text: str
    inside: tuple[Clause, ...]
    outside: tuple[Clause, ...]
    factor: float


def draw_boosted(
    network: Network,
    groups: Sequence[Group],
    rows: int,
    *,
    evidence: Sequence[Clause] = (),
    seed: int = 0,
    part: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Given:
    """ROWS artificial patients in which GROUPS are as frequent as asked, in random order, with their weights.

    evidence: clauses that hold for all of them. Raises BadInput when a group is empty, or cannot be as frequent.
    """
    check_draw(rows, seed, part)
    if len(groups) > MOST_GROUPS:
        raise BadInput(f"{len(groups)} groups are too many to boost together; give at most {MOST_GROUPS}")
    member = np.array(list(product((True, False), repeat=len(groups))))
    pools = []
    for stratum, inside in enumerate(member):
        asked = [
            c for g, is_in in zip(groups, inside, strict=True) for c in (g.inside if is_in else g.outside)
        ]
        pools.append(weigh(network, (*evidence, *asked), rows, (seed, part, 1 + stratum), threads, progress))
    chance = np.array([pool.chance for pool in pools])
    if chance.sum() <= 0:
        raise BadInput("no patient of the model fits the condition: its probability is about 0; ask for less")
    before = chance / chance.sum()
    after = raked(before, member, groups)
    random = np.random.default_rng([seed, BOOSTING, part])
    count = _allotted(after, rows, random)
    drawn = [
        Column(own.variable, np.empty(rows), np.empty(rows, np.uint8))
        for own in network.cells[: network.visible]
    ]
    weight, place = np.empty(rows), random.permutation(rows)
    effective, start = 0.0, 0
    for pool, n, share in zip(pools, count.tolist(), before.tolist(), strict=True):
        if n == 0:
            continue
        here = place[start : start + n]
        for column, own in zip(drawn, draw_pool(network, pool, n, threads, progress), strict=True):
            column.values[here], column.missing[here] = own.values, own.missing
        weight[here] = share * rows / n
        effective += min(pool.effective, n)
        start += n
    return Given(drawn, float(chance.sum()), sum(len(p.weight) for p in pools), effective, weight)


def raked(before: Floats, member: Flags, groups: Sequence[Group]) -> Floats:
    """float64[strata]: shares nearest to those BEFORE in which each group is FACTOR times as large.

    member: bool[strata, groups]. Raises BadInput when there are none.
    """
    after = before.copy()
    held = before @ member
    for group, share in zip(groups, held.tolist(), strict=True):
        if share <= 0:
            raise BadInput(f'no patient of the model is in the group "{group.text}"; boost another one')
        if share * group.factor >= 1:
            raise BadInput(
                f'the group "{group.text}" holds {share:.1%} of patients, so {group.factor:g} times as many are more '
                f"than all; give a factor below {1 / share:.3g}"
            )
    wanted = held * [group.factor for group in groups]
    for _ in range(ROUNDS):
        for j, share in enumerate(wanted):
            now = after @ member[:, j]
            if 0 < now < 1:
                after = np.where(member[:, j], after * share / now, after * (1 - share) / (1 - now))
        if np.abs(after @ member - wanted).max() < CLOSE:
            return after
    raise BadInput("the groups cannot all be boosted so much together; lower some of the factors")


def _allotted(share: Floats, rows: int, random: np.random.Generator) -> Integers:
    """int64[strata]: how many of ROWS each gets; the part of a row left over goes by chance."""
    ends = np.floor(np.cumsum(share / share.sum()) * rows + random.random())
    ends[-1] = rows
    return np.diff(np.minimum(ends, rows), prepend=0.0).astype(np.int64)
