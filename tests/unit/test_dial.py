"""The dial in words says something of every step that can be set, in the order of what the steps allow."""

from __future__ import annotations

from itertools import pairwise

import pytest

from locum.dial import STEPS
from locum.network import PRIVACY


def test_each_step_has_words_and_settings() -> None:
    assert list(STEPS) == list(PRIVACY)
    assert all(name == step.name == PRIVACY[name].name for name, step in STEPS.items())


def test_steps_are_in_order_from_faithful_to_private() -> None:
    settings = [PRIVACY[name] for name in STEPS]
    for before, after in pairwise(settings):
        assert before.price(1000) < after.price(1000)
        assert before.smoothing < after.smoothing
        assert before.taught * before.part > after.taught * after.part
        assert after.taught * after.smallest_leaf >= 10


@pytest.mark.parametrize("name", STEPS)
def test_a_step_reads_as_one_line(name: str) -> None:
    line = str(STEPS[name])
    assert line.startswith(f"privacy {name}: made for ")
    assert "; protects against " in line
    assert "the model file" in line.rpartition(";")[2]
    assert "\n" not in line
