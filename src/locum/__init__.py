"""Synthetic patient data: learn, generate, and prove how faithful, useful and private the result is."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import locum.evaluate  # noqa: F401  binds the package first, so that the function below keeps the name
from locum.api import describe, evaluate
from locum.errors import BadInput, LocumError, Refused, UsageError
from locum.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from locum.extraction import extract, load_records
    from locum.model import Model, fit
    from locum.records.artificial import simulate
    from locum.records.tables import read_table
    from locum.release.load import dictionary, load
    from locum.synthesis import Synthesis, synthesize
    from locum.variables import Variables

_LATER = {  # loaded when first asked for: the kernels and the classifiers take a second to load
    "Model": "locum.model",
    "Synthesis": "locum.synthesis",
    "Variables": "locum.variables",
    "extract": "locum.extraction",
    "fit": "locum.model",
    "dictionary": "locum.release.load",
    "load": "locum.release.load",
    "load_records": "locum.extraction",
    "read_table": "locum.records.tables",
    "simulate": "locum.records.artificial",
    "synthesize": "locum.synthesis",
}

__all__ = [
    "BadInput",
    "LocumError",
    "Model",
    "Refused",
    "Synthesis",
    "UsageError",
    "Variables",
    "__version__",
    "describe",
    "dictionary",
    "evaluate",
    "extract",
    "fit",
    "load",
    "load_records",
    "read_table",
    "simulate",
    "synthesize",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'locum' has no attribute '{name}'")
    return getattr(import_module(_LATER[name]), name)
