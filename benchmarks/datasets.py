"""Both datasets at the published size, from nothing to verified packages, with time and memory of each stage.

    datasets.py [--out FOLDER]
    make datasets

Runs the commands as a custodian types them, each as a process of its own, and stops at the first that fails. Where an
earlier run was, goes on: simulated records and all else that is unchanged are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from locum.release.policy import read_policy

EXAMPLES = Path(__file__).parents[1] / "examples" / "datasets"
NAMES = ("cvd", "covid19")
APPROVAL = "locum demonstration: the records are artificial, so that a caution about privacy concerns nobody"
"""Only used, and written down, where the gate asks for a person."""
MOST_SECONDS, MOST_GB = 15 * 60, 6.0
LOCUM = (sys.executable, "-c", "from locum.cli import main; main()")


class Stages:
    """Runs commands, and keeps what each took."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.done: list[tuple[str, float, float]] = []  # what, seconds, peak memory in GB

    def run(self, what: str, *arguments: object) -> str:
        """Standard output of ``locum ARGUMENTS``, which must succeed."""
        print(f"\n$ locum {' '.join(map(str, arguments))}", file=sys.stderr, flush=True)
        start = time.perf_counter()
        process = subprocess.Popen([*LOCUM, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        printed = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        code = process.returncode = os.waitstatus_to_exitcode(status)
        self.done.append((what, time.perf_counter() - start, used.ru_maxrss / 2**20))
        if code:
            print(printed, end="")
            raise SystemExit(code)
        return printed


def build(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    stages = Stages(out)
    study, key = out / "study", out / "demonstration.key"
    stages.run("study", "run", EXAMPLES / "study.toml", "--out", study)
    if not key.exists():
        stages.run("keys", "keys", "new", "--out", key, "--no-password", "--quiet")
    for name in NAMES:
        package = out / f"{name}-1.0.0"
        about = EXAMPLES / f"{name}.toml"
        private = ",".join(["privacy", *read_policy().policy.limit])  # nobody exists of whom they could tell
        approved = ("--approve", APPROVAL, "--approve", f"{private}={APPROVAL}")
        given = ("--about", about, "--key", key, *approved)
        stages.run(f"{name}: release", "release", study / name, "--out", package, *given)
        archive = package.with_name(f"{package.name}.zip")
        print(stages.run(f"{name}: verify", "verify", archive, "--key", f"{key}.pub"), flush=True)
    tell(stages.done, study)


def tell(done: Sequence[tuple[str, float, float]], study: Path) -> None:
    """The table of stages; those of the study as it timed them itself, the last time that each was run."""
    timed = json.loads((study / "study.json").read_text())["stages"]
    simulated = timed.get("simulate", {}).get("seconds", 0.0)
    print("| stage | seconds | peak memory |\n|---|---|---|")
    for name, stage in timed.items():
        print(f"| study: {name} | {stage['seconds']:.0f} | |")
    for what, seconds, memory in done:
        if what != "study":
            print(f"| {what} | {seconds:.0f} | {memory:.1f} GB |")
    after = sum(stage["seconds"] for stage in timed.values()) - simulated
    after += sum(seconds for what, seconds, _ in done if what != "study")
    most = max(memory for _, _, memory in done)
    print(
        f"| **all but simulating** | **{after:.0f}** of {MOST_SECONDS} | **{most:.1f} GB** of {MOST_GB:.0f} |"
    )
    print(f"peak memory of the study, all its stages in one process: {done[0][2]:.1f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("datasets"))
    build(parser.parse_args().out)


if __name__ == "__main__":
    main()
