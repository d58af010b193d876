"""The main job on any table: split, fit, generate, evaluate and report, in one directory."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from locum.atomic import OWN, atomic_directory
from locum.cohorts.attrition import Attrition
from locum.dial import SETTING
from locum.digest import sha256
from locum.errors import BadInput
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metrics
from locum.guard import draw_guarded
from locum.guard import notices as guard_notices
from locum.model import Model, check_tiers, fit, people, settings_of
from locum.network import check_arms
from locum.network.graph.schema import Graph
from locum.records.tables import from_any, write_table
from locum.report import render
from locum.split import check_share, split
from locum.variables import Role, Variables, check, infer, to_toml
from locum.variables.roles import with_patient
from locum.version import VERSION

WARNING = """\
The tables in this folder are REAL PATIENTS' ROWS: train.parquet is what the model learned from,
holdout.parquet is what it never saw. They are here so that the evaluation can be repeated.
They must not leave the secure environment. No file beside this folder holds a real patient's row.
"""
PARTS = ("private/train.parquet", "private/holdout.parquet", "private/MUST-NOT-LEAVE.txt", "variables.toml")
"""The files of `Division.write`."""
PRIVATE = "private"
"""The directory of real rows, which only its owner may open."""

Stage = Callable[[str, float], None]  # what is being done, and how much of it (0 to 1)


@dataclass(frozen=True)
class Division:
    """A table in two parts, with all its columns, and what both are declared to be.

    notices: of the table as a whole: what is left out, and why.
    """

    train: pa.Table
    holdout: pa.Table
    variables: Variables
    notices: tuple[str, ...]

    def without_identifiers(self) -> tuple[pa.Table, pa.Table]:
        """Both parts with the columns that are modelled."""
        names = [v.name for v in self.variables.modelled]
        return self.train.select(names), self.holdout.select(names)

    def write(self, train: Path, holdout: Path, warning: Path, declaration: Path) -> None:
        """Write both parts without identifiers, a warning beside them, and the declaration: `PARTS`."""
        for table, path in zip(self.without_identifiers(), (train, holdout), strict=True):
            write_table(table, path)
        warning.write_text(WARNING, encoding="utf-8")
        for path in (train, holdout, warning):
            path.chmod(OWN)
        declaration.write_text(to_toml(self.variables), encoding="utf-8")


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


def divide(
    table: pa.Table,
    variables: Variables | None = None,
    *,
    patient: str | None = None,
    target: str | None = None,
    holdout: float | None = None,
    seed: int = 0,
) -> Division:
    """Split TABLE by patient; the declaration is inferred from the training part when VARIABLES is None.

    Raises BadInput when the table has no column PATIENT or TARGET, does not fit VARIABLES, or leaves too few patients.
    """
    if patient is not None and patient not in table.column_names:
        raise BadInput(f'the table has no column "{patient}"; give --patient-id the name of a column')
    notices: tuple[str, ...] = ()
    if variables is not None:
        variables = with_patient(variables, patient)
        notices = check(table, variables, "the table")
    whose = variables or Variables(
        () if patient is None else tuple(infer(table.select([patient]), patient=patient))
    )
    if target is not None and target not in table.column_names:
        raise BadInput(f'the table has no column "{target}"; give --target the name of a column')
    train, unseen = split(table, whose, share=holdout, seed=seed)
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
    return Division(train, unseen, variables, notices)


def judge(
    parts: Division,
    synthetic: pa.Table,
    *,
    title: str,
    model: Model | None = None,
    target: str | None = None,
    quick: bool = False,
    seed: int = 0,
    made: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    attrition: Attrition | None = None,
    stage: Stage = lambda what, share: None,
) -> Metrics:
    """`locum.evaluate` of SYNTHETIC, and of MODEL that drew it, with today's date, this version, TITLE, how it was
    MADE, the hashes of the FILES that hold the tables (see `compared`), and what ATTRITION says of the records.

    Raises BadInput as it does.
    """
    metrics = evaluate(
        parts.train,
        parts.holdout,
        synthetic,
        parts.variables,
        target=target,
        quick=quick,
        model=model,
        seed=seed,
        created=datetime.date.today().isoformat(),
        version=VERSION,
        notices=(*parts.notices, *guard_notices(synthetic)),
        files=files,
        progress=lambda what: stage(what, 0.0),
    ).titled(title)
    artificial = None if attrition is None else attrition.artificial
    about = metrics.about.model_copy(update={"made": dict(made or {}), "artificial": artificial})
    return metrics.model_copy(update={"about": about})


def compared(train: Path, holdout: Path, synthetic: Path, model: Path) -> dict[str, str]:
    """The hashes of the files that hold what an evaluation compares, and of the model that it attacks."""
    files = {"train": train, "holdout": holdout, "synthetic": synthetic, "model": model}
    return {name: sha256(file) for name, file in files.items()}


def chosen(metrics: Metrics, target: str | None, variables: Variables) -> tuple[str, ...]:
    """A notice where the evaluation chose what is predicted: neither TARGET was given nor is one declared."""
    found = metrics.about.target
    if target is not None or found is None or any(v.role is Role.TARGET for v in variables):
        return ()
    return (
        f"no target was named: usefulness is judged by predicting {found}; another is named with --target",
    )


MISSING = {
    "state": "being missing is a value like any other (state)",
    "complete": "only rows without missing values taught (complete)",
    "latent": "completed as if missing at random, and none is drawn (latent)",
}
LATENT = {
    "off": "none (off)",
    "on": "one, for unmeasured common causes (on)",
    "auto": "one where it pays (auto)",
}
ORDER = {
    "finest": "the finest-grained variables first (finest)",
    "tiers": "those of earlier declared tiers first (tiers)",
}
"""Settings as a reader of the report is told them."""


def how(*, privacy: str, missing: str, latent: str, order: str, seed: int) -> dict[str, str]:
    """How the rows are made, for the reader of the report: settings, seed and versions."""
    packages = ("numpy", "numba", "scikit-learn")
    return {
        "Made by": f"locum {VERSION}, from a network of trees that was learned many times over and averaged",
        SETTING: privacy,
        "Missing values": MISSING.get(missing, missing),
        "Latent class": LATENT.get(latent, latent),
        "Order of the variables": ORDER.get(order, order),
        "Random seed": str(seed),
        "Python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def as_file(evidence: Metrics | Attrition | Graph) -> str:
    """The text of metrics.json, attrition.json or graph.json."""
    return evidence.model_dump_json(indent=1) + "\n"


def synthesize(
    table: Any,
    out: str | Path,
    *,
    variables: Variables | None = None,
    patient: str | None = None,
    target: str | None = None,
    holdout: float | None = None,
    privacy: str = "balanced",
    missing: str = "state",
    latent: str = "off",
    order: str = "finest",
    quick: bool = False,
    seed: int = 0,
    threads: int | None = None,
    title: str | None = None,
    attrition: Attrition | None = None,
    stage: Stage = lambda what, share: None,
) -> Synthesis:
    """Split TABLE by patient, learn from one part, draw as many rows, judge them by the other part, and report.

    Writes ``synthetic.parquet model.json variables.toml graph.json metrics.json report.html`` into the directory OUT,
    which appears whole or not at all, and the real rows under ``private/``. Identifiers are in none of the tables.
    ATTRITION, of the cohort that TABLE is, is written as ``attrition.json`` and drawn in the report.
    The declaration is inferred from the training part when VARIABLES is None, so that the holdout touches nothing.
    Raises BadInput and UsageError as `locum.fit`, `locum.split` and `locum.evaluate` do.
    """
    settings_of(privacy)
    check_arms(missing, latent)
    check_tiers(order, variables)
    check_share(holdout)
    reads = [table] if isinstance(table, str | Path) else []
    with atomic_directory(out, "synthesize", reads) as folder:
        stage("reading", 0.0)
        arrow = from_any(table)
        stage("splitting by patient", 0.0)
        parts = divide(arrow, variables, patient=patient, target=target, holdout=holdout, seed=seed)
        stage("learning", 0.0)
        model = fit(
            parts.train,
            parts.variables,
            privacy=privacy,
            missing=missing,
            latent=latent,
            order=order,
            seed=seed,
            threads=threads,
            progress=lambda done, of: stage("learning", done / of),
        )
        stage("drawing artificial patients", 0.0)
        synthetic = draw_guarded(model, parts.train, parts.train.num_rows, seed=seed, threads=threads).table
        named = title or Path(out).resolve().name
        made = how(privacy=privacy, missing=missing, latent=latent, order=order, seed=seed)
        (folder / PRIVATE).mkdir(0o700)
        written = tuple(folder / name for name in PARTS)
        parts.write(*written)
        drawn = folder / "synthetic.parquet"
        write_table(synthetic, drawn)
        model.save(folder / "model.json")
        metrics = judge(
            parts,
            synthetic,
            title=named,
            model=model,
            target=target,
            quick=quick,
            seed=seed,
            made=made,
            files=compared(written[0], written[1], drawn, folder / "model.json"),
            attrition=attrition,
            stage=stage,
        )
        stage("writing", 0.0)
        (folder / "metrics.json").write_text(as_file(metrics), encoding="utf-8")
        graph = model.graph(threads=threads)
        (folder / "graph.json").write_text(as_file(graph), encoding="utf-8")
        if attrition is not None:
            (folder / "attrition.json").write_text(as_file(attrition), encoding="utf-8")
        page = render(metrics, title=metrics.about.title, attrition=attrition, graph=graph)
        (folder / "report.html").write_text(page, encoding="utf-8")
    told = chosen(metrics, target, parts.variables)
    notices = (*model.variables.notices, *parts.notices, *told)
    return Synthesis(Path(out), *parts.without_identifiers(), synthetic, model, metrics, notices)
