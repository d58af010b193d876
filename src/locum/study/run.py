"""Carry out a study: each stage once, and again only when something that it depends on has changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from locum.atomic import atomic_path
from locum.errors import BadInput
from locum.evaluate.metrics import Metrics
from locum.report import load_metrics
from locum.report.study_page import Part, render_study
from locum.study.found import Study, read_study
from locum.study.place import claimed
from locum.study.stage import Say, Stage
from locum.study.stages import stages
from locum.study.state import Done, Hashes, read_state
from locum.synthesis import PRIVATE

PAGE = "index.html"
WARNING = """\
The folders records/, extract/ and every private/ within this one hold REAL PATIENTS' ROWS, where they are there.
They must not leave the secure environment. No other file here holds a real patient's row.
"""


@dataclass(frozen=True)
class Made:
    """What was made of a cohort, or of a table. artificial: the records that it was drawn from are."""

    name: str
    folder: Path
    metrics: Metrics
    artificial: bool


@dataclass(frozen=True)
class Results:
    """What a run came to. ran, skipped: keys of stages. notices: hold no value of a patient."""

    out: Path
    page: Path
    made: tuple[Made, ...]
    ran: tuple[str, ...]
    skipped: tuple[str, ...]
    notices: tuple[str, ...]


def run(
    path: str | Path,
    out: str | Path | None = None,
    *,
    threads: int | None = None,
    memory: str = "4GB",
    stage: Say = lambda what, share: None,
) -> Results:
    """Carry out the study in the file PATH, into OUT (the file's name without its ending, when None).

    After an interrupt at any point the same call goes on where it was.
    Raises BadInput as `read_study` and the stages do, and when OUT holds other things or is in use.
    """
    study = read_study(path)
    out = Path(path).with_suffix("") if out is None else Path(out)
    return carry_out(study, out, threads=threads, memory=memory, stage=stage)


def carry_out(
    study: Study,
    out: Path,
    *,
    threads: int | None = None,
    memory: str = "4GB",
    stage: Say = lambda what, share: None,
) -> Results:
    """As `run`, for a study that is read."""
    names = [*(one.name for one in study.cohorts), *(one.name for one in study.tables)]
    with claimed(out, names):
        state = read_state(out, study.name)
        state.write(out)
        if study.simulate is None or study.tables:
            with atomic_path(out / "MUST-NOT-LEAVE.txt") as file:
                file.write_text(WARNING, encoding="utf-8")
        hashes = Hashes()
        every, ran = list(stages(study, out, threads=threads, memory=memory)), []
        for one in every:
            inputs = hashes.inputs(one.key, one.settings, one.reads)
            say = partial(_said, stage, one.of)
            if _unchanged(state.stages.get(one.key), inputs, one, out, hashes):
                say(f"{one.words}: nothing has changed", 0.0)
                continue
            (out / PAGE).unlink(missing_ok=True)  # it would tell of what was
            state.stages[one.key] = _do(one, inputs, out, hashes, say)
            state.write(out)
            ran.append(one.key)
        made = tuple(_made(name, out / name) for name in names)
        done = [(_worded(one), state.stages[one.key]) for one in every]
        with atomic_path(out / PAGE) as page:
            page.write_text(_page(study, made, done, out), encoding="utf-8")
    notices = dict.fromkeys(notice for _, one in done for notice in one.notices)
    skipped = tuple(one.key for one in every if one.key not in ran)
    return Results(out, out / PAGE, made, tuple(ran), skipped, tuple(notices))


def _unchanged(done: Done | None, inputs: str, stage: Stage, out: Path, hashes: Hashes) -> bool:
    """Whether STAGE was done with the same inputs, and what it wrote is there as it was."""
    return done is not None and done.inputs == inputs and done.outputs == _outputs(stage, out, hashes)


def _outputs(stage: Stage, out: Path, hashes: Hashes) -> dict[str, str]:
    found = {path.relative_to(out).as_posix(): hashes.of(path) for path in stage.writes}
    return {name: value for name, value in found.items() if value is not None}


def _do(stage: Stage, inputs: str, out: Path, hashes: Hashes, say: Say) -> Done:
    started = time.monotonic()
    for path in stage.writes:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent.name == PRIVATE:
            path.parent.chmod(0o700)
    try:
        notices = stage.make(say)
    except BadInput as error:
        raise BadInput(f"{stage.of}: {error}" if stage.of else str(error)) from None
    return Done(
        inputs=inputs,
        outputs=_outputs(stage, out, hashes),
        seconds=round(time.monotonic() - started, 1),
        notices=[str(notice) for notice in notices],
    )


def _said(stage: Say, of: str, what: str, share: float) -> None:
    stage(f"{of}: {what}" if of else what, share)


def _worded(stage: Stage) -> str:
    return f"{stage.of}: {stage.words}" if stage.of else stage.words


def _made(name: str, folder: Path) -> Made:
    metrics = load_metrics(folder)
    return Made(name, folder, metrics, bool(metrics.about.artificial))


def _page(study: Study, made: tuple[Made, ...], done: list[tuple[str, Done]], out: Path) -> str:
    quality = out / "records" / "quality.html"
    return render_study(
        study.title,
        [Part(one.name, one.metrics, f"{one.name}/report.html") for one in made],
        [(words, one.seconds) for words, one in done],
        artificial=[one.name for one in made if one.artificial],
        quality=str(quality.relative_to(out)) if study.cohorts and quality.is_file() else None,
    )
