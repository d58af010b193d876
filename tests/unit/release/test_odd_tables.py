"""Tables that are odd in every way that evaluation allows: their packages hold, and everyone reads the same in them."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import mlcroissant
import numpy as np
import pandas
import pyarrow as pa
import pytest
from frictionless import Package as DataPackage

import locum
from locum.records.tables import write_table
from locum.release.about import About, Publisher
from locum.release.decision import Decision
from locum.release.evidence import check_values, read
from locum.release.mark import mark
from locum.release.package import write
from locum.release.release import Release
from locum.release.verify import verify
from locum.variables import Kind, Role, Variables, infer, to_toml
from tests.unit.release.seal_cases import KEY

pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)  # in rdflib
ROWS = 200
LONG = "é" * 200
NAMES = [
    'a "b" c',
    "it's",
    "💊 dose",
    "<script>alert(1)</script>",
    LONG,
    "a/b\\c:d",
    "=1+1",
    "{{x}}",
    "%|`",
    "\u202ex",
]
TEXTS = [
    "<script>",
    'q"uote',
    "it's",
    "💊",
    "a, b",
    LONG,
    " lead",
    "NA",
    "nan",
    "None",
    "true",
    "1",
    "a\tb",
    "a\nb",
]
HOSTILE = "T <script>alert('x')</script> \"q\" 💊 | {{ x }} " + "ü" * 200


def named(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table({name: rng.normal(50, 9, rows).round(1) for name in NAMES})


def levels(rng: np.random.Generator, rows: int) -> pa.Table:
    return pa.table({"text": rng.choice(TEXTS, rows), "x": rng.normal(size=rows).round(2)})


def many(rng: np.random.Generator, rows: int) -> pa.Table:
    codes = np.array([f"C{i:03d}" for i in range(300)])
    return pa.table({"code": codes[rng.integers(0, 300, rows)], "x": rng.normal(size=rows).round(2)})


def missing(rng: np.random.Generator, rows: int) -> pa.Table:
    nothing = [None] * rows
    columns = {"empty": pa.array(nothing, pa.float64()), "no_text": pa.array(nothing, pa.string())}
    return pa.table(
        {"x": rng.normal(size=rows).round(2), **columns, "no_day": pa.array(nothing, pa.date32())}
    )


TABLES: dict[str, Callable[[np.random.Generator, int], pa.Table]] = {
    "names": named,
    "levels": levels,
    "300 levels": many,
    "all missing": missing,
    "one variable": lambda rng, rows: pa.table({"x": rng.normal(size=rows).round(2)}),
    "one variable with gaps": lambda rng, rows: pa.table(
        {"x": pa.array(rng.normal(size=rows).round(2), mask=rng.random(rows) < 0.3)}
    ),
    "one flag": lambda rng, rows: pa.table({"x": rng.random(rows) < 0.3}),
}


def declared(table: pa.Table) -> Variables:
    """As `locum describe` does, but that no value is beyond a range, and no level too rare."""
    levels = {"code": tuple(f"C{i:03d}" for i in range(300)), "text": tuple(TEXTS)}
    return Variables(
        tuple(
            replace(v, kind=Kind.NOMINAL, role=Role.PLAIN, levels=levels[v.name])
            if v.name in levels
            else replace(v, low=None, high=None)
            for v in infer(table)
        )
    )


def released(folder: Path, name: str, rows: int = ROWS) -> Release:
    """What `locum release` reads in FOLDER, where the table NAME was evaluated."""
    rng = np.random.default_rng(6)
    train, holdout = (TABLES[name](rng, ROWS) for _ in range(2))
    write_table(TABLES[name](rng, rows), folder / "synthetic.parquet")
    variables = declared(train)
    found = locum.evaluate(train, holdout, folder / "synthetic.parquet", variables=variables, quick=True)
    (folder / "metrics.json").write_text(found.titled(HOSTILE).model_dump_json(), encoding="utf-8")
    (folder / "variables.toml").write_text(to_toml(variables), encoding="utf-8")
    evidence = read(folder)
    check_values(evidence, folder)
    about = About(
        name="x",
        title=HOSTILE,
        published=date(2026, 1, 2),
        publisher=Publisher(name=HOSTILE),
        description=HOSTILE,
        keywords=(HOSTILE,),
        intended=(HOSTILE,),
    )
    return Release(about, evidence, Decision(released=True, policy=HOSTILE, policy_sha256="", checks=()))


def reproduced(package: Path) -> str:
    """What the script of a package prints."""
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(told):
        patched.setattr(sys, "argv", ["reproduce.py"])
        with pytest.raises(SystemExit):
            runpy.run_path(str(package / "reproduce.py"), run_name="__main__")
    return told.getvalue()


@pytest.mark.parametrize("name", TABLES)
def test_its_package_holds_and_is_read_by_all(tmp_path: Path, name: str) -> None:
    release = released(tmp_path, name)
    base = write(release, tmp_path / "package", KEY)
    copy = mark(base.archive, tmp_path / "copy", recipient=HOSTILE, secret=KEY)
    for made, rows in ((base, ROWS), (copy, verify(copy.folder).rows)):
        for path in (made.folder, made.archive):
            assert verify(path, KEY.public).rows == rows
        right, _, total, *_ = reproduced(made.folder).split()
        assert right == total
        checked = DataPackage(str(made.folder / "datapackage.json")).validate()
        # However they are written, frictionless reports rows of nothing but missing values, and reads them.
        blank = {"blank-row"} if name == "one variable with gaps" else set()
        assert {kind for (kind,) in checked.flatten(["type"])} == blank
        assert [task.stats["rows"] for task in checked.tasks if task.place.endswith("csv")] == [rows]
        assert len(pandas.read_csv(made.folder / "data" / "x.csv")) == rows
        croissant = mlcroissant.Dataset(jsonld=str(made.folder / "croissant.json"))
        assert not croissant.metadata.ctx.issues.errors
        assert len(list(croissant.records("patients"))) == rows
        for frame in ("arrow", "pandas", "polars"):
            assert len(locum.load(made.archive, frame)) == rows
    assert locum.load(base.folder).to_pylist() == release.evidence.table.to_pylist()


def test_few_rows_are_a_package_too(tmp_path: Path) -> None:
    made = write(released(tmp_path, "levels", 1), tmp_path / "package", KEY)
    assert verify(made.archive, KEY.public).rows == 1
    right, _, total, *_ = reproduced(made.folder).split()
    assert right == total
