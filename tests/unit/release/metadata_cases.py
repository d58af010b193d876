"""A release with a column of every kind, and its package."""

from __future__ import annotations

import datetime
import hashlib
import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from locum.cohorts.attrition import Attrition, AttritionStep
from locum.evaluate.marginals import assess
from locum.evaluate.metrics import (
    About,
    Attack,
    Curve,
    Metric,
    Metrics,
    MissingShare,
    Pairs,
    Prediction,
    Status,
    Verdict,
)
from locum.evaluate.sample import read_trio
from locum.release import about as abouts
from locum.release import package
from locum.release.changes import Change, Changes
from locum.release.decision import Decision
from locum.release.minisign import SecretKey
from locum.release.package import Package
from locum.release.release import Evidence, Release
from locum.variables import Disclosure, Kind, Role, Variable, Variables

ROWS = 400
HOSTILE = 'weight, "kg" é/100%'

VARIABLES = Variables(
    (
        Variable("age", Kind.COUNT, "int64", unit="years", low=18, high=100, precision=1, description="Age."),
        Variable(
            "sex", Kind.NOMINAL, "dictionary", levels=("female", "male"), role=Role.QUASI_IDENTIFIER, tier=0
        ),
        Variable(
            "sbp",
            Kind.CONTINUOUS,
            "double",
            unit="mmHg",
            low=60,
            high=260,
            precision=0.1,
            missing={"refused": ("-7",)},
            description="Systolic blood pressure.",
        ),
        Variable("smoker", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("stage", Kind.ORDINAL, "string", levels=("mild", "severe"), missing={"unknown": ("?",)}),
        Variable("died", Kind.BINARY, "int64", levels=("0", "1"), disclosure=Disclosure.SENSITIVE),
        Variable("visit", Kind.DATE, "date32[day]"),
        Variable("seen", Kind.DATE, "timestamp[us]"),
        Variable("income", Kind.COUNT, "string", missing={"not asked": ("n/a",)}),
        Variable("first_seen", Kind.DATE, "string", date_format="%d/%m/%Y"),
        Variable("falls", Kind.COUNT, "int64", low=0, high=50, missing={"refused": ("-7",)}),
        Variable("drinks", Kind.CONTINUOUS, "double", unit="units a week"),
        Variable("note", Kind.TEXT, "string"),
        Variable(HOSTILE, Kind.CONTINUOUS, "double"),
    )
)


def table(seed: int, rows: int = ROWS) -> pa.Table:
    """Rows that fit VARIABLES, with each kind of missing value."""
    rng = np.random.default_rng(seed)

    def some(values: list[object], nothing: object = None) -> list[object]:
        return [nothing if rng.random() < 0.1 else value for value in values]

    days = [datetime.date(2015, 1, 1) + datetime.timedelta(days=int(d)) for d in rng.integers(0, 900, rows)]
    pressure = some([round(x, 1) for x in rng.normal(130, 15, rows).clip(61, 259).tolist()])
    stages = rng.choice(["mild", "severe", "other", "?"], rows, p=[0.6, 0.2, 0.1, 0.1]).tolist()
    return pa.table(
        {
            "age": pa.array(rng.integers(18, 100, rows)),
            "sex": pa.array(some(rng.choice(["female", "male"], rows).tolist())).dictionary_encode(),
            "sbp": pa.array([-7.0 if rng.random() < 0.05 else x for x in pressure], pa.float64()),
            "smoker": pa.array(some((rng.random(rows) < 0.3).tolist())),
            "stage": pa.array(some(stages)),
            "died": pa.array((rng.random(rows) < 0.2).astype(np.int64)),
            "visit": pa.array(some(days), pa.date32()),
            "seen": pa.array([datetime.datetime(2019, 3, d.day, 10, 30) for d in days], pa.timestamp("us")),
            "income": pa.array(some([f"{x}" for x in rng.integers(0, 9000, rows)], "n/a")),
            "first_seen": pa.array(some([f"{d:%d/%m/%Y}" for d in days])),
            "falls": pa.array(some(rng.choice([0, 1, 2, -7], rows).tolist()), pa.int64()),
            "drinks": pa.array(np.where(rng.random(rows) < 0.4, 0.0, rng.gamma(2, 5, rows)).round(1)),
            "note": pa.array(["seen", None] * (rows // 2)),
            HOSTILE: pa.array(rng.normal(70, 9, rows)),
        }
    )


def metric(name: str, family: str, **changes: object) -> Metric:
    given: dict[str, object] = {
        "name": name,
        "family": family,
        "title": "Can a classifier tell synthetic from real patients?",
        "answer": "Hardly.",
        "method": "A classifier.",
        "value": 0.53,
        "unit": "AUC",
        "better": "near ceiling",
        "interval": (0.51, 0.55),
        "ceiling": 0.5,
        "floors": {"shuffled columns": 0.9},
        "status": Status.PASS,
        "reasons": [],
    }
    return Metric.model_validate(given | changes)


def metrics(synthetic: pa.Table, parquet: bytes) -> Metrics:
    """Of SYNTHETIC, in the file PARQUET, against made-up real rows: its marginals as `locum.evaluate` counts them."""
    rng = np.random.default_rng(3)
    train, holdout = table(11), table(12)
    _, marginals = assess(read_trio(train, holdout, synthetic, VARIABLES, rng), rng)
    names = [v.name for v in VARIABLES]
    grid = [0.02 * i for i in range(51)]
    curve = Curve(label="trained", false_positive_rate=grid, true_positive_rate=grid, auc=0.5)
    return Metrics(
        verdict=Verdict(fidelity=Status.PASS, utility=Status.PASS, privacy=Status.PASS),
        about=About(
            locum_version="0.1.0",
            created="2025-01-31",
            seed=7,
            quick=True,
            k=10,
            train_rows=ROWS,
            train_patients=ROWS - 5,
            holdout_rows=ROWS,
            holdout_patients=ROWS - 7,
            synthetic_rows=synthetic.num_rows,
            variables=len(names),
            target="died",
            notices=[],
            files={"synthetic": hashlib.sha256(parquet).hexdigest()},
            made={
                "Made by": "locum 0.1.0",
                "Privacy setting": "strict",
                "Missing values": "being missing is a value like any other (state)",
                "Latent class": "none (off)",
                "Order of the variables": "the finest-grained variables first (finest)",
                "Random seed": "7",
                "numpy": "2.0",
            },
        ),
        metrics=[metric("c2st", "fidelity"), metric("copies", "privacy", value=None, interval=None)],
        marginals=marginals,
        pairs=Pairs(variables=names[:2], gap=[[0, 1.5], [1.5, 0]], ceiling=[[0, 1], [1, 0]], worst=[]),
        missing=[
            MissingShare(variable="sbp", train=0.1, holdout=0.11, synthetic=0.1375)
        ],  # as it is, of table(1)
        give_aways=[],
        predictions=[
            Prediction(target="died", event="1", model="forest", real=curve, synthetic=curve, shuffled=0.5)
        ],
        attacks=[
            Attack(
                name="distance",
                title="Membership by distance",
                group="all patients",
                auc=0.51,
                auc_interval=(0.49, 0.53),
                tpr_at_1pct=0.01,
                tpr_interval=(0.0, 0.02),
                curve=curve,
                attacked=200,
            )
        ],
    )


ABOUT = abouts.About(
    name="cvd",
    title="Artificial patients with heart disease",
    version="1.1.0",
    identifier="10.1234/cvd.1",
    published=datetime.date(2025, 2, 1),
    publisher=abouts.Publisher(
        name="A data service", url="https://data.example.org", email="data@example.org"
    ),
    description="Primary-care patients at risk of heart disease.",
    source="Records of general practices",
    keywords=("heart", "primary care"),
    intended=("Trying out an analysis.",),
    misuse=("Deciding on the care of a person.",),
)
ATTRITION = Attrition(
    cohort="cvd",
    title="Heart disease",
    source="Records",
    artificial=False,
    patients=1000,
    steps=(AttritionStep(label="adults", left=800),),
)
CHANGES = Changes(
    before="1.0.0",
    after="1.1.0",
    sha256="0" * 64,
    differences=(Change(what="rows", before="300", after="400"),),
)


def as_parquet(data: pa.Table) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(data, sink, compression="zstd")
    return sink.getvalue()


@cache
def evidence() -> Evidence:
    """Of `table(1)`."""
    data = table(1)
    parquet = as_parquet(data)
    return Evidence(
        table=data,
        parquet=parquet,
        variables=VARIABLES,
        metrics=metrics(data, parquet),
        graph=None,
        attrition=ATTRITION,
        sha256={
            "metrics.json": "1" * 64,
            "synthetic.parquet": hashlib.sha256(parquet).hexdigest(),
            "variables.toml": "2" * 64,
        },
    )


def release(**changes: object) -> Release:
    """The release, but for CHANGES."""
    decision = Decision(released=True, policy="default", policy_sha256="3" * 64, checks=())
    made = Release(about=ABOUT, evidence=evidence(), decision=decision, changes=CHANGES)
    return replace(made, **changes)  # type: ignore[arg-type]


def written(folder: Path, made: Release | None = None, secret: SecretKey | None = None) -> Package:
    """The package of `release`, or of MADE, in FOLDER."""
    return package.write(made or release(), folder / "package", secret)
