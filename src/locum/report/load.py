"""Read ``metrics.json``, and what stands beside it, or say in one line what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from locum.cohorts.attrition import Attrition
from locum.errors import BadInput
from locum.evaluate.metrics import Metrics

if TYPE_CHECKING:
    from locum.network.graph.schema import Graph

NAME = "metrics.json"
ATTRITION = "attrition.json"
GRAPH = "graph.json"
MEND = "write it anew with 'locum evaluate'"


def load_metrics(path: Path) -> Metrics:
    """Metrics from a file, or from the directory that holds ``metrics.json``.

    Raises BadInput when there is no such file, it is not JSON, or it is not of this version's shape.
    """
    file = path / NAME if path.is_dir() else path
    if not file.is_file():
        where = f"{path} holds no {NAME}" if path.is_dir() else f"{path} does not exist"
        raise BadInput(f"{where}; name the directory that 'locum evaluate' wrote, or the file itself")
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}); check its permissions") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not a text file; {MEND}") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"{file} is not JSON (line {error.lineno}, column {error.colno}); {MEND}") from None
    except RecursionError:
        raise BadInput(f"{file} is nested too deeply to be a {NAME}; {MEND}") from None
    if not isinstance(read, dict) or "verdict" not in read:
        raise BadInput(f"{file} is JSON but not a {NAME}: it has no 'verdict'; {MEND}")
    try:
        return Metrics.model_validate(read)
    except ValidationError as error:
        raise BadInput(
            f"{file} does not have the shape of a {NAME} of this version: {_first(error)}; {MEND}"
        ) from None


def load_attrition(path: Path) -> Attrition | None:
    """The attrition of the cohort, from the directory that holds ``metrics.json``, or None where there is none.

    Raises BadInput when it is not of this version's shape.
    """
    file = (path if path.is_dir() else path.parent) / ATTRITION
    if not file.is_file():
        return None
    try:
        return Attrition.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        raise BadInput(
            f"{file} is not the attrition of a cohort; take it away, or draw the cohort again"
        ) from None


def load_graph(path: Path) -> Graph | None:
    """The model's graph, from the directory that holds ``metrics.json``, or None where there is none.

    Raises BadInput when it is not of this version's shape.
    """
    file = (path if path.is_dir() else path.parent) / GRAPH
    if not file.is_file():
        return None
    from locum.network.graph.schema import Graph  # here, since the kernels beside it take a second to load

    try:
        return Graph.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        raise BadInput(
            f"{file} is not the graph of a model of this version; take it away, or learn the model again"
        ) from None


def _first(error: ValidationError) -> str:
    """Where the first fault is and what it is, without the value found there."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    place = ".".join(str(part) for part in found[0]["loc"]) or "top"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"at {place}, {found[0]['msg'][0].lower()}{found[0]['msg'][1:]}{more}"
