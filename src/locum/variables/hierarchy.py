"""Which levels belong together: by a declared hierarchy, or by the prefixes of codes such as ICD-10's I21.9."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput

PREFIX = "prefix"
"""The hierarchy in which every code lies under its own beginnings: I21.9 under I21, I2 and I."""

Hierarchy = str | dict[str, tuple[str, ...]]
"""PREFIX, or group -> its members, which are levels or groups in turn; "" for none."""

FEWEST_CODES = 20  # distinct texts below which nothing is gained by seeing codes in them
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{2,11}", re.ASCII)
_LETTER_AND_DIGIT = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])", re.ASCII)
_LONGEST = 32  # characters of a prefix: longer texts are no codes, and the work grows with the square
_SHARED = 3  # characters of a prefix: a category of ICD-10 or OPCS-4, a class of ATC
_MOST_PREFIXES = 0.7  # of that length, for each code: above it, prefixes put too little together


class Ancestors:
    """The nodes above each level, the nearest first."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._by_prefix = hierarchy == PREFIX
        groups = hierarchy if isinstance(hierarchy, Mapping) else {}
        self._parent = {member: group for group, members in groups.items() for member in members}

    def of(self, text: str) -> Iterator[str]:
        if self._by_prefix:
            last = text
            for end in range(min(len(text) - 1, _LONGEST), 0, -1):
                node = text[:end].rstrip("./- ")  # "I21." is "I21"
                if node and node != last:
                    yield node
                    last = node
            return
        node = text
        while node in self._parent:
            node = self._parent[node]
            yield node


def nearest(levels: Sequence[str], hierarchy: Hierarchy, texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """int64[texts]: for each of TEXTS, the number of the level nearest to it in HIERARCHY; -1 where none is related.

    Nearest are the levels under the lowest node that stands above (or is) the text; of these, the last in the list,
    which is the rarest where the levels were inferred.
    """
    above = Ancestors(hierarchy)
    under: dict[str, int] = {}
    for i, level in enumerate(levels):
        under[level] = i
        for node in above.of(level):
            under[node] = i
    return np.array(
        [next((under[n] for n in (text, *above.of(text)) if n in under), -1) for text in texts], np.int64
    )


def are_codes(texts: Sequence[str]) -> bool:
    """Whether TEXTS are codes with letters and digits, many of which begin alike, as a classification's do.

    Codes of digits alone (SNOMED CT, dm+d) have prefixes that mean nothing; where they do (ICD-9), a person says so.
    """
    if len(texts) < FEWEST_CODES or not all(_CODE.fullmatch(text) for text in texts):
        return False
    mixed = sum(_LETTER_AND_DIGIT.match(text) is not None for text in texts)
    return mixed >= 0.9 * len(texts) and len({t[:_SHARED] for t in texts}) <= _MOST_PREFIXES * len(texts)


def hierarchy_faults(hierarchy: Hierarchy) -> Iterator[str]:
    """What is wrong with a declared hierarchy."""
    if isinstance(hierarchy, str):
        if hierarchy not in ("", PREFIX):
            yield f'its hierarchy is neither "{PREFIX}" nor groups; give groups as {{ "group" = ["level"] }}'
        return
    parent: dict[str, str] = {}
    for group, members in hierarchy.items():
        if not group.strip():
            yield "a group of its hierarchy has no name; name it"
        for member in members:
            if parent.setdefault(member, group) != group:
                yield f'"{member}" is in two groups of its hierarchy; keep one'
                return
    settled: set[str] = set()  # nodes from which the way up is known to end
    for node in parent:
        way = []
        while node in parent and node not in settled:
            way.append(node)
            settled.add(node)
            node = parent[node]
            if node in way:
                yield f'group "{node}" of its hierarchy contains itself; take it out'
                return


def read_hierarchy(path: Path, here: str) -> dict[str, list[str]]:
    """The groups in a CSV file with the columns level and group, which has a line for each member of a group.

    HERE begins the message of BadInput: when the file cannot be read, or lacks a column. Members may be groups in turn;
    of a member in several groups (SNOMED CT knows such), the first line counts.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file)
            if not {"level", "group"} <= set(lines.fieldnames or ()):
                raise BadInput(
                    f"{here}: {path.name} lacks the columns level and group; name them so in its first line"
                )
            pairs = [(line["level"], line["group"]) for line in lines]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BadInput(
            f'{here}: its hierarchy is neither "{PREFIX}" nor a file that can be read, {path.name}; '
            "give a CSV file with the columns level and group"
        ) from None
    parent: dict[str, str] = {}
    for level, group in pairs:
        if level and group:
            parent.setdefault(level, group)
    groups: dict[str, list[str]] = {}
    for level, group in parent.items():
        groups.setdefault(group, []).append(level)
    return groups
