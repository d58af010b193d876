"""Read the declaration that a command was given."""

from __future__ import annotations

from pathlib import Path

from locum.variables import Variables, read_toml
from locum.variables.roles import with_patient


def read_declaration(path: Path | None, patient: str | None = None) -> Variables | None:
    """The declaration in PATH, with PATIENT as the patient's column; None when there is no PATH."""
    return None if path is None else with_patient(read_toml(path), patient)
