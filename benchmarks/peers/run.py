"""A scorecard of generators: locum beside its peers on the same patients, by fidelity, privacy and time.

    run.py [TABLE ...] [--data FOLDER] [--scorer SCORE.PY] [--only GENERATOR ...] [--seeds 0 1] [--minutes 4] [--draw]
    make bench-peers DATA=FOLDER SCORER=SCORE.PY [TABLES="adult framingham"] [ONLY="locum-balanced"]

TABLE and SCORE.PY are as for quality.py. Without --data a table that lifelines ships is used, and without --scorer
`locum evaluate` judges. Each generator runs as a process in an environment of its own, which is made when it is
first needed. Figures go to results.json beside this file, run by run: what was there of the same generator, table and
seed is replaced, the rest is kept. Then the picture and the table in the README are made of it; --draw does this alone.
Judged by locum itself, they go to the folder peers, or to that of --out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # of quality.py, which is a script too
sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.peers import picture, results, scoring, tabulated
from benchmarks.peers.registry import GENERATORS, Generator

import locum

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
PICTURE = HERE.parents[1] / "docs" / "images" / "peers.svg"
TABLES = ("adult", "framingham")
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE"}  # threads sleep while they wait, so that processor's time is of work


def measured(command: list[str], cap: float) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-S", "-E", str(HERE / "measured.py"), str(cap), *command],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | PATIENT,
    )
    return dict(json.loads(done.stdout))


def version(generator: Generator) -> str:
    return generator.packages[-1] if generator.packages else f"locum=={locum.__version__}"


def one(
    generator: Generator, halves: scoring.Halves, seed: int, folder: Path, given: argparse.Namespace
) -> tuple[results.Run, results.Scores]:
    """What came of one run, whether or not it worked, and the scores of real rows if it did."""
    out = folder / "synthetic.parquet"
    out.unlink(missing_ok=True)
    whose = (halves.name, generator.name, seed, version(generator))
    try:
        train, rows = folder / "train.parquet", halves.train.num_rows
        command = generator.command(train, rows, seed, out, given.minutes)
    except subprocess.CalledProcessError as error:
        return results.Run(*whose, "failed", f"no environment: pip ended with {error.returncode}"), {}
    took = measured(command, 60 * given.cap)
    status, said = str(took.pop("status")), str(took.pop("said"))
    why = results.plain(str(took.pop("why")))
    notes = [line.removeprefix("note: ") for line in said.splitlines() if line.startswith("note: ")]
    figures = {name: float(str(value)) for name, value in took.items()}
    real: results.Scores = {}
    scores: results.Scores = {}
    if status == results.DONE:
        try:
            scores, real = scoring.score(halves, folder, given.scorer)
        except scoring.NotScored as error:
            status, why = "not scored", results.plain(str(error))
    elif status == "timed out":
        why = f"after {given.cap:g} minutes"
    return results.Run(*whose, status, why, "; ".join(notes), **figures, scores=scores), real


def run(given: argparse.Namespace, kept: results.Results, file: Path) -> results.Results:
    for name in given.tables:
        halves = scoring.halves(name, given.data)
        shape = halves.train.num_rows, halves.train.num_columns
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            scoring.lay(halves, folder)
            for seed in given.seeds:
                for generator in given.only:
                    if GENERATORS[generator].family == "locum":
                        locum.fit(halves.train.slice(0, 200)).sample(200)  # compiles the kernels
                    found, real = one(GENERATORS[generator], halves, seed, folder, given)
                    kept = kept.with_run(found).with_table(name, shape, real)
                    results.write(kept, file)
                    told(found)
    return kept


def told(run: results.Run) -> None:
    figures = [f"{k} {run.scores[k]:.3f}" for k in ("c2st", "member_auc") if run.scores.get(k) is not None]
    print(
        f"{run.table}, {run.generator}, seed {run.seed}: {run.status} {run.why}{run.note}",
        *figures,
        f"{run.seconds:.1f} s ({run.processor:.1f} s of processor), {run.memory:.0f} MB",
        file=sys.stderr,
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--only", nargs="+", default=list(GENERATORS), choices=list(GENERATORS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--minutes", type=float, default=4.0, help="that TabularARGN may learn")
    parser.add_argument("--cap", type=float, default=15.0, help="minutes after which any generator is ended")
    parser.add_argument("--draw", action="store_true", help="make picture and table from results.json alone")
    parser.add_argument(
        "--out", type=Path, help="a folder for results, picture and table, in place of the project's"
    )
    given = parser.parse_args()
    if given.scorer is not None and given.data is None:
        parser.error("--scorer is for tables in --data")
    if unknown := given.data and set(given.tables) - set(scoring.quality.TABLES):
        parser.error(f"unknown table {', '.join(sorted(unknown))}; use {', '.join(scoring.quality.TABLES)}")
    given.tables = given.tables or list(TABLES if given.data else (scoring.SHIPPED,))
    out = given.out or (HERE if given.scorer or given.draw else Path("peers"))
    out.mkdir(parents=True, exist_ok=True)
    file = out / "results.json"
    judge = scoring.OUTSIDE if given.scorer else scoring.OWN
    kept = results.read(file) or results.Results(judge)
    if not given.draw:
        if kept.scorer != judge:
            parser.error(f"{file} was judged by {kept.scorer}; give --out FOLDER for results by {judge}")
        kept = run(given, kept, file)
    if out == HERE:
        PICTURE.write_text(picture.draw(kept), encoding="utf-8")
        tabulated.write(kept, README)
    else:
        (out / "peers.svg").write_text(picture.draw(kept), encoding="utf-8")
        (out / "peers.md").write_text(tabulated.text(kept), encoding="utf-8")
    print(tabulated.text(kept))


if __name__ == "__main__":
    main()
