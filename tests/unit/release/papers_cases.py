"""Small releases for the tests of the documents that people read."""

from __future__ import annotations

import datetime
import functools
import hashlib
import io
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from locum.cohorts.attrition import Attrition, AttritionStep, UsedCodelist
from locum.evaluate.metrics import Metrics, Status
from locum.release.about import About, Publisher
from locum.release.decision import Approval, Check, Decision
from locum.release.release import Evidence, Release
from locum.variables import Disclosure, Formula, Kind, Role, Rule, Variable, Variables
from tests.unit.report.conftest import HOSTILE, case, hostile, nothing, with_model
from tests.unit.report.test_graph import HOSTILE_GRAPH, SMALL

EPOCH = datetime.date(1970, 1, 1)
ROWS = 400
MADE = {"Made by": "locum 0.1.0, from a network of trees", "Privacy setting": "balanced", "Random seed": "7"}


def patients(rows: int = ROWS, seed: int = 0) -> pa.Table:
    """A column of every kind, with gaps for two reasons."""
    rng = np.random.default_rng(seed)
    age = rng.integers(25, 85, rows)
    systolic = np.round(110 + 0.4 * age + rng.normal(0, 12, rows), 1)
    codes = rng.integers(0, 300, rows)
    days = [EPOCH + datetime.timedelta(days=int(d)) for d in rng.integers(14_000, 18_000, rows)]
    smoking = [("never", "ex", "current", "-7", None)[i] for i in rng.integers(0, 5, rows)]
    return pa.table(
        {
            "age": pa.array(age, pa.int64()),
            "systolic": pa.array(np.where(rng.random(rows) < 0.2, np.nan, systolic), from_pandas=True),
            "smoking": pa.array(smoking, pa.string()),
            "code": pa.array([f"C{i:03d}" for i in codes], pa.string()),
            "seen": pa.array(days, pa.date32()),
            "diabetes": pa.array(rng.integers(0, 2, rows), pa.int8()),
            "empty": pa.array([None] * rows, pa.float64()),
        }
    )


DECLARED = Variables(
    (
        Variable("patient", Kind.IDENTIFIER, role=Role.IDENTIFIER, disclosure=Disclosure.DIRECT),
        Variable(
            "age", Kind.COUNT, "int64", role=Role.QUASI_IDENTIFIER, unit="years", low=18, high=110, precision=1,
            tier=0, description="Age on the index date",
        ),
        Variable(
            "systolic", Kind.CONTINUOUS, "double", unit="mmHg", precision=0.1,
            codelists=("systolic_bp", "theirs", "of old"),
        ),
        Variable(
            "smoking", Kind.ORDINAL, levels=("never", "ex", "current"), missing={"refused": ("-7",)},
            disclosure=Disclosure.SENSITIVE, description="Smoking last recorded",
        ),
        Variable("code", Kind.NOMINAL, levels=tuple(f"C{i:03d}" for i in range(300))),
        Variable("seen", Kind.DATE, "date32[day]", low=14_000.0, precision=1),
        Variable("diabetes", Kind.BINARY, "int8", role=Role.TARGET, levels=("0", "1")),
        Variable("empty", Kind.CONTINUOUS, "double", follows=(Formula("least", ("age", "systolic")),)),
    ),
    rules=(Rule("age < 100 or smoking != 'current'"), Rule("systolic >= age", exactly=False)),
)  # fmt: skip

ABOUT = About(
    name="cvd",
    title="Cardiovascular disease",
    version="1.2.0",
    identifier="10.5072/locum.cvd.12",
    published=datetime.date(2026, 11, 28),
    publisher=Publisher(name="The Data Service", url="https://data.example.org", email="data@example.org"),
    description="Adults without cardiovascular disease.",
    source="Records of general practice.",
    intended=("Teaching epidemiology.",),
    misuse=("Planning of services.",),
)

DECISION = Decision(
    released=True,
    policy="default",
    policy_sha256="ab" * 32,
    checks=(
        Check(name="privacy", asked="the verdict on privacy passes", found="pass", holds=True, source="locum"),
        Check(
            name="fidelity", asked="the verdict on fidelity passes", found="caution", holds=False,
            source="locum", needs="approver",
        ),
    ),
    approvals=(
        Approval(
            approver="Dr A. Example", text="One variable differs a little.", checks=("fidelity",),
            date=datetime.date(2026, 11, 27),
        ),
    ),
)  # fmt: skip

