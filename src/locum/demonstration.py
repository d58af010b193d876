"""The main job on a real clinical table that ships with a dependency."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from locum.records.tables import read_table
from locum.synthesis import Stage, Synthesis, synthesize
from locum.variables import from_toml

TITLE = "Artificial patients after the German breast cancer trial"


def demonstrate(out: str | Path, *, seed: int = 0, stage: Stage = lambda what, share: None) -> Synthesis:
    """`synthesize` on 686 women of the German Breast Cancer Study Group's trial 2 (Schumacher et al. 1994)."""
    stage("reading", 0.0)
    table = read_table(str(files("lifelines.datasets").joinpath("gbsg2.csv")))
    declared = from_toml(
        files("locum").joinpath("demonstration.toml").read_text("utf-8"), "demonstration.toml"
    )
    return synthesize(table, out, variables=declared, seed=seed, title=TITLE, stage=stage)
