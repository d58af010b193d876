"""The errors a user can cause, each with its exit code, and nothing else.

Every message is one line that says what is wrong, where, and what to do about it. It never carries a value
of a patient: name the column, the row count or the file, not what was found there.
"""

from __future__ import annotations


class LocumError(Exception):
    """A fault that is told to the user in one line. Exit code 1: a fault of ours."""

    exit_code = 1


class UsageError(LocumError):
    """The command was given options that do not fit together. Exit code 2."""

    exit_code = 2


class BadInput(LocumError):
    """A file, a table or a declaration cannot be used as it is. Exit code 3."""

    exit_code = 3


class Refused(LocumError):
    """The release gate said no. Exit code 4."""

    exit_code = 4
