"""What ``import locum`` offers beside `Model`: the commands, as functions on tables in memory."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locum.evaluate.metrics import Metrics
    from locum.model import Model
    from locum.variables import Variables


def describe(table: Any, *, patient: str | None = None, k: int = 10) -> Variables:
    """Infer the declaration of TABLE: an Arrow table, a data frame, or the path of a file.

    patient: the column whose equal values are one person. k: levels held by fewer patients are merged.
    Raises BadInput when the table cannot be read.
    """
    from locum.records.tables import from_any
    from locum.variables import infer

    return infer(from_any(table), patient=patient, k=k)


def evaluate(
    train: Any,
    holdout: Any,
    synthetic: Any,
    *,
    variables: Variables | None = None,
    patient: str | None = None,
    more: Sequence[Any] = (),
    target: str | None = None,
    quick: bool = False,
    model: Model | str | Path | None = None,
    shadows: int = 0,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Metrics:
    """Judge SYNTHETIC, from any generator, against the rows it was learned from and rows it never saw.

    Each table is an Arrow table, a data frame (pandas, polars), or the path of a file.
    more: further synthetic tables of the same model; SYNTHETIC alone is judged, all give the combined effects.
    variables: the declaration; that of MODEL, or inferred from TRAIN, when None. target: the outcome that usefulness is
    judged on. model: the one that drew SYNTHETIC, or its file: what it gives away to whoever holds it is measured too.
    shadows: how many models like it are learned for the strongest attack, at least 8; 0 leaves it out.
    Raises BadInput when a table or the model cannot be read or they do not fit each other, and UsageError for SHADOWS
    without MODEL.
    """
    from locum.digest import sha256
    from locum.evaluate.evaluation import evaluate as judge
    from locum.model import Model
    from locum.records.tables import file_of, from_any
    from locum.variables import infer
    from locum.variables.roles import with_patient
    from locum.version import VERSION

    given = {"train": train, "holdout": holdout, "synthetic": synthetic, "model": model}
    tables = [
        from_any(t, f"the {name} table")
        for t, name in ((train, "training"), (holdout, "holdout"), (synthetic, "synthetic"))
    ]
    held = Model.load(model) if isinstance(model, str | Path) else model
    if variables is None:
        variables = infer(tables[0], patient=patient) if held is None else held.variables
        variables = with_patient(variables, patient)
    return judge(
        tables[0],
        tables[1],
        tables[2],
        variables,
        more=[from_any(t, "a further synthetic table") for t in more],
        target=target,
        quick=quick,
        model=held,
        shadows=shadows,
        seed=seed,
        created=datetime.date.today().isoformat(),
        version=VERSION,
        files={name: sha256(file_of(data)) for name, data in given.items() if isinstance(data, str | Path)},
        progress=progress,
    )
