"""Evidence on a synthetic table: how faithful, how useful and how private it is, in one `metrics.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locum.evaluate.metrics import Metrics, Status

if TYPE_CHECKING:
    from locum.evaluate.evaluation import evaluate

__all__ = ["Metrics", "Status", "evaluate"]


def __getattr__(name: str) -> Any:
    """The evaluation itself is loaded when it is first asked for: reading a file needs no classifiers."""
    if name == "evaluate":
        from locum.evaluate.evaluation import evaluate

        return evaluate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
