"""What closes a package: the hash of every file, the signature of the hashes, and the archive."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from locum.release import archive, checksums
from locum.release.minisign import SecretKey

SUMS = checksums.NAME
SIGNATURE = f"{SUMS}.minisig"
PUBLIC_KEY = "locum.pub"
MAKER = "release"
"""The command that marks a package's directory as one that it may replace."""


def beside(out: Path) -> Path:
    """The archive of the package in the directory OUT."""
    return out.with_name(f"{out.name}.zip")


def seal(
    folder: Path,
    zipped: Path,
    sums: Mapping[str, str],
    name: str,
    date: datetime.date,
    secret: SecretKey | None,
) -> None:
    """Close the package in FOLDER, and pack it into ZIPPED.

    sums: SHA-256 of every file by its path, the public key's among them where SECRET is given. name: of the folder
    within the archive. date: in the signature's trusted comment.
    """
    text = checksums.to_text(sums).encode()
    (folder / SUMS).write_bytes(text)
    paths = [*sorted(sums), SUMS]
    if secret is not None:
        moment = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
        comment = f"timestamp:{int(moment.timestamp())}\tfile:{SUMS}\tpackage:{name}\thashed"
        (folder / SIGNATURE).write_bytes(secret.sign(text, comment).text.encode())
        paths.append(SIGNATURE)
    archive.write(zipped, folder, paths, name)
