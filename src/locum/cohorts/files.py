"""What lies beside a cohort's table: its declaration, its attrition, and the queries that drew it."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from locum.cohorts.attrition import Attrition
from locum.errors import BadInput
from locum.variables import Variables, from_toml


def beside(table: str | Path) -> tuple[Path, Path, Path]:
    """The declaration, the attrition and the queries of a cohort's table: NAME.variables.toml and so on."""
    path = Path(table)
    stem = path.name.partition(".")[0]
    return (
        path.with_name(f"{stem}.variables.toml"),
        path.with_name(f"{stem}.attrition.json"),
        path.with_name(f"{stem}.sql"),
    )


def declared_beside(table: str | Path) -> tuple[Variables | None, Attrition | None]:
    """The declaration and the attrition that lie beside TABLE; None for what does not.

    Raises BadInput when one of them cannot be read.
    """
    declared, attrition, _ = beside(table)
    return (
        from_toml(declared.read_text("utf-8"), str(declared)) if declared.is_file() else None,
        _attrition(attrition) if attrition.is_file() else None,
    )


def _attrition(path: Path) -> Attrition:
    try:
        return Attrition.model_validate_json(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValidationError):
        raise BadInput(
            f"{path} is not the attrition of a cohort; take it away, or draw the cohort again"
        ) from None
