"""Complete a table that has missing values: structural EM by Monte Carlo.

Missing values are first drawn from what is known of their variable alone. Then a network is learned from the completed
rows, each row is completed anew by that network, and so on (structural EM: Friedman 1997; drawing in place of
expecting: Wei & Tanner 1990). A row is completed by drawing forward through the network what is missing, several times;
each of these, and the completion that the row had, is chosen by the probability of what is known given it (sampling
importance resampling: Rubin 1987; with the former one kept among them, the chosen one is a step of a Markov chain whose
limit is the exact conditional distribution: Andrieu, Doucet & Holenstein 2010).

This assumes that values are missing at random: that who is not measured is, given what is known, like who is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from locum.network.arrays import Flags, Floats
from locum.network.codes import formula_lines, holds
from locum.network.draw import add_log_probability
from locum.network.draw_rows import FREE, Stream, draw_variables, empty, no_codes
from locum.network.learn_cells import learn_cells
from locum.variables import Column

if TYPE_CHECKING:
    from locum.network.network import Network

COMPLETING = 7  # keeps the streams of random numbers apart (see `locum.network.network`)
ROUNDS = 5  # of learning and completing
DRAWS = 8  # completions of a row among which one is chosen, beside the one it had
ROWS = 16_384  # completed together


def known_values(columns: Sequence[Column], counted: Flags, k: int) -> list[Flags]:
    """For each variable bool[n]: false where a value is missing that can be completed.

    Of a variable that fewer than K patients have a value of nothing is known; it stays as it is.
    counted: bool[n], one row of each patient.
    """
    known = [column.missing == 0 for column in columns]
    return [own if np.count_nonzero(own & counted) >= k else np.ones(len(own), np.bool_) for own in known]


def start(columns: Sequence[Column], known: Sequence[Flags], counted: Flags, k: int, seed: int) -> list[Column]:
    """COLUMNS with what is not KNOWN drawn from the cells of the variable: no patient's value is copied."""
    completed = []
    for v, (column, given) in enumerate(zip(columns, known, strict=True)):
        if given.all():
            completed.append(column)
            continue
        rng = np.random.default_rng([seed, COMPLETING, 0, v])
        own, _ = learn_cells(column, k, counted)
        share = np.where(np.arange(own.size) < own.reasons, 0.0, own.mass)
        wanted = np.count_nonzero(~given)
        if not share.any():  # K patients have values, but no two the same level
            share[own.reasons :] = 1.0
        cell = rng.choice(own.size, size=wanted, p=share / share.sum())
        completed.append(_with(column, ~given, own.decode(cell, rng.random(wanted))))
    return completed


def complete_again(
    network: Network,
    columns: Sequence[Column],
    known: Sequence[Flags],
    seeds: Sequence[int],
) -> list[Column]:
    """COLUMNS with what is not KNOWN drawn anew by NETWORK, given all that is known of the row."""
    incomplete = np.flatnonzero(~np.logical_and.reduce(list(known)))
    parts = [incomplete[a : a + ROWS] for a in range(0, len(incomplete), ROWS)]
    result = [
        Column(c.variable, c.values.copy(), c.missing.copy(), c.kin) if not own.all() else c
        for c, own in zip(columns, known, strict=True)
    ]
    for block, rows in enumerate(parts):
        chosen = _choose(
            network, [c.take(rows) for c in columns], [own[rows] for own in known], [*seeds, block]
        )
        for column, own, new in zip(result, known, chosen, strict=True):
            if not own.all():
                column.values[rows], column.missing[rows] = new.values, new.missing
    return result


def _choose(
    network: Network, columns: Sequence[Column], known: Sequence[Flags], seeds: Sequence[int]
) -> list[Column]:
    """One completion of each row, by weight: the largest log-weight plus Gumbel noise (Gumbel 1954)."""
    n = len(columns[0])
    rng = np.random.default_rng([*seeds, 0])
    everything = [np.ones(n, np.bool_) for _ in known]
    best, kept = np.full(n, -np.inf), list(columns)
    for draw in range(DRAWS + 1):
        clamped = known if draw else everything
        drawn, weight = _draw_given(network, columns, clamped, known, _stream([*seeds, 1 + draw]))
        score = weight + rng.gumbel(size=n)
        better = score > best
        best = np.where(better, score, best)
        kept = [
            replace(
                c,
                values=np.where(better, new.values, c.values),
                missing=np.where(better, new.missing, c.missing),
            )
            for c, new in zip(kept, drawn, strict=True)
        ]
    return kept


def _stream(seeds: Sequence[int]) -> Stream:
    return lambda v: np.random.default_rng([*seeds, v])


def _draw_given(
    network: Network,
    columns: Sequence[Column],
    clamped: Sequence[Flags],
    known: Sequence[Flags],
    stream: Stream,
) -> tuple[list[Column], Floats]:
    """(COLUMNS with all but what is CLAMPED drawn in the order of NETWORK, log-probability of what is KNOWN)."""
    n = len(columns[0])
    drawn, split, weight = empty(network, n), no_codes(network, n), np.zeros(n)
    lines = formula_lines(network.cells)
    place = {own.variable.name: v for v, own in enumerate(network.cells)}
    for v in network.order:
        own, column = network.cells[v], drawn[v]
        draw_variables(network, [v], drawn, split, stream, FREE, np.zeros(n))
        here = clamped[v]
        column.values[here], column.missing[here] = columns[v].values[here], columns[v].missing[here]
        seen = replace(column, kin=columns[v].kin)
        cell = own.encode(seen)
        for j in reversed(range(len(own.formulas))):  # the first that holds counts
            held = holds(own.formulas[j], column, place, [c.values for c in drawn])
            cell[held] = own.first_formula + j
        split[v, here] = own.seen.split[own.seen.encode(seen)][here]
        if own.formulas:
            formula = np.where(cell >= own.first_formula, cell - own.first_formula + 1, 0)
            split[lines[v], here] = formula[here]
        rows = np.flatnonzero(known[v])
        more = np.zeros(len(rows))
        add_log_probability(
            network.conditionals[v],
            own.state,
            own.body,
            own.shares(),
            own.ranks(),
            cell[rows],
            np.ascontiguousarray(split[:, rows]),
            more,
        )
        weight[rows] += more
    return drawn, weight


def _with(column: Column, where: Flags, new: Column) -> Column:
    """COLUMN with the values of NEW, in turn, in the rows WHERE."""
    values, missing = column.values.copy(), column.missing.copy()
    values[where], missing[where] = new.values, new.missing
    return replace(column, values=values, missing=missing)
