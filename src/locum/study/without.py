"""A table without some of its columns, and its declaration without what speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from locum.errors import BadInput
from locum.variables import Variables
from locum.variables.conditions import names_in, parse


def without(
    table: pa.Table, variables: Variables | None, leave_out: Sequence[str]
) -> tuple[pa.Table, Variables | None]:
    """TABLE and VARIABLES without the columns LEAVE_OUT; rules and formulas that need one of them go with it.

    Raises BadInput when the table has no such column, or no other.
    """
    if absent := [name for name in leave_out if name not in table.column_names]:
        raise BadInput(f'leave_out: the table has no column "{absent[0]}"; mend its name')
    gone = set(leave_out)
    kept = [name for name in table.column_names if name not in gone]
    if not kept:
        raise BadInput("leave_out: it names every column; leave one in")
    if variables is not None and gone:
        variables = replace(
            variables,
            variables=tuple(
                replace(v, follows=tuple(formula for formula in v.follows if not gone & set(formula.of)))
                for v in variables
                if v.name not in gone
            ),
            rules=tuple(
                rule for rule in variables.rules if not gone & names_in(parse(rule.holds, "the declaration"))
            ),
        )
    return table.select(kept), variables
