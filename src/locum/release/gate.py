"""The gate: nothing is released that the policy does not let pass, unless a named person may answer for it and does."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

from locum.errors import Refused, UsageError
from locum.release.about import About
from locum.release.conditions import checks, on_privacy
from locum.release.decision import Approval, Check, Decision
from locum.release.policy import Read
from locum.release.release import Evidence

MEND = 'write both as a reader is to see them: --approve "NAME: why"'
HOW = '--approve "NAME: why"'
HOW_ONE = '--approve "CHECK=NAME: why"'
LEAST_NAME, LEAST_REASON = 3, 10
"""Characters. Who reads a package later has nothing else to know the person and the ground by."""


class NotReleased(Refused):
    """The gate said no. decision: with every condition, and what would be needed. private: those on privacy."""

    def __init__(self, decision: Decision, private: AbstractSet[str]) -> None:
        self.decision = decision
        self.private = private
        super().__init__(_line(decision, private))


def judge(evidence: Evidence, about: About, policy: Read, approvals: Sequence[Approval] = ()) -> Decision:
    """The decision that lets EVIDENCE be released as ABOUT says, with the approvals that it took.

    approvals: one that names no check answers for all that need an approver and are not on privacy: each of those is
    answered for by its name, so that nobody passes over a leak without having read of it.
    Raises NotReleased when a condition does not hold that nobody may, or nobody did, answer for, and UsageError for an
    approval without a name or a text of some length, or of a condition that there is not.
    """
    found = checks(evidence, policy.policy, about)
    private = on_privacy(evidence.metrics, policy.policy)
    for approval in approvals:
        _check_approval(approval, [check.name for check in found])
    open_ = [check.name for check in found if check.needs == "approver"]
    taken = tuple(
        approval.model_copy(update={"checks": answered})
        for approval in approvals
        if (answered := tuple(name for name in open_ if name in (approval.checks or {*open_} - private)))
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
        raise NotReleased(decision, private)
    return decision


def approval(text: str, date: datetime.date) -> Approval:
    """An approval as a command line gives it, "NAME: why" or "CHECK,CHECK=NAME: why".

    Raises UsageError when it has no name or no text.
    """
    head, colon, why = text.partition(":")
    if not colon:
        raise UsageError(f"an approval says who approves and why; write it as {HOW}")
    check, equals, name = head.partition("=") if "=" in head else ("", "", head)
    return Approval(
        approver=" ".join(name.split()),
        text=" ".join(why.split()),
        checks=tuple(one.strip() for one in check.split(",")) if equals else (),
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
    for what, said, least in (
        ("name", approval.approver, LEAST_NAME),
        ("reason", approval.text, LEAST_REASON),
    ):
        if len(said) < least:
            raise UsageError(
                f"the {what} of an approval has fewer than {least} characters; a name has {LEAST_NAME} or more, a "
                f"reason {LEAST_REASON} or more, for whoever reads them later"
            )
    for name in approval.checks:
        if name not in names:
            near = get_close_matches(name, names, 1)
            mend = f'did you mean "{near[0]}"?' if near else "leave it out to approve all that need it"
            raise UsageError(f'there is no condition "{name}" to approve; {mend}')


def _line(decision: Decision, private: AbstractSet[str]) -> str:
    """The refusal in one line."""
    left = unanswered(decision)
    never = [check.name for check in left if check.needs == "never"]
    open_ = [check.name for check in left if check.needs != "never"]
    parts = []
    if never:
        parts.append(
            f"{', '.join(never)} cannot be approved by anyone: mend the data and evaluate them again"
        )
    if any_ := [name for name in open_ if name not in private]:
        parts.append(f"{', '.join(any_)} {'needs' if len(any_) == 1 else 'need'} a named approver: {HOW}")
    if named := [name for name in open_ if name in private]:
        one = HOW_ONE.replace("CHECK", ",".join(named))
        need = "needs an approver who names it" if len(named) == 1 else "need an approver who names them"
        parts.append(f"{', '.join(named)} {need}: {one}")
    return f"not released: {'; '.join(parts)}"
