"""The command line: each command in a module of its own name."""

from __future__ import annotations

from typing import Any

from locum.cli.faults import stoppable, told

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    with stoppable():
        raise SystemExit(told(_app))


def _app(**options: Any) -> Any:
    from locum.cli.app import app  # takes a moment, in which one may already press Ctrl-C

    return app(**options)
