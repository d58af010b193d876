"""What clauses imply of earlier variables, so that no later one is left without a value.

Directional resolution (Dechter & Rish 1994; Davis & Putnam 1960): from the last variable of the order to the first,
each pair of clauses that is decided there gives one on the variables before, which must hold if both are to be kept.
So ``a <= c`` and ``c <= b`` bind a and b although c comes last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from locum.network.cells import Cells
from locum.variables.clauses import EVERYTHING, Clause, Interval, Literal, Related, Within, intersection, tidy

MOST_IMPLIED = 300  # clauses; fewer only leave more to the nearest value


@dataclass(frozen=True)
class Held:
    """A clause to keep.

    evidence: it is asked for, not a rule. rate: the share of the training patients who break it, of those to whom the
    variables before its last one leave it open; 0 for a rule that is held exactly. kept: the share of the drawn
    values breaking it that are kept, such that as many break it.
    """

    clause: Clause
    evidence: bool = False
    rate: float = 0.0
    kept: float = 0.0


def last_of(clause: Clause, place: Sequence[int]) -> int:
    """The variable of a clause that is drawn last; PLACE is that of each variable in the order."""
    return max(variables_of(clause), key=lambda v: place[v])


def variables_of(clause: Clause) -> set[int]:
    """The variables that a clause tells about."""
    found = set()
    for literal in clause:
        found |= {literal.variable} if isinstance(literal, Within) else {literal.left, literal.right}
    return found


def support(cells: Cells) -> tuple[tuple[Interval, ...], bool]:
    """(the values that can be drawn, whether the variable can be missing)."""
    held = [c for c in range(cells.reasons, cells.size) if cells.mass[c] > 0]
    absent = bool((cells.mass[: cells.reasons] > 0).any())
    if cells.variable.kind.has_levels:
        return tuple((float(c - cells.reasons),) * 2 for c in held), absent
    ends = [(float(cells.low[c]), float(cells.high[c])) for c in held if not math.isnan(cells.low[c])]
    if len(ends) < len(held) or not ends:  # a formula may give anything
        return EVERYTHING if held else (), absent
    return ((min(low for low, _ in ends), max(high for _, high in ends)),), absent


def with_implied(held: Sequence[Held], order: Sequence[int], cells: Sequence[Cells]) -> list[Held]:
    """HELD and what it implies of earlier variables. A clause without literals among them says that nothing is left."""
    place = [list(order).index(v) for v in range(len(cells))]
    found: dict[Clause, Held] = {}
    for h in held:
        if h.kept == 0.0:
            old = found.get(h.clause)
            found[h.clause] = Held(h.clause, h.evidence and (old is None or old.evidence))
    for v in reversed(order):
        own = [h for clause, h in found.items() if clause and last_of(clause, place) == v]
        if not own:
            continue
        can, absent = support(cells[v])
        for clause, evidence in _implied(own, v, can, absent):
            if clause not in found and len(found) < MOST_IMPLIED + len(held):
                found[clause] = Held(clause, evidence)
    return [*found.values(), *(h for h in held if h.kept > 0.0)]


def _implied(
    own: Sequence[Held], v: int, can: tuple[Interval, ...], absent: bool
) -> list[tuple[Clause, bool]]:
    """Clauses on the variables before V, and whether each rests on evidence."""
    parts = [_part(h.clause, v, absent) for h in own]
    simple = [(h, *part) for h, part in zip(own, parts, strict=True) if part is not None]
    certain = can  # what clauses on V alone leave of it
    rests = False
    for h, said, rest in simple:
        if not rest and isinstance(said, Within) and not _free(said, absent):
            certain, rests = intersection(certain, said.intervals), rests or h.evidence
    found: list[tuple[Clause | None, bool]] = []
    if not certain and any(not rest and not _free(said, absent) for _, said, rest in simple):
        return [((), rests)]
    for h, said, rest in simple:
        if not _free(said, absent):
            for literal in _with_set(said, v, certain):
                found.append((tidy([*rest, *literal]), h.evidence or rests))
    for (h, a, rest), (g, b, other) in combinations(simple, 2):
        if _free(a, absent) and _free(b, absent):
            continue
        if isinstance(a, Within) and isinstance(b, Within):
            if not intersection(intersection(a.intervals, b.intervals), certain):
                found.append((tidy([*rest, *other]), h.evidence or g.evidence or rests))
        elif isinstance(a, Related) and isinstance(b, Related):
            if (between := _chained(a, b, v)) is not None:
                found.append((tidy([*rest, *other, *between]), h.evidence or g.evidence))
        else:
            within, related = (a, b) if isinstance(a, Within) else (b, a)
            if isinstance(within, Within):
                for literal in _with_set(related, v, intersection(within.intervals, certain)):
                    found.append((tidy([*rest, *other, *literal]), h.evidence or g.evidence or rests))
    return [(clause, evidence) for clause, evidence in found if clause is not None]


def _part(clause: Clause, v: int, absent: bool) -> tuple[Literal, Clause] | None:
    """What a clause says of V, and the rest of it; None when it says more than one thing."""
    said = [x for x in clause if v in variables_of((x,))]
    return (said[0], tuple(x for x in clause if x is not said[0])) if len(said) == 1 else None


def _free(said: Literal, absent: bool) -> bool:
    """Whether a missing value of the variable is a way out."""
    return absent and said.missing


def _with_set(said: Literal, v: int, can: tuple[Interval, ...]) -> list[Clause]:
    """What must hold of the other variable, or at all, when V lies in CAN."""
    if isinstance(said, Within):
        return [] if intersection(said.intervals, can) else [()]
    if not can:
        return []
    other = said.right if said.left == v else said.left
    low, high = can[0][0], can[-1][1]
    if said.op == "=":
        held = can
    elif said.op == "!=":
        return []
    elif said.left == v:
        held = ((low if said.op == "<=" else math.nextafter(low, math.inf), math.inf),)
    else:
        held = ((-math.inf, high if said.op == "<=" else math.nextafter(high, -math.inf)),)
    if held == EVERYTHING or math.isinf(low if said.left == v else high):
        return []
    return [(Within(other, held, said.missing),)]


def _chained(a: Literal, b: Literal, v: int) -> Clause | None:
    """What two comparisons with V say of the two others."""
    if not (isinstance(a, Related) and isinstance(b, Related)):
        return None
    if a.op == "=" or b.op == "=":
        equal, other = (a, b) if a.op == "=" else (b, a)
        u = equal.right if equal.left == v else equal.left
        left = u if other.left == v else other.left
        right = u if other.right == v else other.right
        op, missing = other.op, a.missing or b.missing
    elif "!=" in (a.op, b.op) or (a.left == v) == (b.left == v):
        return None
    else:
        above, under = (a, b) if a.left == v else (b, a)  # v <= u, w <= v
        left, right = under.left, above.right
        op, missing = "<" if "<" in (a.op, b.op) else "<=", a.missing or b.missing
    if left == right:
        return (Within(left, EVERYTHING if op in ("<=", "=") else (), missing),)
    if op in ("=", "!=") and left > right:
        left, right = right, left
    return (Related(left, op, right, missing),)
