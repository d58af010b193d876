"""figures.json, and the script in the package that computes it again without locum."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from locum.release import reproduce
from locum.release.figures import figures_of
from locum.variables import Variables, to_columns, to_toml
from tests.unit.release.metadata_cases import ROWS, VARIABLES, as_parquet, release, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path).folder


@dataclass(frozen=True)
class Run:
    returncode: int
    stdout: str


def run(folder: Path, *arguments: str) -> Run:
    """The script of the package in FOLDER, in this process, which has loaded what it needs."""
    script, told = str(folder / "reproduce.py"), io.StringIO()
    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(told):
        patched.setattr(sys, "argv", [script, *arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(script, run_name="__main__")
    return Run(int(str(ended.value.code)), told.getvalue())


def run_alone(folder: Path) -> subprocess.CompletedProcess[str]:
    """The script in a Python that finds nothing of ours, from another working directory."""
    blocked = (
        "import sys, runpy\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'locum':\n"
        "            raise ImportError('locum is not installed here')\n"
        "sys.meta_path.insert(0, Block())\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    command = [sys.executable, "-I", "-c", blocked, str(folder / "reproduce.py")]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, encoding="utf-8", check=False)


def figures(folder: Path) -> dict[str, dict[str, Any]]:
    stated = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    assert len({figure["name"] for figure in stated}) == len(stated)
    return {figure["name"]: figure for figure in stated}


def counted(folder: Path) -> int:
    """How many figures the package states that follow from it alone, in the dictionary too."""
    dictionary = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
    ours = [figure for figure in figures(folder).values() if figure["from"] == "package"]
    return len(ours) + len(list(reproduce.of_dictionary(dictionary)))


def test_all_figures_of_a_package_agree(folder: Path) -> None:
    done, count = run_alone(folder), counted(folder)
    assert done.stderr == ""
    assert done.stdout == f"{count} of {count} figures agree\n"
    assert done.returncode == 0
    assert run(folder).stdout == done.stdout


def test_every_report_share_of_artificial_rows_is_counted_again(folder: Path) -> None:
    stated = figures(folder)
    counted = {n for n, f in stated.items() if f["from"] == "package" and n.startswith("report/marginals/")}
    assert counted == {f"report/marginals/{v.name}/synthetic" for v in VARIABLES.modelled}
    assert stated["report/missing/sbp/synthetic"]["from"] == "package"
    assert stated["variables/note/missing/not recorded"]["value"] == 0.5


def rewrite(path: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rows", ROWS + 1),
        ("variables/age/quantile/0.5", 61.5),
        ("variables/visit/quantile/0.5", "2016-01-01"),
        ("variables/sex/share/male", 0.432),
        ("variables/stage/missing/unknown", 0.0),
        ("pairs/sbp/died", 0.9),
        ("files/data/cvd.csv", "0" * 64),
    ],
)
def test_a_changed_figure_is_found(folder: Path, name: str, value: object) -> None:
    assert figures(folder)[name]["value"] != value

    def change(stated: list[dict[str, Any]]) -> None:
        next(figure for figure in stated if figure["name"] == name)["value"] = value

    rewrite(folder / "figures.json", change)
    done = run(folder)
    assert done.returncode == 1
    first, last = done.stdout.splitlines()
    assert first.startswith(f"{name}: the package states {value}, computed ")
    assert last == f"{counted(folder) - 1} of {counted(folder)} figures agree"


def test_a_changed_file_is_found_and_so_is_one_that_is_gone(folder: Path) -> None:
    with (folder / "data/cvd.csv").open("a", encoding="utf-8") as file:
        file.write(" ")
    assert run(folder).stdout.startswith("files/data/cvd.csv: ")
    (folder / "data/cvd.csv").unlink()
    assert "computed no such file" in run(folder).stdout


def test_a_figure_that_was_left_out_is_found(folder: Path) -> None:
    rewrite(folder / "figures.json", lambda stated: stated.remove(figures(folder)["pairs/age/sex"]))
    done = run(folder)
    assert done.returncode == 1
    assert done.stdout.startswith("pairs/age/sex: the package states not stated, computed ")


@pytest.mark.parametrize(
    ("variable", "change", "figure"),
    [
        (1, lambda entry: entry["levels"][0].update(share=0.9), "sex/levels/female"),
        (1, lambda entry: entry["levels"].pop(), "sex/levels/male"),
        (2, lambda entry: entry["missing"][1].update(share=0.9), "sbp/missing/refused"),
        (2, lambda entry: entry["marginal"].update(mean=131), "sbp/mean"),
        (6, lambda entry: entry["marginal"]["quantiles"][0].update(value="2015-01-09"), "visit/quantile/0"),
        (6, lambda entry: entry["marginal"]["bins"][2].update(share=0.9), "visit/bins"),
    ],
)
def test_a_changed_figure_of_the_dictionary_is_found(
    folder: Path, variable: int, change: Callable[[dict[str, Any]], None], figure: str
) -> None:
    rewrite(folder / "dictionary.json", lambda document: change(document["variables"][variable]))
    first, second, _ = run(folder).stdout.splitlines()
    assert first.startswith("files/dictionary.json: the package states ")
    assert second.startswith(f"dictionary/{figure}: the package states ")


def test_all_lists_what_the_custodian_computes_under_command_and_hashes(folder: Path) -> None:
    done = run(folder, "--all")
    assert done.returncode == 0
    assert "the real rows are, by: locum evaluate --train private/train.parquet " in done.stdout
    assert (
        f"  synthetic.parquet  sha256 {figures(folder)['files/data/cvd.parquet']['value']}\n" in done.stdout
    )
    assert "report/metrics/c2st/value: 0.53 AUC\n" in done.stdout
    assert "report/attacks/distance, all patients/auc: 0.51\n" in done.stdout
    lists = {
        n: f["value"]
        for n, f in figures(folder).items()
        if isinstance(f["value"], list) and f["from"] != "package"
    }
    long = {name: value for name, value in lists.items() if len(value) > 3}
    assert long
    for name, value in long.items():
        assert f"\n{name}: {len(value)} values, first {value[0]}, last {value[-1]}" in done.stdout
    assert any(
        f"\n{name}: {json.dumps(value)}" in done.stdout for name, value in lists.items() if len(value) == 2
    )
    assert max(map(len, done.stdout.splitlines())) < 400


def test_every_figure_says_how_it_is_computed_again(folder: Path) -> None:
    for figure in figures(folder).values():
        assert figure["what"]
        if figure["from"] == "package":
            assert figure["how"].startswith("python reproduce.py: ")
        else:
            assert figure["from"] == "custodian"
            assert figure["command"].startswith("locum evaluate ")
            assert {"synthetic.parquet", "variables.toml"} <= set(figure["inputs"])
    metric = figures(folder)["report/metrics/c2st/ceiling"]
    assert metric["what"] == "Can a classifier tell synthetic from real patients?"
    assert (metric["value"], metric["unit"]) == (0.5, "AUC")


def numbers(found: Any) -> int:
    if isinstance(found, dict):
        return sum(numbers(value) for value in found.values())
    if isinstance(found, list):
        return sum(map(numbers, found))
    return int(isinstance(found, int | float) and not isinstance(found, bool))


def test_no_figure_of_the_report_is_left_out() -> None:
    report = release().evidence.metrics.model_dump(mode="json")
    axes = ("edges", "false_positive_rate")

    def without(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: without(value) for key, value in found.items() if key not in axes}
        return [without(one) for one in found] if isinstance(found, list) else found

    real = ("train_rows", "train_patients", "holdout_rows", "holdout_patients")
    report["about"] = {key: report["about"][key] for key in real}
    assert sum(numbers(figure.value) for figure in figures_of(report)) == numbers(without(report))


def test_columns_are_read_as_locum_reads_them() -> None:
    table = release().evidence.table
    declared = {v["name"]: v for v in tomllib.loads(to_toml(VARIABLES))["variable"]}
    for ours in to_columns(table, VARIABLES):
        name = ours.variable.name
        read = reproduce.read_column(declared[name], table.column(name))
        assert read.reasons == ours.variable.missing_reasons
        np.testing.assert_array_equal(read.missing, ours.missing)
        if ours.variable.kind.has_levels:
            present = ours.missing == 0
            np.testing.assert_array_equal(read.codes[present], ours.values[present])
        else:
            np.testing.assert_array_equal(read.values, ours.values)


def test_groups_that_go_together_wholly_or_not_at_all() -> None:
    a = np.array([0, 0, 1, 1, 5, 5], np.uint8)
    b = np.array([3, 3, 0, 0, 1, 1], np.uint8)
    assert reproduce.cramers_v(a, b) == 1
    assert (
        reproduce.cramers_v(np.tile([0, 1], 50).astype(np.uint8), np.repeat([0, 1], 50).astype(np.uint8)) == 0
    )
    assert reproduce.cramers_v(a, np.zeros(6, np.uint8)) == 0


def test_large_and_wide_tables_are_counted_on_every_few_rows() -> None:
    assert reproduce.stride(4_173_000, 23) == 1
    assert reproduce.stride(4_173_000, 60) == 5
    assert reproduce.stride(1, 1) == 1


def test_bins_that_the_package_cannot_tell_are_left_to_the_custodian(tmp_path: Path) -> None:
    made = release()
    grouped = replace(VARIABLES["sex"], hierarchy="prefix")
    others = tuple(grouped if v.name == "sex" else v for v in VARIABLES)
    other = replace(made, evidence=replace(made.evidence, variables=Variables(others)))
    folder = written(tmp_path, other).folder
    assert figures(folder)["report/marginals/sex/synthetic"]["from"] == "custodian"
    assert run(folder).returncode == 0


def test_the_parquet_file_is_what_is_counted(folder: Path) -> None:
    table: pa.Table = release().evidence.table
    (folder / "data/cvd.parquet").write_bytes(as_parquet(table.slice(0, ROWS - 1)))
    lines = run(folder).stdout.splitlines()
    assert f"rows: the package states {ROWS}, computed {ROWS - 1}" in lines
    assert any(line.startswith("files/data/cvd.parquet: ") for line in lines)
