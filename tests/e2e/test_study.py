"""`locum run`: a study is carried out once, goes on after an interrupt, and does again only what has to be."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from locum.errors import BadInput
from locum.evaluate.metrics import Metrics
from locum.records.tables import read_table, write_table
from locum.report import load_metrics
from locum.study.run import run
from locum.study.state import digest
from locum.synthesis import synthesize
from locum.variables import read_toml
from tests.conftest import simulated
from tests.e2e.cli import LOCUM, Locum, everything

STUDY = """\
format = 1
title = "Two parts of one register"

[table.one]
source = "one.parquet"
patient = "patient"
quick = true

[table.two]
source = "two.csv"
variables = "two.toml"
privacy = "open"
holdout = 0.4
target = "diabetes"
missing = "complete"
order = "tiers"
quick = true
"""
PARTS = ["split", "fit", "graph", "generate", "evaluate", "report"]
STAGES = [f"{table}/{stage}" for table in ("one", "two") for stage in PARTS]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that was carried out, with its inputs."""
    folder = tmp_path_factory.mktemp("study")
    table = simulated(500, seed=8)
    write_table(table.select(["patient", "age", "sex", "pressure"]), folder / "one.parquet")
    write_table(table.select(["age", "diabetes", "smoker"])[:300], folder / "two.csv")
    (folder / "two.toml").write_text(
        '[[variable]]\nname = "age"\nkind = "count"\nstorage = "int64"\ntier = 2\n'
        '[[variable]]\nname = "diabetes"\nkind = "binary"\nlevels = ["false", "true"]\ntier = 0\n'
        '[[variable]]\nname = "smoker"\nkind = "nominal"\nlevels = ["never", "ex", "current"]\ntier = 1\n'
    )
    (folder / "study.toml").write_text(STUDY)
    results = run(folder / "study.toml")
    assert list(results.ran) == STAGES
    return folder


