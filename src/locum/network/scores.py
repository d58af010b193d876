"""Scores: sums of many weak influences on a variable, on which its trees may split as on a variable of its own.

A split has to pay for itself, so a tree passes over influences that are weak one by one. A score adds them up: it is a
linear predictor of the variable from the codes of those before it, and holds only terms that pay the same price for
each number as splits do. What it predicts is the combination of the variable's own features that those before it tell
most about (canonical correlation: Hotelling 1936): for a number its rank or whether it is missing, for levels some
contrast of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.network.arrays import Bytes, Floats, Integers
from locum.network.cells import Cells

RANK = -1  # the term of a variable's rank, in place of a code
COMMON = 0.02  # a missing reason held by this share of the patients, or a level by half of it, may be a term
MOST_LEVELS = 12  # of a variable that may be terms
MOST_SCORES = 2  # of a variable
MOST_TERMS = 24  # of a score
FEWEST_TERMS = 2  # of one term, a tree can split on the variable itself
BINS = 60  # codes of a score
DIGITS = 3  # of a weight
RIDGE = 0.01  # added to the variances, so that canonical directions exist where features repeat each other
MOST_ROWS = 100_000  # looked at
GUIDES = 1024  # bins in which the search for a score's code begins
Tables = npt.NDArray[np.float32]


class Score(NamedTuple):
    """A score of variable TARGET: the sum over terms of weight * feature.

    variable, code: int64[terms]; a term is 1 for patients with that code of the variable, or, where code is RANK, the
        normal score of their rank. weight: float64[terms]. edges: float64[codes - 1], where the score's codes begin.
    table: float32[terms, 256], what each code of its variable adds.
    """

    target: int
    variable: Integers
    code: Integers
    weight: Floats
    edges: Floats
    table: Tables


def score_of(
    target: int, variable: Integers, code: Integers, weight: Floats, edges: Floats, cells: Sequence[Cells]
) -> Score:
    """The score with these terms."""
    lines = [w * _feature(cells[v], c) for v, c, w in zip(variable, code, weight, strict=True)]
    return Score(target, variable, code, weight, edges, np.array(lines, np.float32))


def codes_of_score(score: Score, split: Bytes) -> Bytes:
    """uint8[n]: the code of each row's score, from the codes (uint8[lines, n]) of the variables before."""
    return _codes(_values(score.table, score.variable, split), score.edges.astype(np.float32))


