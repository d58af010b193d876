"""Keys and signatures are those of minisign: py-minisign, and the program itself, read ours, and we read theirs."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import minisign as oracle
import pytest

from locum.errors import BadInput
from locum.release import keys, minisign
from locum.release.minisign import Malformed, SecretKey, WrongPassword
from tests.unit.release.seal_cases import KEY, OTHER_KEY

DATA = b"what is signed"
COMMENT = "timestamp:1769817600\tfile:SHA256SUMS\tpackage:cvd-1.0.0\thashed"


def test_ed25519_is_that_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    point = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert SecretKey(bytes(8), seed).public.point.hex() == point


def test_the_oracle_verifies_our_signature() -> None:
    theirs = oracle.Signature.from_bytes(KEY.sign(DATA, COMMENT).text.encode())
    public = oracle.PublicKey.from_bytes(KEY.public.text.encode())
    public.verify(DATA, theirs)
    assert theirs.is_prehashed()
    assert theirs.trusted_comment == COMMENT
    with pytest.raises(oracle.VerifyError):
        public.verify(DATA + b"!", theirs)


def test_we_verify_the_oracle_s_signature() -> None:
    pair = oracle.KeyPair.generate()
    public = minisign.public_from_text(bytes(pair.public_key).decode())
    theirs = bytes(pair.secret_key.sign(DATA, trusted_comment=COMMENT)).decode() + "\n"
    signature = minisign.signature_from_text(theirs)
    assert signature.comment == COMMENT
    assert minisign.is_good(DATA, signature, public)
    assert not minisign.is_good(DATA + b"!", signature, public)
    assert not minisign.is_good(DATA, signature, KEY.public)


@pytest.mark.parametrize("password", [None, "correct horse ÿ"])
def test_the_oracle_opens_our_key(password: str | None) -> None:
    theirs = oracle.SecretKey.from_bytes(KEY.text(password).encode())
    assert theirs.is_encrypted() is (password is not None)
    if password is not None:
        theirs.decrypt(password)
    assert bytes(theirs.get_public_key()).decode().splitlines()[1] == KEY.public.line


@pytest.mark.parametrize("password", [None, "correct horse ÿ"])
def test_we_open_the_oracle_s_key(password: str | None) -> None:
    pair = oracle.KeyPair.generate()
    if password is not None:
        pair.secret_key.encrypt(password)
    key = minisign.secret_from_text(bytes(pair.secret_key).decode(), password)
    assert key.public.line == bytes(pair.public_key).decode().splitlines()[1]


def test_a_key_that_is_encrypted_asks_for_64_mb() -> None:
    read = base64.b64decode(KEY.text("x").splitlines()[1])
    ops, memory = (int.from_bytes(read[i : i + 8], "little") for i in (38, 46))
    found = oracle.scrypt.scrypt_params_from_limits(ops, memory)
    assert (found.N, found.r, found.p) == (1 << 16, 8, 1)
    assert 128 * found.N * found.r == 64 << 20


def test_an_encrypted_key_holds_nothing_of_the_plain_one() -> None:
    one, two = (base64.b64decode(KEY.text("x").splitlines()[1]) for _ in range(2))
    assert one != two
    assert KEY.seed not in one
    assert KEY.public.point not in one


def test_a_wrong_password_opens_nothing() -> None:
    text = KEY.text("right")
    with pytest.raises(WrongPassword):
        minisign.secret_from_text(text, "wrong")
    with pytest.raises(WrongPassword):
        minisign.secret_from_text(text, None)


def test_the_trusted_comment_is_signed() -> None:
    text = KEY.sign(DATA, COMMENT).text.replace("cvd-1.0.0", "cvd-1.0.1")
    assert not minisign.is_good(DATA, minisign.signature_from_text(text), KEY.public)


def test_any_byte_of_a_signature_counts() -> None:
    text = KEY.sign(DATA, COMMENT).text.encode()
    for place in range(len(text)):
        for bit in range(8):
            other = bytearray(text)
            other[place] ^= 1 << bit
            try:
                found = minisign.signature_from_text(other.decode())
            except (Malformed, UnicodeDecodeError):
                continue
            assert not minisign.is_good(DATA, found, KEY.public), (place, bit)


def test_a_changed_byte_never_makes_another_key_of_a_plain_one() -> None:
    text = KEY.text(None)
    start = text.index("\n") + 1
    for place in range(start, len(text) - 1):
        other = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        try:
            found = minisign.secret_from_text(other, "")
        except (Malformed, WrongPassword):
            continue
        assert found == KEY  # salt and limits, which no one reads without a password


def test_a_secret_key_whose_halves_differ_is_refused() -> None:
    pair = KEY.number + KEY.seed + OTHER_KEY.public.point
    body = pair + hashlib.blake2b(b"Ed" + pair, digest_size=32).digest()
    line = base64.b64encode(b"Ed\0\0B2" + bytes(48) + body).decode()
    with pytest.raises(Malformed, match="different keys"):
        minisign.secret_from_text(f"untrusted comment: x\n{line}\n", None)


@pytest.mark.parametrize("limits", [(1 << 40, 1 << 26), (1 << 21, 1 << 40), (0, 1 << 30)])
def test_a_key_that_asks_for_too_much_or_too_little_work_is_refused(limits: tuple[int, int]) -> None:
    head = b"EdScB2" + bytes(32) + b"".join(x.to_bytes(8, "little") for x in limits)
    line = base64.b64encode(head + bytes(104)).decode()
    with pytest.raises((Malformed, WrongPassword)):
        minisign.secret_from_text(f"untrusted comment: x\n{line}\n", "x")


@pytest.mark.parametrize("comment", ["two\nlines", "escape \x1b[2J"])
def test_a_trusted_comment_is_one_line(comment: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        KEY.sign(DATA, comment)


def test_keys_are_written_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.key"
    public = keys.write_pair(file, None)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys.read_public(tmp_path / "a.key.pub") == public
    assert keys.public_key(public.line) == public
    assert keys.read_secret(file, lambda: pytest.fail("asked")).public == public
    before = file.read_bytes()
    with pytest.raises(BadInput, match="never overwritten"):
        keys.write_pair(file, None)
    file.unlink()
    with pytest.raises(BadInput, match=r"a\.key\.pub exists"):
        keys.write_pair(file, None)
    assert not file.exists()
    assert before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "has not the 2 lines"),
        (b"\xff\xfe", "not the file of a key"),
        (b"untrusted comment: x\nRWQ\n", "cannot be read"),
        (KEY.text(None).encode(), "nobody else may see"),
    ],
)
def test_what_is_no_public_key_is_told(tmp_path: Path, text: bytes, says: str) -> None:
    (tmp_path / "a").write_bytes(text)
    with pytest.raises(BadInput, match=says):
        keys.read_public(tmp_path / "a")


def test_what_is_no_secret_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(KEY.public.text)
    with pytest.raises(BadInput, match="not a secret key"):
        keys.read_secret(tmp_path / "a", str)
    (tmp_path / "a").write_text(KEY.text("right"))
    with pytest.raises(BadInput, match="does not open"):
        keys.read_secret(tmp_path / "a", lambda: "wrong")
    with pytest.raises(BadInput, match="does not exist"):
        keys.read_secret(tmp_path / "b", str)


@pytest.mark.skipif(shutil.which("minisign") is None, reason="the program minisign is not installed")
def test_the_program_reads_ours_and_we_read_its(tmp_path: Path) -> None:
    def program(*arguments: str, typed: str = "") -> str:
        done = subprocess.run(
            ["minisign", *arguments], cwd=tmp_path, input=typed, capture_output=True, text=True, check=True
        )
        return done.stdout

    data = tmp_path / "SHA256SUMS"
    data.write_bytes(DATA)
    (tmp_path / "ours.key").write_text(KEY.text("secret word"))
    (tmp_path / "ours.pub").write_text(KEY.public.text)
    signature = tmp_path / "SHA256SUMS.minisig"
    signature.write_text(KEY.sign(DATA, COMMENT).text)
    assert COMMENT in program("-V", "-p", "ours.pub", "-m", "SHA256SUMS")
    signature.unlink()
    program("-S", "-s", "ours.key", "-m", "SHA256SUMS", typed="secret word\n")
    assert minisign.is_good(DATA, minisign.signature_from_text(signature.read_text()), KEY.public)
