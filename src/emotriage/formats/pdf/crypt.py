"""The standard security handler of PDF (ISO 32000-1, 7.6.3; ISO 32000-2, 7.6.4): keys from a user's password.

Readers try the empty password by themselves, so such a document opens for everybody.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emotriage.formats.office_crypto.cipher import decrypt_cbc, rc4
from emotriage.model.errors import Encrypted
from emotriage.model.limits import Budget

_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_ROUNDS = 64
_DIGEST = 200_000  # work units of a key of revision 6: 64 rounds over some kilobytes and more


@dataclass(frozen=True, slots=True)
class Lock:
    """What the encryption dictionary says.

    Attributes:
        version: /V. revision: /R. length: of the key in bytes. permissions: /P.
        owner: /O. user: /U. user_key: /UE. identity: the first string of the file's /ID.
        cipher: ``rc4``, ``aes``, ``none``, or "" for one that is not known.
        clear_metadata: /EncryptMetadata is false.
    """

    version: int
    revision: int
    length: int
    permissions: int
    owner: bytes
    user: bytes
    user_key: bytes
    identity: bytes
    cipher: str
    clear_metadata: bool


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a document."""

    value: bytes
    cipher: str
    version: int

    def of_object(self, number: int, generation: int) -> bytes:
        """The key of one object's strings and stream (7.6.2, algorithm 1)."""
        if self.version >= 5:
            return self.value
        salt = number.to_bytes(4, "little")[:3] + generation.to_bytes(4, "little")[:2]
        salt += b"sAlT" if self.cipher == "aes" else b""
        return hashlib.md5(self.value + salt, usedforsecurity=False).digest()[: min(len(self.value) + 5, 16)]

    def text(self, data: bytes, number: int, generation: int) -> bytes:
        """A string in clear."""
        return b"".join(self.stream([data], number, generation))

    def stream(self, chunks: Iterable[bytes], number: int, generation: int) -> Iterator[bytes]:
        """A stream in clear."""
        if self.cipher == "none":
            yield from chunks
        elif self.cipher == "rc4":
            yield from _rc4_stream(self.of_object(number, generation), chunks)
        else:
            yield from _aes_stream(self.of_object(number, generation), chunks)


def open_lock(lock: Lock, password: bytes, budget: Budget) -> Key:
    """The key that a user's password gives.

    Raises:
        Encrypted: it is another password, or a handler that is not read here.
    """
    if lock.cipher == "" or not (lock.version in (1, 2, 4, 5) and lock.revision in (2, 3, 4, 5, 6)):
        raise Encrypted("a PDF with another way of encryption")
    if lock.version == 5:
        budget.spend(_DIGEST)
        if _digest(password, lock.user[32:40], lock.revision) != lock.user[:32] or len(lock.user_key) < 32:
            raise Encrypted("a PDF with a password")
        middle = _digest(password, lock.user[40:48], lock.revision)
        return Key(decrypt_cbc(middle, bytes(16), lock.user_key[:32]), lock.cipher, 5)
    key = _old_key(lock, password, budget)
    if lock.revision == 2:
        right = rc4(key, _PAD) == lock.user[:32]
    else:
        mark = hashlib.md5(_PAD + lock.identity, usedforsecurity=False).digest()
        for turn in range(20):
            mark = rc4(bytes(one ^ turn for one in key), mark)
        right = mark == lock.user[:16]
    if not right:
        raise Encrypted("a PDF with a password")
    return Key(key, lock.cipher, lock.version)


def _old_key(lock: Lock, password: bytes, budget: Budget) -> bytes:
    """Algorithm 2."""
    budget.spend(20_000)
    length = 5 if lock.version == 1 or lock.revision == 2 else lock.length
    seed = (password + _PAD)[:32] + lock.owner[:32] + (lock.permissions & 0xFFFFFFFF).to_bytes(4, "little")
    seed += lock.identity + (b"\xff" * 4 if lock.revision >= 4 and lock.clear_metadata else b"")
    digest = hashlib.md5(seed, usedforsecurity=False).digest()
    for _ in range(50 if lock.revision >= 3 else 0):
        digest = hashlib.md5(digest[:length], usedforsecurity=False).digest()
    return digest[:length]


def _digest(password: bytes, salt: bytes, revision: int) -> bytes:
    """Algorithm 2.B of ISO 32000-2; revision 5 stops at its first step."""
    from Cryptodome.Cipher import AES

    key = hashlib.sha256(password + salt).digest()
    turn, last = 0, 0
    while revision == 6 and (turn < _ROUNDS or last > turn - 32):
        block = AES.new(key[:16], AES.MODE_CBC, key[16:32]).encrypt((password + key) * 64)
        sort = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(block[:16]) % 3]
        key, last, turn = sort(block).digest(), block[-1], turn + 1
    return key[:32]


def _rc4_stream(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    from Cryptodome.Cipher import ARC4

    cipher = ARC4.new(key)
    for chunk in chunks:
        yield cipher.decrypt(chunk)


def _aes_stream(key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """CBC with the vector in front and padding behind (7.6.2)."""
    from Cryptodome.Cipher import AES

    cipher, rest, held = None, b"", b""
    for chunk in chunks:
        rest += chunk
        if cipher is None and len(rest) >= 16:
            cipher, rest = AES.new(key, AES.MODE_CBC, rest[:16]), rest[16:]
        whole = len(rest) // 16 * 16
        if cipher is not None and whole:
            yield held
            held, rest = cipher.decrypt(rest[:whole]), rest[whole:]
    yield held[: -held[-1]] if held and 1 <= held[-1] <= 16 else held


_NUMBER = re.compile(rb"/(V|R|Length|P)\s{0,16}(-?\d{1,10})")
_METHOD = re.compile(rb"/CFM\s{0,16}/(V2|AESV2|AESV3|None)")
_METHODS = {b"V2": "rc4", b"AESV2": "aes", b"AESV3": "aes", b"None": "none"}


def lock_of(dictionary: bytes, strings: dict[str, bytes], identity: bytes) -> Lock:
    """The lock from the text of the encryption dictionary and its strings.

    Args:
        dictionary: the text.
        strings: ``O``, ``U`` and ``UE``.
        identity: the first string of the file's /ID.
    """
    outer = re.sub(rb"/CF\s{0,16}<<(?:[^<>]|<<[^<>]{0,512}>>){0,64}>>", b"", dictionary)
    numbers = {one[1].decode(): int(one[2]) for one in _NUMBER.finditer(outer)}
    version = numbers.get("V", 0)
    methods = set(_METHOD.findall(dictionary))
    cipher = "rc4" if version in (1, 2) else _METHODS[methods.pop()] if len(methods) == 1 else ""
    if re.search(rb"/(?:StmF|StrF)\s{0,16}/Identity", dictionary) or not re.search(
        rb"/Filter\s{0,16}/Standard\b", outer
    ):
        cipher = ""
    return Lock(
        version,
        numbers.get("R", 0),
        min(max(numbers.get("Length", 128 if version == 4 else 40) // 8, 5), 16) if version < 5 else 32,
        numbers.get("P", 0),
        strings.get("O", b""),
        strings.get("U", b""),
        strings.get("UE", b""),
        identity,
        cipher,
        re.search(rb"/EncryptMetadata\s{0,16}false", dictionary) is not None,
    )