CODES = "code,term\r\n72313002,Systolic pressure\r\n"
ATTRITION = Attrition(
    cohort="cvd",
    title="Cardiovascular disease",
    source="CPRD Aurum 2.9",
    artificial=False,
    patients=12_000,
    steps=(AttritionStep(label="Aged 25 to 84", left=5_000), AttritionStep(label="No statin", left=None)),
    codelists=(
        UsedCodelist(
            name="systolic_bp", system="SNOMED CT concepts", codes=1, date="2026-01-02", licence="Ours", text=CODES,
            sha256=hashlib.sha256(CODES.encode()).hexdigest(),
        ),
        UsedCodelist(name="theirs", system="CPRD medical codes", codes=7, sha256="9" * 64),
    ),
)  # fmt: skip


def release(table: pa.Table, variables: Variables, metrics: Metrics, **changes: object) -> Release:
    """changes: of `Evidence`, or of `Release`."""
    sink = io.BytesIO()
    pq.write_table(table, sink)
    evidence: dict[str, object] = {
        "table": table,
        "parquet": sink.getvalue(),
        "variables": variables,
        "metrics": metrics,
        "graph": SMALL,
        "attrition": ATTRITION,
        "sha256": {"metrics.json": "cd" * 32, "synthetic.parquet": "ef" * 32},
    }
    whole: dict[str, object] = {"about": ABOUT, "decision": DECISION}
    for key, value in changes.items():
        (evidence if key in evidence else whole)[key] = value
    return Release(evidence=Evidence(**evidence), **whole)  # type: ignore[arg-type]


def made(metrics: Metrics, made: Mapping[str, str] = MADE) -> Metrics:
    """METRICS that tell how the rows were made."""
    return metrics.model_copy(update={"about": metrics.about.model_copy(update={"made": dict(made)})})


USUAL = release(patients(), DECLARED, made(with_model(case(7))))
ARTIFICIAL = replace(
    USUAL,
    evidence=replace(USUAL.evidence, attrition=ATTRITION.model_copy(update={"artificial": True})),
)
BARE = release(
    pa.table({"age": [None, None, None]}, pa.schema([("age", pa.int64())])),
    Variables((Variable("age", Kind.COUNT, "int64"),)),
    nothing(),
    graph=None,
    attrition=None,
    about=About(
        name="x", title="X", published=datetime.date(2026, 1, 2), publisher=Publisher(name="Someone")
    ),
    decision=Decision(released=False, policy="p", policy_sha256="", checks=()),
)
"""One variable without a value, nothing assessable, no graph, no attrition, nothing said."""


def _hostile() -> Release:
    names = [name for name in HOSTILE if "\x00" not in name]
    table = pa.table({name: ["a", "<b>", None] for name in names})
    variables = Variables(
        tuple(
            Variable(
                name, Kind.BINARY, levels=("a", "<b>"), description=HOSTILE[i], unit=HOSTILE[i],
                codelists=(HOSTILE[0],),
            )
            for i, name in enumerate(names)
        ),
        rules=(Rule(HOSTILE[0]),),
    )  # fmt: skip
    about = About(
        name="x",
        title=HOSTILE[0],
        published=datetime.date(2026, 1, 2),
        publisher=Publisher(name=HOSTILE[1], url=HOSTILE[4], email=HOSTILE[0]),
        description=HOSTILE[8],
        source=HOSTILE[2],
        intended=tuple(HOSTILE),
        misuse=(*HOSTILE, "# not a heading\n\n- nor a list", "[link](javascript:alert(1))"),
    )
    decision = Decision(
        released=True,
        policy=HOSTILE[0],
        policy_sha256=HOSTILE[1],
        checks=(Check(name="a", asked=HOSTILE[0], found=HOSTILE[1], holds=False, source=HOSTILE[8]),),
        approvals=(
            Approval(
                approver=HOSTILE[0], text=HOSTILE[1], checks=(HOSTILE[2],), date=datetime.date(2026, 1, 1)
            ),
        ),
    )
    attrition = ATTRITION.model_copy(update={"title": HOSTILE[0], "cohort": HOSTILE[1], "source": HOSTILE[0]})
    metrics = made(hostile(), {HOSTILE[0]: HOSTILE[1], "Made by": HOSTILE[0], "Latent class": HOSTILE[0]})
    return release(
        table, variables, metrics, about=about, decision=decision, graph=HOSTILE_GRAPH, attrition=attrition
    )


HOSTILE_RELEASE = _hostile()
RELEASES = {"usual": USUAL, "artificial": ARTIFICIAL, "bare": BARE, "hostile": HOSTILE_RELEASE}


@functools.cache
def many_rows() -> Release:
    """More rows than patients, and a privacy verdict that fails."""
    verdict = USUAL.evidence.metrics.verdict.model_copy(update={"privacy": Status.FAIL})
    metrics = USUAL.evidence.metrics.model_copy(update={"verdict": verdict})
    return release(patients(221_700), DECLARED, metrics)
