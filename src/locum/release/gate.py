"""The gate: nothing is released that the policy does not let pass, unless a named person may answer for it and does."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from difflib import get_close_matches

from locum.errors import Refused, UsageError
from locum.release.conditions import checks
from locum.release.decision import Approval, Check, Decision
from locum.release.policy import Read
from locum.release.release import Evidence

MEND = 'write both as a reader is to see them: --approve "NAME: why"'
HOW = '--approve "NAME: why"'


class NotReleased(Refused):
    """The gate said no. decision: with every condition, and what would be needed."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(_line(decision))


def judge(evidence: Evidence, policy: Read, approvals: Sequence[Approval] = ()) -> Decision:
    """The decision that lets EVIDENCE be released, with the approvals that it took.

    approvals: one that names no check answers for all that need an approver.
    Raises NotReleased when a condition does not hold that nobody may, or nobody did, answer for, and UsageError for an
    approval without a name or a text, or of a condition that there is not.
    """
    found = checks(evidence, policy.policy)
    for approval in approvals:
        _check_approval(approval, [check.name for check in found])
    open_ = [check.name for check in found if check.needs == "approver"]
    taken = tuple(
        approval.model_copy(update={"checks": answered})
        for approval in approvals
        if (answered := tuple(name for name in open_ if not approval.checks or name in approval.checks))
    )
    named = {name for approval in taken for name in approval.checks}
    decision = Decision(
        released=all(check.holds or check.name in named for check in found),
        policy=policy.policy.name,
        policy_sha256=policy.sha256,
        checks=found,
        approvals=taken,
    )
    if not decision.released:
        raise NotReleased(decision)
    return decision


def approval(text: str, date: datetime.date) -> Approval:
    """An approval as a command line gives it, "NAME: why" or "CHECK=NAME: why".

    Raises UsageError when it has no name or no text.
    """
    head, colon, why = text.partition(":")
    if not colon:
        raise UsageError(f"an approval says who approves and why; write it as {HOW}")
    check, equals, name = head.partition("=") if "=" in head else ("", "", head)
    return Approval(
        approver=" ".join(name.split()),
        text=" ".join(why.split()),
        checks=(check.strip(),) if equals else (),
        date=date,
    )


def unanswered(decision: Decision) -> tuple[Check, ...]:
    """The conditions for which a release is refused: those that nobody may answer for first."""
    answered = {name for approval in decision.approvals for name in approval.checks}
    left = [check for check in decision.checks if not check.holds and check.name not in answered]
    return tuple(sorted(left, key=lambda check: check.needs != "never"))


def _says(text: str) -> bool:
    """Whether there is a word in TEXT, and nothing that does not show or makes it read otherwise."""
    return text.isprintable() and any(letter.isalnum() for letter in text)


def _check_approval(approval: Approval, names: Sequence[str]) -> None:
    if not approval.approver.strip():
        raise UsageError(f"an approval has no name before its colon; write it as {HOW}")
    if not approval.text.strip():
        raise UsageError(
            f"the approval of {approval.approver} has no reason after its colon; write it as {HOW}"
        )
    if not _says(approval.approver) or not _says(approval.text):
        raise UsageError(
            f"an approval has a name or a reason without a word in it, or with signs that do not show; {MEND}"
        )
    for name in approval.checks:
        if name not in names:
            near = get_close_matches(name, names, 1)
            mend = f'did you mean "{near[0]}"?' if near else "leave it out to approve all that need it"
            raise UsageError(f'there is no condition "{name}" to approve; {mend}')


def _line(decision: Decision) -> str:
    """The refusal in one line."""
    left = unanswered(decision)
    never = [check.name for check in left if check.needs == "never"]
    open_ = [check.name for check in left if check.needs != "never"]
    parts = []
    if never:
        parts.append(
            f"{', '.join(never)} cannot be approved by anyone: mend the data and evaluate them again"
        )
    if open_:
        need = "needs" if len(open_) == 1 else "need"
        parts.append(f"{', '.join(open_)} {need} a named approver: {HOW}")
    return f"not released: {'; '.join(parts)}"
