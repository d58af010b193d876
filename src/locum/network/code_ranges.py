"""Sets of split codes as text that a person reads, "0-17,20", and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from locum.network.arrays import Words
from locum.network.damage import need
from locum.network.splits import CODES

_RANGES = re.compile(r"[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*")


def ranges(bits: Words) -> list[str]:
    """The text of each set, uint64[sets, 4], one bit a code."""
    if len(bits) == 0:
        return []
    flags = np.unpackbits(
        bits.astype("<u8").view(np.uint8).reshape(len(bits), CODES // 8), axis=1, bitorder="little"
    )
    edge = np.diff(flags.astype(np.int8), axis=1, prepend=0, append=0)
    starts, ends = np.nonzero(edge == 1), np.nonzero(edge == -1)
    texts: list[list[str]] = [[] for _ in range(len(bits))]
    for row, first, last in zip(starts[0].tolist(), starts[1].tolist(), (ends[1] - 1).tolist(), strict=True):
        texts[row].append(str(first) if first == last else f"{first}-{last}")
    return [",".join(t) for t in texts]


def bits_of(texts: Sequence[str]) -> Words:
    """The sets that `ranges` wrote as TEXTS. Raises `Damaged` when one is written otherwise."""
    flags = np.zeros((len(texts), CODES), np.uint8)
    for row, text in enumerate(texts):
        need(type(text) is str and _RANGES.fullmatch(text) is not None, "a split is not written as ranges")
        for part in text.split(","):
            first, _, last = part.partition("-")
            a, b = int(first), int(last or first)
            need(0 <= a <= b < CODES, "a split names codes that do not exist")
            flags[row, a : b + 1] = 1
    return np.packbits(flags, axis=1, bitorder="little").view("<u8").astype(np.uint64)
