"""What a command shows: progress on standard error, results on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from locum.errors import LocumError

if TYPE_CHECKING:
    from pathlib import Path

    from locum.evaluate.metrics import Metrics, Status, Verdict
    from locum.release.about import About
    from locum.release.decision import Decision
    from locum.release.gate import NotReleased
    from locum.study.run import Results
    from locum.synthesis import Synthesis

errors = Console(stderr=True)


class Stages:
    """The stages of a long command, one line each: done, or under way, with the time that each took.

    In a terminal the line of the stage under way moves; elsewhere (a log, a pipe) a line is written when a stage
    begins.
    """

    def __init__(self, progress: Progress | None = None, log: bool = False) -> None:
        self._progress = progress
        self._log = log
        self._most = max(errors.height - 4, 1)
        self._current: Any = None
        self._name = ""

    def __call__(self, name: str, share: float = 0.0) -> None:
        """Say that NAME is under way, and SHARE (0 to 1) of it done."""
        if name != self._name:
            self.finish()
            self._name = name
            if self._log:
                print(name, file=sys.stderr, flush=True)  # noqa: T201
            if self._progress is not None:
                self._current = self._progress.add_task(name, total=None, done="")
                for task in self._progress.tasks[: -self._most]:  # a screen cuts off what is below it
                    task.visible = False
        if self._progress is not None and share > 0.0:
            self._progress.update(self._current, done=f"{share:.0%}")

    def share(self, name: str, done: int, of: int) -> None:
        """Say that DONE of OF pieces of NAME are done."""
        self(name, done / of)

    def finish(self) -> None:
        """The stage under way is done."""
        if self._progress is not None and self._current is not None:
            self._progress.update(self._current, total=1.0, completed=1.0, done="")
            self._progress.stop_task(self._current)


@contextmanager
def stages(quiet: bool) -> Iterator[Stages]:
    """Progress on standard error; nothing when QUIET. Where the work fails, only the error is left to read."""
    if quiet or not errors.is_terminal:
        yield Stages(log=not quiet)
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TimeElapsedColumn(),
        TextColumn("{task.description} {task.fields[done]}", markup=False),
    )
    with Progress(*columns, console=errors) as progress:
        shown = Stages(progress)
        try:
            yield shown
        except BaseException:
            progress.live.transient = True
            raise
        shown.finish()
        for task in progress.tasks:
            task.visible = True


def tell(lines: Sequence[str], quiet: bool) -> None:
    """Print LINES unless QUIET."""
    if not quiet:
        for line in lines:
            typer.echo(line)


def notices(lines: Sequence[str], quiet: bool) -> None:
    """Print notices on standard error unless QUIET."""
    if not quiet:
        for line in lines:
            errors.print(f"note: {line}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def machine(result: dict[str, Any]) -> None:
    """Print RESULT as JSON, for a program to read."""
    typer.echo(json.dumps(result, ensure_ascii=False, indent=1))


def verdict(found: Verdict) -> list[str]:
    """The verdict in three lines."""
    return [f"{name:<9} {status.value}" for name, status in found]


def model_file(status: Status | None) -> list[str]:
    """What the model gives away, where it was attacked."""
    if status is None:
        return []
    return [f"model file {status.value}, judged apart from the table"]


def learned(metrics: Metrics) -> str:
    """From how many patients a model was learned, and what it drew."""
    about = metrics.about
    return (
        f"learned from {about.train_patients:,} patients, judged by {about.holdout_patients:,} others, "
        f"drew {about.synthetic_rows:,} artificial ones"
    )


def made(result: Synthesis, *, quiet: bool, as_json: bool) -> None:
    """Say what `synthesize` made, ending in the path of the report."""
    report = result.out / "report.html"
    notices(result.notices, quiet)
    if as_json:
        machine(
            {
                "out": str(result.out),
                "report": str(report),
                "rows": result.synthetic.num_rows,
                "verdict": result.metrics.verdict.model_dump(mode="json"),
                "model_file": result.metrics.model_file,
            }
        )
        return
    tell(
        [
            learned(result.metrics),
            *verdict(result.metrics.verdict),
            *model_file(result.metrics.model_file),
            f"real rows, which must not leave: {result.out / 'private'}",
            f"report: {report}",
        ],
        quiet,
    )


def studied(results: Results, *, quiet: bool, as_json: bool) -> None:
    """Say what a study came to, ending in the path of a report: of the study, or of all that was made in it."""
    notices(results.notices, quiet)
    reports = {one.name: one.folder / "report.html" for one in results.made}
    if as_json:
        machine(
            {
                "out": str(results.out),
                "page": str(results.page),
                "made": {
                    one.name: {
                        "report": str(reports[one.name]),
                        "rows": one.metrics.about.synthetic_rows,
                        "artificial_records": one.artificial,
                        "verdict": one.metrics.verdict.model_dump(mode="json"),
                        "model_file": one.metrics.model_file,
                    }
                    for one in results.made
                },
                "ran": results.ran,
                "skipped": results.skipped,
            }
        )
        return
    lines = []
    for one in results.made:
        lines += [f"{one.name}: {learned(one.metrics)}", *verdict(one.metrics.verdict)]
        lines += model_file(one.metrics.model_file)
    if real := [str(one.folder / "private") for one in results.made if not one.artificial]:
        lines.append(f"real rows, which must not leave: {', '.join(real)}")
    if len(real) < len(reports):
        which = "" if not real else f" of {', '.join(one.name for one in results.made if one.artificial)}"
        lines.append(f"the records{which} are artificial: nobody in them exists")
    page = results.page if len(reports) > 1 else next(iter(reports.values()))
    tell([*lines, f"report: {page}"], quiet)


def refused(refusal: NotReleased, *, as_json: bool) -> None:
    """Say on standard error for which conditions a release is refused, and what would be needed."""
    from locum.release.gate import unanswered

    decision = refusal.decision
    left = unanswered(decision)
    if as_json:
        machine({"released": False, "decision": decision.model_dump(mode="json")})
    lines = [f"{len(left)} of {len(decision.checks)} conditions of a release do not hold:"]
    for check in left:
        who = "an approver who names this condition" if check.name in refusal.private else "a named approver"
        need = "nobody can approve this" if check.needs == "never" else who
        rows = {"asked": check.asked, "found": check.found, "needed": need, "source": check.source}
        lines += ["", f"✗ {check.name}", *(f"    {word:<7} {text}" for word, text in rows.items())]
    for line in [*lines, ""]:
        errors.print(line, markup=False, highlight=False, soft_wrap=True)


def released(about: About, decision: Decision, out: Path, *, quiet: bool, as_json: bool) -> None:
    """Say that a dataset was released, by whose word, ending in the path of the package."""
    if as_json:
        machine(
            {
                "out": str(out),
                "name": about.name,
                "version": about.version,
                "artificial_records": about.artificial,
                "released": True,
                "decision": decision.model_dump(mode="json"),
            }
        )
        return
    held = sum(check.holds for check in decision.checks)
    lines = [f"{about.name} {about.version}: {held} of {len(decision.checks)} conditions hold"]
    lines += [f"{a.approver} answers for {', '.join(a.checks)}: {a.text}" for a in decision.approvals]
    if about.artificial:
        lines.append("the records it was learned from are artificial: nobody in them exists")
    tell([*lines, f"package: {out}"], quiet)


@contextmanager
def kept() -> Iterator[None]:
    """Where what is done stays done: say so after an interrupt."""
    try:
        yield
    except KeyboardInterrupt:
        raise Stopped("stopped; what was done is kept: run the same command to go on") from None


class Stopped(LocumError):
    """An interrupt after which not everything is undone."""

    exit_code = 130  # 128 + SIGINT, as shells expect
