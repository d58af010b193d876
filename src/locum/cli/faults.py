"""One style for everything that can go wrong: one line on standard error, and an exit code."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from locum.errors import BadInput, LocumError

INTERRUPTED = 130  # 128 + SIGINT, as shells expect


def told(app: Callable[..., Any]) -> int:
    """Run APP; the exit code. Never a traceback, and never a message that could hold a patient's value."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = app(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except LocumError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, EOFError):
        return _say("stopped; nothing was written", INTERRUPTED)
    except MemoryError:
        return _say("out of memory; give fewer rows, or use a larger machine", BadInput.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left
        return 0
    except Exception as error:
        if hasattr(error, "exit_code") and not hasattr(error, "format_message"):
            return int(error.exit_code)  # typer.Exit
        if type(error).__name__ == "Abort":
            return _say("stopped; nothing was written", INTERRUPTED)
        if hasattr(error, "format_message"):  # an option or argument that typer refused
            message = " ".join(str(error.format_message()).split()).rstrip(".")
            context = getattr(error, "ctx", None)
            command = getattr(context, "command_path", "locum") if context else "locum"
            if not message:  # a bare command: its help was shown
                return 2
            return _say(f"{message[0].lower()}{message[1:]}; see {command} --help", 2)
        return _say(_fault(error), 1)


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"locum: {' '.join(message.split())}\n")
    return code


def _fault(error: Exception) -> str:
    """Where it happened and what kind, but not the message: it may quote a cell."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f"{Path('locum')}/" in f.filename]
    where = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else "an unknown place"
    return f"a fault of ours: {type(error).__name__} in {where}; please report it with the command you gave"


def _stop(number: int, frame: FrameType | None) -> None:
    """A request to end is an interrupt, so that half-written files are removed."""
    raise KeyboardInterrupt
