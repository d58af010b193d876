"""The rules of a declaration as clauses."""

from __future__ import annotations

from locum.variables.clauses import Clause, clauses
from locum.variables.conditions import parse
from locum.variables.variable import Rule, Variables


def rule_clauses(
    variables: Variables, where: str = "the declaration"
) -> list[tuple[Rule, tuple[Clause, ...]]]:
    """Each rule with the clauses that hold where it does. A missing value satisfies a rule.

    Raises BadInput that names WHERE and the rule, for a condition that cannot be read or does not fit its variables.
    """
    found = []
    for place, rule in enumerate(variables.rules, 1):
        here = f"{where}: rule {place}"
        found.append((rule, clauses(parse(rule.holds, here), variables, here, missing=True)))
    return found
