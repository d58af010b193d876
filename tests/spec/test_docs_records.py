"""The examples of the how-to guides from records to a dataset in use run."""

from __future__ import annotations

from tests.spec.pages import examples

test_every_example_runs = examples("records")
