"""Complete a table that has missing values: structural EM by Monte Carlo.

Missing values are first drawn by a network for which being missing is a state, that state shut. Then a network is
learned from the completed rows, each row is completed anew by that network, and so on (structural EM: Friedman 1997;
drawing in place of expecting: Wei & Tanner 1990). A row is completed by drawing forward through the network what is
missing, several times; each of these, and the completion that the row had, is chosen by the probability of what is
known given it (sampling importance resampling: Rubin 1987; with the former one kept among them, the chosen one is a
step of a Markov chain whose limit is the exact conditional distribution: Andrieu, Doucet & Holenstein 2010). In these
networks the variables that are missing most often come last, so that few known values come after a missing one.

This assumes that values are missing at random: that who is not measured is, given what is known, like who is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from locum.network.arrays import Flags, Floats
from locum.network.codes import formula_lines, holds
from locum.network.conditional import millionths
from locum.network.draw import add_log_probability
from locum.network.draw_rows import FREE, Stream, draw_variables, empty, no_codes
from locum.network.leaves import RANKS
from locum.network.quantiles import KNOTS
from locum.variables import Column

if TYPE_CHECKING:
    from locum.network.network import Network

COMPLETING = 7  # keeps the streams of random numbers apart (see `locum.network.network`)
ROUNDS = 4  # of learning and completing
DRAWS = 8  # completions of a row among which one is chosen, beside the one it had
ROWS = 16_384  # completed together


def known_values(columns: Sequence[Column], counted: Flags, k: int) -> list[Flags]:
    """For each variable bool[n]: false where a value is missing that can be completed.

    Of a variable that fewer than K patients have a value of nothing is known; it stays as it is.
    counted: bool[n], one row of each patient.
    """
    known = [column.missing == 0 for column in columns]
    return [own if np.count_nonzero(own & counted) >= k else np.ones(len(own), np.bool_) for own in known]


def latest(known: Sequence[Flags]) -> list[int]:
    """A place for each variable in an order in which those missing most often come last."""
    return [int(np.count_nonzero(~own)) for own in known]


def never_missing(network: Network, known: Sequence[Flags]) -> Network:
    """NETWORK, which never draws that a value is missing where it was not KNOWN: its state is shut."""
    cells, conditionals = list(network.cells), list(network.conditionals)
    for v, flags in enumerate(known):
        if flags.all():
            continue
        own, trees = cells[v], conditionals[v]
        cells[v] = replace(own, mass=np.where(np.arange(own.size) < own.reasons, 0.0, own.mass))
        chance = trees.probability.astype(np.float64)
        chance[:, : own.reasons] = 0.0
        if not chance.any():  # the patients who have a value have it by a formula
            chance[:, own.states - 1] = 1.0
        held = chance.sum(axis=1, keepdims=True)
        average = np.broadcast_to(chance.sum(axis=0) / chance.sum(), chance.shape)
        chance = np.divide(chance, held, out=average.copy(), where=held > 0)
        knots = trees.knots
        if own.body >= 0:
            draws = trees.probability[:, own.body] > 0
            usual = knots[draws].mean(axis=0) if draws.any() else np.linspace(0, RANKS, KNOTS + 1)
            knots = np.where(draws[:, None], knots, np.rint(usual)).astype(np.int32)
        conditionals[v] = trees._replace(probability=millionths(chance), knots=knots)
    return replace(network, cells=tuple(cells), conditionals=tuple(conditionals))


def complete(
    network: Network,
    columns: Sequence[Column],
    known: Sequence[Flags],
    seeds: Sequence[int],
    *,
    again: bool,
) -> list[Column]:
    """COLUMNS with what is not KNOWN drawn by NETWORK, given all that is known of the row.

    again: what is not known was drawn before, and may stay.
    """
    incomplete = np.flatnonzero(~np.logical_and.reduce(list(known)))
    parts = [incomplete[a : a + ROWS] for a in range(0, len(incomplete), ROWS)]
    result = [
        Column(c.variable, c.values.copy(), c.missing.copy(), c.kin) if not own.all() else c
        for c, own in zip(columns, known, strict=True)
    ]
    for block, rows in enumerate(parts):
        chosen = _choose(
            network, [c.take(rows) for c in columns], [own[rows] for own in known], [*seeds, block], again
        )
        for column, own, new in zip(result, known, chosen, strict=True):
            if not own.all():
                column.values[rows], column.missing[rows] = new.values, new.missing
    return result


def _choose(
    network: Network,
    columns: Sequence[Column],
    known: Sequence[Flags],
    seeds: Sequence[int],
    again: bool,
) -> list[Column]:
    """One completion of each row, by weight: the largest log-weight plus Gumbel noise (Gumbel 1954)."""
    n = len(columns[0])
    rng = np.random.default_rng([*seeds, 0])
    everything = [np.ones(n, np.bool_) for _ in known]
    best, kept = np.full(n, -np.inf), list(columns)
    for draw in range(0 if again else 1, DRAWS + 1):
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
