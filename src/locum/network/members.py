"""Learn the members of a model: for each variable, one tree on each member's part of the patients."""

from __future__ import annotations

from collections.abc import Sequence

from locum.network.arrays import Flags, Rows
from locum.network.cells import Cells
from locum.network.conditional import Codes, Conditional, join, learn_tree
from locum.network.scores import Score
from locum.network.settings import Settings
from locum.network.splits import entropy_table
from locum.network.threads import Progress, in_threads


def learn_members(
    codes: Codes,
    cells: Sequence[Cells],
    order: Sequence[int],
    parts: Sequence[Rows],
    settings: Settings,
    k: int,
    scores: Sequence[Score],
    taught: Sequence[Flags],
    threads: int | None,
    progress: Progress | None = None,
) -> tuple[Conditional, ...]:
    """The conditional of each variable, given those before it in ORDER.

    parts: for each member, uint32[m], the rows that it sees. taught: for each variable, bool[n], whose values fill the
    leaves.
    """
    members = len(parts)
    xlogx = entropy_table(max(map(len, parts)))
    trees: list[list[Conditional | None]] = [[None] * members for _ in cells]

    def learn(job: int) -> None:
        place, member = divmod(job, members)
        place = len(order) - 1 - place  # the longest jobs first
        v = order[place]
        trees[v][member] = learn_tree(
            codes, cells, v, order[:place], parts[member], settings, k, xlogx, scores, taught[v]
        )

    in_threads(learn, range(len(order) * members), threads, progress)
    return tuple(join([tree for tree in own if tree is not None]) for own in trees)
