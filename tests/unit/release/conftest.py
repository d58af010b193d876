"""Packages are written in a moment: without their PDF."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module", autouse=True)
def _without_pdf(without_pdf: None) -> None:
    pass
