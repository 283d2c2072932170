"""Hashes of Office encryption, and passwords hashed over and over ([MS-OFFCRYPTO] 2.3.4.7, 2.3.4.11)."""

import hashlib
import struct
from collections.abc import Callable

from emotriage.model.limits import Budget

HASHES: dict[str, str] = {
    "SHA1": "sha1",
    "SHA-1": "sha1",
    "SHA256": "sha256",
    "SHA-256": "sha256",
    "SHA384": "sha384",
    "SHA-384": "sha384",
    "SHA512": "sha512",
    "SHA-512": "sha512",
}
"""Names in files ([MS-OFFCRYPTO] 2.3.4.10), and what hashlib calls them."""

ROUND = 200
"""Work units of one round of key derivation."""
_BATCH = 4096
_MOST_CHARACTERS = 255
_COUNTER = struct.Struct("<I")


def hash_of(name: str, data: bytes) -> bytes:
    """Digest of `data`; `name` is one of hashlib's."""
    return hashlib.new(name, data, usedforsecurity=False).digest()


def password_bytes(password: str) -> bytes:
    """A password as Office hashes it; what no program can type is replaced."""
    return password[:_MOST_CHARACTERS].encode("utf-16-le", "replace")


def spin(name: str, salt: bytes, password: str, rounds: int, budget: Budget) -> bytes:
    """The password hashed with its salt, then that many times with a counter in front.

    Raises:
        BudgetSpent: so many rounds are more than the artifact may cost.
    """
    digest = hash_of(name, salt + password_bytes(password))
    make, pack = _maker(name), _COUNTER.pack
    for begin in range(0, rounds, _BATCH):
        end = min(begin + _BATCH, rounds)
        budget.spend(ROUND * (end - begin))
        for number in range(begin, end):
            digest = make(pack(number) + digest).digest()
    return digest


def fitted(data: bytes, length: int) -> bytes:
    """Cut, or filled up with 0x36, to that many bytes."""
    return data[:length].ljust(length, b"\x36")


def _maker(name: str) -> Callable[[bytes], "hashlib._Hash"]:
    return {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}[name]
