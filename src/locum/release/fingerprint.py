"""Mark a recipient's copy, and tell from a leaked one whose it was.

A copy is a random part of the dataset's rows: each row is left out with a chance of one in twenty, by a secret that
only the custodian has, differently for each recipient. No value is changed, so a copy differs from the whole as any
random sample does, and less than that: by about a fifth of the error that sampling patients makes. A leaked copy lacks
the rows that its recipient never had, whatever else was taken from it; of anybody else's missing rows it holds most.

The idea, a fingerprint that lies in which records are there, is of Boneh & Shaw (1998, "Collusion-secure fingerprinting
for digital data"); that of random choice by a secret is Tardos's (2008), whose codes withstand collusion. This one
does not: two recipients who join their copies hold almost all rows.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from locum.errors import BadInput
from locum.release.matching import Matched, match

LEFT_OUT = 0.05
"""The share of the rows that a copy lacks. The more, the fewer leaked rows suffice: of 200 rows that occur once, an
innocent copy lacks none with a chance of .95^200, one in 30,000."""

SURE = 1e-4
"""A recipient is named where somebody innocent, of all that are asked about, fits as well with at most this chance."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def called(recipient: str) -> str:
    """The name of a recipient as it is written down: whatever blanks it was typed with, and in one way of accents."""
    return unicodedata.normalize("NFC", " ".join(recipient.split()))


def kept(rows: int, secret: bytes, dataset: str, recipient: str) -> Flags:
    """bool[ROWS]: which rows the copy of RECIPIENT holds, whose name may be in capitals or not.

    secret: the custodian's; dataset: the SHA-256 of the Parquet file that is copied.
    """
    message = b"\0".join((b"locum fingerprint 1", dataset.encode(), _known(recipient).encode()))
    seed = int.from_bytes(hmac.digest(secret, message, hashlib.sha256), "big")
    return np.random.Generator(np.random.PCG64(seed)).random(rows) >= LEFT_OUT


def _known(recipient: str) -> str:
    """A name as it is compared: however it was typed, an accent and its letter being one sign or two."""
    return unicodedata.normalize(
        "NFKC", " ".join(unicodedata.normalize("NFKC", recipient).casefold().split())
    )


@dataclass(frozen=True)
class Suspect:
    """How well a leaked table fits the copy of one recipient.

    lacking: rows of the leaked table that this copy does not hold (where several rows of the dataset look the same, the
        chance of it), of which a stranger's table holds about LEFT_OUT * matched. chance: that a copy of somebody
        innocent fits as well, at most.
    """

    recipient: str
    lacking: float
    chance: float


@dataclass(frozen=True)
class Traced:
    """What a leaked table tells. named: the recipient whose copy it is; None where it does not tell. able: whether a
    table like it, taken from the copy of one who is asked about, would tell as a rule; else suspects mean nothing.

    rows: of the leaked table; matched: of those, found in the dataset; distinct: different rows among them.
    columns: those that were compared. suspects: the best fit first.
    """

    named: str | None
    able: bool
    rows: int
    matched: int
    distinct: int
    columns: tuple[str, ...]
    suspects: tuple[Suspect, ...]


def trace(
    leaked: pa.Table, whole: pa.Table, secret: bytes, dataset: str, recipients: Sequence[str]
) -> Traced:
    """Whose copy LEAKED was taken from: some of the rows and columns, numbers perhaps rounded, in any order.

    whole: the dataset before it was marked. Raises BadInput when there is nobody to ask about, or no column in common.
    """
    names = list({_known(name): called(name) for name in reversed(recipients) if called(name)}.values())[::-1]
    if not names:
        raise BadInput("nobody to ask about: name the recipients of copies")
    found = match(leaked, whole)
    tail = _Tail.of(found)
    suspects = [_suspect(name, found, tail, kept(whole.num_rows, secret, dataset, name)) for name in names]
    suspects.sort(key=lambda suspect: (suspect.chance, suspect.lacking, suspect.recipient))
    best = suspects[0]
    alone = len(suspects) == 1 or suspects[1].chance > SURE / len(suspects)
    named = best.recipient if best.chance * len(suspects) <= SURE and alone else None
    return Traced(
        named=named,
        able=named is not None or tail.chance(_guilty(found)) * len(suspects) <= SURE,
        rows=leaked.num_rows,
        matched=found.matched,
        distinct=len(found.leaked),
        columns=found.columns,
        suspects=tuple(suspects),
    )


def _suspect(recipient: str, found: Matched, tail: _Tail, holds: Flags) -> Suspect:
    """The statistic is the sum over kinds of rows that look the same of leaked * left out / all."""
    left_out = np.bincount(found.kind[~holds & (found.kind >= 0)], minlength=len(found.leaked))
    lacking = float((found.leaked / found.whole) @ left_out)
    return Suspect(recipient, round(lacking, 2), tail.chance(lacking))


def _guilty(found: Matched) -> float:
    """What the copy lacks, on average, that the table was taken from: of each kind it holds a row at least."""
    return LEFT_OUT * float((found.leaked * (1 - 1 / found.whole)).sum())


@dataclass(frozen=True)
class _Tail:
    """The lower tail of the statistic for somebody innocent: a sum of binomial counts, each times its weight.

    weight: float64[m], the different weights; rows: float64[m], how many rows of the dataset have each.
    """

    weight: Floats
    rows: Floats

    @classmethod
    def of(cls, found: Matched) -> _Tail:
        weight, which = np.unique(found.leaked / found.whole, return_inverse=True)
        return cls(weight, np.bincount(which, found.whole, len(weight)).astype(np.float64))

    def chance(self, lacking: float) -> float:
        """At most the chance that so little is lacking.

        Chernoff's bound: exp(t * lacking) times the product over rows of 1 - p + p exp(-t * weight), at the best t.
        """
        if not len(self.weight):
            return 1.0
        steps = np.geomspace(1e-3, 1e4, 141)[:, None] / self.weight.max()
        log = steps[:, 0] * lacking + np.log1p(LEFT_OUT * np.expm1(-steps * self.weight)) @ self.rows
        return float(np.exp(min(0.0, log.min())))
