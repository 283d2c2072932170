"""WinZip AES (AE-1, AE-2): method 99, extra field 0x9901, AES in counter mode, an HMAC-SHA1 of 80 bits behind it."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from emotriage.formats.zip.names import extra_fields
from emotriage.model.blob import Blob
from emotriage.model.errors import Unsupported
from emotriage.model.limits import Budget

METHOD = 99
"""What the headers of such a member give as its compression method; the real one is in the extra field."""
TRAILER = 10
"""Bytes of the authentication code behind the packed content."""

_FIELD = 0x9901
_EXTRA = Struct("<H2sBH")
_CHECK = 2
_ROUNDS = 1000
_KEYS = {1: 16, 2: 24, 3: 32}
_DIGEST = 20
_WINDOW = 256 << 10


@dataclass(frozen=True, slots=True)
class AesField:
    """The extra field of one member.

    Attributes:
        version: 1 with a CRC-32 of the content in the headers, 2 without.
        strength: 1, 2, 3 for keys of 128, 192, 256 bits.
        method: how the content is packed.
    """

    version: int
    strength: int
    method: int

    @property
    def key_length(self) -> int:
        """Bytes of the AES key, or 0 for a strength that nobody knows."""
        return _KEYS.get(self.strength, 0)

    @property
    def salt_length(self) -> int:
        """Bytes of the salt, the first of the member's data."""
        return self.key_length // 2

    @property
    def overhead(self) -> int:
        """Bytes of a member's data that are not its packed content."""
        return self.salt_length + _CHECK + TRAILER

    @property
    def rounds(self) -> int:
        """Key-derivation rounds of one try: each block of the derived keys takes a thousand."""
        return _ROUNDS * -(-(2 * self.key_length + _CHECK) // _DIGEST)


def aes_field(extra: bytes) -> AesField | None:
    """The field among a member's extra fields."""
    for kind, data in extra_fields(extra):
        if kind == _FIELD and len(data) >= _EXTRA.size:
            version, _, strength, method = _EXTRA.unpack_from(data)
            return AesField(version, strength, method)
    return None


def derive(field: AesField, head: bytes, password: bytes) -> bytes:
    """AES key, HMAC key: from a password and the first bytes of the data; b"" when the check of two bytes fails."""
    salt, check = head[: field.salt_length], head[field.salt_length : field.salt_length + _CHECK]
    keys = hashlib.pbkdf2_hmac("sha1", password, salt, _ROUNDS, 2 * field.key_length + _CHECK)
    return keys[:-_CHECK] if keys[-_CHECK:] == check else b""


def authentic(field: AesField, packed: Blob, keys: bytes, budget: Budget) -> bool:
    """True when the authentication code fits: of wrong keys one in 2**80 does. Nothing is decrypted for it."""
    code = hmac.new(keys[field.key_length :], digestmod=hashlib.sha1)
    stop = packed.size - TRAILER
    for _, window in packed.windows(_WINDOW, start=field.salt_length + _CHECK, stop=stop, holes=True):
        budget.spend(len(window) // 2)
        code.update(window)
    return hmac.compare_digest(code.digest()[:TRAILER], packed.read(stop, TRAILER))


def decrypted(field: AesField, packed: Blob, keys: bytes, budget: Budget) -> Iterator[bytes]:
    """The packed content in clear, in chunks.

    Raises:
        Unsupported: the library with AES in it is not installed.
    """
    try:
        from Cryptodome.Cipher import AES
        from Cryptodome.Util import Counter
    except ImportError as error:
        raise Unsupported("AES of a ZIP member, without the library for it") from error
    cipher = AES.new(keys[: field.key_length], AES.MODE_CTR, counter=Counter.new(128, little_endian=True))
    stop = packed.size - TRAILER
    for _, window in packed.windows(_WINDOW, start=field.salt_length + _CHECK, stop=stop, holes=True):
        budget.spend(len(window))
        yield cipher.decrypt(window)
