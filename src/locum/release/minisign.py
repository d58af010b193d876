"""Keys and signatures in the format of minisign, so that anyone can check a release without locum.

Format: https://jedisct1.github.io/minisign (Denis). Signatures are of the newer, prehashed kind: Ed25519 (RFC 8032) of
the BLAKE2b-512 of a file, and a second one of the first and the trusted comment. A secret key is encrypted with a
stream that scrypt (RFC 7914) makes of a password.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

UNTRUSTED = "untrusted comment: "
TRUSTED = "trusted comment: "
SIGNATURE_COMMENT = "signature from minisign secret key"
SECRET_COMMENT = "minisign encrypted secret key"
PLAIN_SECRET_COMMENT = "minisign secret key"

OPS, MEMORY = 2_097_152, 67_108_864
"""Limits of scrypt for new keys: N = 2^16, r = 8, p = 1 by the rule of `_scrypt`, which takes 64 MB."""
MOST_OPS, MOST_MEMORY = 1 << 28, 1 << 30
"""The most that a key file may ask for. minisign's own keys ask for 2^25 and 1 GB."""

_PURE, _HASHED, _SCRYPT, _NONE, _BLAKE2B = b"Ed", b"ED", b"Sc", b"\0\0", b"B2"


class Malformed(ValueError):
    """Text that is not what minisign writes; the message ends a sentence that begins with the file's name."""


class WrongPassword(ValueError):
    """The password does not open the secret key."""


@dataclass(frozen=True)
class PublicKey:
    """What a signature is checked with. number: 8 bytes that name the pair; point: 32 bytes."""

    number: bytes
    point: bytes

    @property
    def id(self) -> str:
        """The key's id, as minisign prints it."""
        return key_id(self.number)

    @property
    def line(self) -> str:
        """The key in one line, as `minisign -P` takes it."""
        return _encoded(_PURE + self.number + self.point)

    @property
    def text(self) -> str:
        """The key's file."""
        return f"{UNTRUSTED}minisign public key {self.id}\n{self.line}\n"


@dataclass(frozen=True)
class Signature:
    """Of a file. whole: of the first signature and the trusted comment together."""

    number: bytes
    signature: bytes
    comment: str
    whole: bytes

    @property
    def text(self) -> str:
        """The signature's file."""
        first = _encoded(_HASHED + self.number + self.signature)
        return f"{UNTRUSTED}{SIGNATURE_COMMENT}\n{first}\n{TRUSTED}{self.comment}\n{_encoded(self.whole)}\n"


@dataclass(frozen=True, repr=False)
class SecretKey:
    """What a file is signed with. seed: 32 bytes."""

    number: bytes
    seed: bytes

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.number, self._key.public_key().public_bytes_raw())

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, data: bytes, comment: str) -> Signature:
        """The signature of DATA, with a trusted COMMENT of one line. The same input gives the same."""
        if not comment.replace("\t", "").isprintable():
            raise ValueError("a trusted comment is one line of printable text")
        signature = self._key.sign(_hash(data))
        whole = self._key.sign(signature + comment.encode())
        return Signature(self.number, signature, comment, whole)

    def text(self, password: str | None) -> str:
        """The key's file, encrypted unless PASSWORD is None. Never twice the same: it is salted."""
        pair = self.seed + self.public.point
        body = self.number + pair + _checksum(self.number + pair)
        if password is None:
            head, comment = _PURE + _NONE + _BLAKE2B + bytes(48), PLAIN_SECRET_COMMENT
        else:
            salt = secrets.token_bytes(32)
            limits = OPS.to_bytes(8, "little") + MEMORY.to_bytes(8, "little")
            head, comment = _PURE + _SCRYPT + _BLAKE2B + salt + limits, SECRET_COMMENT
            body = _mixed(body, _scrypt(password, salt, OPS, MEMORY, len(body)))
        return f"{UNTRUSTED}{comment}\n{_encoded(head + body)}\n"


def new_key() -> SecretKey:
    """A fresh key."""
    return SecretKey(secrets.token_bytes(8), Ed25519PrivateKey.generate().private_bytes_raw())


def key_id(number: bytes) -> str:
    """The 8 bytes of a key's number as minisign prints them."""
    return f"{int.from_bytes(number, 'little'):016X}"


