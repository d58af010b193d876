"""The examples of the README, the tutorials and the explanations run."""

from __future__ import annotations

from tests.spec.pages import examples

test_every_example_runs = examples("others")
