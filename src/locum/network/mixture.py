"""Latent class analysis: a mixture of independent categorical variables, learned by EM.

Lazarsfeld & Henry (1968); Goodman (1974); Dempster, Laird & Rubin (1977).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit

from locum.network.arrays import Bytes, Floats, Integers
from locum.network.kernels import inner

CLASSES = (2, 3, 4, 6)  # numbers of classes that are tried
STARTS = 4  # random ones; the likeliest end counts
MOST_STEPS = 100
LEAST_GAIN = 1e-5  # nats a row; EM ends where a step gains less
BORROWED = 2.0  # pseudo-patients that each class borrows from the marginal distributions
SPREAD = 0.5  # of the log-chances at the start


class Mixture(NamedTuple):
    """Classes within which the variables are independent.

    log_share: float64[classes]; log_chance: float64[codes, classes], the codes of all variables laid end to end.
    first: int64[variables + 1], where the codes of each variable begin.
    """

    log_share: Floats
    log_chance: Floats
    first: Integers

    @property
    def classes(self) -> int:
        return len(self.log_share)

    def log_likelihood(self, codes: Bytes) -> float:
        """Nats a row of CODES (uint8[n, variables]), on average."""
        counts = np.zeros_like(self.log_chance)
        return _expect(codes, self.first, self.log_share, self.log_chance, np.zeros(self.classes), counts)

    def draw(self, codes: Bytes, uniform: Floats) -> Bytes:
        """uint8[n]: a class for each row of CODES, drawn from its posterior by UNIFORM (float64[n] in [0, 1)).

        Drawn, since the likeliest class of each row would make classes look purer than they are.
        """
        drawn = np.empty(len(codes), np.uint8)
        _draw(codes, self.first, self.log_share, self.log_chance, uniform, drawn)
        return drawn


def learn_mixture(
    codes: Bytes, sizes: Sequence[int], classes: int, seeds: Sequence[int], threads: int | None = None
) -> Mixture:
    """The likeliest mixture of CLASSES found for CODES, uint8[n, variables], from several random starts.

    sizes: how many codes each variable has. The same SEEDS give the same mixture, whatever THREADS.
    """
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    with ThreadPoolExecutor(threads) as pool:
        ends = list(pool.map(lambda s: _em(codes, first, classes, [*seeds, s]), range(STARTS)))
    return max(ends, key=lambda end: end[0])[1]


def _em(codes: Bytes, first: Integers, classes: int, seeds: Sequence[int]) -> tuple[float, Mixture]:
    """(nats a row, mixture) at the end of one start."""
    rng = np.random.default_rng(seeds)
    marginal = np.concatenate(
        [(np.bincount(codes[:, v], minlength=b - a) + 0.5) for v, (a, b) in enumerate(_spans(first))]
    )
    marginal = _normal(marginal[:, None], first)
    chance = _normal(marginal * np.exp(rng.normal(0.0, SPREAD, (first[-1], classes))), first)
    share = np.full(classes, 1.0 / classes)
    last = -np.inf
    for _ in range(MOST_STEPS):
        counts, held = np.zeros((first[-1], classes)), np.zeros(classes)
        found = _expect(codes, first, np.log(share), np.log(chance), held, counts)
        chance = _normal(counts + BORROWED * marginal, first)
        share = (held + BORROWED) / (held + BORROWED).sum()
        if found - last < LEAST_GAIN:
            break
        last = found
    return found, Mixture(np.log(share), np.log(chance), first)


def _spans(first: Integers) -> list[tuple[int, int]]:
    return list(zip(first[:-1].tolist(), first[1:].tolist(), strict=True))


def _normal(chance: Floats, first: Integers) -> Floats:
    """CHANCE, float64[codes, classes], such that those of each variable add up to one in each class."""
    held: Floats = np.add.reduceat(chance, first[:-1], axis=0)
    return np.asarray(chance / np.repeat(held, np.diff(first), axis=0))


@inner
def _posterior(codes: Bytes, first: Integers, log_share: Floats, log_chance: Floats, p: Floats) -> float:
    """Fill P with the chance of each class for one row of CODES; returns the row's log-probability."""
    for z in range(len(p)):
        p[z] = log_share[z]
    for v in range(len(codes)):
        line = log_chance[first[v] + codes[v]]
        for z in range(len(p)):
            p[z] += line[z]
    most = p.max()
    total = 0.0
    for z in range(len(p)):
        p[z] = np.exp(p[z] - most)
        total += p[z]
    for z in range(len(p)):
        p[z] /= total
    return most + np.log(total)


@njit(cache=True, nogil=True)
def _expect(
    codes: Bytes, first: Integers, log_share: Floats, log_chance: Floats, held: Floats, counts: Floats
) -> float:
    """Add what each class is expected to hold to HELD and COUNTS; returns nats a row."""
    p = np.empty(len(log_share))
    total = 0.0
    for i in range(len(codes)):
        total += _posterior(codes[i], first, log_share, log_chance, p)
        for z in range(len(p)):
            held[z] += p[z]
        for v in range(codes.shape[1]):
            line = counts[first[v] + codes[i, v]]
            for z in range(len(p)):
                line[z] += p[z]
    return total / len(codes)


@njit(cache=True, nogil=True)
def _draw(
    codes: Bytes, first: Integers, log_share: Floats, log_chance: Floats, uniform: Floats, drawn: Bytes
) -> None:
    p = np.empty(len(log_share))
    for i in range(len(codes)):
        _posterior(codes[i], first, log_share, log_chance, p)
        left_over = uniform[i]
        z = 0
        while z < len(p) - 1 and left_over >= p[z]:
            left_over -= p[z]
            z += 1
        drawn[i] = z
