"""Files of keys: made once, never overwritten, read with one line that says what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from locum.atomic import atomic_paths
from locum.errors import BadInput
from locum.release import minisign
from locum.release.minisign import Malformed, PublicKey, SecretKey, WrongPassword

ENDING = ".pub"
LARGEST = 4096
"""No file of a key is larger, in bytes."""


def free(path: Path) -> Path:
    """The file of the public key beside the secret one at PATH. Raises BadInput when either stands already."""
    public = path.with_name(path.name + ENDING)
    for file in (path, public):
        if file.exists() or file.is_symlink():
            raise BadInput(f"{file} exists, and a key is never overwritten; give another name")
    return public


def write_pair(path: Path, password: str | None) -> PublicKey:
    """A new key at PATH, for its owner alone to read, and its public key beside it.

    Raises BadInput when one of the files stands already or cannot be written.
    """
    public = free(path)
    key = minisign.new_key()
    with atomic_paths([path, public]) as (secret_file, public_file):
        handle = os.open(secret_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii", newline="\n") as file:
            file.write(key.text(password))
        public_file.write_text(key.public.text, encoding="ascii", newline="\n")
        free(path)
    return key.public


def read_secret(path: Path, ask: Callable[[], str]) -> SecretKey:
    """The secret key in the file PATH; ASK gives its password where it has one. Raises BadInput."""
    text = _read(path)
    if not minisign.is_secret(text):
        raise BadInput(f"{path} is not a secret key; give the file that 'locum keys new' wrote, without .pub")
    try:
        password = ask() if minisign.is_encrypted(text) else None
        return minisign.secret_from_text(text, password)
    except WrongPassword:
        raise BadInput(f"{path} does not open with this password; give the one it was made with") from None
    except Malformed as error:
        raise BadInput(f"{path} {error}; give another key") from None


def read_public(path: Path) -> PublicKey:
    """The public key in the file PATH. Raises BadInput."""
    text = _read(path)
    if minisign.is_secret(text):
        raise BadInput(
            f"{path} is a secret key, which nobody else may see; give the public one, {path}{ENDING}"
        )
    try:
        return minisign.public_from_text(text)
    except Malformed as error:
        raise BadInput(f"{path} {error}; give another key") from None


def public_key(given: str) -> PublicKey:
    """The public key that GIVEN is, or whose file it names. Raises BadInput."""
    try:
        return minisign.public_from_line(given)
    except Malformed:
        return read_public(Path(given))


def read_any(path: Path, ask: Callable[[], str]) -> tuple[PublicKey, bool]:
    """The public key of the secret or public key in the file PATH, and whether it is the secret one."""
    if minisign.is_secret(_read(path)):
        return read_secret(path, ask).public, True
    return read_public(path), False


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8")
    except FileNotFoundError:
        raise BadInput(
            f"{path} does not exist; give the file of a key, or make one with 'locum keys new'"
        ) from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check its name and permissions") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not the file of a key; give one that 'locum keys new' wrote") from None
