"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("locum")
except PackageNotFoundError:  # run from a folder of sources
    VERSION = "0"
