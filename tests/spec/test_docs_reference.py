"""The examples of the reference run."""

from __future__ import annotations

from tests.spec.pages import examples

test_every_example_runs = examples("reference")
