"""A release of five rows, packages made of it, and packages in which a document is another."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from locum.evaluate import metrics as shapes
from locum.evaluate.metrics import Metrics, Status, Verdict
from locum.release import documents, package
from locum.release.about import About, Publisher
from locum.release.decision import Approval, Check, Decision
from locum.release.minisign import SecretKey
from locum.release.package import Package
from locum.release.release import Document, Evidence, Release
from locum.variables import Kind, Variable, Variables

KEY = SecretKey(b"locumkey", bytes(range(32)))
OTHER_KEY = SecretKey(b"otherkey", bytes(range(1, 33)))

DAY = datetime.date(2026, 1, 31)

TABLE = pa.table(
    {
        "age": pa.array([40, 51, 63, 88, 40]),
        "sex": pa.array(["female", "male", None, 'a "b",\nc', "refused"]),
        "smoker": pa.array(["never", "ex", "never", None, "never"]).dictionary_encode(),
        "pressure": pa.array([120.5, None, 0.1, 200.0, 1e-7]),
        "diabetes": pa.array([True, False, None, False, True]),
        "visit": pa.array([DAY, None, DAY, DAY, DAY]),
        "seen": pa.array(
            [datetime.datetime(2020, 1, 2, 3, 4, 5, 600), None, *[datetime.datetime(2020, 1, 2)] * 3]
        ),
    }
)

VARIABLES = Variables(
    (
        Variable("age", Kind.COUNT, "int64", low=18, high=100, precision=1),
        Variable(
            "sex",
            Kind.NOMINAL,
            levels=("female", "male", 'a "b",\nc'),
            missing={"would not say": ("refused",)},
        ),
        Variable("smoker", Kind.ORDINAL, "dictionary", levels=("never", "ex", "current")),
        Variable("pressure", Kind.CONTINUOUS, "double", low=0, high=250),
        Variable("diabetes", Kind.BINARY, "bool", levels=("false", "true")),
        Variable("visit", Kind.DATE, "date32[day]", low=20_000),
        Variable("seen", Kind.DATE, "timestamp[us]"),
    )
)


def metrics(verdict: Verdict, parquet: bytes, rows: int) -> Metrics:
    """A verdict on the ROWS in the file PARQUET, and nothing else."""
    about = shapes.About(
        locum_version="0.1.0",
        created="2026-01-31",
        seed=0,
        quick=True,
        k=10,
        train_rows=4_321,
        train_patients=4_321,
        holdout_rows=1_080,
        holdout_patients=1_080,
        synthetic_rows=rows,
        variables=TABLE.num_columns,
        target=None,
        notices=[],
        title="A small study",
        files={"synthetic": hashlib.sha256(parquet).hexdigest()},
    )
    nothing: dict[str, Any] = {
        name: [] for name in ("metrics", "marginals", "missing", "give_aways", "predictions", "attacks")
    }
    pairs = shapes.Pairs(variables=[], gap=[], ceiling=[], worst=[])
    return Metrics(verdict=verdict, about=about, pairs=pairs, **nothing)


def release(parquet: bytes | None = None, table: pa.Table = TABLE, **decided: Any) -> Release:
    """A release of TABLE whose utility could not be judged, for which a reviewer answers.

    parquet: in place of the file of TABLE, and evaluated.
    """
    if parquet is None:
        raw = io.BytesIO()
        pq.write_table(table, raw, compression="zstd")
        parquet = raw.getvalue()
    checks = (
        Check(name="privacy", asked="pass", found="pass", holds=True, source="policy"),
        Check(
            name="utility",
            asked="pass",
            found="not assessable",
            holds=False,
            source="policy",
            needs="approver",
        ),
    )
    approval = Approval(approver="A. Reviewer", text="Small on purpose", checks=("utility",), date=DAY)
    given: dict[str, Any] = {
        "released": True,
        "policy": "default",
        "policy_sha256": "0" * 64,
        "checks": checks,
        "approvals": (approval,),
    }
    verdict = Verdict(fidelity=Status.PASS, utility=Status.NOT_ASSESSABLE, privacy=Status.PASS)
    about = About(name="small", title="A small study", published=DAY, publisher=Publisher(name="A trust"))
    evidence = Evidence(table, parquet, VARIABLES, metrics(verdict, parquet, table.num_rows), None, None, {})
    return Release(about, evidence, Decision.model_validate(given | decided))


def named(path: str) -> Document:
    """The document of every package that is written to PATH."""
    return next(document for document in documents.documents() if document.path == path)


def instead(monkeypatch: pytest.MonkeyPatch, document: Document) -> None:
    """Packages hold DOCUMENT, in place of the one that has its path."""
    chosen = {d.path: d for d in (*documents.documents(), document)}
    monkeypatch.setattr(package, "documents", lambda: tuple(chosen.values()))


def changed(document: Document, change: Callable[[Any], None]) -> Document:
    """DOCUMENT, which is JSON, with a CHANGE."""

    def write(release: Release, files: Any) -> bytes:
        found = json.loads(document.write(release, files))
        change(found)
        return json.dumps(found).encode()

    return replace(document, write=write)


def make(folder: Path, secret: SecretKey | None = KEY, of: Release | None = None) -> Package:
    """A package in FOLDER."""
    return package.write(of or release(), folder / "package", secret)


def repacked(source: Path, to: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The zip SOURCE packed by other means, with a CHANGE of its files."""
    with zipfile.ZipFile(source) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    with zipfile.ZipFile(to, "w") as new:
        for name, data in files.items():
            new.writestr(name, data)
    return to


def copied(made: Package, folder: Path) -> Package:
    """A copy of the package MADE in FOLDER, to be changed."""
    to = replace(made, folder=folder / made.folder.name, archive=folder / made.archive.name)
    shutil.copytree(made.folder, to.folder)
    shutil.copyfile(made.archive, to.archive)
    return to
