"""The generators that are compared: how each is started, what it needs, and how it is shown."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent / "generators"
MINUTES = "{minutes}"  # in options: those that a generator that would go on for days may learn

Family = Literal["locum", "peer", "anchor"]


@dataclass(frozen=True)
class Generator:
    """name: in results and on the command line. label: on the picture. packages: of an environment of its own, if any;
    without: what they bring along and is taken out again.
    """

    name: str
    label: str
    family: Family
    script: str
    options: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def command(self, train: Path, rows: int, seed: int, out: Path, minutes: float) -> list[str]:
        given = [str(self.python()), str(HERE / self.script), str(train), str(rows), str(seed), str(out)]
        return given + [f"{minutes:g}" if option == MINUTES else option for option in self.options]

    def python(self) -> Path:
        """That of the environment that runs this, or of one of its own in the user's cache, made once."""
        if not self.packages:
            return Path(sys.executable)
        cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
        place = cache / "locum" / "peers" / re.sub(r"[^\w.]+", "-", self.packages[-1])
        python = place / "bin" / "python"
        if not (place / "made").exists():
            print(f"{self.name}: making an environment with {' '.join(self.packages)}", file=sys.stderr)
            venv.create(place, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *self.packages], check=True)
            if self.without:
                pip = [python, "-m", "pip", "uninstall", "--quiet", "--yes"]
                subprocess.run([*pip, *self.without], check=True)
            (place / "made").touch()
        return python


GENERATORS = {
    generator.name: generator
    for generator in (
        *(
            Generator(f"locum-{level}", f"locum {level}", "locum", "by_locum.py", (level,))
            for level in ("open", "balanced", "strict")
        ),
        Generator("synthpop", "synthpop-py", "peer", "by_synthpop.py", (), ("pyarrow", "synthpop-py==0.1.3")),
        Generator("pyagrum", "pyAgrum", "peer", "by_pyagrum.py", (), ("pandas", "pyarrow", "pyagrum==3.3.1")),
        Generator(
            "argn",
            "TabularARGN",
            "peer",
            "by_argn.py",
            (MINUTES,),
            ("torch==2.13.0", "mostlyai-engine==2.7.3"),
            # of pictures and sound, not needed for tables; loading them fails where torch is built for processors alone
            ("torchvision", "torchaudio"),
        ),
        Generator("independent", "independent columns", "anchor", "anchors.py", ("independent",)),
        Generator("half", "half of the patients", "anchor", "anchors.py", ("half",)),
        Generator("copy", "copy of the patients", "anchor", "anchors.py", ("copy",)),
    )
}
