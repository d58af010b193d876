"""The value of one column guessed from the nearest rows on all other columns, for several columns at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate.boxes import SIZE, TOGETHER, Boxes, Points, bounds, inside, telling
from locum.evaluate.parallel import run_in_parts

Codes = npt.NDArray[np.uint8]
TIE = np.float32(1e-5)  # distances nearer than this are equal but for rounding


@njit(nogil=True, cache=True, fastmath=True)
def _guess(query, rows, values, low, high, places, codes, bins, first, last, out):  # type: ignore[no-untyped-def]
    one = np.float32(1.0)
    secrets, boxes = places.shape[0], low.shape[1]
    bound, total = np.empty((TOGETHER, boxes), np.float32), np.empty(SIZE, np.float32)
    order = np.empty((TOGETHER, query.shape[1]), np.int64)
    best = np.empty((TOGETHER, secrets), np.float32)
    far = np.empty(
        TOGETHER, np.float32
    )  # beyond the best distances; leaving a column out takes at most 1 off
    votes = np.zeros((TOGETHER, secrets, bins), np.int64)
    begun = np.empty(TOGETHER, np.int64)
    for start in range(first, last, TOGETHER):
        count = min(TOGETHER, last - start)
        best[:], far[:], votes[:] = np.inf, np.inf, 0
        for i in range(count):
            bounds(query[start + i], low, high, bound[i])
            telling(query[start + i], values, order[i])
            begun[i] = np.argmin(bound[i])
        for step in range(-1, boxes):
            for i in range(count):
                q, box = start + i, begun[i] if step < 0 else step
                if (step >= 0 and box == begun[i]) or bound[i, box] > far[i]:
                    continue
                hopeless = True
                for s in range(secrets):
                    x, place = query[q, places[s]], places[s]
                    apart = max(max(low[place, box] - x, x - high[place, box]), np.float32(0.0))
                    hopeless = hopeless and bound[i, box] - min(apart, one) > best[i, s] + TIE
                if hopeless or inside(query[q], values[box], order[i], far[i], total) == 0:
                    continue
                for r in range(min(SIZE, len(rows) - box * SIZE)):
                    if total[r] > far[i]:
                        continue
                    nearer = False
                    for s in range(secrets):
                        apart = abs(query[q, places[s]] - values[box, places[s], r])
                        rest = total[r] - min(apart, one)
                        if rest < best[i, s] - TIE:
                            best[i, s] = rest
                            votes[i, s] = 0
                            votes[i, s, codes[rows[box * SIZE + r], s]] = 1
                            nearer = True
                        elif rest <= best[i, s] + TIE:
                            votes[i, s, codes[rows[box * SIZE + r], s]] += 1
                    if nearer:
                        far[i] = best[i].max() + one + TIE
        for i in range(count):
            for s in range(secrets):
                out[start + i, s] = np.argmax(votes[i, s])


def guess(query: Points, base: Points | Boxes, places: npt.NDArray[np.int64], codes: Codes) -> Codes:
    """uint8[rows of QUERY, secrets]: for each secret the code that most of the nearest rows of BASE hold.

    Nearest on all columns but the secret, which stands at PLACES[s] of the points. Rows at the same distance
    vote; the lowest code wins a tie. CODES: uint8[rows of BASE, secrets]. BASE must have a row.
    """
    out = np.zeros((len(query), len(places)), np.uint8)
    bins = int(codes.max()) + 1
    boxes = base if isinstance(base, Boxes) else Boxes.of(base)
    laid = boxes.rows, boxes.values, boxes.low, boxes.high

    def part(span: tuple[int, int]) -> None:
        _guess(query, *laid, places, codes, bins, span[0], span[1], out)

    run_in_parts(part, len(query), 32)
    return out
