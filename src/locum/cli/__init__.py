"""The command line: each command in a module of its own name."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

from locum.cli.faults import INTERRUPTED, stoppable, told

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit with its code."""
    with stoppable():
        code = told(_app)
    if code == INTERRUPTED:
        _leave(code)
    raise SystemExit(code)


def _leave(code: int) -> None:
    """End at once: all that was half-written is removed, and whoever pressed Ctrl-C is not to wait for libraries.

    The interpreter's own end takes their threads apart, and once hung there after an interrupt.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or whoever read it has left
            stream.flush()
    os._exit(code)


def _app(**options: Any) -> Any:
    from locum.cli.app import app  # takes a moment, in which one may already press Ctrl-C

    return app(**options)
