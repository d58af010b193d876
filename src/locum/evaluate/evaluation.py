"""The whole evaluation: three tables in, `Metrics` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from locum.evaluate import (
    attributes,
    c2st,
    closeness,
    coefficients,
    combinations,
    copies,
    linkability,
    marginals,
    membership,
    missingness,
    mmd,
    outliers,
    pairs,
    rules,
    singling_out,
    subgroups,
    survival,
    targets,
    utility,
)
from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import attackable, choose
from locum.evaluate.metrics import About, Metric, Metrics, Status
from locum.evaluate.sample import Trio, read_trio, row_keys
from locum.evaluate.verdict import verdict
from locum.variables import Variables


def evaluate(
    train: pa.Table,
    holdout: pa.Table,
    synthetic: pa.Table,
    variables: Variables,
    *,
    more: Sequence[pa.Table] = (),
    target: str | None = None,
    quick: bool = False,
    seed: int = 0,
    created: str = "",
    version: str = "",
    notices: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Metrics:
    """Compare SYNTHETIC, learned from TRAIN alone, with the unseen rows of HOLDOUT.

    synthetic: from any generator; columns of other types are cast to the training table's, others are
    ignored.
    more: further synthetic tables of the same model. SYNTHETIC alone is judged; all give the combined effects.
    target: the outcome that utility is judged on; else the variable with that role; else one is chosen and
    named. quick: fewer rows and folds, and wider intervals.
    created, version: written as given, so that the same call gives the same bytes.
    progress: told in words what is done next.

    Raises BadInput when a table lacks a declared variable or cannot be read as declared, when a table is
    empty, when train and holdout share a patient, or when TARGET is no variable.
    """
    say = progress or (lambda _: None)

    def stream(number: int) -> np.random.Generator:
        return np.random.default_rng([seed, number])

    say("reading the three tables")
    trio = read_trio(train, holdout, synthetic, variables, stream(0))
    others = [
        read_trio(train, holdout, table, variables, stream(51)).synthetic for table in more
    ]  # each is read on the same footing
    told = [*notices, *variables.notices, *_notices(trio, synthetic, variables)]
    if others:
        told.append(
            f"{len(others) + 1} synthetic tables were given: the first is judged. Odds and hazard ratios of all are "
            "combined, with the intervals that they deserve (Raab, Nowok & Dibben 2016)."
        )
    chosen, why = targets.find(trio, target, stream(1))
    if chosen is not None:
        told += chosen.notices
    say("comparing each variable")
    metrics, charts = marginals.assess(trio, stream(2))
    say("comparing pairs of variables")
    more, matrix = pairs.assess(trio, stream(3))
    metrics += more
    say("comparing three and four variables at a time")
    more, sets = combinations.assess(trio, stream(10), quick=quick)
    metrics += more
    say("comparing groups of patients")
    more, groups = subgroups.assess(trio, stream(11), quick=quick)
    metrics += more
    more, broken = rules.assess(trio, variables)
    metrics += more
    say("comparing what is missing")
    more, missing = missingness.assess(trio, stream(4))
    metrics += more
    say("training a classifier to tell synthetic from real patients")
    judged, give_aways = c2st.assess(trio, stream(5), quick=quick)
    metrics.append(judged)
    metrics.append(mmd.assess(trio, stream(12), quick=quick))
    say("training on synthetic and on real patients, testing on unseen ones")
    useful = utility.assess(trio, chosen, why, stream(6), quick=quick)
    metrics += useful.metrics
    say("comparing the effects that regressions find")
    more, effects = coefficients.assess(trio, chosen, why, stream(13), quick=quick, more=others)
    metrics += more
    followed = survival.assess(trio, stream(14), quick=quick, more=others)
    metrics += followed.metrics
    effects += followed.effects
    say("attacking the synthetic table")
    attacked = choose(trio, stream(7), quick=quick) if attackable(trio) >= limits.MIN_ROWS else None
    more, attacks = membership.assess(trio, attacked, stream(30), quick=quick)
    metrics += more
    more, guesses = attributes.assess(trio, attacked, stream(31), quick=quick)
    metrics += more
    more, risks = singling_out.assess(trio, stream(32), quick=quick)
    metrics += more
    more, linked = linkability.assess(trio, attacked, stream(33), quick=quick)
    metrics += more
    risks += linked
    metrics.append(outliers.assess(trio, stream(34), quick=quick))
    metrics += [copies.assess(trio, stream(8)), closeness.assess(trio, stream(9))]
    same = same_table(trio)
    if same:
        told.append(
            "The holdout repeats the training table: utility and privacy cannot be judged without patients "
            "that the "
            "generator never saw."
        )
        metrics = [_unjudged(m) if m.family != "fidelity" else m for m in metrics]
        attacks = [
            a.model_copy(
                update=dict.fromkeys(("auc", "auc_interval", "tpr_at_1pct", "tpr_interval", "curve"))
            )
            for a in attacks
        ]
        guesses, risks, effects = [], [], []
    about = About(
        locum_version=version,
        created=created,
        seed=seed,
        quick=quick,
        k=variables.k,
        train_rows=len(trio.train),
        train_patients=trio.train.distinct_patients,
        holdout_rows=len(trio.holdout),
        holdout_patients=trio.holdout.distinct_patients,
        synthetic_rows=len(trio.synthetic),
        variables=len(trio.variables),
        target=None if chosen is None else chosen.name,
        notices=list(dict.fromkeys(told)),
        synthetic_tables=1 + len(others),
    )
    return Metrics(
        verdict=verdict(metrics),
        about=about,
        metrics=metrics,
        marginals=charts,
        pairs=matrix,
        missing=missing,
        give_aways=give_aways,
        predictions=useful.predictions,
        attacks=attacks,
        combinations=sets,
        guesses=guesses,
        subgroups=groups,
        rules=broken,
        predicted_risks=useful.risks,
        importances=useful.importances,
        subgroup_utility=[] if same else useful.groups,
        effects=effects,
        survival=followed.curves,
        risks=risks,
    )


def same_table(trio: Trio) -> bool:
    """Whether most holdout rows equal a training row although training rows are nearly all different."""
    train, holdout = row_keys(trio.train), row_keys(trio.holdout)
    _, counts = np.unique(train, return_counts=True)
    doubled = float(counts[counts > 1].sum() / len(train))
    return bool(np.isin(holdout, train).mean() > limits.SAME_TABLE and doubled < limits.SAME_TABLE / 2)


def _unjudged(metric: Metric) -> Metric:
    reason = "most holdout rows are training rows, so they are no unseen patients"
    return metric.model_copy(
        update={
            "status": Status.NOT_ASSESSABLE,
            "reasons": [reason],
            "answer": "Not assessable.",
            "value": None,
            "interval": None,
            "ceiling": None,
            "floors": {},
        }
    )


def _notices(trio: Trio, synthetic: pa.Table, variables: Variables) -> list[str]:
    out = []
    more = [name for name in synthetic.column_names if name not in variables]
    if more:
        out.append(f"{len(more)} columns of the synthetic table are not declared and were ignored.")
    small = min(len(trio.train), len(trio.synthetic))
    if len(trio.synthetic) != len(trio.train):
        out.append(
            f"Fidelity and utility compare {small} synthetic with as many training rows, drawn at random "
            "from the larger table."
        )
    if len(trio.synthetic) > len(trio.train):
        out.append(
            f"There are {len(trio.synthetic)} synthetic rows and {len(trio.train)} training rows: the rows beyond add "
            "no information. Intervals computed as if each were a patient are too narrow; combining rules correct "
            "them (Raab, Nowok & Dibben 2016)."
        )
    return out
