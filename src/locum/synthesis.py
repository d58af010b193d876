"""The main job on any table: split, fit, generate, evaluate and report, in one directory."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from locum.atomic import atomic_directory
from locum.cohorts.attrition import Attrition
from locum.errors import BadInput
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metrics
from locum.model import Model, fit, people, settings_of
from locum.records.tables import from_any, write_table
from locum.report import render
from locum.split import check_share, split
from locum.variables import Variables, check, infer, to_toml
from locum.variables.roles import with_patient
from locum.version import VERSION

WARNING = """\
The tables in this folder are REAL PATIENTS' ROWS: train.parquet is what the model learned from,
holdout.parquet is what it never saw. They are here so that the evaluation can be repeated.
They must not leave the secure environment. Nothing outside this folder holds a real patient's row.
"""

Stage = Callable[[str, float], None]  # what is being done, and how much of it (0 to 1)


@dataclass(frozen=True)
class Synthesis:
    """What `synthesize` made."""

    out: Path
    train: pa.Table
    holdout: pa.Table
    synthetic: pa.Table
    model: Model
    metrics: Metrics
    notices: tuple[str, ...]  # what was left out, and why


def synthesize(
    table: Any,
    out: str | Path,
    *,
    variables: Variables | None = None,
    patient: str | None = None,
    target: str | None = None,
    holdout: float | None = None,
    privacy: str = "balanced",
    quick: bool = False,
    seed: int = 0,
    threads: int | None = None,
    title: str | None = None,
    attrition: Attrition | None = None,
    stage: Stage = lambda what, share: None,
) -> Synthesis:
    """Split TABLE by patient, learn from one part, draw as many rows, judge them by the other part, and report.

    Writes ``synthetic.parquet model.json variables.toml metrics.json report.html`` into the directory OUT, which
    appears whole or not at all, and the real rows under ``private/``. Identifiers are in none of the tables.
    ATTRITION, of the cohort that TABLE is, is written as ``attrition.json`` and drawn in the report.
    The declaration is inferred from the training part when VARIABLES is None, so that the holdout touches nothing.
    Raises BadInput and UsageError as `locum.fit`, `locum.split` and `locum.evaluate` do.
    """
    settings_of(privacy)
    check_share(holdout)
    reads = [table] if isinstance(table, str | Path) else []
    with atomic_directory(out, "synthesize", reads) as folder:
        stage("reading", 0.0)
        arrow = from_any(table)
        if patient is not None and patient not in arrow.column_names:
            raise BadInput(f'the table has no column "{patient}"; give --patient-id the name of a column')
        notices: tuple[str, ...] = ()
        if variables is not None:
            variables = with_patient(variables, patient)
            notices = check(arrow, variables, "the table")
        whose = variables or Variables(
            () if patient is None else tuple(infer(arrow.select([patient]), patient=patient))
        )
        if target is not None and target not in arrow.column_names:
            raise BadInput(f'the table has no column "{target}"; give --target the name of a column')
        stage("splitting by patient", 0.0)
        train, unseen = split(arrow, whose, share=holdout, seed=seed)
        patients = len(np.unique(person)) if (person := people(train, whose)) is not None else train.num_rows
        if patients < 2 * whose.k:
            raise BadInput(
                f"{patients} patients are left to learn from when a part is held out, too few not to disclose "
                f"them; give a table with more patients, at least {2 * whose.k} beside those held out"
            )
        if variables is None:
            variables = infer(train, patient=patient)
        if target is not None and target not in [v.name for v in variables.modelled]:
            raise BadInput(f'the target "{target}" is a column that is left out; give --target another one')
        stage("learning", 0.0)
        model = fit(
            train,
            variables,
            privacy=privacy,
            seed=seed,
            threads=threads,
            progress=lambda done, of: stage("learning", done / of),
        )
        stage("drawing artificial patients", 0.0)
        synthetic = model.sample(train.num_rows, seed=seed, threads=threads)
        metrics = evaluate(
            train,
            unseen,
            synthetic,
            variables,
            target=target,
            quick=quick,
            seed=seed,
            created=datetime.date.today().isoformat(),
            version=VERSION,
            notices=notices,
            progress=lambda what: stage(what, 0.0),
        ).titled(title or Path(out).resolve().name)
        stage("writing", 0.0)
        names = [v.name for v in variables.modelled]
        (folder / "private").mkdir()
        (folder / "private" / "MUST-NOT-LEAVE.txt").write_text(WARNING, encoding="utf-8")
        write_table(train.select(names), folder / "private" / "train.parquet")
        write_table(unseen.select(names), folder / "private" / "holdout.parquet")
        write_table(synthetic, folder / "synthetic.parquet")
        model.save(folder / "model.json")
        (folder / "variables.toml").write_text(to_toml(variables), encoding="utf-8")
        (folder / "metrics.json").write_text(metrics.model_dump_json(indent=1) + "\n", encoding="utf-8")
        if attrition is not None:
            (folder / "attrition.json").write_text(attrition.model_dump_json(indent=1) + "\n", encoding="utf-8")
        page = render(metrics, title=metrics.about.title, attrition=attrition)
        (folder / "report.html").write_text(page, encoding="utf-8")
    return Synthesis(
        Path(out),
        train.select(names),
        unseen.select(names),
        synthetic,
        model,
        metrics,
        (*variables.notices, *notices),
    )
