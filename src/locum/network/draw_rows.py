"""Draw rows of artificial patients, variable by variable in the order of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from locum.network.arrays import Bytes, Flags, Floats, Integers
from locum.network.cells import Cells
from locum.network.codes import codes_of, follow, formula_lines, put_scores
from locum.network.draw import draw_variable
from locum.network.draw_allowed import Redrawn
from locum.network.restrictions import Restrictions
from locum.network.spread import MOST_ROWS, spread
from locum.variables import Column
from locum.variables.writing import on_grid

if TYPE_CHECKING:
    from locum.network.network import Network


Stream = Callable[[int], np.random.Generator]  # the random numbers of a variable
FREE = Restrictions()


def draw_rows(
    network: Network, drawn: Sequence[Column], stream: Stream, restrictions: Restrictions = FREE
) -> None:
    """Fill DRAWN, a column a variable, with artificial patients who keep to RESTRICTIONS."""
    n = len(drawn[0])
    draw_variables(network, network.order, drawn, no_codes(network, n), stream, restrictions, np.zeros(n))


def weigh_rows(network: Network, n: int, stream: Stream, restrictions: Restrictions) -> Floats:
    """float64[n]: the log-weight of each of N rows, whose evidence is RESTRICTIONS; -inf where it is impossible."""
    weight, drawn = np.zeros(n), empty(network, n)
    draw_variables(
        network, _until(network, restrictions), drawn, no_codes(network, n), stream, restrictions, weight
    )
    return weight


def draw_chosen(
    network: Network,
    n: int,
    chosen: Integers,
    drawn: Sequence[Column],
    stream: Stream,
    restrictions: Restrictions,
) -> None:
    """Fill DRAWN with those of the N rows of `weigh_rows` that were CHOSEN, int64[len(drawn[0])], some several times.

    What comes after the evidence is drawn for each of them anew.
    """
    first = _until(network, restrictions)
    pool, split = empty(network, n), no_codes(network, n)
    draw_variables(network, first, pool, split, stream, restrictions, np.zeros(n))
    for v in first:
        drawn[v].values[:], drawn[v].missing[:] = pool[v].values[chosen], pool[v].missing[chosen]
    rest = network.order[len(first) :]
    kept = np.ascontiguousarray(split[:, chosen])
    draw_variables(network, rest, drawn, kept, stream, restrictions, np.zeros(len(chosen)))


def _until(network: Network, restrictions: Restrictions) -> Sequence[int]:
    """The variables up to the last that evidence decides on."""
    if restrictions.last is None:
        return ()
    return network.order[: network.order.index(restrictions.last) + 1]


def empty(network: Network, n: int) -> list[Column]:
    """N rows to be drawn."""
    return [Column(own.variable, np.empty(n), np.empty(n, np.uint8)) for own in network.cells]


def no_codes(network: Network, n: int) -> Bytes:
    """The codes that trees split on, uint8[lines, n], of rows to be drawn."""
    lines = len(network.cells) + len(formula_lines(network.cells)) + len(network.scores)
    return np.zeros((lines, n), np.uint8)


def draw_variables(
    network: Network,
    order: Sequence[int],
    drawn: Sequence[Column],
    split: Bytes,
    stream: Stream,
    restrictions: Restrictions,
    log_weight: Floats,
) -> None:
    """Draw the variables in ORDER, given those before them; LOG_WEIGHT takes the log-probability of the evidence."""
    n = split.shape[1]
    lines = formula_lines(network.cells)
    place_of = {own.variable.name: v for v, own in enumerate(network.cells)}
    values, at = [c.values for c in drawn], np.empty(n, np.int32)
    for v in order:
        own, column, trees, random = network.cells[v], drawn[v], network.conditionals[v], stream(v)
        given = [follow(f, own.variable, place_of, values) for f in own.formulas]
        put_scores(network.scores, split, v)
        points, line = own.points, split[lines[v]] if own.formulas else None
        uniform = random.random((n,))
        if n <= MOST_ROWS:
            spread(trees, split, uniform)
        draw_variable(trees, points, v, split, uniform, _shut(own, given), column.values, column.missing, at)
        if not points.whole or line is not None:
            cell = np.where(at < 0, 0, points.cell[at])
            if not points.whole:
                column.values[:] = own.decode(cell, column.values).values
            if line is not None:
                _put_in(given, own, cell, column, line)
        if v in restrictions.targets:
            again = random.random((restrictions.streams(v), n))
            redrawn = restrictions.again(v, trees, own.drawable, values, given, split, again, log_weight)
            _put_again(redrawn, own, given, column, split[v], line)
        if line is not None:
            split[v] = codes_of(own, column.values, column.missing)


def _put_again(
    redrawn: Redrawn, own: Cells, given: Sequence[Floats], column: Column, split: Bytes, line: Bytes | None
) -> None:
    """Fill COLUMN, its codes in SPLIT and the numbers of its formulas in LINE where values were drawn again."""
    rows, drawable = np.flatnonzero(redrawn.done), own.drawable
    place = redrawn.place[rows]
    whole = np.maximum(place, 0.0).astype(np.int64)
    cell = np.where(place < 0, 0, drawable.order[whole])
    again = own.decode(cell, place - whole)
    follows = np.zeros(len(rows), np.uint8)
    _put_in([values[rows] for values in given], own, cell, again, follows)
    certain = redrawn.low[rows] == redrawn.high[rows]
    again.values[certain], again.missing[certain], follows[certain] = redrawn.low[rows[certain]], 0, 0
    _keep_to(redrawn.low[rows], redrawn.high[rows], own, cell, place - whole, again)
    column.values[rows], column.missing[rows] = again.values, again.missing
    split[rows] = np.where(place < 0, 0, drawable.split[whole])
    if line is not None:
        line[rows] = follows


def _keep_to(low: Floats, high: Floats, own: Cells, cell: Integers, inside: Floats, column: Column) -> None:
    """Keep values between the bounds LOW and HIGH that they were drawn from.

    Where a cell is allowed in part and what is known of the numbers inside leads out of that part, it is filled evenly.
    """
    values = column.values
    out = np.flatnonzero((column.missing == 0) & ((values < low) | (values > high)))
    first, last, step = own.low[cell[out]], own.high[cell[out]], own.variable.precision or 0.0
    evenly = first + inside[out] * (last - first + step)
    if step:
        evenly = on_grid(first + np.floor((evenly - first) / step) * step, step)
    values[out] = np.clip(evenly, low[out], high[out])


def _shut(own: Cells, given: Sequence[Floats]) -> Flags:
    """bool[n, states]: a formula is not open to rows in which a part of it is missing."""
    if not any(np.isnan(values).any() for values in given):
        return np.zeros((0, own.states), np.bool_)
    shut = np.zeros((len(given[0]), own.states), np.bool_)
    for state, values in zip(own.state[own.first_formula :], given, strict=True):
        shut[:, state] = np.isnan(values)
    return shut


def _put_in(given: Sequence[Floats], own: Cells, cell: Integers, column: Column, line: Bytes) -> None:
    """Give the rows that follow a formula its value, and LINE its number, 0 in the others."""
    line[:] = 0
    for j, values in enumerate(given):
        here = cell == own.first_formula + j
        column.values[here] = values[here]
        column.missing[here] = 0
        line[here] = j + 1
