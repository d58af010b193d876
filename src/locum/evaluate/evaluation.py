"""The whole evaluation: three tables in, `Metrics` out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from locum.errors import UsageError
from locum.evaluate import (
    absent,
    attributes,
    c2st,
    closeness,
    coefficients,
    combinations,
    copies,
    density_ratio,
    linkability,
    marginals,
    membership,
    missingness,
    mmd,
    model_attack,
    outliers,
    pairs,
    repeated,
    rules,
    singling_out,
    small_cells,
    subgroups,
    survival,
    targets,
    utility,
)
from locum.evaluate import thresholds as limits
from locum.evaluate.attacked import attackable, choose
from locum.evaluate.fitted import Fitted
from locum.evaluate.metrics import About, Metrics, absent_words
from locum.evaluate.parts import Fidelity, OfModel, Privacy, Utility
from locum.evaluate.sample import Sample, Trio, read_trio
from locum.evaluate.verdict import verdict, worst_status
from locum.variables import Variables

Streams = Callable[[int], np.random.Generator]
Say = Callable[[str], None]


def evaluate(
    train: pa.Table,
    holdout: pa.Table,
    synthetic: pa.Table,
    variables: Variables,
    *,
    more: Sequence[pa.Table] = (),
    target: str | None = None,
    quick: bool = False,
    model: Fitted | None = None,
    shadows: int = 0,
    seed: int = 0,
    created: str = "",
    version: str = "",
    notices: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Metrics:
    """Compare SYNTHETIC, learned from TRAIN alone, with the unseen rows of HOLDOUT.

    synthetic: from any generator; columns of other types are cast to the training table's, others are
    ignored.
    more: further synthetic tables of the same model. SYNTHETIC alone is judged; all give the combined effects.
    target: the outcome that utility is judged on; else the variable with that role; else one is chosen and
    named. quick: fewer rows and folds, and wider intervals.
    model: that drew SYNTHETIC: what it gives away to whoever holds it is measured, and told apart from the verdict on
    the table. shadows: how many more models like it are learned for the strongest attack; 0 leaves it out.
    created, version: written as given, so that the same call gives the same bytes.
    files: likewise, the hashes of the files that the tables were read from, or are in.
    progress: told in words what is done next.

    Raises BadInput when a table lacks a declared variable or cannot be read as declared, when a table is
    empty, when train and holdout share a patient, when TARGET is no variable, or MODEL is not of such tables; and
    UsageError for shadow models without a model, or for fewer than eight.
    """
    say = progress or (lambda _: None)
    stream = _streams(seed)
    _check_shadows(model, shadows)
    say("reading the three tables")
    trio = read_trio(train, holdout, synthetic, variables, stream(0))
    real = model_attack.Real.of(train, holdout, trio, variables)
    if model is not None:
        model_attack.check_model(model, real.train)
    further = [
        read_trio(train, holdout, table, variables, stream(51)).synthetic for table in more
    ]  # each is read on the same footing
    lacking = absent.levels(trio, variables)
    told = [*notices, *variables.notices, *_notices(trio, synthetic, variables)]
    told += [absent_words(lacking, variables.k)] if lacking else []
    if further:
        told.append(
            f"{len(further) + 1} synthetic tables were given: the first is judged. Odds and hazard ratios of all are "
            "combined, with the intervals that they deserve (Raab, Nowok & Dibben 2016)."
        )
    seen = trio.of_rows(limits.QUICK_ROWS, stream(52)) if quick else trio
    if seen is not trio:
        told.append(
            f"This is a quick look: whether the table is faithful and useful is judged on {limits.QUICK_ROWS:,} random "
            "rows of each table."
        )
    chosen, why = targets.find(seen, target, stream(1))
    if chosen is not None:
        told += chosen.notices
    faithful = _fidelity(seen, variables, stream, say, quick=quick)
    useful = _utility(seen, chosen, why, further, stream, say, quick=quick)
    private = _privacy(trio, stream, say, quick=quick)
    of_model = OfModel()
    if model is not None:
        of_model = _of_model(model, real, shadows, stream, say, quick=quick)
    if repeated.same_table(trio):
        told.append(repeated.NOTICE)
        useful, private, of_model = (
            repeated.useful(useful),
            repeated.private(private),
            repeated.of_model(of_model),
        )
    metrics = [*faithful.metrics, *useful.metrics, *private.metrics, *of_model.metrics]
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
        absent=lacking,
        synthetic_tables=1 + len(further),
        files=dict(files or {}),
    )
    return Metrics(
        verdict=verdict(metrics),
        about=about,
        metrics=metrics,
        marginals=faithful.marginals,
        pairs=faithful.pairs,
        missing=faithful.missing,
        give_aways=faithful.give_aways,
        predictions=useful.predictions,
        attacks=private.attacks,
        combinations=faithful.combinations,
        guesses=private.guesses,
        subgroups=faithful.subgroups,
        rules=faithful.rules,
        predicted_risks=useful.predicted_risks,
        importances=useful.importances,
        subgroup_utility=useful.subgroup_utility,
        effects=useful.effects,
        survival=useful.survival,
        risks=private.risks,
        small_cells=private.small_cells,
        model_attacks=of_model.model_attacks,
        model_file=worst_status([m.status for m in of_model.metrics]) if of_model.metrics else None,
    )


def _fidelity(trio: Trio, variables: Variables, stream: Streams, say: Say, *, quick: bool) -> Fidelity:
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
    return Fidelity(
        metrics,
        marginals=charts,
        pairs=matrix,
        missing=missing,
        give_aways=give_aways,
        combinations=sets,
        subgroups=groups,
        rules=broken,
    )


def _utility(
    trio: Trio,
    chosen: targets.Target | None,
    why: str,
    more: Sequence[Sample],
    stream: Streams,
    say: Say,
    *,
    quick: bool,
) -> Utility:
    """more: further synthetic tables of the same model."""
    say("training on synthetic and on real patients, testing on unseen ones")
    useful = utility.assess(trio, chosen, why, stream(6), quick=quick)
    metrics = list(useful.metrics)
    say("comparing the effects that regressions find")
    judged, effects = coefficients.assess(trio, chosen, why, stream(13), quick=quick, more=more)
    metrics += judged
    followed = survival.assess(trio, stream(14), quick=quick, more=more)
    metrics += followed.metrics
    effects += followed.effects
    return Utility(
        metrics,
        predictions=useful.predictions,
        predicted_risks=useful.risks,
        importances=useful.importances,
        subgroup_utility=useful.groups,
        effects=effects,
        survival=followed.curves,
    )


def _privacy(trio: Trio, stream: Streams, say: Say, *, quick: bool) -> Privacy:
    say("attacking the synthetic table")
    attacked = choose(trio, stream(7), quick=quick) if attackable(trio) >= limits.MIN_ROWS else None
    say("attacking the synthetic table: who was in the training data, by distance")
    metrics, attacks = membership.assess(trio, attacked, stream(30), quick=quick)
    say("attacking the synthetic table: who was in the training data, by density")
    more, others = density_ratio.assess(trio, attacked, stream(40), quick=quick)
    metrics += more
    attacks += others
    say("attacking the synthetic table: guessing what is not known of a patient")
    more, guesses = attributes.assess(trio, attacked, stream(31), quick=quick)
    metrics += more
    say("attacking the synthetic table: singling out")
    more, risks = singling_out.assess(trio, stream(32), quick=quick)
    metrics += more
    say("attacking the synthetic table: joining two files")
    more, linked = linkability.assess(trio, attacked, stream(33), quick=quick)
    metrics += more
    risks += linked
    say("attacking the synthetic table: the most unusual patients")
    metrics.append(outliers.assess(trio, stream(34), quick=quick))
    say("attacking the synthetic table: small groups and copies")
    more, cells, linked = small_cells.assess(trio, stream(43))
    metrics += more
    risks += linked
    metrics += [copies.assess(trio, stream(8)), closeness.assess(trio, stream(9))]
    return Privacy(metrics, attacks=attacks, guesses=guesses, risks=risks, small_cells=cells)


def _of_model(
    model: Fitted, real: model_attack.Real, shadows: int, stream: Streams, say: Say, *, quick: bool
) -> OfModel:
    say("attacking the model")
    metrics, attacks, ratio = model_attack.assess(model, real, stream(41), quick=quick)
    if shadows:
        say(f"learning {shadows} shadow models")
        more, others = model_attack.shadow(model, real, ratio, shadows, stream(42))
        metrics += more
        attacks += others
    return OfModel(metrics, model_attacks=attacks)


def _streams(seed: int) -> Streams:
    """Random numbers by the number of their stream: a part that draws more moves no other part's."""
    return lambda number: np.random.default_rng([seed, number])


def _check_shadows(model: Fitted | None, shadows: int) -> None:
    if shadows and model is None:
        raise UsageError("shadow models need the model that they are to be like; give --model")
    if shadows and shadows < limits.MIN_SHADOWS:
        raise UsageError(
            f"{shadows} shadow models are too few; give at least {limits.MIN_SHADOWS}, or 0 for none"
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