def learn_scores(cells: Sequence[Cells], order: Sequence[int], split: Bytes, price: float) -> list[Score]:
    """The scores of all variables, from the codes (uint8[variables, n]) of the patients.

    price: what a term must gain in log-likelihood, in nats.
    """
    every = max(1, split.shape[1] // MOST_ROWS)
    seen = np.ascontiguousarray(split[:, ::every])
    variable, code = _features(cells)
    if not len(variable):
        return []
    values = np.array(
        [_feature(cells[v], c).astype(np.float32)[seen[v]] for v, c in zip(variable, code, strict=True)]
    )
    values -= values.mean(axis=1, keepdims=True)
    gram = (values @ values.T).astype(np.float64) / seen.shape[1]
    scores = []
    for place, v in enumerate(order):
        before = np.flatnonzero(np.isin(variable, order[:place]))
        own = np.flatnonzero(variable == v)
        if len(before) < FEWEST_TERMS or not len(own):
            continue
        inner = gram[np.ix_(before, before)]
        for direction in _directions(gram, own, before):
            told = direction @ gram[np.ix_(own, before)]
            spread = float(direction @ gram[np.ix_(own, own)] @ direction)
            chosen, weight = _stepwise(inner, told, spread, price / split.shape[1])
            if len(chosen) < FEWEST_TERMS:
                continue
            weight = np.array([float(f"{w:.{DIGITS}g}") for w in weight / np.abs(weight).max()])
            terms = before[chosen]
            bare = score_of(v, variable[terms], code[terms], weight, np.zeros(0), cells)
            total = _values(bare.table, bare.variable, seen)
            edges = np.unique(np.round(np.quantile(total, np.linspace(0, 1, BINS + 1)[1:-1]), DIGITS))
            scores.append(bare._replace(edges=edges.astype(np.float64)))
    return scores


def _features(cells: Sequence[Cells]) -> tuple[Integers, Integers]:
    """(variable, code) of every feature that may be a term."""
    found: list[tuple[int, int]] = []
    for v, own in enumerate(cells):
        mass = _mass(own)
        if own.ordered and mass[own.reasons :].sum() > 0:
            found.append((v, RANK))
        found += [(v, c) for c in range(own.reasons) if COMMON <= mass[c] <= 1 - COMMON]
        if not own.ordered:
            most = own.reasons + np.argsort(-mass[own.reasons :], kind="stable")[:MOST_LEVELS]
            found += [(v, int(c)) for c in most if COMMON / 2 <= mass[c] <= 1 - COMMON / 2]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _mass(own: Cells) -> Floats:
    """float64[256]: the share of the patients with each code."""
    mass: Floats = np.bincount(own.seen.split, own.seen.mass, minlength=256).astype(np.float64)
    return mass / mass.sum()


def _feature(own: Cells, code: int) -> Floats:
    """float64[256]: what the feature is for each code; a missing value has the rank of the middle."""
    line = np.zeros(256)
    if code != RANK:
        line[code] = 1.0
        return line
    held = _mass(own)[own.reasons :]
    middle = (np.cumsum(held) - held / 2) / held.sum()
    line[own.reasons :] = [NormalDist().inv_cdf(min(max(p, 1e-4), 1 - 1e-4)) for p in middle]
    return line


def _directions(gram: Floats, own: Integers, before: Integers) -> list[Floats]:
    """The combinations of a variable's features that those before it tell most about, the best first."""
    size, axes = np.linalg.eigh(gram[np.ix_(own, own)])
    keep = size > 1e-6 * size.max()
    root = axes[:, keep] / np.sqrt(size[keep])
    outer = gram[np.ix_(before, before)]
    outer = outer + np.diag(RIDGE * np.diag(outer) + 1e-9)
    across = gram[np.ix_(before, own)] @ root
    _, turn = np.linalg.eigh(across.T @ np.linalg.solve(outer, across))
    return [root @ turn[:, -1 - i] for i in range(min(MOST_SCORES, turn.shape[1]))]


def _stepwise(gram: Floats, told: Floats, spread: float, price: float) -> tuple[list[int], Floats]:
    """Terms chosen one by one, as long as each gains PRICE nats a row: (their places, their weights)."""
    chosen: list[int] = []
    left = spread
    size = np.maximum(np.diag(gram), 1e-12)
    rest, own = told.copy(), size.copy()
    while len(chosen) < min(MOST_TERMS, len(told)):
        gain = np.where(own > 1e-3 * size, rest**2 / np.maximum(own, 1e-12), 0.0)
        gain[chosen] = 0.0
        best = int(gain.argmax())
        after = max(left - gain[best], 1e-9 * spread)
        if gain[best] <= 0 or 0.5 * np.log(left / after) < price:
            break
        chosen.append(best)
        left = after
        inverse = np.linalg.inv(gram[np.ix_(chosen, chosen)] + 1e-9 * np.eye(len(chosen)))
        cross = gram[:, chosen]
        rest = told - cross @ (inverse @ told[chosen])
        own = size - np.einsum("ij,jk,ik->i", cross, inverse, cross)
    if not chosen:
        return [], np.zeros(0)
    within = gram[np.ix_(chosen, chosen)] + 1e-9 * np.eye(len(chosen))
    return chosen, np.linalg.solve(within, told[chosen]).astype(np.float64)


@njit(cache=True, nogil=True)
def _values(table: Tables, variable: Integers, split: Bytes) -> Tables:
    """float32[n]: the score of each row."""
    total = np.zeros(split.shape[1], np.float32)
    for j in range(len(variable)):
        line, own = split[variable[j]], table[j]
        for i in range(len(total)):
            total[i] += own[line[i]]
    return total


@njit(cache=True, nogil=True)
def _codes(total: Tables, edges: Tables) -> Bytes:
    """uint8[n]: how many EDGES lie at or below each score.

    The search begins in one of many bins of equal width, most of which no edge divides.
    """
    found = np.zeros(len(total), np.uint8)
    if len(edges) == 0:
        return found
    low, per_width = edges[0], np.float32(GUIDES / max(edges[-1] - edges[0], 1e-3))
    first = np.zeros(GUIDES + 2, np.int64)  # how many edges lie in the bins before each
    for edge in edges:
        first[min(int((edge - low) * per_width), GUIDES) + 1] += 1
    for g in range(GUIDES + 1):
        first[g + 1] += first[g]
    for i in range(len(total)):
        g = min(max(int((total[i] - low) * per_width), 0), GUIDES)
        a, b = first[g], first[g + 1]
        while a < b and edges[a] <= total[i]:
            a += 1
        found[i] = a
    return found
