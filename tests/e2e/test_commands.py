"""The commands as they are meant to be used, one after the other and in one go, and the functions that mirror them."""

from __future__ import annotations

import hashlib
import json
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import locum as package
from locum.evaluate.metrics import Metrics
from locum.guard import METADATA
from locum.model import Model
from tests.e2e.cli import LOCUM, Locum, everything, run

GBSG2 = str(files("lifelines.datasets").joinpath("gbsg2.csv"))
COMMANDS = [
    *("demo", "run", "simulate", "load", "extract"),
    *("describe", "fit", "generate", "evaluate", "report", "synthesize", "release"),
    *("keys", "verify", "withdraw", "mark", "trace"),
]
FILES = {
    *(
        "synthetic.parquet",
        "model.json",
        "variables.toml",
        "metrics.json",
        "report.html",
        ".locum",
        "graph.json",
    ),
    *("private", "private/train.parquet", "private/holdout.parquet", "private/MUST-NOT-LEAVE.txt"),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `synthesize` makes of the trial, in a process of its own that prints nothing."""
    folder = tmp_path_factory.mktemp("a study of Müller")
    done = run("synthesize", GBSG2, "--out", "the study", "--quick", "--quiet", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    return folder / "the study"


def hashes(study: Path) -> dict[str, str]:
    """Of the files that an evaluation in the folder STUDY read."""
    files = {"train": "private/train", "holdout": "private/holdout", "synthetic": "synthetic"}
    paths = {**{name: f"{file}.parquet" for name, file in files.items()}, "model": "model.json"}
    return {name: hashlib.sha256((study / path).read_bytes()).hexdigest() for name, path in paths.items()}


def test_synthesize_writes_what_it_says(study: Path) -> None:
    assert set(everything(study)) == FILES
    assert "must not leave" in (study / "private" / "MUST-NOT-LEAVE.txt").read_text()
    theirs = [study / "model.json", study / "private", *(study / "private").iterdir()]
    assert not [path for path in theirs if path.stat().st_mode & 0o077]
    assert (study / "report.html").stat().st_mode & 0o077
    real = package.read_table(GBSG2)
    tables = {
        n: package.read_table(study / f"{n}.parquet")
        for n in ("private/train", "private/holdout", "synthetic")
    }
    assert [t.num_rows for t in tables.values()] == [343, 343, 343]
    assert all(t.schema.equals(real.schema) for t in tables.values())
    both = pa.concat_tables([tables["private/train"], tables["private/holdout"]]).to_pandas()
    columns = list(both.columns)
    assert (
        both.sort_values(columns).to_numpy().tolist()
        == real.to_pandas().sort_values(columns).to_numpy().tolist()
    )
    assert next(iter(json.loads((study / "metrics.json").read_text()))) == "verdict"


def test_the_commands_one_after_the_other(locum: Locum, study: Path) -> None:
    private = study / "private"
    locum.well("describe", private / "train.parquet", "--out", "variables.toml")
    locum.well("fit", private / "train.parquet", "--variables", "variables.toml", "--out", "model.json.zst")
    locum.well("fit", private / "train.parquet", "--variables", "variables.toml", "--out", "model.json")
    locum.well("generate", "model.json.zst", "--rows", 343, "--out", "synthetic.parquet")
    # the same steps, the same bytes as in one go
    assert (locum.folder / "variables.toml").read_bytes() == (study / "variables.toml").read_bytes()
    assert (locum.folder / "model.json").read_bytes() == (study / "model.json").read_bytes()
    # but for the rows that were drawn again, which needs the training rows at hand
    alone, guarded = (package.read_table(f / "synthetic.parquet") for f in (locum.folder, study))
    redrawn = json.loads(guarded.schema.metadata[METADATA])["redrawn"]
    differ = sum(a != b for a, b in zip(alone.to_pylist(), guarded.to_pylist(), strict=True))
    assert differ <= redrawn < 20
    tables = ("--train", private / "train.parquet", "--holdout", private / "holdout.parquet")
    tables += ("--synthetic", study / "synthetic.parquet", "--quick")
    told = locum.well("evaluate", *tables, "--model", study / "model.json", "--out", "evidence")
    assert "privacy" in told.out
    again = Metrics.model_validate_json((locum.folder / "evidence" / "metrics.json").read_bytes())
    made = Metrics.model_validate_json((study / "metrics.json").read_bytes())
    assert again.metrics == made.metrics
    assert again.model_attacks == made.model_attacks
    assert again.about.files == made.about.files == hashes(study)
    assert f"model file {made.model_file}" in told.out
    wrong = locum("evaluate", *tables, "--shadows", 8, "--out", "more")
    assert (wrong.code, "give --model" in wrong.message) == (2, True)
    locum.well("report", "evidence", "--out", "report.html")
    assert (locum.folder / "report.html").read_bytes() == (
        locum.folder / "evidence" / "report.html"
    ).read_bytes()


def test_sets_are_several_and_seeds_repeat(locum: Locum, study: Path) -> None:
    model = study / "model.json"
    locum.well("generate", model, "--rows", 50, "--sets", 3, "--out", "set.csv")
    assert sorted(everything(locum.folder)) == ["set-1.csv", "set-2.csv", "set-3.csv"]
    assert len(set(everything(locum.folder).values())) == 3
    for threads in (1, 2):
        locum.well("generate", model, "--rows", 50, "--threads", threads, "--out", "again.csv")
        assert (locum.folder / "again.csv").read_bytes() == (locum.folder / "set-1.csv").read_bytes()
    locum.well("generate", model, "--rows", 50, "--seed", 1, "--out", "other.csv")
    assert (locum.folder / "other.csv").read_bytes() != (locum.folder / "set-1.csv").read_bytes()


@pytest.mark.parametrize("name", ["a b.csv", "Größe.csv.gz", "out.parquet"])
def test_every_kind_of_table_and_any_name(locum: Locum, study: Path, name: str) -> None:
    locum.well("generate", study / "model.json", "--rows", 40, "--out", name)
    assert package.read_table(locum.folder / name).num_rows == 40
    locum.well("describe", name, "--out", "variables of that.toml")


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("describe {table}", {"k", "notices", "variable"}),
        (
            "fit {table} --out m.json",
            {"model", "rows", "patients", "privacy", "dial", "order", "ordered_by", "parents"},
        ),
        ("generate {study}/model.json --rows 5 --out s.csv", {"files", "rows", "seed"}),
        ("report {study} --out r.html", {"report", "verdict"}),
        ("synthesize {table} --quick --out o", {"out", "report", "rows", "verdict", "model_file"}),
    ],
)
def test_json_stands_alone_on_standard_output(
    locum: Locum, study: Path, command: str, keys: set[str]
) -> None:
    arguments = [part.format(table=GBSG2, study=study) for part in command.split()]
    assert set(json.loads(locum.well(*arguments, "--json").out)) == keys


def test_quiet_prints_nothing(locum: Locum, study: Path) -> None:
    for command in (
        ("describe", GBSG2, "--out", "v.toml"),
        ("fit", GBSG2, "--out", "m.json"),
        ("generate", "m.json", "--rows", 5, "--out", "s.csv"),
        ("report", study, "--out", "r.html"),
    ):
        done = locum.well(*command, "--quiet")
        assert (done.out, done.err) == ("", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(locum: Locum, command: str) -> None:
    assert f"Example: locum {command} " in locum.well(command, "--help").out


def test_bare_help_and_version(locum: Locum) -> None:
    assert all(f"  {command} " in locum.well("--help").out for command in COMMANDS)
    bare = locum()
    assert bare.code == 2
    assert bare.err.startswith("Usage: locum")
    assert locum.well("--version").out == f"locum {package.__version__}\n"


def test_rows_of_one_person_stay_together(locum: Locum) -> None:
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(400), rng.integers(1, 5, 400))
    visits = pa.table(
        {
            "who": [f"P{p:05d}" for p in person],
            "trait": person,  # tells whose a row is, so that sides can be compared
            "value": rng.normal(50, 9, len(person)).round(1),
        }
    )
    pd.DataFrame(visits.to_pandas()).to_csv(locum.folder / "visits.csv", index=False)
    (locum.folder / "v.toml").write_text(
        '[[variable]]\nname = "who"\nkind = "identifier"\nrole = "patient"\n'
        '[[variable]]\nname = "trait"\nkind = "count"\nstorage = "int64"\n'
        '[[variable]]\nname = "value"\nkind = "continuous"\nstorage = "double"\n'
    )
    locum.well(
        "synthesize", "visits.csv", "--variables", "v.toml", "--patient-id", "who", "--quick", "--out", "o"
    )
    parts = ("private/train", "private/holdout", "synthetic")
    train, holdout, made = (package.read_table(locum.folder / "o" / f"{name}.parquet") for name in parts)
    assert all(t.column_names == ["trait", "value"] for t in (train, holdout, made))
    sides = set(train["trait"].to_pylist()), set(holdout["trait"].to_pylist())
    assert sides[0] & sides[1] == set()
    about = Metrics.model_validate_json((locum.folder / "o" / "metrics.json").read_bytes()).about
    assert (about.train_patients, about.holdout_patients) == (200, 200)
    assert about.train_rows + about.holdout_rows == len(person)


@pytest.mark.parametrize("command", [["describe", GBSG2], ["describe", GBSG2, "--json"], ["--help"]])
def test_a_reader_that_leaves_early(tmp_path: Path, command: list[str]) -> None:
    process = subprocess.Popen(
        [*LOCUM, *command], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(30) == 0, err
    said = [line for line in err.splitlines() if not line.startswith("note: columns")]
    assert set(said) <= {"reading", "inferring the variables"}


@pytest.mark.parametrize("kind", ["pandas", "polars", "Arrow", "path"])
def test_the_functions_take_any_table(kind: str, tmp_path: Path) -> None:
    table = package.read_table(GBSG2)
    given = {"pandas": table.to_pandas, "polars": lambda: pl.from_arrow(table), "Arrow": lambda: table}.get(
        kind, lambda: GBSG2
    )()
    model = package.fit(given, seed=4)
    assert model.to_json() == package.fit(table, seed=4).to_json()
    drawn = model.sample(300, seed=1)
    assert isinstance(drawn, pa.Table)
    assert drawn.column_names == table.column_names
    assert package.describe(given) == package.describe(table)
    if kind == "polars":
        metrics = package.evaluate(
            pl.from_arrow(table[:300]), pl.from_arrow(table[300:]), pl.from_arrow(drawn), quick=True
        )
        assert metrics.about.train_patients == 300
    if kind == "pandas":
        made = package.synthesize(given, tmp_path / "out", quick=True)
        assert made.synthetic.num_rows == 343
        assert Model.load(tmp_path / "out" / "model.json").to_json() == made.model.to_json()
