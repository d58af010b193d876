"""provenance.intoto.json: subjects, inputs, and commands that the command line understands."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from typer.main import get_command

from locum.cli.app import app
from locum.release.commands import evaluated_by, made_by
from locum.release.release import Release
from tests.unit.release.metadata_cases import release
from tests.unit.release.metadata_cases import written as packed


def written(folder: Path, made: Release) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (packed(folder, made).folder / "provenance.intoto.json").read_text(encoding="utf-8")
    )
    return document


def test_subjects_are_all_files_before_it(tmp_path: Path) -> None:
    made = release()
    statement = written(tmp_path, made)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    before = [file for file in packed(tmp_path, made).files if file.path != "provenance.intoto.json"]
    assert {s["name"]: s["digest"]["sha256"] for s in statement["subject"]} == {
        f.path: f.sha256 for f in before
    }


def test_what_went_in_is_named_by_its_hash(tmp_path: Path) -> None:
    made = release()
    definition = written(tmp_path, made)["predicate"]["buildDefinition"]
    read = {entry["name"]: entry["digest"]["sha256"] for entry in definition["resolvedDependencies"]}
    assert read == made.evidence.sha256
    about = made.evidence.metrics.about.model_copy(update={"files": {"train": "a" * 64, "holdout": "b" * 64}})
    metrics = made.evidence.metrics.model_copy(update={"about": about})
    named = replace(made, evidence=replace(made.evidence, metrics=metrics))
    definition = written(tmp_path, named)["predicate"]["buildDefinition"]
    read = {entry["name"]: entry["digest"]["sha256"] for entry in definition["resolvedDependencies"]}
    assert read["private/train.parquet"] == "a" * 64
    assert read["private/holdout.parquet"] == "b" * 64


def test_settings_seed_and_privacy_are_told(tmp_path: Path) -> None:
    given = written(tmp_path, release())["predicate"]["buildDefinition"]["externalParameters"]
    assert given["seed"] == 7
    assert given["privacy"] == "strict"
    assert given["settings"] == {
        "privacy": "strict",
        "missing": "state",
        "latent": "off",
        "order": "finest",
        "seed": "7",
    }


def test_the_command_line_knows_the_commands() -> None:
    made = release()
    about = made.evidence.metrics.about
    uneven = about.model_copy(
        update={"holdout_patients": 100, "made": {**about.made, "Latent class": "none (on)"}}
    )
    other = replace(
        made,
        evidence=replace(made.evidence, metrics=made.evidence.metrics.model_copy(update={"about": uneven})),
    )
    assert "--holdout 0.2" in made_by(other)[0]
    assert "--latent on" in made_by(other)[0]
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for line in (made_by(made)[0], made_by(other)[0], evaluated_by(made)):
        program, name, *arguments = shlex.split(line)
        assert program == "locum"
        context = commands[name].make_context(name, arguments)
        assert context.params["seed"] == 7
        assert context.params["target"] == "died"


def test_rows_of_another_generator_are_told_by_their_evaluation() -> None:
    made = release()
    about = made.evidence.metrics.about.model_copy(update={"made": {}})
    other = replace(
        made,
        evidence=replace(made.evidence, metrics=made.evidence.metrics.model_copy(update={"about": about})),
    )
    assert made_by(other)[0].startswith("locum evaluate --train private/train.parquet")
