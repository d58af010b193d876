"""What the model learned about each variable, in words: its parents, and its tree as a few groups of patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from locum.report import formats

if TYPE_CHECKING:
    from locum.network.graph.schema import Graph, Group, Level, Node, Parent

OPEN = 40
"""Up to so many variables are listed at once; of more, the rest are folded."""
NAMED = 3
"""Parents that the line of a variable names."""
NEARLY_ALL = 0.985


@dataclass(frozen=True)
class Share:
    """A variable, or a rule, and what it tells, in words."""

    variable: str
    share: str


@dataclass(frozen=True)
class Telling:
    """A group in words: what holds in it; where, pairs of variable and words; how large it is."""

    says: str
    where: tuple[tuple[str, str], ...]
    size: str


@dataclass(frozen=True)
class Told:
    """A variable in words. known: what all its parents take away; helps: the variables that it tells most about.

    mostly: the parents that its heading names; whom: the patients that its groups part.
    """

    node: Node
    kind: str
    known: str
    mostly: tuple[str, ...]
    parents: tuple[Share, ...]
    helps: tuple[Share, ...]
    rules: tuple[Share, ...]
    everyone: str
    whom: str
    groups: tuple[Telling, ...]
    missing_parents: tuple[Share, ...]
    missing_groups: tuple[Telling, ...]


def told(graph: Graph) -> tuple[list[Told], list[Told]]:
    """The variables by tier and in the order of their columns: those listed and those folded."""
    helps: dict[str, list[tuple[float, str]]] = {node.variable: [] for node in graph.variables}
    for node in graph.variables:
        for parent in node.parents:
            helps[parent.variable].append((-parent.strength, node.variable))
    late = max((node.tier for node in graph.variables if node.tier is not None), default=0) + 1
    nodes = sorted(graph.variables, key=lambda node: late if node.tier is None else node.tier)
    found = [_told(node, sorted(helps[node.variable])[:NAMED]) for node in nodes]
    return (found, []) if len(found) <= OPEN else (found[: OPEN // 2], found[OPEN // 2 :])


def _told(node: Node, helps: Sequence[tuple[float, str]]) -> Told:
    return Told(
        node=node,
        kind=f"{node.kind}, {node.unit}" if node.unit else node.kind,
        known="nearly all" if node.known >= NEARLY_ALL else formats.share(node.known),
        mostly=tuple(parent.variable for parent in node.parents[:NAMED] if parent.strength >= 0.02),
        parents=_shares(node.parents),
        helps=tuple(Share(name, formats.share(-strength)) for strength, name in helps),
        rules=tuple(Share(rule.words, formats.share(rule.share)) for rule in node.follows),
        everyone=says(node, node.everyone),
        whom="patients with a value" if node.everyone.missing else "patients",
        groups=tuple(_telling(node, group) for group in node.groups),
        missing_parents=_shares(node.missing_parents[:NAMED]),
        missing_groups=tuple(_telling(node, group) for group in node.missing_groups),
    )


def _shares(parents: Sequence[Parent]) -> tuple[Share, ...]:
    return tuple(Share(parent.variable, formats.share(parent.strength)) for parent in parents)


def _telling(node: Node, group: Group) -> Telling:
    where = tuple((condition.variable, _together(condition.words)) for condition in group.where)
    return Telling(says(node, group), where, formats.share(group.share))


def _together(words: str) -> str:
    """No line breaks between a sign and its number."""
    return words.replace("≥ ", "≥\N{NO-BREAK SPACE}").replace("< ", "<\N{NO-BREAK SPACE}")


def says(node: Node, group: Group) -> str:
    """What the model says about a variable in a group: "61%" (of yes), "median 97, middle half 90 to 105"."""
    parts = []
    if group.median is not None:
        low, high = group.half or (group.median, group.median)
        middle, unit = _number(group.median, node.kind), f" {node.unit}" if node.unit else ""
        text = f"median {middle}{unit}"
        if low < high:
            text += f", middle half {_number(low, node.kind)} to {_number(high, node.kind)}"
        everyone_has = any(level.bound == "over" for level in group.levels)
        parts += [] if everyone_has else [text]
    parts += [
        _bound(level) if level.level == "yes" else f"{level.level}: {_bound(level)}" for level in group.levels
    ]
    if group.missing is not None:
        parts.append(f"no value: {_bound(group.missing)}")
    return "; ".join(parts) or "too few to say"


def _bound(level: Level) -> str:
    return f"{level.bound} {formats.share(level.share)}".strip()


def _number(value: float, kind: str) -> str:
    return formats.edge(value, kind) if kind == "date" else formats.number(value, 4)
