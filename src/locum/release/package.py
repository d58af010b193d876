"""The package: one directory and one zip that hold the data and all that describes it, the same bytes every time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from locum.atomic import MARK, atomic_directory_and_file
from locum.errors import BadInput
from locum.release import checksums, codelists, csv_file
from locum.release.documents import documents
from locum.release.minisign import SecretKey
from locum.release.release import File, Release
from locum.release.seal import MAKER, PUBLIC_KEY, beside, seal


@dataclass(frozen=True)
class Package:
    """What was written. files: but for SHA256SUMS and its signature. key: the id of the one that signed, or None."""

    folder: Path
    archive: Path
    files: tuple[File, ...]
    key: str | None


def check_out(out: Path, reads: Path | None = None) -> Path:
    """OUT when a package can be written to it and its archive beside it, else BadInput: before long work.

    reads: the package that the new one is made from, or follows. It stays as it is.
    """
    if out.name in ("", ".."):
        raise BadInput(f"{out} has no name of its own; name the directory of the package")
    if out.suffix.lower() == ".zip":
        raise BadInput(f"{out} ends in .zip; name the directory, and the archive is written beside it")
    if beside(out).exists() and not (out / MARK).is_file():
        raise BadInput(f"{beside(out)} exists, and is no package's that stands beside it; give another name")
    if reads is not None:
        old, new = reads.resolve(), out.resolve()
        if old in (new, beside(new), *new.parents):
            raise BadInput(f"{out} would be written over {reads}, which is read; give another name")
    return out


def write(release: Release, out: Path, secret: SecretKey | None) -> Package:
    """The package of RELEASE as the directory OUT and the archive OUT.zip; both appear whole or not at all.

    secret: signs the package; without one nothing tells who made it.
    Raises BadInput when something else stands there, or the disk does not take it.
    """
    check_out(out)
    evidence, name = release.evidence, release.about.name
    with atomic_directory_and_file(out, beside(out), MAKER) as (folder, zipped):
        writer = _Writer(folder)
        rows = f"{evidence.table.num_rows:,} artificial patients"
        writer.put(
            f"data/{name}.parquet", "application/vnd.apache.parquet", f"The data: {rows}", evidence.parquet
        )
        table = folder / "data" / f"{name}.csv"
        csv_file.write(evidence.table, table)
        writer.add(f"data/{name}.csv", "text/csv", "The same data as text")
        if (
            secret is not None
        ):  # first of the documents, since its presence tells them that the package is signed
            what = "The public key of the signature"
            writer.put(PUBLIC_KEY, "text/plain", what, secret.public.text.encode())
        for path, what, data in codelists.files(release):
            writer.put(path, "text/csv", what, data)
        for document in documents():
            if found := document.write(release, tuple(writer.files)):
                writer.put(document.path, document.media, document.what, found)
        sums = {file.path: file.sha256 for file in writer.files}
        seal(folder, zipped, sums, release.folder, release.about.published, secret)
    return Package(out, beside(out), tuple(writer.files), secret.public.id if secret else None)


class _Writer:
    """Files of the package in the order in which they were written."""

    def __init__(self, folder: Path) -> None:
        self.files: list[File] = []
        self._folder = folder

    def put(self, path: str, media: str, what: str, data: bytes) -> None:
        """Write DATA to PATH."""
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.files.append(File(path, len(data), hashlib.sha256(data).hexdigest(), media, what))

    def add(self, path: str, media: str, what: str) -> None:
        """Take in PATH, which was written already."""
        with (self._folder / path).open("rb") as file:
            found = checksums.sha256(file)
        self.files.append(File(path, (self._folder / path).stat().st_size, found, media, what))
