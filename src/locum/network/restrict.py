"""Draw a variable again where rules or evidence do not allow what was drawn, and weigh the rows by their evidence.

A value is drawn without regard to any rule first. Where it breaks one, a second one is drawn from the part of the
leaves that is allowed: together that is a draw from the conditional restricted to what is allowed, since p(S) +
p(not S) is 1, and never takes more than two tries. Whether a value is missing is left as it was drawn, unless the
rules say otherwise.

With evidence, a row's weight is the probability of it given the values before (likelihood weighting: Fung & Chang 1990;
Shachter & Peot 1990), averaged over the members, and the value is drawn from where both allow it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.allowed import Tests, Union, all_hold, allowed, contains, meet
from locum.network.allowed_share import Found, Source, find_leaves, weigh
from locum.network.arrays import Bytes, Floats
from locum.network.draw_allowed import Redrawn, take, take_missing, take_nearest


@njit(cache=True, nogil=True)
def redraw(
    source: Source,
    tests: Tests,
    values: Floats,
    split: Bytes,
    redrawn: Redrawn,
    log_weight: Floats,
    size: int,
) -> None:
    """Draw a variable again, in the rows where TESTS say so.

    values: float64[variables, n], as `Tests` numbers them, the target's as drawn without restriction in line 0.
    split: uint8[lines, n], read for the variables before it.
    redrawn: filled; log_weight: float64[n], to which the log-probability of the evidence is added, -inf for none.
    size: room for intervals, see `locum.network.allowed.room`.
    """
    members, states = len(source.trees.roots), source.trees.probability.shape[1]
    step, uniform = source.places.step, source.uniform
    rules = Union(np.empty(size), np.empty(size))
    both = Union(np.empty(size), np.empty(size))
    spare = Union(np.empty(size), np.empty(size))
    third = Union(np.empty(size), np.empty(size))
    found = Found(
        np.zeros(members, np.int64),
        np.zeros(members),
        np.zeros(members),
        np.zeros(states),
        np.zeros(size),
        np.zeros(size),
        np.zeros((2, size), np.int64),
    )
    only_rules = not tests.evidence.any()
    for row in range(values.shape[1]):
        if only_rules and all_hold(tests, values, row, uniform):  # most rows, soonest
            continue
        value = values[0, row]
        count, absent, ruled = allowed(tests, False, values, row, uniform, step, rules, spare, third)
        n, also_absent, asked = allowed(tests, True, values, row, uniform, step, both, spare, third)
        if not asked and (not ruled or (absent if np.isnan(value) else contains(rules, count, value))):
            continue
        missing = find_leaves(source, split, row, found)
        total = 1.0 - missing
        if ruled:
            total = weigh(source, row, rules, count, found)
        if total <= 0.0:  # nothing allowed has mass here: what the rules leave then is certain
            stays = np.isnan(value) and absent
            if not stays:
                take_nearest(source, row, value, rules, count, found, redrawn)
            if asked:
                is_value = not stays and not np.isnan(redrawn.low[row])
                if not (contains(both, n, redrawn.low[row]) if is_value else also_absent):
                    log_weight[row] = -np.inf
            continue
        if not asked:
            take(source, row, rules, count, found, redrawn)
            continue
        of_missing = missing if absent and also_absent else 0.0
        n = meet(rules, count, both, n, spare)
        of_value = weigh(source, row, spare, n, found) / total
        if absent:
            of_value *= 1.0 - missing
        weight = of_missing + of_value
        if weight <= 0.0:
            log_weight[row] = -np.inf
            continue
        log_weight[row] += np.log(min(weight, 1.0))
        if uniform[3, row] * weight < of_missing:
            take_missing(source, row, found, redrawn)
        else:
            take(source, row, spare, n, found, redrawn)
