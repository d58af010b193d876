"""by_synthpop.py TRAIN ROWS SEED OUT: synthpop-py, which grows a tree for each column on those before it (CART).

Settings are its own defaults. Text is handed over as categories.
"""

from __future__ import annotations

import sys

import pandas as pd
from synthpop import Synthesiser


def main() -> None:
    train, rows, seed, out = sys.argv[1:]
    frame = pd.read_parquet(train)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype("category")
    synthesiser = Synthesiser(random_seed=int(seed))
    synthesiser.fit(frame)
    synthesiser.generate(int(rows)).to_parquet(out, index=False)


if __name__ == "__main__":
    main()
