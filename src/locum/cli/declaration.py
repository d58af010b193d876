"""Read the declaration that a command was given."""

from __future__ import annotations

from pathlib import Path

from locum.errors import BadInput
from locum.variables import Variables, from_toml
from locum.variables.roles import with_patient


def read_declaration(path: Path | None, patient: str | None = None) -> Variables | None:
    """The declaration in PATH, with PATIENT as the patient's column; None when there is no PATH."""
    if path is None:
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; make a declaration with locum describe") from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"{path} cannot be read as text; give a TOML file as locum describe writes it"
        ) from None
    return with_patient(from_toml(text, str(path)), patient)
