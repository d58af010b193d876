"""The order of the variables: each is learned given those before it."""

from __future__ import annotations

from collections.abc import Sequence

from locum.network.cells import Cells


def finest_first(cells: Sequence[Cells]) -> list[int]:
    """Numbers of the variables, those with most entropy first (ties as declared).

    A coarse variable that comes late can split on the exact threshold that made it, as a flag for high blood pressure
    does. Of five orders tried on four tables it was the best or within .02 of it in C2ST.
    """
    return sorted(range(len(cells)), key=lambda v: (-round(cells[v].entropy, 6), v))
