"""What the documents of a withdrawn package say first: that it is withdrawn. Data and evidence stay as they were."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from locum.release.facts import as_json
from locum.release.hdruk import ABSTRACT, LONG, cut
from locum.release.markdown import escape
from locum.release.seal import PUBLIC_KEY
from locum.release.withdrawal import NAME, Withdrawal

STATUS = "http://publications.europa.eu/resource/authority/{}-status/WITHDRAWN"
"""Of the EU's vocabularies, which DCAT-AP names for adms:status; {} is "dataset" or "distribution"."""
HASHES = ("figures.json", "provenance.intoto.json")
"""They name other files by their SHA-256, the second the first as well."""

Read = Callable[[str], bytes]


def rewritten(paths: frozenset[str], read: Read, gone: Withdrawal, key: bytes) -> Iterator[tuple[str, bytes]]:
    """The documents among PATHS that say something else now, each with its bytes.

    read: the bytes of a file as it was. key: the public key, in place of the one that was there. A file that is not as
    locum writes it now, such as of an older version, may stay as it was: WITHDRAWN.md is in the package all the same.
    """
    now = {_sha256(read(PUBLIC_KEY)): _sha256(key)} if PUBLIC_KEY in paths else {}
    for path in sorted(paths - {*HASHES, NAME}):
        change = _CHANGES.get(path) or (_markdown if re.fullmatch(r"[^/]+\.md", path) else None)
        if change is None:
            continue
        old = read(path)
        if (new := change(old, gone)) != old:
            now[_sha256(old)] = _sha256(new)
            yield path, new
    for path in HASHES:
        if path in paths:
            old = read(path)
            new = _with_hashes(old, now)
            now[_sha256(old)] = _sha256(new)
            yield path, new


def notice(gone: Withdrawal) -> str:
    """A sentence or three, without markup."""
    return (
        f"WITHDRAWN on {gone.date.isoformat()} by {gone.by}. Do not use this dataset. "
        f"Reason: {gone.reason.rstrip('.')}. See {NAME}."
    )


def _markdown(text: bytes, gone: Withdrawal) -> bytes:
    return f"> **{escape(notice(gone))}**\n\n".encode() + text


def _page(text: bytes, gone: Withdrawal) -> bytes:
    banner = f'\n<p class="inset"><strong>{html.escape(notice(gone))}</strong></p>'.encode()
    return re.sub(rb"<main\b[^>]*>", lambda found: found[0] + banner, text, count=1)


def _json(change: Callable[[dict[str, Any], str], None]) -> Callable[[bytes, Withdrawal], bytes]:
    def changed(text: bytes, gone: Withdrawal) -> bytes:
        document = json.loads(text)
        change(document, notice(gone))
        return as_json(document)

    return changed


def _dcat(document: dict[str, Any], said: str) -> None:
    document["adms:status"] = {"@id": STATUS.format("dataset")}
    for distribution in document.get("dcat:distribution", []):
        distribution["adms:status"] = {"@id": STATUS.format("distribution")}
    _first(document.get("dct:description"), "@value", said)


def _hdruk(document: dict[str, Any], said: str) -> None:
    _first(document.get("summary"), "abstract", said, ABSTRACT)
    _first(document.get("documentation"), "description", said, LONG)


def _first(part: Any, key: str, said: str, most: int | None = None) -> None:
    """SAID before the text at KEY of PART, in MOST characters together."""
    if isinstance(part, dict) and isinstance(part.get(key), str):
        text = f"{said} {part[key]}"
        part[key] = text if most is None else cut(text, most)


def _with_hashes(text: bytes, now: Mapping[str, str]) -> bytes:
    return re.sub(
        rb"[0-9a-f]{64}", lambda found: now.get(found[0].decode(), found[0].decode()).encode(), text
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_CHANGES: Mapping[str, Callable[[bytes, Withdrawal], bytes]] = {
    "dictionary.html": _page,
    "method.html": _page,
    "dcat.jsonld": _json(_dcat),
    "hdruk.json": _json(_hdruk),
    "datapackage.json": _json(lambda document, said: _first(document, "description", said)),
    "croissant.json": _json(lambda document, said: _first(document, "description", said)),
}
