"""Passwords of keys: from the environment, else asked for in a terminal."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from locum.errors import UsageError

VARIABLE = "LOCUM_KEY_PASSWORD"
_ELSE = f"set {VARIABLE}, or run the command in a terminal"


def new() -> str:
    """A password for a new key, asked for twice. Raises UsageError."""
    if (given := os.environ.get(VARIABLE)) is not None:
        return _some(given)
    if not sys.stdin.isatty():
        raise UsageError(f"a key wants a password and there is no one to ask; {_ELSE}, or give --no-password")
    first = _some(getpass.getpass("Password for the new key: "))
    if getpass.getpass("The same again: ") != first:
        raise UsageError("the two passwords differ; try again")
    return first


def of(key: Path) -> str:
    """The password of the secret key in the file KEY. Raises UsageError."""
    if (given := os.environ.get(VARIABLE)) is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError(f"{key} is encrypted and there is no one to ask for its password; {_ELSE}")
    return getpass.getpass(f"Password of {key}: ")


def _some(password: str) -> str:
    if not password:
        raise UsageError("the password is empty; give one, or --no-password")
    return password
