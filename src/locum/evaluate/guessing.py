"""The value of one column guessed from the nearest rows on all other columns, for several columns at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate.neighbours import LANE, Points
from locum.evaluate.parallel import run_in_parts

Codes = npt.NDArray[np.uint8]
TIE = np.float32(1e-5)  # distances nearer than this are equal but for rounding


@njit(nogil=True, cache=True, fastmath=True)
def _guess(query, base, places, codes, bins, first, last, out):  # type: ignore[no-untyped-def]
    lanes = query.shape[1] // LANE
    one = np.float32(1.0)
    secrets = places.shape[0]
    best = np.empty(secrets, np.float32)
    votes = np.zeros((secrets, bins), np.int64)
    for q in range(first, last):
        best[:] = np.inf
        votes[:] = 0
        farthest = np.float32(np.inf)  # of the best distances; leaving a column out takes at most 1 off
        for b in range(base.shape[0]):
            total = np.float32(0.0)
            for part in range(lanes):
                start = part * LANE
                for j in range(LANE):
                    apart = abs(query[q, start + j] - base[b, start + j])
                    total += apart if apart < one else one
                if total > farthest + one + TIE:
                    break
            if total > farthest + one + TIE:
                continue
            nearer = False
            for s in range(secrets):
                apart = abs(query[q, places[s]] - base[b, places[s]])
                rest = total - (apart if apart < one else one)
                if rest < best[s] - TIE:
                    best[s] = rest
                    votes[s] = 0
                    votes[s, codes[b, s]] = 1
                    nearer = True
                elif rest <= best[s] + TIE:
                    votes[s, codes[b, s]] += 1
            if nearer:
                farthest = best.max()
        for s in range(secrets):
            out[q, s] = np.argmax(votes[s])


def guess(query: Points, base: Points, places: npt.NDArray[np.int64], codes: Codes) -> Codes:
    """uint8[rows of QUERY, secrets]: for each secret the code that most of the nearest rows of BASE hold.

    Nearest on all columns but the secret, which stands at PLACES[s] of the points. Rows at the same distance
    vote; the lowest code wins a tie. CODES: uint8[rows of BASE, secrets]. BASE must have a row.
    """
    out = np.zeros((len(query), len(places)), np.uint8)
    bins = int(codes.max()) + 1

    def part(bounds: tuple[int, int]) -> None:
        _guess(query, base, places, codes, bins, bounds[0], bounds[1], out)

    run_in_parts(part, len(query), 128)
    return out
