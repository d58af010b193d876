"""What utility is judged by, where nobody named it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from locum.evaluate import targets
from locum.evaluate.sample import Trio, read_trio
from locum.variables import Kind, Role, Variable, Variables

N = 900


def table(seed: int) -> pa.Table:
    """A trial whose event nothing predicts, and ten flags that age does."""
    rng = np.random.default_rng(seed)
    age = rng.integers(20, 90, N)
    flags = {f"flag{i}": (rng.random(N) < age / 100).astype(int) for i in range(10)}
    return pa.table({"age": age, "event": rng.integers(0, 2, N), "time": rng.integers(1, 3000, N), **flags})


def trio(**roles: Role) -> Trio:
    def variable(name: str) -> Variable:
        role = roles.get(name, Role.PLAIN)
        if name in ("age", "time"):
            return Variable(name, Kind.COUNT, "int64", role)
        return Variable(name, Kind.BINARY, "int64", role, levels=("0", "1"))

    declared = Variables(tuple(variable(name) for name in table(0).column_names))
    return read_trio(table(0), table(1), table(2), declared, np.random.default_rng(0))


def found(asked: str | None = None, **roles: Role) -> targets.Target:
    target, why = targets.find(trio(**roles), asked, np.random.default_rng(1))
    assert target is not None, why
    return target


def test_a_declared_event_is_preferred_to_what_is_easier_to_predict() -> None:
    chosen = found(event=Role.EVENT, time=Role.TIME)
    assert chosen.name == "event"
    assert chosen.notices[0] == (
        "No target was named: event, declared as the event, was chosen to judge utility."
    )
    assert "time" not in [trio(event=Role.EVENT, time=Role.TIME).variables[i].name for i in chosen.places]


@pytest.mark.parametrize(
    ("asked", "roles"),
    [("flag3", {"event": Role.EVENT}), (None, {"event": Role.EVENT, "flag3": Role.TARGET})],
)
def test_what_is_named_goes_before_the_event(asked: str | None, roles: dict[str, Role]) -> None:
    chosen = found(asked, **roles)
    assert chosen.name == "flag3"
    assert not [notice for notice in chosen.notices if "No target" in notice]


def test_without_a_role_one_is_chosen_that_can_be_predicted_and_it_is_said() -> None:
    chosen = found()
    assert chosen.name.startswith("flag")
    assert chosen.notices[0] == f"No target was named: {chosen.name} was chosen to judge utility."
