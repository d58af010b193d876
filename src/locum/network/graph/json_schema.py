"""The published JSON Schema of ``graph.json``, kept beside this file as ``graph.schema.json``.

`write` writes it; a test compares the file with the code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from locum.network.graph.schema import Graph

FILE = Path(__file__).with_name("graph.schema.json")


def schema() -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Graph.model_json_schema()}


def as_text() -> str:
    return json.dumps(schema(), indent=2) + "\n"


def write() -> None:
    FILE.write_text(as_text(), encoding="utf-8")
