"""One declaration per variable: what it is, how it is written, what it may be used for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from locum.variables.formula import Formula
from locum.variables.hierarchy import Hierarchy

K_ANONYMOUS = 10
"""Levels, cells and leaves held by fewer patients than this are merged unless declared otherwise.

UK official statistics on health suppress counts under 5 to 10; CPRD asks for no cell under 5. Ten is the
stricter common choice (NHS England, "Anonymisation Standard", small-number suppression)."""

NOT_RECORDED = "not recorded"
"""The missing reason of an empty cell; every variable has it."""

OTHER = "other"
"""The level that stands for all levels held by fewer than k patients."""


class Kind(StrEnum):
    """How the values of a variable relate to each other."""

    NOMINAL = "nominal"  # levels without order
    ORDINAL = "ordinal"  # levels in the declared order
    BINARY = "binary"  # two levels
    COUNT = "count"  # whole numbers from 0
    CONTINUOUS = "continuous"  # measurements
    DATE = "date"  # days, or moments
    IDENTIFIER = "identifier"  # names a person or a record; never modelled
    TEXT = "text"  # free text; never modelled

    @property
    def has_levels(self) -> bool:
        return self in (Kind.NOMINAL, Kind.ORDINAL, Kind.BINARY)

    @property
    def is_numeric(self) -> bool:
        """Whether values are numbers on a line (dates are days since 1970-01-01)."""
        return self in (Kind.COUNT, Kind.CONTINUOUS, Kind.DATE)

    @property
    def is_modelled(self) -> bool:
        return self not in (Kind.IDENTIFIER, Kind.TEXT)


class Role(StrEnum):
    """What a variable is used for, beside being modelled."""

    PLAIN = "plain"
    IDENTIFIER = "identifier"  # left out everywhere
    PATIENT = "patient"  # rows with the same value belong to one person; left out of the model
    TARGET = "target"  # the outcome that utility is judged on
    TIME = "time"  # follow-up time of a survival outcome
    EVENT = "event"  # whether follow-up ended in the event
    WEIGHT = "weight"
    QUASI_IDENTIFIER = "quasi-identifier"  # known to outsiders, so usable to single a person out


class Disclosure(StrEnum):
    """How much harm the value would do in the wrong hands."""

    NONE = "none"
    SENSITIVE = "sensitive"
    DIRECT = "direct"  # identifies on its own


@dataclass(frozen=True)
class Variable:
    """A declared variable.

    levels: text of each level, for kinds with levels; in order for ordinal ones. Levels outside the list
        are read as ``other``.
    hierarchy: of nominal levels, which belong together: "prefix", or group -> its members (levels, or groups in turn).
        A level that is not listed counts with the nearest one that is, and rare levels are rolled up by it.
    low, high: the plausible range; values outside are kept in the data but never generated.
    precision: the step between neighbouring values (1 for whole years, 0.1 for one decimal), None when the
        values have none.
    storage: how the column is written: an Arrow type name ("int64", "double", "string", "bool",
        "date32[day]", "timestamp[us]"), so that a synthetic table has the types of the real one.
    date_format: strptime format, for dates stored as text.
    tier: position in a causal reading (0 demographics, 1 history, ...), None when not declared.
    missing: reason -> the raw values, as text, that stand for it (besides an empty cell).
    codelists: names of those whose records the value was read from, where a cohort was drawn from records.
    follows: formulas by which the value may follow from other variables; each holds for all patients or for some.
    """

    name: str
    kind: Kind
    storage: str = "string"
    role: Role = Role.PLAIN
    unit: str | None = None
    levels: tuple[str, ...] = ()
    hierarchy: Hierarchy = ""
    low: float | None = None
    high: float | None = None
    precision: float | None = None
    date_format: str | None = None
    tier: int | None = None
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    disclosure: Disclosure = Disclosure.NONE
    description: str = ""
    codelists: tuple[str, ...] = ()
    follows: tuple[Formula, ...] = ()

    @property
    def is_modelled(self) -> bool:
        return self.kind.is_modelled and self.role not in (Role.IDENTIFIER, Role.PATIENT)

    @property
    def missing_reasons(self) -> tuple[str, ...]:
        """Reasons in code order; the first is always an empty cell."""
        return (NOT_RECORDED, *(reason for reason in self.missing if reason != NOT_RECORDED))


@dataclass(frozen=True)
class Rule:
    """What synthetic patients keep to.

    holds: a condition, in the language of `locum.variables.conditions`; a missing value satisfies it.
    exactly: held by every patient; else broken as often as the real ones break it.
    """

    holds: str
    exactly: bool = True


@dataclass(frozen=True)
class Variables:
    """The declaration of a table: its variables in column order, and what was left out and why.

    k: levels, cells and leaves held by fewer patients than this are merged.
    notices: sentences for the user, such as which columns were left out and why. They hold no raw value.
    rules: conditions on the values of one patient that drawing keeps to.
    """

    variables: tuple[Variable, ...]
    k: int = K_ANONYMOUS
    notices: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __getitem__(self, name: str) -> Variable:
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(variable.name == name for variable in self.variables)

    @property
    def modelled(self) -> tuple[Variable, ...]:
        return tuple(v for v in self.variables if v.is_modelled)

    def with_role(self, role: Role) -> Variable | None:
        """The first variable of this role, or None."""
        return next((v for v in self.variables if v.role is role), None)
