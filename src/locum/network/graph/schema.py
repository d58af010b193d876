"""The shape of ``graph.json``: the learned graph with strengths, and each variable's tree in words.

All of it is computed from rows that the model draws, so it can say nothing that the model does not, and it says much
less: shares of large groups, rounded, and limits that are edges of cells (see `locum.network.cells`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveInt


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parent(_Part):
    """A variable that the trees of another one split on.

    strength: the share (0 to 1) of what is not known about the child that splits on this parent take away (its entropy
        among patients with a value; that of numbers in tenths), averaged over the members. Parents share out what they
        tell together.
    """

    variable: str
    strength: NonNegativeFloat


class Follows(_Part):
    """A rule by which the value is computed from others, and the share of those with a value for whom it holds."""

    words: str
    share: float


class Condition(_Part):
    """What is true of a variable in a group: ``age`` ``≥ 62 years``."""

    variable: str
    words: str


class Level(_Part):
    """A level, or a number that very many share, and its share of those with a value.

    bound: "under" or "over" where the share itself would speak of fewer than k patients; the share is then the limit.
    """

    level: str
    share: float
    bound: Literal["", "under", "over"] = ""


class Group(_Part):
    """A group of patients, and what the model says about one variable in it.

    where: what its patients have in common, nothing for all patients; share: of the patients whom the groups part.
    missing: share without a value, told of all patients and where groups are parted by it.
    levels: the commonest ones (of two levels, the one of interest) and their shares of those with a value. A limit that
        all patients are within says nothing of a group, and is left out of it.
    median, half: of numbers, the middle value and the range of the middle half (dates: days since 1970-01-01).
    """

    where: tuple[Condition, ...]
    share: float
    missing: Level | None
    levels: tuple[Level, ...]
    median: float | None
    half: tuple[float, float] | None


class Node(_Part):
    """A variable of the graph.

    place: in the order in which variables are drawn, from 0. known: the sum of all parents' strengths.
    parents: the strongest first; further: how many weaker ones are left out.
    everyone: all patients; groups: those with a value, parted by the small tree, most first; none where nothing tells.
    follows: rules by which it is computed; their parts share the strength of what they make known.
    missing_parents, missing_groups: likewise, of whether there is a value; the groups part all patients.
    """

    variable: str
    kind: str
    unit: str | None
    description: str
    tier: int | None
    place: NonNegativeInt
    known: NonNegativeFloat
    parents: tuple[Parent, ...]
    further: NonNegativeInt
    everyone: Group
    groups: tuple[Group, ...]
    follows: tuple[Follows, ...]
    missing_parents: tuple[Parent, ...]
    missing_groups: tuple[Group, ...]


class Graph(_Part):
    """``graph.json``. Variables are in the order of their columns. drawn: artificial rows it was computed from.

    ordered_by: "tiers" where no variable is drawn before one of an earlier tier; "finest" where tiers count for nought.
    """

    format: Literal[1] = 1
    locum_version: str
    k: PositiveInt
    members: PositiveInt
    drawn: PositiveInt
    ordered_by: Literal["finest", "tiers"] = "finest"
    variables: tuple[Node, ...]
