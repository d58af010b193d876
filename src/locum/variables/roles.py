"""A declaration with roles given on the command line."""

from __future__ import annotations

from dataclasses import replace

from locum.errors import BadInput
from locum.variables.variable import Kind, Role, Variable, Variables


def with_patient(variables: Variables, name: str | None) -> Variables:
    """VARIABLES with NAME, and no other, as the patient's column; unchanged when NAME is None."""
    if name is None:
        return variables
    if name not in variables:
        raise BadInput(f'the declaration has no variable "{name}"; give --patient-id the name of one')

    def changed(v: Variable) -> Variable:
        if v.name == name:
            return replace(v, role=Role.PATIENT, kind=Kind.IDENTIFIER)
        return replace(v, role=Role.IDENTIFIER) if v.role is Role.PATIENT else v

    return replace(variables, variables=tuple(map(changed, variables)))


def without_patient(variables: Variables) -> Variables:
    """The declaration of a table from which the patient's column was taken."""
    kept = tuple(v for v in variables if v.role is not Role.PATIENT)
    return replace(variables, variables=kept)
