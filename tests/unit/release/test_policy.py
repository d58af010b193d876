"""The policy: the one that ships, one's own, and one line for whatever is wrong in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from locum.errors import BadInput
from locum.release.policy import SHIPPED, read_policy
from tests.unit.release.gate_cases import metrics

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_policy_that_ships() -> None:
    read = read_policy()
    assert read.sha256 == hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    known = {m.name: m for m in metrics().metrics}
    for name, limit in read.policy.limit.items():
        assert known[limit.metric or name].family == "privacy"
    # every figure that decides on privacy has a limit
    deciding = {m.name for m in metrics().metrics if m.family == "privacy" and m.decides}
    assert deciding <= set(read.policy.limit)
    assert read.policy.verdict.privacy.fail == "never"


def test_limits_of_the_policy_are_those_of_the_evaluation() -> None:
    """So that no figure passes one and fails the other."""
    for name, limit in read_policy().policy.limit.items():
        found = next(m for m in metrics().metrics if m.name == name).limit
        if found is not None and found.fail is not None:
            assert limit.most == found.fail, name


FAULTS = {
    # old, new: what the message says
    ("least = 500", "least = 5"): ("name:", "comes with locum, and this is another", "a name of its own"),
    ("format = 1", "format = 2"): ("format:", "it has to be 1"),
    ("format = 1", "format : 1"): ("is not TOML", "mend that line"),
    ("[verdict.fidelity]", "[verdict.fidelty]"): ("verdict.fidelity is not given", "add it"),
    ('warn = "nobody"', 'warn = "noone"'): ("verdict.fidelity.warn", "'nobody', 'approver' or 'never'"),
    ("most = 0.55", "mots = 0.55"): ("limit.membership_auc",),
    ("most = 0.55", "most = 0.55\nleast = 0.1"): ("limit.membership_auc", "most or least, one of them"),
    ("most = 0.55", "most = nan"): ("limit.membership_auc.most", "finite"),
    ("most = 0.55", "most = true"): ("limit.membership_auc.most", "number"),
    ("most = 0.55", "most = 0.55\nneds = 'never'"): (
        "unknown key limit.membership_auc.neds",
        'did you mean "needs"?',
    ),
    ("[limit.membership_auc]", "[limit.'a b']"): ("limit.a b", "small letters, digits and _"),
    ("[limit.membership_auc]", "[limit.privacy]"): ('two conditions are named "privacy"',),
    ("[limit.membership_auc]", "[limit.k]"): ('two conditions are named "k"',),
    ("[count.train_patients]", "[count.patients]"): ("count.patients counts nothing", "of ="),
    ('of = "k"', 'of = "q"'): ("count.k_least.of", "'k'"),
    ("[quick]\nneeds", "[quick]\nneeded"): ("quick.needs is not given",),
    ("least = 500", "least = 0.5"): ("count.train_patients.least", "integer"),
    ("[model_file]\nreleased = false", "[model_file]"): ("model_file.released is not given",),
}


@pytest.mark.parametrize("change", FAULTS, ids=lambda change: change[1].replace("\n", " "))
def test_a_fault_is_told_in_one_line(change: tuple[str, str], tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    assert change[0] in TEXT
    own.write_text(TEXT.replace(change[0], change[1], 1), encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        read_policy(own)
    message = str(raised.value)
    assert message.startswith(str(own))
    assert "\n" not in message
    for part in FAULTS[change]:
        assert part in message


def test_a_policy_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"does not exist; give the policy as a TOML file"):
        read_policy(tmp_path / "own.toml")
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="cannot be read as text"):
        read_policy(tmp_path / "own.toml")
