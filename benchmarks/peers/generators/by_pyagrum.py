"""by_pyagrum.py TRAIN ROWS SEED OUT: a Bayesian network of tables by pyAgrum, structure and all.

It learns by greedy hill climbing on BIC with smoothed counts, and draws by forward sampling: the usual choices. It
knows no numbers and no gaps, so this script cuts each number at quantiles (coded.py), makes what is missing a level,
and draws for each cell one of the training values in it, independently of everything else.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pyagrum
from coded import Codes


def main() -> None:
    train, rows, seed, out = sys.argv[1:]
    frame = pd.read_parquet(train)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype(object)
    laid = {name: Codes.of(frame[name]) for name in frame.columns}
    coded = pd.DataFrame({name: codes.codes for name, codes in laid.items()})
    pyagrum.initRandom(int(seed))
    learner = pyagrum.BNLearner(coded)
    learner.useGreedyHillClimbing()
    learner.useScoreBIC()
    learner.useSmoothingPrior()
    network = learner.learnBN()  # by name, since the generator does not keep it alive
    generator = pyagrum.BNDatabaseGenerator(network)
    generator.drawSamples(int(rows))
    drawn = generator.to_pandas()
    rng = np.random.default_rng(int(seed))
    columns = {name: codes.decode(drawn[name].to_numpy().astype(int), rng) for name, codes in laid.items()}
    pd.DataFrame(columns).to_parquet(out, index=False)


if __name__ == "__main__":
    main()
