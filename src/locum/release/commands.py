"""The commands by which a custodian, who has the real rows, makes the same again; and the hashes of what goes in."""

from __future__ import annotations

import hashlib
import shlex

from locum.release.release import Release
from locum.variables import to_toml

SMALL = 5_000
"""Under so many patients `locum synthesize` holds out a half in place of a fifth."""

WHERE = "in the study's folder, where the real rows are"
"""Where the command of `evaluated_by` is given: the files that it names stand there as they were evaluated."""

_ARMS = {"missing": "Missing values", "latent": "Latent class", "order": "Order of the variables"}


def settings(release: Release) -> dict[str, str]:
    """How the rows were made, as the options of a command; nothing where that is not known."""
    made = release.evidence.metrics.about.made
    if "Privacy setting" not in made:
        return {}
    arms = {option: _word(made[told]) for option, told in _ARMS.items() if told in made}
    seed = {"seed": made["Random seed"]} if "Random seed" in made else {}
    return {"privacy": made["Privacy setting"], **arms, **_holdout(release), **seed}


def _word(told: str) -> str:
    """The setting that a sentence names at its end, in brackets."""
    return told.rpartition("(")[2].rstrip(")") if told.endswith(")") else told


def _holdout(release: Release) -> dict[str, str]:
    """The share of patients held out, where it is not the usual one."""
    about = release.evidence.metrics.about
    patients = about.train_patients + about.holdout_patients
    share = round(about.holdout_patients / max(patients, 1), 2)
    return {} if share == (0.5 if patients < SMALL else 0.2) else {"holdout": f"{share:g}"}


def made_by(release: Release) -> list[str]:
    """The commands from the real table to the package."""
    options = settings(release)
    about = release.evidence.metrics.about
    drawn = (
        _command("locum synthesize TABLE", {**options, "target": about.target}, about.quick, "--out DIR")
        if options
        else evaluated_by(release)
    )
    return [drawn, "locum release DIR --out PACKAGE"]


def evaluated_by(release: Release) -> str:
    """The command that computes metrics.json again, to be given in the folder that `WHERE` tells of."""
    about = release.evidence.metrics.about
    files = {
        "train": "private/train.parquet",
        "holdout": "private/holdout.parquet",
        "synthetic": "synthetic.parquet",
        "variables": "variables.toml",
        "model": "model.json" if release.evidence.metrics.model_file is not None else None,
        "target": about.target,
        "seed": str(about.seed),
    }
    return _command("locum evaluate", files, about.quick, "--out again")


def _command(start: str, options: dict[str, str | None] | dict[str, str], quick: bool, end: str) -> str:
    given = [f"--{name} {shlex.quote(value)}" for name, value in options.items() if value is not None]
    return " ".join([start, *given, *(["--quick"] if quick else []), end])


def inputs(release: Release) -> dict[str, str]:
    """The SHA-256 of what that command reads, as far as it is known: of tables and a model in memory it is not."""
    read, evidence = release.evidence.metrics.about.files, release.evidence
    declared = hashlib.sha256(to_toml(evidence.variables).encode()).hexdigest()
    named = {
        "private/train.parquet": read.get("train"),
        "private/holdout.parquet": read.get("holdout"),
        "synthetic.parquet": read.get("synthetic"),
        "variables.toml": evidence.sha256.get("variables.toml", declared),
        "model.json": read.get("model"),
    }
    return {name: sha256 for name, sha256 in named.items() if sha256 is not None}
