from tests.conformance.engines import engine  # noqa: F401  the fixture of every test here
