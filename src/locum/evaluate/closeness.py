"""Distance to the closest record: shown as description, never as proof."""

from __future__ import annotations

import numpy as np

from locum.evaluate import thresholds as limits
from locum.evaluate.metrics import Metric, Status
from locum.evaluate.neighbours import Embedding, nearest
from locum.evaluate.sample import Trio
from locum.evaluate.statistics import wilson
from locum.evaluate.verdict import Judgement, metric, not_assessable

CAP, POOL = 2_000, 20_000
TITLE = "Are synthetic patients nearer to training patients than to unseen ones? (description only)"
METHOD = (
    "Share of synthetic rows whose nearest training row is closer than their nearest of as many unseen "
    "rows, ties counted half; "
    "0.5 is even (distance to the closest record). This describes similarity and is no proof of privacy: "
    "tables with an even "
    "share have leaked, because averages hide the few patients at risk (Yao et al. 2025). It does not "
    "enter the verdict."
)


def assess(trio: Trio, rng: np.random.Generator) -> Metric:
    n = min(len(trio.train), len(trio.holdout), POOL)
    if n < limits.MIN_ROWS or len(trio.synthetic) < limits.MIN_ROWS:
        why = not_assessable(f"at least {limits.MIN_ROWS} rows of each table are needed")
        return metric(
            "closest_record",
            "privacy",
            TITLE,
            answer="Not assessable.",
            method=METHOD,
            unit="share",
            judgement=why,
            decides=False,
        )
    embedding = Embedding.on([trio.train, trio.holdout], rng)
    drawn = embedding.points(trio.synthetic.draw(CAP, rng))
    train, unseen = (nearest(drawn, embedding.points(s.draw(n, rng))) for s in (trio.train, trio.holdout))
    nearer = float((train < unseen).sum() + 0.5 * (train == unseen).sum())
    share = nearer / len(drawn)
    return metric(
        "closest_record",
        "privacy",
        TITLE,
        answer=f"{100 * share:.1f} % of synthetic rows are nearer to a training than to an unseen patient; "
        "50 % is even. "
        "This is a description and no proof of privacy.",
        method=METHOD,
        value=share,
        unit="share",
        interval=wilson(nearer, len(drawn)),
        ceiling=0.5,
        floors={"copy of the training data": 1.0},
        better="near ceiling",
        judgement=Judgement(
            Status.PASS, ("description only: it has no threshold and does not enter the verdict",)
        ),
        decides=False,
    )
