"""Whether a package holds: nothing of it was changed, and what it says of itself is true of its data.

The signature is checked first, then the hash of every file; no file is looked into before both hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from locum.atomic import MARK, mark
from locum.errors import BadInput
from locum.evaluate.metrics import Status, Verdict
from locum.release import agreement, checksums, derivation, minisign, withdrawal
from locum.release.agreement import Dictionary
from locum.release.contents import Contents, opened, read, told
from locum.release.decision import Decision
from locum.release.derivation_schema import Derivation
from locum.release.evidence_files import ABOUT, DECISION, METRICS, VARIABLES
from locum.release.minisign import Malformed, PublicKey
from locum.release.seal import MAKER, PUBLIC_KEY, SIGNATURE, SUMS
from locum.release.verified import Trust, Verified
from locum.release.withdrawal import Withdrawal
from locum.release.words import uses_by
from locum.variables import Variables, from_toml

DICTIONARY = "dictionary.json"
_NEEDED = (DICTIONARY, METRICS, DECISION, VARIABLES)
_CHANGED = "it was changed or damaged since it was packed: get the package anew from its publisher"

Shape = TypeVar("Shape", bound=BaseModel)


class _About(BaseModel):
    title: str = ""
    train_patients: int
    holdout_patients: int
    files: dict[str, str] = {}


class _Said(BaseModel):
    """about.json, as far as it is needed here."""

    title: str = ""
    artificial: bool = False
    intended: list[str] = []
    misuse: list[str] = []


class _Figure(BaseModel):
    name: str
    family: str
    status: Status
    decides: bool = True


class _Marginal(BaseModel):
    variable: str
    gap: float
    ceiling: float
    status: Status


class _Metrics(BaseModel):
    """metrics.json, as far as it is needed here, whatever version wrote it."""

    verdict: Verdict
    about: _About
    metrics: list[_Figure]
    marginals: list[_Marginal]


def verify(path: Path, key: PublicKey | None = None) -> Verified:
    """The package at PATH, a directory or a zip, in which everything holds.

    key: of whom the reader trusts; the one in the package when None, which proves that it is whole, not who made it.
    Raises BadInput that names the first thing that does not hold.
    """
    with opened(path) as contents:
        sums_file = read(contents, SUMS)
        trust, number = _check_signature(contents, sums_file, key)
        sums = _check_hashes(contents, sums_file)
        for needed in _NEEDED:
            if needed not in sums:
                raise _fails(contents, f"it has no {needed}, which every package has")
        metrics = _shaped(_Metrics, contents, METRICS)
        decision = _shaped(Decision, contents, DECISION)
        dictionary = _shaped(Dictionary, contents, DICTIONARY)
        for needed in (dictionary.parquet, dictionary.csv):
            if needed not in sums:
                raise _fails(contents, f"it has no {needed}, of which dictionary.json speaks")
        _check_decision(contents, decision)
        copied = _shaped(Derivation, contents, derivation.NAME) if derivation.NAME in sums else None
        _check_evaluated(contents, metrics, dictionary, sums, copied)
        agreement.check(contents, dictionary, _declared(contents))
        gone = _withdrawal(contents, dictionary)
        said = _shaped(_Said, contents, ABOUT) if ABOUT in sums else _Said()
        may, must_not = uses_by(metrics, said.intended, said.misuse)
        return Verified(
            where=str(path),
            name=dictionary.name,
            version=dictionary.version,
            title=said.title or metrics.about.title,
            rows=dictionary.rows,
            variables=len(dictionary.variables),
            train_patients=metrics.about.train_patients,
            holdout_patients=metrics.about.holdout_patients,
            artificial=said.artificial,
            verdict=metrics.verdict,
            may=may,
            must_not=must_not,
            decision=decision,
            trust=trust,
            key=number,
            withdrawal=gone,
            derivation=copied,
            sums=sums,
        )


def _fails(contents: Contents, what: str) -> BadInput:
    return BadInput(f"{contents.name} does not hold: {what}")


def _text(contents: Contents, path: str) -> str:
    try:
        return read(contents, path).decode()
    except UnicodeDecodeError:
        raise _fails(contents, f"{path} is not text; {_CHANGED}") from None


def _shaped(shape: type[Shape], contents: Contents, path: str) -> Shape:
    try:
        return shape.model_validate_json(read(contents, path))
    except ValidationError:
        raise _fails(contents, f"{path} does not have the shape that this version of locum reads") from None


def _check_signature(contents: Contents, sums: bytes, given: PublicKey | None) -> tuple[Trust, str | None]:
    """Whose key the signature holds with, and its id."""
    if SIGNATURE not in contents.paths:
        if PUBLIC_KEY in contents.paths:
            raise _fails(contents, f"its signature {SIGNATURE} is missing; {_CHANGED}")
        if given is not None:
            raise _fails(
                contents, "it is not signed, so nothing shows that it is of the holder of the key given"
            )
        return "nobody", None
    try:
        signature = minisign.signature_from_text(_text(contents, SIGNATURE))
    except Malformed as error:
        raise _fails(contents, f"{SIGNATURE} {error}; {_CHANGED}") from None
    key = given or _own_key(contents)
    if signature.number != key.number:
        whose = "that was given" if given else "in the package"
        by = minisign.key_id(signature.number)
        raise _fails(contents, f"it is signed with the key {by}, not with the key {whose}, {key.id}")
    if not minisign.is_good(sums, signature, key):
        raise _fails(contents, f"the signature of {SUMS} is not good; {_CHANGED}")
    return "given" if given else "package", key.id


def _own_key(contents: Contents) -> PublicKey:
    if PUBLIC_KEY not in contents.paths:
        raise _fails(contents, f"it has no {PUBLIC_KEY}; give the publisher's key with --key")
    try:
        return minisign.public_from_text(_text(contents, PUBLIC_KEY))
    except Malformed as error:
        raise _fails(contents, f"{PUBLIC_KEY} {error}; {_CHANGED}") from None


def _check_hashes(contents: Contents, text: bytes) -> dict[str, str]:
    """The hash of every file, when there is no other file and all hold."""
    sums = checksums.from_text(text.decode("utf-8", errors="replace"))
    if sums is None:
        raise _fails(contents, f"{SUMS} is not written as locum writes it; {_CHANGED}")
    there = contents.paths - {SUMS, SIGNATURE}
    marked = MARK in there - sums.keys()
    there -= {MARK} if marked else set()
    if missing := sorted(sums.keys() - there):
        raise _fails(contents, f"{missing[0]} is missing; {_CHANGED}")
    if more := sorted(there - sums.keys()):
        raise _fails(contents, f"{more[0]} is in it but not of it; take it out, or get the package anew")
    for path in sorted(sums):
        with told(contents, path), contents.open(path) as file:
            found = checksums.sha256(file)
        if found != sums[path]:
            raise _fails(contents, f"{path} is not the file that {SUMS} names; {_CHANGED}")
    if marked and read(contents, MARK) != mark(MAKER, contents.paths - {MARK}).encode():
        raise _fails(contents, f"{MARK} is not the one that locum left; delete it")
    return sums


def _check_decision(contents: Contents, decision: Decision) -> None:
    if not decision.released:
        raise _fails(contents, f"{DECISION} says that the gate refused it; do not use it")
    answered = {name for approval in decision.approvals for name in approval.checks}
    open_ = [check.name for check in decision.checks if not check.holds and check.name not in answered]
    never = [check.name for check in decision.checks if not check.holds and check.needs == "never"]
    if bad := [*never, *open_]:
        raise _fails(
            contents, f'{DECISION} says released, but the check "{bad[0]}" failed and may not be passed over'
        )


def _check_evaluated(
    contents: Contents,
    metrics: _Metrics,
    dictionary: Dictionary,
    sums: dict[str, str],
    copied: Derivation | None,
) -> None:
    """The evaluation is of these very rows; or, of a recipient's copy, of those that it was taken from."""
    evaluated = metrics.about.files.get("synthetic")
    if copied is None:
        if evaluated != sums[dictionary.parquet]:
            raise _fails(contents, f"{METRICS} is not the evaluation of {dictionary.parquet}")
        return
    base = copied.base
    if evaluated != base.parquet or (base.name, base.version) != (dictionary.name, dictionary.version):
        raise _fails(
            contents, f"{METRICS} is not the evaluation of what {derivation.NAME} says this is a copy of"
        )
    if not copied.rows == dictionary.rows <= base.rows:
        raise _fails(contents, f"{derivation.NAME} does not speak of as many rows as there are")


def _declared(contents: Contents) -> Variables:
    return from_toml(_text(contents, VARIABLES), f"{contents.name}: {VARIABLES}")


def _withdrawal(contents: Contents, dictionary: Dictionary) -> Withdrawal | None:
    if withdrawal.NAME not in contents.paths:
        return None
    found = withdrawal.from_text(_text(contents, withdrawal.NAME))
    if found is None or found.name != f"{dictionary.name}-{dictionary.version}":
        raise _fails(contents, f"{withdrawal.NAME} does not say who withdrew this release, when and why")
    return found
