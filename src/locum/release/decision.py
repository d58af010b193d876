"""The shape of ``decision.json``: what the gate asked, what it found, and who answered for what it did not let pass."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Part):
    """One condition of the policy. name: stable, such as "privacy" or "membership_auc"; asked, found: in words.

    source: of the limit. needs: nothing where it holds; "approver" where a named person may answer for it; "never"
    where nobody may.
    """

    name: str
    asked: str
    found: str
    holds: bool
    source: str
    needs: str = ""


def check(
    name: str, asked: str, found: str, source: str, needs: Literal["nobody", "approver", "never"] = "nobody"
) -> Check:
    """A condition and what was found. needs: of what was found; nobody where the condition holds."""
    holds = needs == "nobody"
    return Check(
        name=name, asked=asked, found=found, holds=holds, source=source, needs="" if holds else needs
    )


class Approval(_Part):
    """A person who answers for checks that do not hold, and why."""

    approver: str
    text: str
    checks: tuple[str, ...]
    date: datetime.date


class Decision(_Part):
    """What the gate decided. policy: its name; policy_sha256: of the file that holds it."""

    format: int = 1
    released: bool
    policy: str
    policy_sha256: str
    checks: tuple[Check, ...]
    approvals: tuple[Approval, ...] = ()
