"""What came of each run, as kept in results.json: figures and names alone."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

Scores = dict[str, float | None]
DONE = "done"


@dataclass(frozen=True)
class Run:
    """One generator on one table with one seed.

    status: done, failed, timed out, or not scored; why: in the last line of the error, without paths.
    seconds of wall-clock, processor's seconds, memory in megabytes: of the whole process, from start to written file.
    """

    table: str
    generator: str
    seed: int
    version: str
    status: str
    why: str = ""
    note: str = ""
    seconds: float = 0.0
    processor: float = 0.0
    memory: float = 0.0
    scores: Scores = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, int]:
        return self.table, self.generator, self.seed


@dataclass(frozen=True)
class Results:
    """real: what the scorer says of real rows, by table. shapes: rows learned from and columns, by table."""

    scorer: str
    shapes: dict[str, tuple[int, int]] = field(default_factory=dict)
    real: dict[str, Scores] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()

    def with_run(self, run: Run) -> Results:
        """With RUN in place of an earlier one of the same generator, table and seed."""
        others = tuple(old for old in self.runs if old.key != run.key)
        return replace(self, runs=(*others, run))

    def with_table(self, name: str, shape: tuple[int, int], real: Scores) -> Results:
        """With what is known of a table; REAL is kept as it was where nothing was scored."""
        known = {**self.real, name: real} if real else self.real
        return replace(self, shapes={**self.shapes, name: shape}, real=known)


@dataclass(frozen=True)
class Summary:
    """Medians over the seeds that were done; the first thing that went wrong, where none was."""

    generator: str
    runs: int
    done: int
    failure: str
    note: str
    seconds: float
    processor: float
    memory: float
    scores: Scores


def read(file: Path) -> Results | None:
    """None when there is no such file."""
    if not file.exists():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    shapes = {name: (int(rows), int(columns)) for name, (rows, columns) in found["shapes"].items()}
    runs = tuple(Run(**run) for run in found["runs"])
    return Results(found["scorer"], shapes, found["real"], runs)


def write(results: Results, file: Path) -> None:
    ordered = sorted(results.runs, key=lambda run: run.key)
    found: dict[str, Any] = {
        "scorer": results.scorer,
        "shapes": dict(sorted(results.shapes.items())),
        "real": {name: _rounded(scores) for name, scores in sorted(results.real.items())},
        "runs": [{**asdict(run), "scores": _rounded(run.scores)} for run in ordered],
    }
    file.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _rounded(scores: Scores) -> Scores:
    return {name: None if value is None else round(value, 5) for name, value in scores.items()}


def plain(error: str) -> str:
    """The line of an error without the paths in it, which differ from machine to machine."""
    return re.sub(r"(?:[A-Za-z]:)?(?:[/\\][\w.@+-]+){2,}[/\\]?", "(a file)", error).strip()


def summary(results: Results, table: str, generators: Iterable[str]) -> list[Summary]:
    """Of each of GENERATORS that was run on TABLE, in their order."""
    found = []
    for generator in generators:
        runs = [run for run in results.runs if (run.table, run.generator) == (table, generator)]
        if runs:
            found.append(_median(generator, runs))
    return found


def _median(generator: str, runs: list[Run]) -> Summary:
    done = [run for run in runs if run.status == DONE]
    wrong = next((run for run in runs if run.status != DONE), None)
    timed = done or runs  # how long it took until it failed is worth knowing too
    names = sorted({name for run in done for name in run.scores})
    return Summary(
        generator,
        len(runs),
        len(done),
        "" if wrong is None else f"{wrong.status}: {wrong.why}".rstrip(": "),
        next((run.note for run in runs if run.note), ""),
        statistics.median(run.seconds for run in timed),
        statistics.median(run.processor for run in timed),
        max(run.memory for run in timed),
        {name: _middle([run.scores.get(name) for run in done]) for name in names},
    )


def _middle(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return statistics.median(present) if present else None
