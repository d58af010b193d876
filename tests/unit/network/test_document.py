"""The model file: round trip, published schema, and refusal of whatever was tampered with."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from locum.errors import BadInput
from locum.model import Model
from locum.network import schema
from locum.variables import Variables
from tests.unit.network.models import mixed_network

VALIDATOR = jsonschema.Draft202012Validator(schema())


@cache
def model() -> Model:
    network = mixed_network()
    return Model(network, Variables(tuple(c.variable for c in network.cells), network.k, ("A notice.",)))


@cache
def document() -> dict[str, Any]:
    return json.loads(model().to_json())


def load(folder: Path, content: Any) -> Model:
    path = folder / "model.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return Model.load(path)


def assert_one_line(error: Exception) -> None:
    assert "\n" not in str(error)


def refused(folder: Path, content: Any) -> str:
    with pytest.raises(BadInput) as told:
        load(folder, content)
    message = str(told.value)
    assert "\n" not in message
    assert "model.json" in message
    return message


@pytest.mark.parametrize("name", ["model.json", "model.json.zst"])
def test_round_trip_gives_equal_bytes_and_equal_samples(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    model().save(path)
    again = Model.load(path)
    assert again.to_json() == model().to_json()
    assert again.sample(3000, seed=4).equals(model().sample(3000, seed=4))
    again.save(tmp_path / f"again-{name}")
    assert (tmp_path / f"again-{name}").read_bytes() == path.read_bytes()


def test_the_schema_describes_the_file() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    VALIDATOR.validate(document())


def test_every_part_of_the_schema_is_described() -> None:
    def walk(part: Any, where: str) -> None:
        for name, inner in part.get("properties", {}).items():
            described = inner if "$ref" not in inner else schema()["$defs"][inner["$ref"].split("/")[-1]]
            assert len(described.get("description", "")) > 5, f"{where}/{name}"
            walk(inner, f"{where}/{name}")

    walk(schema(), "")
    for name, part in schema()["$defs"].items():
        walk(part, name)


PARTS = [
    ((), ["format", "version", "locum", "declaration", "settings", "rows", "patients", "order", "cells"]),
    (("settings",), ["name", "members", "part", "smallest_leaf", "charge", "smoothing", "scores", "taught"]),
    (("cells", 0), ["variable", "share", "split", "state", "body", "low", "high"]),
    (("cells", 1), ["variable", "share", "split", "state", "body"]),
    (("conditionals", 1), ["variable", "parents", "trees"]),
    (("conditionals", 0, "trees", 0), ["on", "left", "child", "chance", "knots"]),
]


def within(content: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


@pytest.mark.parametrize(("path", "key"), [(path, key) for path, keys in PARTS for key in keys])
def test_no_part_may_be_missing_or_of_another_type(tmp_path: Path, path: tuple[Any, ...], key: str) -> None:
    for value in ("absent", None, True, 1.5, -1, 10**30, "text", "1", [], {}, [[[]]], [None], [1e308], ["1"]):
        hostile = copy.deepcopy(document())
        part = within(hostile, path)
        if value == "absent":
            del part[key]
        elif type(value) is type(part[key]) is str and key in ("locum", "name"):
            continue  # any text will do
        elif key == "smallest_leaf" or (key in ("charge", "smoothing") and value in (1.5, 10**30)):
            continue  # a number that only tells how the model was learned
        elif (key in ("rows", "patients") and value == 10**30) or (
            value == part[key] and type(value) is type(part[key])
        ):
            continue
        else:
            part[key] = value
        refused(tmp_path, hostile)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("order",), [0, 0, 1, 2]),
        (("order",), [0, 1, 2, 4]),
        (("order",), [0, 1, 2, True]),
        (("order",), [0.0, 1.0, 2.0, 3.0]),
        (("rows",), 0),
        (("patients",), 601),
        (("version",), True),
        (("version",), 2),
        (("settings", "members"), 3),
        (("settings", "part"), 1.01),
        (("settings", "charge"), float("nan")),
        (("settings", "smoothing"), float("inf")),
        (("settings", "taught"), 0),
        (("settings", "taught"), 1.5),
        (("settings", "taught"), "all"),
        (("settings", "extra"), 1),
        (("extra",), 1),
        (("cells", 0, "extra"), 1),
        (("cells", 0, "body"), 0),
        (("cells", 0, "body"), 200),
        (("cells", 0, "share", 3), -0.1),
        (("cells", 0, "share", 3), float("nan")),
        (("cells", 0, "share", 3), 1e300),
        (("cells", 0, "split", 3), 256),
        (("cells", 0, "split", 3), -1),
        (("cells", 0, "split", 3), 2**63),
        (("cells", 0, "state", 0), 5),
        (("cells", 0, "low", 2), float("nan")),
        (("cells", 0, "low", 2), float("-inf")),
        (("cells", 0, "low", 0), -1e308),
        (("cells", 0, "high", -1), 1e308),
        (("cells", 0, "high", 2), -1.0),
        (("cells", 0, "low", 1), 0.123456),
        (("cells", 3, "high", -1), 201.0),  # beyond the declared range
        (("conditionals", 1, "parents"), [1]),
        (("conditionals", 1, "trees"), []),
        (("conditionals", 1, "trees", 0, "extra"), 1),
        (("conditionals", 1, "trees", 0, "on", 0), 1),  # on itself
        (("conditionals", 1, "trees", 0, "on", 0), 99),
        (("conditionals", 1, "trees", 0, "on", 0), -2),
        (("conditionals", 1, "trees", 0, "child", 0), 0),  # a circle
        (("conditionals", 1, "trees", 0, "child", 0), 10**6),
        (("conditionals", 1, "trees", 0, "child", 0), -(10**6)),
        (("conditionals", 1, "trees", 0, "left", 0), "0-256"),
        (("conditionals", 1, "trees", 0, "left", 0), "5-2"),
        (("conditionals", 1, "trees", 0, "left", 0), ""),
        (("conditionals", 1, "trees", 0, "left", 0), " 1"),
        (("conditionals", 1, "trees", 0, "left", 0), "\u0661"),
        (("conditionals", 1, "trees", 0, "left", 0), "9" * 10_000),
        (("conditionals", 1, "trees", 0, "left", 0), 3),
        (("conditionals", 1, "trees", 0, "chance", 0, 0), 10**6 + 1),
        (("conditionals", 1, "trees", 0, "chance", 0, 0), -5),
        (("conditionals", 1, "trees", 0, "chance", 0), [10**6]),
        (("conditionals", 1, "trees", 0, "chance"), []),
        (("conditionals", 0, "trees", 0, "knots", 0), 5),
        (("conditionals", 0, "trees", 0, "knots", 0), "5"),
        (("conditionals", 0, "trees", 0, "knots", 0), [0] * 32),
        (("conditionals", 0, "trees", 0, "knots", 0), list(range(33))[::-1]),
        (("conditionals", 0, "trees", 0, "knots", 0), [20_000] * 33),
        (("declaration", "k"), 0),
        (("declaration", "k"), "10"),
        (("declaration", "extra"), 1),
        (("declaration", "variable", 0, "name"), "another"),
        (("declaration", "variable", 0, "kind"), "nominal"),
        (("declaration", "variable", 1, "levels"), ["one", "two", "three"]),
        (("declaration", "variable", 0, "low"), "x"),
    ],
)
def test_hostile_edits_are_refused(tmp_path: Path, path: tuple[Any, ...], value: Any) -> None:
    hostile = copy.deepcopy(document())
    within(hostile, path[:-1])[path[-1]] = value
    refused(tmp_path, hostile)


def test_drawing_what_no_patient_holds_is_refused(tmp_path: Path) -> None:
    hostile = copy.deepcopy(document())
    chance = hostile["conditionals"][1]["trees"][0]["chance"][0]
    assert chance[0] == 0
    assert chance[3] == 0  # other
    chance[3], chance[1] = chance[1], 0
    refused(tmp_path, hostile)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00{}",
        b'{"format": "locum model"',
        [1, 2],
        "text",
        None,
        3,
        {},
        {"format": "locum model"},
        {"format": "locum model", "version": 1},
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        b"\x28\xb5\x2f\xfd",
        b"\x28\xb5\x2f\xfdrubbish that is not zstd",
    ],
)
def test_what_is_no_model_file_is_refused(tmp_path: Path, content: Any) -> None:
    refused(tmp_path, content)


def compressed(data: bytes) -> bytes:
    return pa.Codec("zstd", 3).compress(data, asbytes=True)


@pytest.mark.parametrize("kept", [5, 20, 0.5, 0.99, -1])
def test_a_compressed_file_that_was_cut_short_is_refused(tmp_path: Path, kept: float) -> None:
    whole = compressed(model().to_json().encode())
    end = int(kept * len(whole)) if 0 < kept < 1 else int(kept)
    refused(tmp_path, whole[:end])


def test_a_file_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    bomb = compressed(b" " * (300 * 2**20))
    assert len(bomb) < 100_000
    refused(tmp_path, bomb)


def test_a_later_version_is_told_apart(tmp_path: Path) -> None:
    assert "another version" in refused(tmp_path, {**document(), "version": 99})


@pytest.mark.parametrize("name", ["gone.json", "."])
def test_a_path_without_a_model(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput) as told:
        Model.load(tmp_path / name)
    assert "\n" not in str(told.value)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.sampled_from([10**6, 2**31, 2**63, -(2**63) - 1, 10**400, 1e308, -1e308, 0.5]),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["\ud800", "a\nb", "0-3", "\x00"]),
    st.lists(st.integers(-2, 5), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def places(content: Any) -> list[Any]:
    """The parts that can be edited: (container, key)."""
    found: list[Any] = []
    stack = [content]
    while stack:
        part = stack.pop()
        items = part.items() if isinstance(part, dict) else enumerate(part)
        for key, inner in items:
            found.append((part, key))
            if isinstance(inner, dict | list):
                stack.append(inner)
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_edit_is_refused_in_one_line_or_gives_a_model_that_works(
    tmp_path: Path, data: st.DataObject
) -> None:
    hostile = copy.deepcopy(document())
    within_trees = data.draw(st.booleans(), "trees")
    for _ in range(data.draw(st.integers(1, 2), "edits")):
        rest = {key: part for key, part in hostile.items() if key != "conditionals"}
        if within_trees and isinstance(hostile.get("conditionals"), list):
            spots = places(hostile["conditionals"])
        else:
            spots = [spot for spot in places(rest) if spot[0] is not rest] + [
                (hostile, key) for key in hostile
            ]
        holder, key = spots[data.draw(st.integers(0, len(spots) - 1), "place")]
        if key not in (holder if isinstance(holder, dict) else range(len(holder))):
            continue
        action = data.draw(st.sampled_from(["set", "drop", "double", "nest", "swap"]), "action")
        if action == "set":
            holder[key] = data.draw(VALUES, "value")
        elif action == "drop":
            del holder[key]
        elif action == "nest":
            holder[key] = [holder[key]]
        elif isinstance(holder, list):
            holder.insert(key, holder[key] if action == "double" else holder[0])
    try:
        found = load(tmp_path, hostile)
    except BadInput as error:
        assert_one_line(error)
        return
    assert found.sample(200, seed=1).num_rows == 200
    assert np.isfinite(found.network.log_likelihood(found.network.sample(50, seed=2, threads=1))).all()
    VALIDATOR.validate(json.loads(found.to_json()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.binary(max_size=3), st.booleans())
def test_any_damage_to_the_bytes_is_told_in_one_line(
    tmp_path: Path, place: int, bytes_: bytes, zipped: bool
) -> None:
    whole = model().to_json().encode()
    whole = compressed(whole) if zipped else whole
    at = place % len(whole)
    try:
        load(tmp_path, whole[:at] + bytes_ + whole[at + len(bytes_) + 1 :])
    except BadInput as error:
        assert_one_line(error)
