"""One study from its patients to a notebook: released, verified by others' programs, copied, leaked, withdrawn."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import minisign as oracle
import mlcroissant
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from frictionless import Package as DataPackage

import locum as package
from locum.errors import BadInput
from locum.records.tables import write_table
from locum.release.figures import figures_of
from locum.release.verify import verify
from tests.conftest import simulated
from tests.e2e.cli import LOCUM, Locum, approved, everything, run

pytestmark = [
    pytest.mark.usefixtures("without_pdf"),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),  # in rdflib
]
APPROVED = (*approved("A. Reviewer: a test with a quick look"), "--approved-on", "2026-02-03")
ABOUT = """
name = "clinic"
title = "A clinic that nobody visits <b>"
version = "{version}"
published = {day}
[publisher]
name = "A trust"
"""
NORTH, SOUTH = "Universität Nord", "South Ltd"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `synthesize` makes of 2,000 patients, what is said of its release, and a key."""
    folder = tmp_path_factory.mktemp("chain")
    write_table(simulated(2000, seed=20), folder / "patients.parquet")
    done = run("synthesize", "patients.parquet", "--out", "clinic", "--quick", "--quiet", folder=folder)
    assert done.code == 0, done
    for version, day in (("1.0.0", "2026-02-03"), ("1.1.0", "2026-03-04")):
        (folder / f"{version}.toml").write_text(ABOUT.format(version=version, day=day), encoding="utf-8")
    for name in ("our.key", "their.key"):
        assert run("keys", "new", "--out", name, "--no-password", "--quiet", folder=folder).code == 0
    return folder


@pytest.fixture
def locum(locum: Locum, study: Path) -> Locum:
    """Commands in a folder with all of `study`."""
    shutil.copytree(study, locum.folder, dirs_exist_ok=True)
    return locum


@pytest.fixture
def released(locum: Locum) -> Locum:
    locum.well(
        "release", "clinic", "--out", "package", "--about", "1.0.0.toml", "--key", "our.key", *APPROVED
    )
    return locum


def evaluated(locum: Locum) -> None:
    """The table in clinic/ is evaluated again, and the folder has what was found."""
    tables = {"train": "private/train", "holdout": "private/holdout", "synthetic": "synthetic"}
    options = [x for name, file in tables.items() for x in (f"--{name}", f"clinic/{file}.parquet")]
    locum.well("evaluate", *options, "--variables", "clinic/variables.toml", "--quick", "--out", "evidence")
    shutil.copy(locum.folder / "evidence" / "metrics.json", locum.folder / "clinic" / "metrics.json")


def test_everyone_finds_that_the_package_holds(released: Locum) -> None:
    folder = released.folder / "package"
    for path in ("package", "package.zip"):
        told = released.well("verify", path, "--key", "our.key.pub").out
        assert f"{path} holds: each of its" in told
        assert "approved  " in told
        assert "by A. Reviewer on 2026-02-03: a test with a quick look" in told
        assert "learned   from 1,000 real patients" in told
    assert (
        "not with the key that was given" in released("verify", "package", "--key", "their.key.pub").message
    )
    public = oracle.PublicKey.from_bytes((released.folder / "our.key.pub").read_bytes())
    signature = oracle.Signature.from_bytes((folder / "SHA256SUMS.minisig").read_bytes())
    public.verify((folder / "SHA256SUMS").read_bytes(), signature)
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert DataPackage(str(folder / "datapackage.json")).validate().valid
    croissant = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert not croissant.metadata.ctx.issues.errors
    assert not croissant.metadata.ctx.issues.warnings
    assert len(list(croissant.records("patients"))) == 1000
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "reproduce.py")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    # what was evaluated is what is loaded, and nothing of a real patient's is near it
    table = package.load(released.folder / "package.zip", key=released.folder / "our.key.pub")
    assert table.num_rows == 1000
    assert (folder / "data" / "clinic.parquet").read_bytes() == (
        released.folder / "clinic" / "synthetic.parquet"
    ).read_bytes()
    assert "patient" not in table.column_names
    assert not [path for path in everything(folder) if "private" in path or "train" in path]


def test_the_custodian_s_command_computes_the_custodian_s_figures(released: Locum) -> None:
    """As it is written, in the folder of the study, from the files whose hashes stand beside it."""
    figures = json.loads((released.folder / "package" / "figures.json").read_text("utf-8"))
    stated = {f["name"]: f["value"] for f in figures if f["from"] == "custodian"}
    (command,) = {f["command"] for f in figures if f["from"] == "custodian"}
    (inputs,) = {json.dumps(f["inputs"]) for f in figures if f["from"] == "custodian"}
    study = released.folder / "clinic"
    program, *arguments = shlex.split(command)
    assert program == "locum"
    read = {word for word in arguments if (study / word).is_file()}
    assert {name: hashlib.sha256((study / name).read_bytes()).hexdigest() for name in read} == json.loads(
        inputs
    )
    assert "model.json" in read
    done = run(*arguments, "--quiet", folder=study)
    assert done.code == 0, done
    metrics = json.loads((study / "again" / "metrics.json").read_text("utf-8"))
    again = {figure.name: figure.value for figure in figures_of(metrics)}
    assert len(stated) > 500
    assert {name: again[name] for name in stated} == stated


