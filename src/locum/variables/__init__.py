"""What a table's columns mean: one declaration per variable."""

from locum.variables.columns import Column, to_columns, to_table
from locum.variables.variable import Disclosure, Kind, Role, Variable, Variables

__all__ = ["Column", "Disclosure", "Kind", "Role", "Variable", "Variables", "to_columns", "to_table"]