@pytest.fixture(scope="module")
def whole(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """As `real`, with evaluations that take no time: figures of one table, and a version that tells what was judged."""
    found = load_metrics(real / "study" / "one")

    def judge(parts: Any, synthetic: pa.Table, *, title: str, stage: Any, **options: Any) -> Metrics:
        judged = digest([title, synthetic.num_rows, str(synthetic.to_pylist()), str(options)])
        return found.model_copy(update={"about": found.about.model_copy(update={"locum_version": judged})})

    folder = tmp_path_factory.mktemp("quick") / "folder"
    shutil.copytree(real, folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("locum.study.synthesizing.judge", judge)
        for name in ("one", "two"):
            (folder / "study" / name / "metrics.json").unlink()
        run(folder / "study.toml")
        yield folder


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    """A study that was carried out, to be changed."""
    shutil.copytree(whole, tmp_path / "a register")
    return tmp_path / "a register" / "study.toml"


def lasting(folder: Path) -> dict[str, bytes]:
    """All files but those that hold a time or the number of a process."""
    return {
        n: b for n, b in everything(folder).items() if not n.endswith((".lock", "study.json", "index.html"))
    }


def ran(study: Path, **options: Any) -> list[str]:
    return list(run(study, **options).ran)


def test_the_same_bytes_as_synthesize(real: Path, tmp_path: Path) -> None:
    synthesize(
        str(real / "one.parquet"), tmp_path / "one", patient="patient", quick=True, title="one.parquet"
    )
    synthesize(
        str(real / "two.csv"),
        tmp_path / "two",
        variables=read_toml(real / "two.toml"),
        privacy="open",
        holdout=0.4,
        target="diabetes",
        missing="complete",
        order="tiers",
        quick=True,
        title="two.csv",
    )
    for name in ("one", "two"):
        made = everything(tmp_path / name)
        del made[".locum"]
        assert everything(real / "study" / name) == made
    assert set(everything(real / "study")) - {f"one/{n}" for n in made} - {f"two/{n}" for n in made} == {
        *("one", "two", "index.html", "study.json", "MUST-NOT-LEAVE.txt", ".lock")
    }


def test_real_rows_and_models_are_for_their_owner_alone(real: Path) -> None:
    models, closed = list(real.glob("study/*/model.json")), list(real.glob("study/*/private"))
    assert len(models) == len(closed) > 0
    theirs = [*models, *closed, *(file for folder in closed for file in folder.iterdir())]
    assert not [path for path in theirs if path.stat().st_mode & 0o077]


def test_the_page_leads_to_the_reports(real: Path) -> None:
    page = (real / "study" / "index.html").read_text(encoding="utf-8")
    assert "Two parts of one register" in page
    links = re.findall(r'href="([^"#]+)"', page)
    assert links == ["one/report.html", "two/report.html"]
    assert "must not leave" in page
    assert "are artificial.</strong>" not in page


def test_what_is_done_is_not_done_again(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(study.parent)
    said: list[str] = []
    results = run(study, stage=lambda what, share: said.append(what))
    assert results.ran == ()
    assert list(results.skipped) == STAGES
    assert all(what.endswith(": nothing has changed") for what in said)
    assert lasting(study.parent) == {n: b for n, b in before.items() if n in lasting(study.parent)}
    assert ran(study, threads=1) == []
    study.parent.rename(study.parent.with_name("elsewhere"))  # paths are not part of what is remembered
    monkeypatch.chdir(study.parent.with_name("elsewhere"))
    assert ran(Path("study.toml")) == []


CHANGES = {
    # in study.toml: what is run
    ('privacy = "open"', 'privacy = "strict"'): [f"two/{s}" for s in PARTS[1:]],
    ('target = "diabetes"', 'target = "smoker"'): ["two/evaluate", "two/report"],
    ('target = "diabetes"', 'target = "diabetes"\nrows = 50'): [f"two/{s}" for s in PARTS[3:]],
    ('missing = "complete"', 'latent = "on"'): [f"two/{s}" for s in PARTS[1:]],
    ('order = "tiers"', 'order = "finest"'): [f"two/{s}" for s in PARTS[1:]],
    ("holdout = 0.4", "holdout = 0.5"): [f"two/{s}" for s in PARTS],
    ("format = 1", "format = 1\nseed = 4"): STAGES,
    ('title = "Two', '# a comment\ntitle = "Three'): [],
    ("[table.one]", '[table.three]\nsource = "two.csv"\n[table.one]'): [f"three/{s}" for s in PARTS],
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[1].replace("\n", " "))
def test_a_change_runs_what_depends_on_it(study: Path, change: tuple[str, str]) -> None:
    study.write_text(STUDY.replace(*change))
    assert ran(study) == CHANGES[change]
    assert ran(study) == []


def test_changed_inputs_are_seen_by_their_contents(study: Path) -> None:
    table, declaration = study.with_name("two.csv"), study.with_name("two.toml")
    table.write_bytes(table.read_bytes())
    assert ran(study) == []
    declaration.write_text(declaration.read_text() + "# a comment\n")
    # all that reads it is done again, until nothing that it made has changed
    assert ran(study) == ["two/split", "two/fit", "two/generate", "two/evaluate"]
    write_table(read_table(table)[:250], table)
    assert ran(study) == [f"two/{s}" for s in PARTS]


TAMPERED = {
    "one/private/train.parquet": ["one/split"],
    "one/private/MUST-NOT-LEAVE.txt": ["one/split"],
    "one/variables.toml": ["one/split"],
    "one/model.json": ["one/fit"],
    "two/graph.json": ["two/graph"],
    "one/synthetic.parquet": ["one/generate"],
    "two/metrics.json": ["two/evaluate"],
    "two/report.html": ["two/report"],
    "index.html": [],
    "study.json": STAGES,
}


@pytest.mark.parametrize("name", TAMPERED)
@pytest.mark.parametrize("how", ["deleted", "changed"])
def test_an_output_that_was_touched_is_made_again(study: Path, name: str, how: str) -> None:
    file = study.with_suffix("") / name
    before = lasting(study.parent)
    if how == "deleted":
        file.unlink()
    elif name != "study.json":
        file.write_bytes(file.read_bytes() + b" ")
    if name == "study.json":  # without it nothing tells whose the files are
        file.unlink(missing_ok=True)
        with pytest.raises(BadInput, match="holds files that locum did not make with a study"):
            run(study)
        return
    assert ran(study) == TAMPERED[name]
    assert file.is_file()
    assert lasting(study.parent) == before


def test_other_directories_are_left_alone(study: Path) -> None:
    before = everything(study.parent)
    with pytest.raises(BadInput, match="holds files that locum did not make with a study"):
        run(study, study.parent)
    shutil.copy(study, study.with_name("other.toml"))
    with pytest.raises(BadInput, match=r"holds the results of study\.toml; give another directory"):
        run(study.with_name("other.toml"), study.with_suffix(""))
    shutil.copy(study, study.with_name("plain"))
    with pytest.raises(BadInput, match="is not a directory"):
        run(study.with_name("plain"))
    assert (
        lasting(study.parent).items()
        >= {n: b for n, b in before.items() if n in lasting(study.parent)}.items()
    )


def test_a_fault_in_one_part_names_it_and_keeps_the_others(study: Path) -> None:
    study.write_text(STUDY + '[table.three]\nsource = "two.csv"\npatient = "who"\n')
    with pytest.raises(BadInput, match=r'^three: the table has no column "who"'):
        run(study)
    study.write_text(STUDY + '[table.three]\nsource = "two.csv"\nholdout = 0.99\n')
    with pytest.raises(BadInput, match=r"^three: 3 patients are left to learn from"):
        run(study)
    study.write_text(STUDY)
    assert ran(study) == []


@pytest.mark.parametrize("at", ["divide", "fit", "Model.load", "judge", "render", "write_table"])
def test_an_interrupt_and_on(study: Path, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = study.with_suffix("")
    before = lasting(study.parent)
    shutil.rmtree(out)
    with monkeypatch.context() as patched:
        patched.setattr(f"locum.study.synthesizing.{at}", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(study)
    assert not (out / "index.html").exists()
    done = json.loads((out / "study.json").read_text())["stages"]
    assert ran(study) == [key for key in STAGES if key not in done]
    assert lasting(study.parent) == before


def _interrupt(*arguments: Any, **options: Any) -> None:
    raise KeyboardInterrupt


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from locum.report import load_metrics
from locum.study import synthesizing
from locum.study.run import run
from tests.e2e.test_study import lasting

study = Path(sys.argv[1])
real = os.replace
found = load_metrics(study.with_suffix("") / "one")
synthesizing.judge = lambda *given, title, **options: found

def carry_out(out, killed_at):
    "In a process of its own: the signal that ended it, 0 for none."
    if (child := os.fork()) == 0:
        calls = [0]
        def replace(*arguments, **options):
            calls[0] += 1
            if calls[0] == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)
        os.replace = replace
        run(study, out)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

assert carry_out(study.with_name("a"), 0) == 0
for killed_at in (5, 13):
    shutil.rmtree(study.with_name("b"), ignore_errors=True)
    assert carry_out(study.with_name("b"), killed_at) == -signal.SIGKILL
    assert carry_out(study.with_name("b"), 0) == 0
    assert lasting(study.with_name("a")) == lasting(study.with_name("b"))
"""


def test_a_run_that_is_killed_goes_on(study: Path) -> None:
    study.write_text(STUDY.partition("[table.two]")[0])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(study)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command(locum: Locum, study: Path) -> None:
    shutil.copytree(study.parent, locum.folder, dirs_exist_ok=True)
    told = locum.well("run", "study.toml")
    assert told.err.splitlines()[0] == "one: splitting by patient: nothing has changed"
    lines = told.out.splitlines()
    assert lines[0].startswith("one: learned from 250 patients, judged by 250 others")
    assert lines[-2] == "real rows, which must not leave: study/one/private, study/two/private"
    assert lines[-1] == "report: study/index.html"
    quiet = locum.well("run", "study.toml", "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    result = json.loads(locum.well("run", "study.toml", "--json").out)
    assert result["skipped"] == STAGES
    assert set(result["made"]["one"]["verdict"]) == {"fidelity", "utility", "privacy"}
    assert locum("run", "absent.toml").message == (
        "locum: absent.toml does not exist; give the study as a TOML file"
    )
    assert locum("run", "study.toml", "--memory", "much").code == 2


def test_ctrl_c_says_that_what_is_done_is_kept(study: Path) -> None:
    shutil.rmtree(study.with_suffix(""))
    process = subprocess.Popen(
        [*LOCUM, "run", "study.toml"], cwd=study.parent, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.strip() == "one: comparing each variable":
            break
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=240)[1]
    assert process.returncode == 130
    assert rest.splitlines()[-1] == "locum: stopped; what was done is kept: run the same command to go on"
    assert ran(study) == STAGES[STAGES.index("one/evaluate") :]
