"""Withdraw a release: the same package with word that it is not to be used, signed anew."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

from locum.atomic import atomic_directory_and_file
from locum.errors import BadInput
from locum.release.contents import Contents, blocks, opened, read
from locum.release.line import line
from locum.release.minisign import SecretKey
from locum.release.package import check_out
from locum.release.seal import MAKER, PUBLIC_KEY, beside, seal
from locum.release.verified import Verified
from locum.release.verify import verify
from locum.release.withdrawal import NAME, Withdrawal
from locum.release.withdrawn import rewritten


def withdraw(
    path: Path, out: Path, *, by: str, reason: str, date: datetime.date, secret: SecretKey
) -> Verified:
    """Write the package at PATH to OUT, and to OUT.zip, with WITHDRAWN.md and documents that say so first, signed with
    SECRET; what PATH was. Data and evidence stay the same bytes.

    Raises BadInput when PATH does not hold, was withdrawn before, or BY or REASON is not a line of text.
    """
    by, reason = line(by, "by whom"), line(reason, "the reason")
    check_out(out, path)
    found = verify(path)
    if found.withdrawal is not None:
        raise BadInput(f"{path} is withdrawn already, on {found.withdrawal.date}; nothing more is to be done")
    gone = Withdrawal(found.folder, date, by, reason)
    key = secret.public.text.encode()
    with (
        opened(path) as contents,
        atomic_directory_and_file(out, beside(out), MAKER) as (
            folder,
            zipped,
        ),
    ):
        for file in sorted(found.sums.keys() - {PUBLIC_KEY}):
            _copy(contents, file, folder / file)
        said = dict(rewritten(frozenset(found.sums), lambda file: read(contents, file), gone, key))
        new = {**said, NAME: gone.text.encode(), PUBLIC_KEY: key}
        for file, data in new.items():
            (folder / file).write_bytes(data)
        sums = found.sums | {name: hashlib.sha256(data).hexdigest() for name, data in new.items()}
        seal(folder, zipped, sums, found.folder, date, secret)
    return found


def _copy(contents: Contents, path: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as target:
        for block in blocks(contents, path):
            target.write(block)
