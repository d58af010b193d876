"""The text of a model file, and the bytes that it is kept as: JSON, as it is or compressed with zstd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from locum.atomic import OWN, atomic_path
from locum.errors import BadInput

MOST_EXPANSION = 200  # times its size that a compressed model may grow to: they grow some 10 times
LEAST_EXPANDED = 64 * 2**20  # bytes to which any file may grow
ZSTD = b"\x28\xb5\x2f\xfd"  # the first bytes of a zstd frame (RFC 8878, 3.1.1)


def write(path: Path, document: str) -> None:
    """Compressed when the name ends in .zst; whole or not at all. Others may not read it until its owner lets them."""
    data = document.encode()
    if path.suffix == ".zst":
        data = pa.Codec("zstd", 9).compress(data, asbytes=True)
    with atomic_path(path, OWN) as temporary:
        temporary.write_bytes(data)


def read(path: Path) -> Any:
    """The JSON in a file, whatever it says. Raises BadInput when there is none."""
    try:
        data = path.read_bytes()
        if data.startswith(ZSTD):
            data = _decompressed(data)
        return json.loads(data)
    except FileNotFoundError:
        raise BadInput(f"{path} does not exist; check the name and the folder") from None
    except (OSError, ValueError, RecursionError):
        raise BadInput(f"{path} is not a model file; give one that locum fit wrote") from None


def text(document: dict[str, Any]) -> str:
    """JSON with one line for each entry of a list at the top and for each tree."""

    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    parts = []
    for key, value in document.items():
        if key == "conditionals":
            value = "[\n" + ",\n".join(_conditional_lines(entry, dump) for entry in value) + "\n]"
        elif key in ("cells", "scores"):
            value = "[\n" + ",\n".join(map(dump, value)) + "\n]"
        elif key == "declaration":
            value = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
        else:
            value = dump(value)
        parts.append(f"{json.dumps(key)}: {value}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _conditional_lines(entry: dict[str, Any], dump: Any) -> str:
    trees = ",\n".join(map(dump, entry["trees"]))
    return f'{{"variable": {dump(entry["variable"])}, "parents": {dump(entry["parents"])}, "trees": [\n{trees}\n]}}'


def _decompressed(data: bytes) -> bytes:
    """Raises ValueError when DATA is no zstd, is cut short, or grows so much that it is no model."""
    limit = max(LEAST_EXPANDED, MOST_EXPANSION * len(data))
    parts, size = [], 0
    with pa.CompressedInputStream(pa.py_buffer(data), "zstd") as stream:
        while part := stream.read(2**20):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise ValueError("too large")
    return b"".join(parts)
