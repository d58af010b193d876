"""Linkability: can two files about a patient, without a common variable, be joined by way of a synthetic row?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import ALL, ISOLATED, Attacked, attackable
from locum.evaluate.boxes import SIZE, Boxes, bounds, inside, telling
from locum.evaluate.guessing import TIE
from locum.evaluate.metrics import Metric, Risk
from locum.evaluate.neighbours import Points, nearest
from locum.evaluate.parallel import run_in_parts
from locum.evaluate.risk import Bools, Success, pooled, told
from locum.evaluate.sample import Trio
from locum.evaluate.statistics import Z
from locum.evaluate.verdict import judge_beyond_chance, metric, not_assessable

SPLITS, QUICK_SPLITS = 3, 2  # ways of sharing the variables out between two files
PAIRS, QUICK_PAIRS = 1.6e7, 5e6  # patients attacked times synthetic rows searched, for each split
LEAST, CAP = 300, 2_000  # training patients attacked, and as many controls
TITLES = {
    "linkability": "Can two files about the same patient be joined by way of an artificial one?",
    "linkability_isolated": "Can two files about the same unusual patient be joined?",
}
NAME = "two files joined"
METHOD = (
    "The variables are shared out at random between two files. A training patient is joined when one synthetic row is "
    "nearest both to what the one file says and to what the other says (rows at the same distance count alike). "
    "Unseen patients are joined by chance; only the difference is a leak. The figure is the share of what the control "
    "leaves open (linkability, Giomi et al. 2023); interval from the spread between patients. "
    f"Of large tables {LEAST:,} to {CAP:,} patients and as many controls are tried, fewer where more synthetic rows "
    f"have to be searched: a share is then known to {100 * 1.96 * (0.25 / CAP) ** 0.5:.0f} to "
    f"{100 * 1.96 * (0.25 / LEAST) ** 0.5:.0f} points or better."
)


@njit(nogil=True, cache=True, fastmath=True)
def _joined(query, rows, values, low, high, other, others, least, other_least, first, last, out):  # type: ignore[no-untyped-def]
    one = np.float32(1.0)
    bound, apart = np.empty(low.shape[1], np.float32), np.empty(SIZE, np.float32)
    order = np.empty(query.shape[1], np.int64)
    for q in range(first, last):
        bounds(query[q], low, high, bound)
        telling(query[q], values, order)
        far, other_far = least[q] + TIE, other_least[q] + TIE
        for box in range(len(bound)):
            if out[q]:
                break
            if bound[box] > far or inside(query[q], values[box], order, far, apart) == 0:
                continue
            for r in range(min(SIZE, len(rows) - box * SIZE)):
                if apart[r] > far:
                    continue
                total = np.float32(0.0)
                for column in range(other.shape[1]):
                    total += min(abs(other[q, column] - others[rows[box * SIZE + r], column]), one)
                if total <= other_far:
                    out[q] = True
                    break


def joined(query: Points, base: Points, first_file: Bools) -> Bools:
    """bool[rows of QUERY]: whether a row of BASE is nearest on the columns of FIRST_FILE and on all others."""
    out = np.zeros(len(query), np.bool_)
    a, b = ((query[:, x].copy(), base[:, x].copy()) for x in (first_file, ~first_file))
    boxes = Boxes.of(a[1])
    least = nearest(a[0], boxes).astype(np.float32), nearest(b[0], Boxes.of(b[1])).astype(np.float32)
    laid = boxes.rows, boxes.values, boxes.low, boxes.high

    def part(span: tuple[int, int]) -> None:
        _joined(a[0], *laid, *b, *least, span[0], span[1], out)

    run_in_parts(part, len(query), 32)
    return out


def assess(
    trio: Trio, attacked: Attacked | None, rng: np.random.Generator, *, quick: bool
) -> tuple[list[Metric], list[Risk]]:
    """attacked: None where there are too few to attack."""
    if attacked is None or attackable(trio) < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        why = (
            f"{attackable(trio)} patients can be attacked and {len(trio.synthetic)} synthetic rows searched; at "
            f"least {limits.MIN_ROWS} of each are needed"
        )
        return [_empty(key, why) for key in TITLES], []
    if len(trio.variables) < 4:
        return [_empty(key, "two files need two variables each") for key in TITLES], []
    pairs = QUICK_PAIRS if quick else PAIRS
    some = attacked.first(min(CAP, max(LEAST, int(pairs / len(trio.synthetic)))))
    hits = measure(some, trio, rng, QUICK_SPLITS if quick else SPLITS)
    metrics: list[Metric] = []
    risks: list[Risk] = []
    everyone = np.arange(len(some), dtype=np.int64)
    for key, group, rows in zip(TITLES, (ALL, ISOLATED), (everyone, some.isolated), strict=True):
        member, right = some.member[rows], hits[rows]
        if min(np.bincount(member, minlength=2)) < limits.MIN_ISOLATED:
            why = f"fewer than {limits.MIN_ISOLATED} training patients or controls are in this group"
            metrics.append(_empty(key, why))
            continue
        metrics.append(_metric(key, group, right[member], right[~member]))
        risks.append(told(NAME, group, _success(member, right[:, 0])))
    return metrics, risks


def measure(some: Attacked, trio: Trio, rng: np.random.Generator, splits: int) -> Bools:
    """bool[patients, SPLITS]: whether the two files of each patient are joined. All synthetic rows are searched."""
    points, base = some.points, some.embedding.points(trio.synthetic)
    columns = len(trio.variables)
    points, base = (np.ascontiguousarray(x[:, :columns]) for x in (points, base))
    halves = [rng.permutation(np.arange(columns) % 2 == 0) for _ in range(splits)]
    return np.stack([joined(points, base, half) for half in halves], axis=1)


def _success(member: Bools, right: npt.NDArray[np.bool_]) -> Success:
    return Success(
        int(right[member].sum()), int(member.sum()), int(right[~member].sum()), int((~member).sum())
    )


def _metric(key: str, group: str, train: Bools, control: Bools) -> Metric:
    risk, error = pooled(train, control)
    low, high = max(-1.0, risk - Z * error), min(1.0, risk + Z * error)
    warn, fail = (
        (limits.LINK_WARN, limits.LINK_FAIL)
        if group == ALL
        else (limits.LINK_ISOLATED_WARN, limits.LINK_ISOLATED_FAIL)
    )
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer=f"Among {group}, the two halves of a record lead to the same artificial patient "
        f"{100 * train.mean():.1f} times in 100 for training and {100 * control.mean():.1f} times for unseen patients.",
        method=METHOD,
        value=risk,
        unit="share",
        interval=(low, high),
        ceiling=0.0,
        floors={"copy of the training data": 1.0},
        judgement=judge_beyond_chance(
            risk, low, 0.0, warn, fail, f"the risk that two files about one of {group} are joined"
        ),
    )


def _empty(key: str, why: str) -> Metric:
    return metric(
        key,
        "privacy",
        TITLES[key],
        answer="Not assessable.",
        method=METHOD,
        unit="share",
        judgement=not_assessable(why),
    )