def test_a_flipped_byte_is_found_wherever_it_is(released: Locum) -> None:
    rng = random.Random(5)
    folder, archive = released.folder / "package", released.folder / "package.zip"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) > 25
    for file in files:
        whole = file.read_bytes()
        for place in {0, rng.randrange(len(whole)), len(whole) - 1}:
            changed = bytearray(whole)
            changed[place] ^= 1 << rng.randrange(8)
            file.write_bytes(changed)
            with pytest.raises(BadInput):
                verify(folder)
        file.write_bytes(whole)
    verify(folder)
    whole = archive.read_bytes()
    for place in rng.sample(range(len(whole)), 200):
        changed = bytearray(whole)
        changed[place] ^= 1 << rng.randrange(8)
        archive.write_bytes(changed)
        with pytest.raises(BadInput):
            verify(archive)
    done = released("verify", "package.zip")
    assert (done.code, done.out, len(done.message)) == (3, "", len(done.err.splitlines()[-1]))


def test_a_leak_is_traced_to_whom_it_was_given(released: Locum) -> None:
    for recipient, out in ((NORTH, "north"), (SOUTH, "south")):
        (released.folder / out).mkdir()
        marking = (
            "mark",
            "package.zip",
            "--recipient",
            recipient,
            "--key",
            "our.key",
            "--out",
            f"{out}/clinic",
        )
        assert released.well(*marking).out == f"copy for {recipient}: {out}/clinic and {out}/clinic.zip\n"
        told = released.well("verify", f"{out}/clinic.zip", "--key", "our.key.pub").out
        assert f"copy      for {recipient}: " in told
    copy = pq.read_table(released.folder / "south" / "clinic" / "data" / "clinic.parquet")
    some = copy.take(np.random.default_rng(2).permutation(copy.num_rows)[: copy.num_rows // 2])
    some = some.select(["visit", "pressure", "age", "practice"])
    rounded = pa.array(np.rint(some["pressure"].to_numpy()), from_pandas=True)
    pa.csv.write_csv(some.set_column(1, "pressure", rounded), released.folder / "found.csv")
    (released.folder / "recipients.txt").write_text(f"{NORTH}\n{SOUTH.lower()} \nEast\n", encoding="utf-8")
    asked = ("trace", "found.csv", "package", "--key", "our.key")
    told = released.well(*asked, "--recipients", "recipients.txt").out
    assert f"it was taken from the copy of: {SOUTH.lower()}\n" in told
    found = json.loads(released.well(*asked, "--recipients", "recipients.txt", "--json", "--quiet").out)
    assert (found["named"], found["matched"]) == (SOUTH.lower(), some.num_rows)
    assert found["suspects"][0]["recipient"] == SOUTH.lower()
    innocent = released.well(*asked, "--recipient", NORTH, "--recipient", "East").out
    assert "this does not tell whose copy it is" in innocent
    assert f"{some.num_rows:,} of {some.num_rows:,} rows occur in the dataset" in innocent
    sparse = pa.table({"sex": ["female", "male"] * 300})
    pyarrow.csv.write_csv(sparse, released.folder / "other.csv")
    unable = released.well("trace", "other.csv", *asked[2:], "--recipients", "recipients.txt")
    assert "cannot tell whose copy it is, if it is one" in unable.out
    assert NORTH not in unable.out
    unable = released.well(
        "trace", "other.csv", *asked[2:], "--recipients", "recipients.txt", "--json", "--quiet"
    )
    assert json.loads(unable.out)["suspects"] == []
    machine = (
        "mark",
        "package",
        "--recipient",
        NORTH,
        "--key",
        "our.key",
        "--out",
        "again",
        "--json",
        "--quiet",
    )
    made = json.loads(released.well(*machine).out)
    assert (made["copy_for"], made["archive"]) == (NORTH, "again.zip")
    again, north = (released.folder / name for name in ("again.zip", "north/clinic.zip"))
    assert again.read_bytes() == north.read_bytes()
    out, copy_ = ("--key", "our.key", "--out", "other"), "north/clinic.zip"
    for arguments, says in (
        (("mark", copy_, "--recipient", "A", *out), f"is the copy of {NORTH}"),
        (("mark", "package", "--recipient", "A", *out[:3], "package"), "would be written over package"),
        (("mark", "package", "--recipient", " ", *out), "recipient is not a line"),
        (("mark", "package", "--recipient", "A", "--key", "their.key", *out[2:]), "is signed with the key"),
        (("trace", "absent.csv", *asked[2:], "--recipient", "A"), "absent.csv does not exist"),
        (("trace", "found.csv", copy_, *asked[3:], "--recipient", "A"), "give the package that was copied"),
        (asked, "nobody to ask about"),
        (("release", "clinic", "--about", "1.1.0.toml", "--previous", copy_, *out), "is the copy of"),
    ):
        before = everything(released.folder)
        done = released(*arguments)
        assert (done.code, done.out, says in done.message) == (3, "", True), done
        assert everything(released.folder) == before


def test_a_withdrawn_release_is_not_loaded_and_a_later_one_says_what_changed(released: Locum) -> None:
    why = ("--reason", "Ages are wrong", "--by", "A. Custodian", "--date", "2026-03-01", "--key", "our.key")
    released.well("withdraw", "package.zip", *why, "--out", "gone")
    told = released.well("verify", "gone.zip", "--key", "our.key.pub").out
    assert told.startswith("WITHDRAWN on 2026-03-01 by A. Custodian. Do not use it. Reason: Ages are wrong\n")
    gone = released.folder / "gone"
    assert DataPackage(str(gone / "datapackage.json")).validate().valid
    assert not mlcroissant.Dataset(jsonld=str(gone / "croissant.json")).metadata.ctx.issues.errors
    done = subprocess.run(
        [sys.executable, "-I", str(gone / "reproduce.py")], capture_output=True, check=False
    )
    assert done.returncode == 0
    with pytest.raises(BadInput, match="was withdrawn"):
        package.load(released.folder / "gone.zip")
    copying = released("mark", "gone", "--recipient", NORTH, "--key", "our.key", "--out", "copy")
    assert (copying.code, "no copy of it is to be given away" in copying.message) == (3, True)
    released.well(
        "generate", "clinic/model.json", "--rows", 800, "--seed", 9, "--out", "clinic/synthetic.parquet"
    )
    evaluated(released)
    later = (
        "release",
        "clinic",
        "--about",
        "1.1.0.toml",
        "--key",
        "our.key",
        *APPROVED,
        "--previous",
        "gone.zip",
    )
    over = released(*later, "--out", "gone")
    assert (over.code, "would be written over gone.zip" in over.message) == (3, True)
    released.well(*later, "--out", "next")
    verify(released.folder / "next.zip")
    text = (released.folder / "next" / "CHANGELOG.md").read_text("utf-8")
    assert "## 1.1.0 (2026-03-04)" in text
    assert "Compared with version 1.0.0" in text
    assert "| rows | 1,000 | 800 |" in text
    changes = json.loads((released.folder / "next" / "changes.json").read_text("utf-8"))
    assert (changes["before"], changes["after"]) == ("1.0.0", "1.1.0")


def test_a_model_that_copies_is_refused_and_nothing_is_written(locum: Locum) -> None:
    """A tenth of the rows are training patients."""
    folder = locum.folder / "clinic"
    real, made = (package.read_table(folder / f"{n}.parquet") for n in ("private/train", "synthetic"))
    tenth = made.num_rows // 10
    write_table(
        pa.concat_tables([real[:tenth].select(made.column_names), made[tenth:]]), folder / "synthetic.parquet"
    )
    releasing = ("release", "clinic", "--about", "1.0.0.toml", "--key", "our.key", "--out", "package")
    other = locum(*releasing, *APPROVED)  # the evaluation is of what it was
    assert (other.code, "evaluated_bytes cannot be approved" in other.message) == (4, True)
    assert "another file was evaluated" in other.err
    evaluated(locum)
    before = everything(locum.folder)
    for options in ((), APPROVED):
        refused = locum(*releasing, *options)
        assert (refused.code, refused.out) == (4, "")
        assert "copies_excess" in refused.message.partition("cannot be approved by anyone")[0]
        assert "✗ copies_excess" in refused.err
        assert "nobody can approve this" in refused.err
        assert everything(locum.folder) == before


NO_PDF = [
    sys.executable,
    "-c",
    "import sys; sys.modules['weasyprint'] = None; from locum.cli import main; main()",
]


@pytest.mark.parametrize(
    "command", [NO_PDF, pytest.param(LOCUM, marks=pytest.mark.slow)], ids=["without PDF", "with PDF"]
)
def test_the_same_inputs_give_the_same_bytes_wherever_and_whenever(
    study: Path, tmp_path: Path, command: list[str]
) -> None:
    found = []
    for name, settings in (
        ("one", {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
        ("the other", {"TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}),
    ):
        shutil.copytree(study, tmp_path / name / "study")
        os.utime(tmp_path / name / "study" / "clinic" / "synthetic.parquet", (0, 0))
        options = ("--about", "study/1.0.0.toml", "--key", "study/our.key", *APPROVED, "--out", "package")
        subprocess.run(
            [*command, "release", "study/clinic", *options, "--quiet"],
            cwd=tmp_path / name,
            env={**os.environ, **settings},
            check=True,
        )
        found.append((tmp_path / name / "package.zip").read_bytes())
    assert found[0] == found[1]
