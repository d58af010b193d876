"""The examples of the how-to guides on tables run."""

from __future__ import annotations

from tests.spec.pages import examples

test_every_example_runs = examples("tables")