def is_good(data: bytes, signature: Signature, key: PublicKey) -> bool:
    """Whether SIGNATURE, with its trusted comment, is KEY's of DATA."""
    if signature.number != key.number:
        return False
    point = Ed25519PublicKey.from_public_bytes(key.point)
    try:
        point.verify(signature.signature, _hash(data))
        point.verify(signature.whole, signature.signature + signature.comment.encode())
    except InvalidSignature:
        return False
    return True


def public_from_line(line: str) -> PublicKey:
    """Raises Malformed."""
    read = _decoded(line, 42, "a public key")
    if read[:2] != _PURE:
        raise Malformed("is not a public key of minisign: it names another kind of key")
    return PublicKey(read[2:10], read[10:])


def public_from_text(text: str) -> PublicKey:
    """From the text of a key's file. Raises Malformed."""
    lines = _lines(text, 2, "a public key")
    return public_from_line(lines[1])


def signature_from_text(text: str) -> Signature:
    """From the text of a signature's file. Raises Malformed, also for anything in it that nothing vouches for."""
    lines = _lines(text, 4, "a signature")
    first, whole = _decoded(lines[1], 74, "a signature"), _decoded(lines[3], 64, "a signature")
    if first[:2] != _HASHED or not lines[2].startswith(TRUSTED):
        raise Malformed("is not a signature of minisign with a trusted comment")
    found = Signature(first[2:10], first[10:], lines[2].removeprefix(TRUSTED), whole)
    if found.text != text:
        raise Malformed("is not written as minisign writes a signature")
    return found


def is_secret(text: str) -> bool:
    """Whether TEXT is of a file of a secret key, sound or not: it is longer than one of a public key."""
    lines = text.split("\n")
    return len(lines) > 1 and len(lines[1]) > 100


def is_encrypted(text: str) -> bool:
    """Whether the secret key in TEXT wants a password. Raises Malformed."""
    return _secret(text)[2:4] == _SCRYPT


def secret_from_text(text: str, password: str | None) -> SecretKey:
    """From the text of a key's file. Raises Malformed, and WrongPassword (also where there has to be one)."""
    read = _secret(text)
    body = read[54:]
    if read[2:4] == _SCRYPT:
        if password is None:
            raise WrongPassword
        ops, memory = (int.from_bytes(read[i : i + 8], "little") for i in (38, 46))
        body = _mixed(body, _scrypt(password, read[6:38], ops, memory, len(body)))
    key = SecretKey(body[:8], body[8:40])
    if not hmac.compare_digest(_checksum(body[:72]), body[72:]):
        raise WrongPassword if read[2:4] == _SCRYPT else Malformed("is damaged: its checksum does not hold")
    if key.public.point != body[40:72]:
        raise Malformed("is damaged: its two halves are of different keys")
    return key


def _secret(text: str) -> bytes:
    read = _decoded(_lines(text, 2, "a secret key")[1], 158, "a secret key")
    if read[:2] != _PURE or read[2:4] not in (_SCRYPT, _NONE) or read[4:6] != _BLAKE2B:
        raise Malformed("is not a secret key of minisign: it names a method that is not known here")
    return read


def _scrypt(password: str, salt: bytes, ops: int, memory: int, length: int) -> bytes:
    """Parameters from limits as libsodium picks them (pickparams in pwhash_scryptsalsa208sha256.c)."""
    if ops > MOST_OPS or memory > MOST_MEMORY:
        raise Malformed("asks for more work than a key of minisign does")
    ops, r = max(ops, 32_768), 8
    bound_by_ops = ops < memory // 32
    most = ops // (4 * r) if bound_by_ops else memory // (128 * r)
    log_n = next(n for n in range(1, 64) if 1 << n > most // 2)
    p = 1 if bound_by_ops else min(ops // 4 >> log_n, 0x3FFFFFFF) // r
    if p < 1:
        raise Malformed("asks for less work than a key of minisign does")
    room = 128 * r * ((1 << log_n) + p + 2) + 4096
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << log_n, r=r, p=p, maxmem=room, dklen=length)


def _mixed(data: bytes, stream: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data).digest()


def _checksum(pair: bytes) -> bytes:
    return hashlib.blake2b(_PURE + pair, digest_size=32).digest()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decoded(line: str, size: int, what: str) -> bytes:
    try:
        read = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        read = b""
    if len(read) != size or _encoded(read) != line:
        raise Malformed(f"is not {what} of minisign: a line of it cannot be read")
    return read


def _lines(text: str, count: int, what: str) -> list[str]:
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if len(lines) != count or not lines[0].startswith(UNTRUSTED):
        raise Malformed(f"is not {what} of minisign: it has not the {count} lines of one")
    return lines
