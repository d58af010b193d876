"""What a table's columns mean: one declaration per variable."""

from locum.variables.check import check
from locum.variables.columns import Column, check_sizes, to_columns, to_table
from locum.variables.formula import Formula, formula_of
from locum.variables.infer import infer
from locum.variables.reading import level_text
from locum.variables.toml import from_dict, from_toml, read_toml, to_dict, to_toml
from locum.variables.validate import validate
from locum.variables.variable import (
    K_ANONYMOUS,
    NOT_RECORDED,
    OTHER,
    Disclosure,
    Kind,
    Role,
    Rule,
    Variable,
    Variables,
)

__all__ = [
    "K_ANONYMOUS",
    "NOT_RECORDED",
    "OTHER",
    "Column",
    "Disclosure",
    "Formula",
    "Kind",
    "Role",
    "Rule",
    "Variable",
    "Variables",
    "check",
    "check_sizes",
    "formula_of",
    "from_dict",
    "from_toml",
    "infer",
    "level_text",
    "read_toml",
    "to_columns",
    "to_dict",
    "to_table",
    "to_toml",
    "validate",
]
