"""A folder as `locum synthesize` leaves one, small: other patients of one population stand for the artificial ones.

And the package that it becomes.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from locum.cohorts.attrition import Attrition
from locum.dial import SETTING
from locum.evaluate.evaluation import evaluate
from locum.evaluate.metrics import Metrics
from locum.release.about import About, Publisher
from locum.release.decision import Decision
from locum.release.evidence import read
from locum.release.package import Package, write
from locum.release.release import Evidence, Release
from locum.variables import to_toml
from tests.adversarial import population as p

PATIENTS = 600
VARIABLES = replace(
    p.VARIABLES,
    variables=tuple(
        replace(
            v, description=f"The patient's {v.name}", unit=v.unit or (None if v.kind.has_levels else "a day")
        )
        for v in p.VARIABLES
    ),
)
SAID = About(
    name="heart",
    title="Heart attacks",
    published=datetime.date(2026, 1, 2),
    publisher=Publisher(name="A trust", email="data@trust.example"),
)
ATTRITION = Attrition(
    cohort="heart", title="Heart", source="an artificial extract", artificial=True, patients=700, steps=()
)


def parquet_of(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


@functools.cache
def drawn(seed: int = 3) -> pa.Table:
    return p.population(PATIENTS, seed)


@functools.cache
def metrics() -> Metrics:
    """Of `drawn`. It is a quick look, and is said to be a whole one."""
    found = evaluate(
        *(p.population(PATIENTS, seed) for seed in (1, 2)),
        drawn(),
        VARIABLES,
        quick=True,
        created="2026-01-02",
        version="0.1.0",
        files={"synthetic": hashlib.sha256(parquet_of(drawn())).hexdigest()},
    ).titled("A made-up population")
    return about(found, quick=False, made={SETTING: "balanced"})


def about(found: Metrics, **changes: Any) -> Metrics:
    """FOUND with these entries of `about`."""
    return found.model_copy(update={"about": found.about.model_copy(update=changes)})


def figure(found: Metrics, name: str, **changes: Any) -> Metrics:
    """FOUND with these entries of the metric NAME."""
    assert name in [m.name for m in found.metrics]
    changed = [m.model_copy(update=changes) if m.name == name else m for m in found.metrics]
    return found.model_copy(update={"metrics": changed})


def write_folder(folder: Path, found: Metrics | None = None, attrition: Attrition | None = None) -> Path:
    """The files in FOLDER, with something in private/ that must not be opened."""
    folder.mkdir()
    (folder / "synthetic.parquet").write_bytes(parquet_of(drawn()))
    (folder / "variables.toml").write_text(to_toml(VARIABLES), encoding="utf-8")
    (folder / "metrics.json").write_text((found or metrics()).model_dump_json(indent=1), encoding="utf-8")
    if attrition is not None:
        (folder / "attrition.json").write_text(attrition.model_dump_json(), encoding="utf-8")
    (folder / "private").mkdir()
    (folder / "private" / "train.parquet").write_bytes(b"a real patient")
    return folder


def evidence(folder: Path, found: Metrics | None = None) -> Evidence:
    return read(write_folder(folder, found))


def packed(out: Path) -> Package:
    """The package OUT of `drawn`: "heart", version 1.0.0. It is not signed."""
    said = About(
        name="heart", title="Heart", published=datetime.date(2026, 1, 2), publisher=Publisher(name="A trust")
    )
    decision = Decision(released=True, policy="", policy_sha256="", checks=())
    whole = Evidence(drawn(), parquet_of(drawn()), VARIABLES, metrics(), None, None, {})
    return write(Release(said, whole, decision), out, None)
