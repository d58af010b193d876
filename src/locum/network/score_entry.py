"""A score in the model file, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from locum.network.cells import Cells
from locum.network.damage import keys, list_of, need, numbers, whole
from locum.network.scores import BINS, MOST_TERMS, RANK, Score, score_of


def score_entry(score: Score) -> dict[str, Any]:
    """Terms are [variable, code, weight]; the code of a rank is -1."""
    terms = zip(score.variable.tolist(), score.code.tolist(), score.weight.tolist(), strict=True)
    return {"of": score.target, "terms": [list(term) for term in terms], "edges": score.edges.tolist()}


def score_from(entry: Any, order: Sequence[int], cells: Sequence[Cells]) -> Score:
    """The score that ENTRY holds. Raises `Damaged` when it is not of variables that come before."""
    keys(entry, {"of", "terms", "edges"}, "a score")
    of = entry["of"]
    need(type(of) is int and 0 <= of < len(cells), "a score is of no variable")
    terms = [list_of(term, "a term of a score") for term in list_of(entry["terms"], "terms of a score")]
    need(
        0 < len(terms) <= MOST_TERMS and all(len(term) == 3 for term in terms),
        "the terms of a score do not fit",
    )
    variable = whole([term[0] for term in terms], "the terms of a score do not fit")
    code = whole([term[1] for term in terms], "the terms of a score do not fit")
    weight = numbers([term[2] for term in terms], "the weights of a score do not fit")
    before = order[: order.index(of)]
    need(set(variable.tolist()) <= set(before), "a score is of variables that do not come before")
    for v, c in zip(variable.tolist(), code.tolist(), strict=True):
        own = cells[v]
        ranked = own.ordered and bool((own.seen.mass[own.reasons :] > 0).any())
        need(
            0 <= c < own.splits or (c == RANK and ranked), "a term of a score has a code that does not exist"
        )
    edges = numbers(entry["edges"], "the edges of a score do not fit")
    need(len(edges) < BINS and bool((np.diff(edges) > 0).all()), "the edges of a score do not rise")
    need(bool((np.abs(weight) <= 1e6).all()), "the weights of a score do not fit")
    return score_of(of, variable, code, weight, edges, cells)
