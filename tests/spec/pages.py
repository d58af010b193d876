"""The pages of the manual in parts, a page as a list of fences, and how a fence is run."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from locum.cohorts.definition import parse_definition
from locum.release.about import About
from locum.release.policy import Policy
from locum.strict import validate
from locum.study.plan import parse_plan
from locum.variables.toml import from_toml

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_TABLES = ("condition-and-boost", "declare-variables", "longitudinal", "own-table", "read-the-report")
_RECORDS = ("air-gap", "codelists", "records", "release", "use-a-dataset")
_PARTS = {  # about as long to run, two and two
    "tables": [f"docs/how-to/{name}.md" for name in _TABLES],
    "reference": ["docs/reference/*.md"],
    "records": [f"docs/how-to/{name}.md" for name in _RECORDS],
    "others": ["*.md", *(f"docs/{folder}*.md" for folder in ("", "tutorial/", "explanation/", "decisions/"))],
}
PARTS = {part: sorted(p for glob in globs for p in ROOT.glob(glob)) for part, globs in _PARTS.items()}
"""The pages whose examples ``test_docs_PART.py`` runs, so that processes share them; each is in one part."""

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)```\s*$", re.MULTILINE | re.DOTALL
)
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>[^>]+) -->\s*\Z")
_EXITS = re.compile(r"\s+# exits (\d+)$")


@dataclass(frozen=True)
class Fence:
    """not_run: why the fence is not run, None when it is."""

    page: Path
    line: int
    language: str
    body: str
    not_run: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line} ({self.language or 'no language'})"


@dataclass(frozen=True)
class Command:
    """A line after ``$``, the exit code it must have, and what must be printed ('' when nothing is shown)."""

    line: str
    code: int
    expected: str


def fences(page: Path) -> list[Fence]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        before = _NOT_RUN.search(text[: match.start()])
        indent = len(match["indent"])
        body = "".join(line[indent:] for line in match["body"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start()) + 1
        found.append(Fence(page, line, match["language"], body, before["reason"] if before else None))
    return found


def commands(body: str) -> Iterator[Command]:
    """Each ``$ `` line (continued by a backslash), with the lines up to the next as what it prints."""
    joined = body.replace("\\\n", "")
    for part in re.split(r"^\$ ", joined, flags=re.MULTILINE)[1:]:
        line, _, expected = part.partition("\n")
        exits = _EXITS.search(line)
        yield Command(_EXITS.sub("", line), int(exits[1]) if exits else 0, expected.strip())


def matches(expected: str, printed: str) -> bool:
    """Whether PRINTED holds EXPECTED, where white space is one space and ``...`` is anything."""
    parts = [re.escape(" ".join(part.split())) for part in expected.split("...")]
    return re.search(r"\s*.*?\s*".join(parts), " ".join(printed.split())) is not None


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def examples(part: str) -> Callable[[Path, Path, pytest.MonkeyPatch], None]:
    """The test of the pages of PART: each is read from the top, in a folder of its own.

    Pages with much to run come first: pytest-xdist gives the next file to a process that has two tests left.
    """

    @pytest.mark.parametrize("page", sorted(PARTS[part], key=_work, reverse=True), ids=named)
    def test(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        names: dict[str, object] = {"__name__": "__main__"}
        for fence in fences(page):
            if fence.not_run is None:
                run(fence, tmp_path, names)

    return test


def _work(page: Path) -> int:
    """How many commands and pieces of Python PAGE has to run."""
    found = [fence for fence in fences(page) if fence.not_run is None]
    pieces = [1 for fence in found if fence.language == "python"]
    return len(pieces) + sum(
        len(list(commands(fence.body))) for fence in found if fence.language in ("console", "bash")
    )


def run(fence: Fence, directory: Path, names: dict[str, object]) -> None:
    """Runs or parses FENCE in DIRECTORY; python fences of one page share NAMES."""
    if fence.language == "python":
        # A page is read from the top: what one fence leaves in NAMES, the next may use.
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(fence.body, str(fence), "exec", dont_inherit=True), names)
    elif fence.language in ("console", "bash"):
        for command in commands(fence.body):
            _run_command(fence, command, directory)
    elif fence.language == "toml":
        keys = tomllib.loads(fence.body)
        if "index" in keys:
            parse_definition(fence.body, str(fence))
        elif "records" in keys:
            parse_plan(fence.body, str(fence))
        elif "variable" in keys:
            from_toml(fence.body, str(fence))
        elif "verdict" in keys:
            validate(keys, Policy, str(fence))
        elif "publisher" in keys:
            validate(keys, About, str(fence))
    elif fence.language == "json":
        json.loads(fence.body)


def _run_command(fence: Fence, command: Command, directory: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "110",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "LOCUM_KEY_PASSWORD": "what a reader types when asked",
    }
    done = subprocess.run(
        ["bash", "-c", command.line],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    printed = done.stdout + done.stderr
    if done.returncode != command.code:
        raise AssertionError(
            f"{fence}: `{command.line}` exits {done.returncode}, not {command.code}:\n{printed}"
        )
    if not matches(command.expected, printed):
        raise AssertionError(
            f"{fence}: `{command.line}` prints\n{printed}\nwhere the page says\n{command.expected}"
        )
