"""The command line: each command in a module of its own name."""

from locum.cli.app import main

__all__ = ["main"]
