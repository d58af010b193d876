"""Classifier two-sample test: can a machine tell synthetic from real patients, and by what?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from locum.evaluate import boosting
from locum.evaluate import thresholds as limits
from locum.evaluate.boosting import Boosted
from locum.evaluate.matrix import for_trees, owners
from locum.evaluate.metrics import GiveAway, Metric
from locum.evaluate.parallel import run_each
from locum.evaluate.sample import Sample, Trio
from locum.evaluate.statistics import auc, auc_interval
from locum.evaluate.verdict import judge, metric, not_assessable

Floats = npt.NDArray[np.float64]
CAP, QUICK_CAP = 20_000, 5_000  # rows of each side
CELLS = 1_000_000  # most rows x columns a side: wide tables are judged on fewer rows
FOLDS, QUICK_FOLDS = 4, 2
TREES, QUICK_TREES = 150, 60
SHOWN = 20
TITLE = "Can a classifier tell synthetic from real patients?"
METHOD = (
    "Gradient-boosted trees are trained to tell synthetic rows from as many holdout rows, and judged on "
    "rows they did not "
    "see (cross-validation by patient); area under the ROC curve, 0.5 being indistinguishable (Lopez-Paz & "
    "Oquab 2017). "
    "Interval after DeLong et al. (1988), by patient. "
    f"At most {CAP:,} rows a side are used ({QUICK_CAP:,} in a quick look), fewer of more than {CELLS // CAP} "
    f"variables: the standard error is then about {1 / (6 * CAP) ** 0.5:.3f} ({1 / (6 * QUICK_CAP) ** 0.5:.3f})."
)


@dataclass(frozen=True)
class Told:
    area: float
    low: float
    high: float
    importance: Floats | None  # fall of the AUC when a variable is shuffled


def assess(trio: Trio, rng: np.random.Generator, *, quick: bool) -> tuple[Metric, list[GiveAway]]:
    size = min(len(trio.synthetic), len(trio.holdout))
    if size < limits.MIN_ROWS:
        why = not_assessable(f"{size} rows are compared; at least {limits.MIN_ROWS} are needed")
        return metric(
            "c2st", "fidelity", TITLE, answer="Not assessable.", method=METHOD, unit="AUC", judgement=why
        ), []
    cap = min(QUICK_CAP if quick else CAP, max(CELLS // len(trio.variables), 2000))
    folds = QUICK_FOLDS if quick else FOLDS
    # What is only compared with (ceiling and floor) needs less precision than what is judged.
    trees = QUICK_TREES if quick else TREES
    found = tell(trio.synthetic, trio, cap, folds, trees, rng, importance=True)
    ceiling, floor = (
        tell(table, trio, min(cap, CAP // 2), 2, trees, rng) for table in (trio.train_sized, trio.shuffled)
    )
    judgement = judge(found.area, found.low, limits.C2ST_WARN, limits.C2ST_FAIL, "the AUC")
    return metric(
        "c2st",
        "fidelity",
        TITLE,
        answer="Shown one synthetic and one real unseen patient, a classifier picks the synthetic one "
        f"{100 * found.area:.0f} times "
        "in 100; chance is 50. With real training patients in place of synthetic ones it is "
        f"{100 * ceiling.area:.0f}, "
        f"with independently shuffled columns {100 * floor.area:.0f}.",
        method=METHOD,
        value=found.area,
        unit="AUC",
        interval=(found.low, found.high),
        ceiling=ceiling.area,
        floors={"shuffled columns": floor.area},
        judgement=judgement,
    ), give_aways(trio, found)


def give_aways(trio: Trio, found: Told) -> list[GiveAway]:
    """Nothing where the classifier is no better than chance: shares of nothing would mislead."""
    if found.importance is None or found.low <= 0.5 or found.importance.sum() <= 0:
        return []
    share = found.importance / found.importance.sum()
    order = np.argsort(-share, kind="stable")[:SHOWN]
    return [
        GiveAway(variable=trio.variables[i].name, importance=round(float(share[i]), 4))
        for i in order
        if share[i] >= 0.001
    ]


def tell(
    table: Sample,
    trio: Trio,
    cap: int,
    folds: int,
    trees: int,
    rng: np.random.Generator,
    *,
    importance: bool = False,
) -> Told:
    """The AUC of telling TABLE from the holdout, equally many random rows of each."""
    n = min(len(table), len(trio.holdout), cap)
    parts = [table.draw(n, rng), trio.holdout.draw(n, rng)]
    x = np.concatenate([for_trees(part, trio.train) for part in parts])
    y = np.repeat([True, False], n)
    # Rows of a patient stay in one fold; numbers of the two tables must not meet.
    groups = np.concatenate([parts[0].patients * 2, parts[1].patients * 2 + 1])
    _, codes = np.unique(groups, return_inverse=True)
    fold = rng.permutation(int(codes.max()) + 1)[codes] % folds

    def fit(test: npt.NDArray[np.bool_]) -> tuple[Boosted, Floats]:
        model = boosting.fit(x[~test], y[~test], trees=trees)
        return model, model.predict(x[test])

    tests = [fold == f for f in range(folds)]
    fitted = run_each([partial(fit, test) for test in tests])
    score = np.zeros(len(y))
    for test, (_, told) in zip(tests, fitted, strict=True):
        score[test] = told
    fall = _importance(fitted[0][0], x[tests[0]], y[tests[0]], owners(table), rng) if importance else None
    return Told(*auc_interval(y, score, groups), fall)


def _importance(
    model: Boosted,
    x: Floats,
    y: npt.NDArray[np.bool_],
    whose: list[int],
    rng: np.random.Generator,
) -> Floats:
    """Permutation importance on rows that the model did not see (Breiman 2001)."""
    some = rng.permutation(len(y))[:4000]
    x, y = x[some], y[some]
    base = auc(y, model.predict(x))
    orders = [rng.permutation(len(y)) for _ in range(max(whose) + 1)]

    def fall(variable: int) -> float:
        columns = [i for i, owner in enumerate(whose) if owner == variable]
        shuffled = x.copy()
        shuffled[:, columns] = x[orders[variable]][:, columns]
        return max(0.0, base - auc(y, model.predict(shuffled)))

    return np.array(run_each([partial(fall, variable) for variable in range(len(orders))]))
