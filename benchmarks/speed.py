"""Time fitting and drawing beside peers in the same run: synthpop-py (sequential CART) and pyAgrum (structure only).

    speed.py [ROWS ...] [--columns N] [--cap MINUTES] [--peer-python PYTHON] [--growth]

Each generator runs in a process of its own on the same simulated table (`tables.py`, `timed.py`), one after the other,
with kernels compiled. synthpop-py is no part of the project: it runs in an environment that this script makes in the
user's cache, or in that of --peer-python. A peer that takes longer than the cap is
stopped, and at larger sizes left out.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import venv
from pathlib import Path

from tables import COLUMNS

ROWS = (1_000, 16_000, 140_000, 500_000)
HERE = Path(__file__).parent
PEER = "synthpop-py==0.1.3"

Figures = dict[str, float]


def peer_python() -> Path:
    """The Python of an environment with synthpop-py, made once."""
    place = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "locum" / PEER.replace("==", "-")
    python = place / "bin" / "python"
    if not (place / "made").exists():
        venv.create(place, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True)
        (place / "made").touch()
    return python


def run(python: str | Path, name: str, rows: int, columns: int, cap: float) -> Figures:
    """The figures of one generator; when it was stopped after CAP seconds, only the processor's time till then."""
    command = [str(python), "-W", "ignore", str(HERE / "timed.py"), name, str(rows), str(columns)]
    before = _spent()
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=cap)
    except subprocess.TimeoutExpired:
        return {"stopped cpu": _spent() - before}
    if found.returncode:
        raise SystemExit(f"{name} failed on {rows:,} rows:\n{found.stderr[-2000:]}")
    return dict(json.loads(found.stdout))


def _spent() -> float:
    """Seconds of processor of all generators that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(figures: Figures, of: str = "") -> float:
    """Of wall-clock, or of " cpu"."""
    return figures[f"fit{of}"] + figures.get(f"draw{of}", 0.0)


def compare(sizes: list[int], columns: int, cap: float, python: str | Path) -> None:
    print(
        "In brackets the processor's seconds; ratios are of wall-clock and, in brackets, of the processor's time.\n"
        "     rows   describe     fit (processor)     draw   memory"
        "   synthpop-py  memory  ratio   pyAgrum, structure  ratio"
    )
    stopped: set[str] = set()
    for rows in sizes:
        own = finished(rows, columns)
        line = (
            f"{rows:>9,}  {own['describe']:>7.2f} s  {own['fit']:>6.2f} s ({own['fit cpu']:>6.2f} s)"
            f"  {own['draw']:>5.2f} s ({own['draw cpu']:>5.2f} s)  {own['memory']:>4.0f} MB"
        )
        for name, interpreter, parts in (
            ("synthpop", python, ("fit", "draw")),
            ("pyagrum", sys.executable, ("fit",)),
        ):
            ours, work = (sum(own[part + of] for part in parts) for of in ("", " cpu"))
            if name in stopped:
                line += "    left out"
                continue
            peer = run(interpreter, name, rows, columns, cap)
            if "fit" in peer:
                line += (
                    f"  {seconds(peer):>8.2f} s ({seconds(peer, ' cpu'):>6.2f} s)  {peer['memory']:>4.0f} MB"
                    f"  {seconds(peer) / ours:>5.1f} ({seconds(peer, ' cpu') / work:.1f})"
                )
            else:
                spent = peer["stopped cpu"]
                line += f"  more than {cap:.0f} s ({spent:.0f} s)  > {cap / ours:.1f} (> {spent / work:.1f})"
                stopped.add(name)
        print(line, flush=True)


def finished(rows: int, columns: int) -> Figures:
    """Our own figures."""
    own = run(sys.executable, "locum", rows, columns, 3600)
    if "fit" not in own:
        raise SystemExit(f"locum took over an hour on {rows:,} rows")
    return own


def growth(columns: int) -> None:
    """Exponents of the processor's time: of rows at one number of columns, of columns at one number of rows."""
    for what, tables in (
        ("rows", [(rows, columns) for rows in (4_000, 16_000, 64_000, 256_000)]),
        ("columns", [(16_000, n) for n in (6, 12, 23, 46)]),
    ):
        before: tuple[float, Figures] | None = None
        for rows, n in tables:
            own = finished(rows, n)
            size = float(rows if what == "rows" else n)
            line = f"{rows:>9,} x {n:>3}  fit {own['fit cpu']:>7.2f} s  draw {own['draw cpu']:>6.2f} s"
            if before:
                step = math.log(size / before[0])
                line += "".join(
                    f"  {key} ~ {what}^{math.log(own[f'{key} cpu'] / before[1][f'{key} cpu']) / step:.2f}"
                    for key in ("fit", "draw")
                )
            print(line, flush=True)
            before = size, own


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("rows", nargs="*", type=int)
    parser.add_argument("--columns", type=int, default=COLUMNS)
    parser.add_argument("--cap", type=float, default=10.0, help="minutes after which a peer is stopped")
    parser.add_argument("--peer-python", help="a Python that has synthpop-py")
    parser.add_argument("--growth", action="store_true", help="print growth exponents in place of peers")
    given = parser.parse_args()
    if given.growth:
        growth(given.columns)
    else:
        compare(given.rows or list(ROWS), given.columns, 60 * given.cap, given.peer_python or peer_python())


if __name__ == "__main__":
    main()
