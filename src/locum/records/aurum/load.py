"""Load an extract of CPRD Aurum into the contract."""

from __future__ import annotations

from pathlib import Path

from locum.records.loading import Loading
from locum.records.quality import Quality


def load_aurum(source: Path, folder: Path, loading: Loading) -> Quality:
    """Read the extract SOURCE, a folder or a zip, into the existing, empty FOLDER."""
    raise NotImplementedError
