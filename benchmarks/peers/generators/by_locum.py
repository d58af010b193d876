"""by_locum.py TRAIN ROWS SEED OUT PRIVACY: learn and draw with locum, nothing declared."""

from __future__ import annotations

import sys

import locum
from locum.records.tables import write_table


def main() -> None:
    train, rows, seed, out, privacy = sys.argv[1:]
    model = locum.fit(train, privacy=privacy, seed=int(seed))
    write_table(model.sample(int(rows), seed=int(seed)), out)


if __name__ == "__main__":
    main()
