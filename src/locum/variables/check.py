"""Whether a table has what its declaration says."""

from __future__ import annotations

import pyarrow as pa

from locum.errors import BadInput
from locum.variables.variable import Variables


def check(table: pa.Table, variables: Variables, where: str) -> tuple[str, ...]:
    """Notices about columns of TABLE that are not declared, and so left out; WHERE names the table.

    Columns that are declared but not modelled (identifiers, free text) may be absent, but not the patient's.

    Raises BadInput when the table has no rows, a name twice, or lacks a column that is declared.
    """
    names = table.column_names
    double = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if double:
        raise BadInput(f'{where} has more than one column named "{double[0]}"; rename them')
    needed = [v.name for v in variables if v.is_modelled or v.role == "patient"]
    absent = [name for name in needed if name not in names]
    if absent:
        raise BadInput(
            f"{where} lacks {_columns(absent)}, declared for it; "
            "add what is missing, or take it out of the declaration"
        )
    if table.num_rows == 0:
        raise BadInput(f"{where} has no rows; give a table with a row for each patient")
    unknown = [name for name in names if name not in variables]
    if not unknown:
        return ()
    return (f"{where}: left out {_columns(unknown)}, not in the declaration; declare what should be kept",)


def _columns(names: list[str]) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{more}"
