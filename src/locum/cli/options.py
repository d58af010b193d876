"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from locum.dial import STEPS
from locum.errors import UsageError

Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for a program to read.")]
Declaration = Annotated[
    Path | None,
    typer.Option("--variables", metavar="F", help="Declaration of the variables; inferred when left out."),
]
PatientId = Annotated[
    str | None, typer.Option("--patient-id", metavar="C", help="Column whose equal values are one person.")
]
Privacy = Annotated[
    str,
    typer.Option(
        metavar="|".join(STEPS),
        help="How closely the model may follow the training patients. "
        + "; ".join(f"{step.name}: for {step.made_for}" for step in STEPS.values())
        + ".",
    ),
]
Missing = Annotated[
    str,
    typer.Option(
        metavar="state|complete|latent",
        help="Being missing is a value like others; only complete rows teach; or gaps are completed, as if at random.",
    ),
]
Latent = Annotated[
    str,
    typer.Option(
        metavar="off|on|auto", help="A latent class for unmeasured common causes; auto: where it pays."
    ),
]
Order = Annotated[
    str,
    typer.Option(
        metavar="finest|tiers",
        help="What is drawn first: the finest-grained variables, which is most alike; or earlier declared tiers, "
        "for a causal reading.",
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Processor cores to use; all when left out.")]
Target = Annotated[
    str | None,
    typer.Option(metavar="C", help="Outcome to judge usefulness by; chosen and named when left out."),
]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer rows and folds: faster, with wider intervals.")]
Memory = Annotated[
    str, typer.Option(metavar="SIZE", help="Memory to keep to, such as 4GB; beyond it the disk is used.")
]


def memory(text: str) -> str:
    """TEXT when it is a size that the engine understands. Raises UsageError."""
    if not re.fullmatch(r"[1-9]\d*(\.\d+)? ?([KMGT]i?B)", text, re.IGNORECASE):
        raise UsageError(f'--memory "{text}" is not a size; give one such as 4GB')
    return text
