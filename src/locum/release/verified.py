"""What a package that holds turned out to be, in words and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from locum.evaluate.metrics import Verdict
from locum.release.decision import Decision
from locum.release.derivation_schema import Derivation
from locum.release.withdrawal import Withdrawal

Trust = Literal["given", "package", "nobody"]
"""Whose key the signature was checked with: that which the reader gave, that in the package; or it has none."""

TOLD: dict[Trust, str] = {
    "given": "the key that you gave",
    "package": "the key in the package itself",
    "nobody": "nobody",
}


@dataclass(frozen=True)
class Verified:
    """A package in which everything holds.

    artificial: the records that were learned from are themselves artificial. key: the id of the one that signed.
    may, must_not: what the documents of the package say of its use.
    sums: SHA-256 of every file by its path.
    """

    where: str
    name: str
    version: str
    title: str
    rows: int
    variables: int
    train_patients: int
    holdout_patients: int
    artificial: bool
    verdict: Verdict
    may: list[str]
    must_not: list[str]
    decision: Decision
    trust: Trust
    key: str | None
    withdrawal: Withdrawal | None
    derivation: Derivation | None
    sums: dict[str, str]

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


def said(found: Verified) -> Iterator[str]:
    """What a reader has to know, in lines of plain words."""
    if found.withdrawal is not None:
        gone = found.withdrawal
        yield f"WITHDRAWN on {gone.date} by {gone.by}. Do not use it. Reason: {gone.reason}"
    yield f"{found.where} holds: each of its {len(found.sums)} files is the one that was packed"
    yield from _signed(found)
    yield ""
    yield f"what      {found.name} {found.version}: {found.title}"
    if (copy := found.derivation) is not None:
        yield f"copy      for {copy.recipient}: {copy.rows:,} of {copy.base.rows:,} rows, which can be traced"
    yield f"rows      {found.rows:,} artificial patients, {found.variables} variables"
    yield f"learned   from {found.train_patients:,} {_people(found)}, judged by {found.holdout_patients:,} others"
    yield from (f"{family:<9} {status.value}" for family, status in found.verdict)
    yield from _approved(found.decision)
    yield ""
    if found.withdrawal is not None:
        yield "may be used for: nothing any more, it is withdrawn"
    else:
        yield from ("may be used for:", *(f"  {use}" for use in found.may))
    yield from ("must not be used for:", *(f"  {use}" for use in found.must_not))


def _signed(found: Verified) -> Iterator[str]:
    if found.trust == "given":
        yield f"signed    with the key that you gave, key id {found.key}"
    elif found.trust == "package":
        yield f"signed    with the key in the package itself, key id {found.key}"
        yield "          This proves that the package is whole, not who made it: give the publisher's key with --key."
    else:
        yield "NOT SIGNED: nothing proves who made it, or that nobody changed it and its hashes together"


def _people(found: Verified) -> str:
    return "patients of records that are themselves artificial" if found.artificial else "real patients"


def _approved(decision: Decision) -> Iterator[str]:
    yield f"decision  released by the policy “{decision.policy}”"
    for approval in decision.approvals:
        yield f"approved  {', '.join(approval.checks)}: by {approval.approver} on {approval.date}: {approval.text}"


def as_dict(found: Verified) -> dict[str, Any]:
    """The same for a program."""
    gone = found.withdrawal
    return {
        "package": found.where,
        "holds": True,
        "withdrawn": gone is not None,
        "withdrawal": gone and {"date": gone.date.isoformat(), "by": gone.by, "reason": gone.reason},
        "copy_for": found.derivation and found.derivation.recipient,
        "signed": found.trust != "nobody",
        "key_id": found.key,
        "checked_with": TOLD[found.trust],
        "name": found.name,
        "version": found.version,
        "title": found.title,
        "rows": found.rows,
        "variables": found.variables,
        "learned_from": found.train_patients,
        "artificial_records": found.artificial,
        "verdict": found.verdict.model_dump(mode="json"),
        "policy": found.decision.policy,
        "approvals": [approval.model_dump(mode="json") for approval in found.decision.approvals],
        "may": [] if gone else found.may,
        "must_not": found.must_not,
        "files": len(found.sums),
    }
