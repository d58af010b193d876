"""How well the two cohorts recover, from an artificial extract, what is written down and what is true.

    truth.py [--patients 20000] [--seed 0]

Prints a table for each cohort, in Markdown: for which share of patients each variable is as it truly was, and why the
others are not; as known, for how many of those with a truth it is known, or found of those who truly have it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pandas as pd

from locum.extraction import extract
from locum.records.artificial import simulate
from locum.records.load import Loading, load

sys.path.insert(0, str(Path(__file__).parents[1]))  # the expectation lies among the tests

from tests.truth.agreement import Row, against_records, against_truth
from tests.truth.expected import connect


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raw, records = folder / "raw", folder / "records"
        raw.mkdir()
        records.mkdir()
        simulate(raw, given.patients, seed=given.seed)
        load(raw, records, Loading())
        db = connect(raw)
        for cohort in ("cvd", "covid19"):
            extract(records, cohort, folder / f"{cohort}.parquet")
            table = pd.read_parquet(folder / f"{cohort}.parquet").set_index("patient").sort_index()
            written = against_records(db, cohort, table)
            print(
                f"\n{cohort}: {len(table):,} of {given.patients:,} patients, {len(table.columns)} variables"
            )
            print(f"other than written down: {sum(written.values())} of {table.size:,} values and patients")
            print({name: count for name, count in written.items() if count} or "")
            rows = against_truth(db, cohort, table)
            print("| variable | as it truly was | known | correlation | bias | differs because |")
            print("|---|---|---|---|---|---|")
            print("\n".join(map(_line, rows)))
            print(f"differences without a reason: {sum(row.unexplained for row in rows)}", flush=True)


def _line(row: Row) -> str:
    reasons = ", ".join(f"{why} {count:,}" for why, count in row.reasons.items())
    numbers = "" if row.correlation is None else f"{row.correlation:.3f}"
    bias = "" if row.bias is None else f"{row.bias:+.2f}"
    share = f"{100 * row.agree / row.patients:.1f} %"
    cells = (row.variable, share, f"{row.known:,} of {row.true_known:,}", numbers, bias, reasons)
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
