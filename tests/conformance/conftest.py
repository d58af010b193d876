from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.engines import close, engine  # noqa: F401  the fixture of every test here


@pytest.fixture(scope="session", autouse=True)
def _closed() -> Iterator[None]:
    yield
    close()
