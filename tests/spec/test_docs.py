"""What the manual lists is what there is, and every page is in a part whose examples are run (`test_docs_*.py`)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from locum import errors
from locum.evaluate.metrics import About, Metrics
from locum.release import about, documents
from locum.release.policy import Documentation, Families, read_policy
from locum.release.seal import PUBLIC_KEY, SIGNATURE, SUMS
from locum.release.withdrawal import NAME as WITHDRAWN
from locum.variables import Disclosure, Kind, Role, Variable
from tests.spec.pages import PAGES, PARTS, ROOT, Fence, commands, fences, matches, named, run

REFERENCE = ROOT / "docs" / "reference"
MOST_NOT_RUN = 8  # fences that only a reader can run; the fewer, the more the manual can be believed


def test_every_page_is_in_one_part() -> None:
    in_parts = [page for pages in PARTS.values() for page in pages]
    assert sorted(map(named, in_parts)) == list(map(named, PAGES))


def test_every_part_is_run() -> None:
    files = {file.stem: file.read_text(encoding="utf-8") for file in ROOT.glob("tests/spec/test_docs_*.py")}
    assert files.keys() == {f"test_docs_{part}" for part in PARTS}
    for part in PARTS:
        assert f'test_every_example_runs = examples("{part}")' in files[f"test_docs_{part}"]


def test_few_examples_are_left_to_the_reader() -> None:
    left = [str(fence) for page in PAGES for fence in fences(page) if fence.not_run is not None]
    assert len(left) <= MOST_NOT_RUN, left


def test_every_fence_names_its_language() -> None:
    known = {"python", "console", "bash", "toml", "json", "text", "csv", "r"}
    assert [str(f) for page in PAGES for f in fences(page) if f.language not in known] == []


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{named(page)}: {target}")
    assert broken == []


def _sections(page: Path) -> dict[str, str]:
    """The text under each second-level heading."""
    parts = re.split(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _help(*words: str) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("locum"), *words, "--help"],
        capture_output=True,
        text=True,
        env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb", "PATH": ""},
        check=True,
    )
    return done.stdout


COMMANDS = (  # in the order of their sections
    *("simulate", "load", "extract", "describe", "fit", "generate", "evaluate"),
    *("report", "synthesize", "run", "release", "keys", "verify", "mark", "trace", "withdraw", "demo"),
)
WORDS = {"simulate": (("simulate", "aurum"),), "keys": (("keys", "new"), ("keys", "show"))}
"""Of commands that have commands of their own."""


def test_every_command_has_a_section() -> None:
    sections = _sections(REFERENCE / "commands.md")
    assert [name for name in sections if name.startswith("locum ")] == [f"locum {c}" for c in COMMANDS]
    listed = _help()
    for command in COMMANDS:
        assert re.search(rf"^\W*{command}\b", listed, flags=re.MULTILINE), f"locum has no {command}"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_options_that_are_documented(command: str) -> None:
    section = _sections(REFERENCE / "commands.md")[f"locum {command}"]
    section = re.sub(r"```.*?```", "", section, flags=re.DOTALL)
    documented = set(re.findall(r"`(--[a-z-]+)", section)) - {"--help"}
    listed = " ".join(_help(*words) for words in WORDS.get(command, ((command,),)))
    there = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", listed)) - {"--help"}
    assert documented == there


def test_files_lists_every_field_of_metrics() -> None:
    text = (REFERENCE / "files.md").read_text(encoding="utf-8")
    fields = [*Metrics.model_fields, *About.model_fields]
    assert [name for name in fields if f"`{name}`" not in text] == []


def test_variables_toml_lists_every_key_and_word() -> None:
    text = (REFERENCE / "variables-toml.md").read_text(encoding="utf-8")
    words = [*Kind, *Role, *Disclosure, *Variable.__dataclass_fields__]
    assert [word for word in words if f"`{word}`" not in text] == []


def test_release_toml_lists_every_key() -> None:
    text = (REFERENCE / "release-toml.md").read_text(encoding="utf-8")
    keys = [*about.About.model_fields, *about.Publisher.model_fields, *about.Licence.model_fields]
    assert [key for key in keys if f"| `{key}` |" not in text] == []


def _rows(page: Path) -> dict[str, list[str]]:
    """The cells of each table row whose first is a word of code, by that word."""
    found = re.findall(r"^\| `(\w+)` \|(.+)\|$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split(" | ")] for name, cells in found}


def test_policy_toml_tells_the_policy_that_ships() -> None:
    rows, policy = _rows(REFERENCE / "policy-toml.md"), read_policy().policy
    for name in Families.model_fields:
        v = getattr(policy.verdict, name)
        assert rows[name] == [v.warn, v.fail, v.not_assessable, v.source]
    for name, limit in policy.limit.items():
        assert rows[name][1:] == [f"{limit.most:g}", limit.source]
        # as the page says of all of them
        assert (limit.needs, limit.surely) == ("approver", "never")
        free = name in ("linkability", "linkability_isolated", "small_cells_excess")
        assert limit.unmeasured == ("nobody" if free else "approver")
    for name, least in policy.count.items():
        assert rows[name][1:] == [str(least.least), least.needs, least.source]
    for name in Documentation.model_fields:
        condition = getattr(policy.documentation, name)
        assert rows[name][1:] == [condition.needs, condition.source]
    setting, model = policy.privacy_setting, policy.model_file
    assert rows["quick"][1:] == [policy.quick.needs, policy.quick.source]
    assert rows["privacy_setting"][1:] == [
        "; ".join(
            f"`{step}`{', of another generator' * (step == 'unknown')}: {getattr(setting, step)}"
            for step in ("open", "balanced", "strict", "unknown")
        ),
        setting.source,
    ]
    assert rows["model_file"][1:] == [
        "; ".join(f"`{s}`: {getattr(model, s)}" for s in ("warn", "fail", "not_assessable", "not_attacked")),
        model.source,
    ]


def test_package_lists_every_file() -> None:
    text = (REFERENCE / "package.md").read_text(encoding="utf-8")
    paths = [document.path for document in documents.documents()]
    paths += [
        "data/NAME.parquet",
        "data/NAME.csv",
        "codelists/NAME.csv",
        PUBLIC_KEY,
        SUMS,
        SIGNATURE,
        WITHDRAWN,
    ]
    listed = set(re.findall(r"`([^`]+)`", "".join(re.findall(r"^\|([^|]+)\|", text, flags=re.MULTILINE))))
    assert listed == set(paths)


def test_exit_codes_lists_every_error() -> None:
    text = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    codes = {0} | {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and hasattr(error, "exit_code")
    }
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)} == codes


class TestTheRunner:
    """A runner that passes everything would prove nothing."""

    def _fence(self, language: str, body: str) -> Fence:
        return Fence(ROOT / "docs" / "page.md", 1, language, body, None)

    def test_reads_fences_and_why_one_is_not_run(self, tmp_path: Path) -> None:
        page = tmp_path / "page.md"
        page.write_text(
            "# A\n```python\nx = 1\n```\n\n<!-- not run: too long -->\n```console\n$ make demo\n```\n"
        )
        assert [(f.line, f.language, f.body, f.not_run) for f in fences(page)] == [
            (2, "python", "x = 1\n", None),
            (7, "console", "$ make demo\n", "too long"),
        ]

    def test_reads_commands(self) -> None:
        body = "$ echo a \\\n    b\na b\n$ false # exits 1\n"
        assert [(c.line, c.code, c.expected) for c in commands(body)] == [
            ("echo a     b", 0, "a b"),
            ("false", 1, ""),
        ]

    def test_compares_loosely(self) -> None:
        assert matches("rows ... 12", "10:00 rows   in the file\n 12 columns")
        assert not matches("rows ... 12", "rows 13")

    def test_fences_of_a_page_share_names(self, tmp_path: Path) -> None:
        names: dict[str, object] = {}
        run(self._fence("python", "x = 1"), tmp_path, names)
        run(self._fence("python", "y = x + 1"), tmp_path, names)
        assert names["y"] == 2

    @pytest.mark.parametrize(
        ("language", "body"),
        [
            ("python", "1 / 0"),
            ("console", "$ echo one\ntwo"),
            ("console", "$ false"),
            ("console", "$ true # exits 3"),
            ("toml", "a = "),
            ("json", "{"),
        ],
    )
    def test_a_fence_that_is_wrong_fails(self, tmp_path: Path, language: str, body: str) -> None:
        with pytest.raises((AssertionError, ArithmeticError, ValueError)):
            run(self._fence(language, body), tmp_path, {})
