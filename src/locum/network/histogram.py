"""The distribution of a number by itself as a histogram of few steps, for cells finer than there is anything to say.

Cells hold few patients each, so that how dense each is compared with its neighbours is mostly chance, and chance is
what gives patients away. Neighbours are joined into steps of even density, the most alike first, as long as the
log-likelihood loses less than the price of the parameter that is saved: a histogram of short description length
(Rissanen, Speed & Yu 1992; Kontkanen & Myllymaki 2007). Trees may still split between the cells of a step.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from locum.network.arrays import Floats
from locum.network.kernels import inner


@njit(cache=True, nogil=True)
def even_out(mass: Floats, width: Floats, price: float) -> Floats:
    """float64[cells]: MASS (patients in each cell, in order) as each step shares it out among its cells by their WIDTH.

    width: float64[cells], above 0, the part of the number line that a cell covers; price: nats a step must gain.
    """
    steps = len(mass)
    held, wide = mass.copy(), width.copy()
    end = np.arange(1, steps + 1)  # one beyond the last cell of each step
    loss = np.empty(steps)  # of joining a step with the next
    for i in range(steps - 1):
        loss[i] = _lost(held, wide, i)
    while steps > 1:
        least = np.argmin(loss[: steps - 1])
        if loss[least] >= price:
            break
        held[least] += held[least + 1]
        wide[least] += wide[least + 1]
        steps -= 1
        for i in range(least, steps):
            end[i] = end[i + 1]
        for i in range(least + 1, steps):
            held[i], wide[i] = held[i + 1], wide[i + 1]
        for i in range(least + 1, steps - 1):
            loss[i] = loss[i + 1]
        if least > 0:
            loss[least - 1] = _lost(held, wide, least - 1)
        if least < steps - 1:
            loss[least] = _lost(held, wide, least)
    out = np.empty(len(mass))
    begin = 0
    for i in range(steps):
        for c in range(begin, end[i]):
            out[c] = held[i] * width[c] / wide[i]
        begin = end[i]
    return out


@inner
def _lost(held: Floats, wide: Floats, i: int) -> float:
    """Nats that the patients of step I and the next lose in likelihood when both are of one density."""
    together = np.log((held[i] + held[i + 1]) / (wide[i] + wide[i + 1]))
    lost = 0.0
    for j in range(i, i + 2):
        if held[j] > 0:
            lost += held[j] * (np.log(held[j] / wide[j]) - together)
    return lost
