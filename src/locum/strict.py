"""TOML that users write, read strictly: whatever is wrong with it is one line that says where, and what to do."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from locum.errors import BadInput


class Strict(BaseModel):
    """A table of such a file: no key but those declared, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Several = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
]
Of = TypeVar("Of", bound=BaseModel)


def read_text(path: Path, what: str) -> str:
    """The text of a file that a user named; WHAT it is to hold, such as "the study".

    Raises BadInput when there is none, or it is no text.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; give {what} as a TOML file") from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path} cannot be read as text; give {what} as a TOML file") from None


def parse(text: str, where: str) -> dict[str, Any]:
    """The TOML in TEXT; WHERE names the file. Raises BadInput."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not TOML: {' '.join(str(error).split())}; mend that line") from None


def validate(data: dict[str, Any], kind: type[Of], where: str) -> Of:
    """DATA as KIND. Raises BadInput that says what is wrong in which entry."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise BadInput(f"{where}: {_told(error, kind)}") from None


def _told(error: ValidationError, kind: type[BaseModel]) -> str:
    """The first fault, where it is and what to do."""
    first = error.errors(include_url=False, include_input=False)[0]
    keys = [str(key) for key in first["loc"] if key != "[key]"] or [""]
    last, place = keys[-1], ".".join(keys)
    if first["type"] == "extra_forbidden":
        near = get_close_matches(last, _known(keys[:-1], kind), 1)
        return f"unknown key {place}; " + (f'did you mean "{near[0]}"?' if near else "take it out")
    if first["type"] == "missing":
        return f"{place} is not given; add it"
    if first["type"] in ("model_type", "dict_type"):
        named = ".NAME" if first["type"] == "dict_type" else ""
        return f"{place} is to be a table; write it as [{place}{named}]"
    if first["type"] == "tuple_type":
        return f'{place} is to be a list; write it as {last} = ["..."]'
    message = str(first["msg"]).removeprefix("Value error, ").replace("Input should be", "it has to be")
    return f"{place}: {message}" if place else message


def _known(keys: list[str], kind: type[BaseModel]) -> list[str]:
    """The keys that may stand in the table at KEYS of a file that is a KIND."""
    at: Any = kind
    for key in keys:
        at = get_args(at)[1] if get_origin(at) is dict else _table(at).model_fields[key].annotation
    return list(_table(at).model_fields)


def _table(annotation: Any) -> type[BaseModel]:
    """The kind of table that stands at an entry, which may be left out."""
    kinds = (annotation, *get_args(annotation))
    return next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))
