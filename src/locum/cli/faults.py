"""One style for everything that can go wrong: one line on standard error, and an exit code."""

from __future__ import annotations

import errno
import math
import os
import re
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from locum.atomic import noted
from locum.errors import BadInput, LocumError

INTERRUPTED = 130  # 128 + SIGINT, as shells expect
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that steer a terminal, or turn the order of what is read; names in files of others may hold them."""
IMPATIENT = 2.0  # seconds within which a second request to end is the same one


def told(app: Callable[..., Any]) -> int:
    """Run APP; the exit code. Never a traceback, and never a message that could hold a patient's value."""
    with noted() as placed:
        return _told(app, placed)


def _told(app: Callable[..., Any], placed: Sequence[Path]) -> int:
    """placed: what APP has put in place so far."""
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions:  # what a library warns of is no message for a user, and may quote a cell
                warnings.simplefilter("ignore")
                warnings.showwarning = _unheard  # libraries change the filters in threads, and muddle them
            code = app(standalone_mode=False)
        if code == INTERRUPTED:  # typer takes Ctrl-C for an end like any other, and says nothing
            return _stopped(placed)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except LocumError as error:
        return _say(str(error), error.exit_code)
    except (KeyboardInterrupt, EOFError):
        return _stopped(placed)
    except MemoryError:
        return _say("out of memory; give fewer rows, or use a larger machine", BadInput.exit_code)
    except BrokenPipeError:
        return _left()
    except SystemExit as exit:  # as typer ends when whoever read our output has left
        if isinstance(exit.__context__, OSError) and exit.__context__.errno == errno.EPIPE:
            return _left()
        raise
    except Exception as error:
        if hasattr(error, "exit_code") and not hasattr(error, "format_message"):
            return int(error.exit_code)  # typer.Exit
        if type(error).__name__ == "Abort":
            return _stopped(placed)
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{error.format_message()}\n")  # type: ignore[attr-defined]
            return 2
        if hasattr(error, "format_message"):  # an option or argument that typer refused
            message = " ".join(str(error.format_message()).split()).rstrip(".")
            context = getattr(error, "ctx", None)
            command = getattr(context, "command_path", "locum") if context else "locum"
            if not message:  # a bare command: its help was shown
                return 2
            return _say(f"{message[0].lower()}{message[1:]}; see {command} --help", 2)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _say("no space left on the disk; free some, or write elsewhere", BadInput.exit_code)
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            return _say("the name of a file is too long; give a shorter one", BadInput.exit_code)
        return _say(_fault(error), 1)


def printable(line: str) -> str:
    """LINE with a mark in place of each character that steers a terminal."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", line)


@contextmanager
def stoppable() -> Iterator[None]:
    """Take a request to end (Ctrl-C, SIGTERM) as one interrupt, so that half-written files are removed.

    A second request soon after the first would stop the removing; it is ignored.
    """
    last = -math.inf

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal last
        repeated = time.monotonic() - last < IMPATIENT
        last = time.monotonic()
        if not repeated:
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, stop)
    try:
        yield
    finally:  # what is left is the interpreter's end
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _unheard(*warning: object, **more: object) -> None:
    """What becomes of a warning: nothing."""


def _left() -> int:
    """Whoever read our output has left: no fault, and nobody to tell."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # what is still in the buffer goes there at the end
        os.close(nowhere)
    return 0


def _stopped(placed: Sequence[Path]) -> int:
    """What the command came to before it was interrupted: PLACED, as far as it is there."""
    there = [path for path in dict.fromkeys(placed) if path.exists()]
    more = f" and {len(there) - 1} more" if len(there) > 1 else ""
    written = f"{there[0]}{more} had been written by then" if there else "nothing was written"
    return _say(f"stopped; {written}", INTERRUPTED)


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"locum: {printable(' '.join(message.split()))}\n")
    return code


def _fault(error: Exception) -> str:
    """Where it happened and what kind, but not the message: it may quote a cell."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f"{Path('locum')}/" in f.filename]
    where = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}" if frames else "an unknown place"
    return f"a fault of ours: {type(error).__name__} in {where}; please report it with the command you gave"
