"""The stream ``EncryptedPackage``: an archive under AES, opened in windows ([MS-OFFCRYPTO] 2.3.4.4, 2.3.4.15)."""

import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.cipher import decrypt_ecb, xor
from emotriage.formats.office_crypto.hash import fitted, hash_of
from emotriage.model.blob import WINDOW, Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget

_SEGMENT = 4096
_BLOCK = 16
_PREFIX = 8  # the size of the package in clear
_SLACK = 2 * _SEGMENT
_COST = 6  # work units a byte: a hash for every 4 KiB, the cipher, the HMAC


@dataclass(frozen=True, slots=True)
class PackageKey:
    """What opens a package.

    Attributes:
        key: of AES.
        hash: hashlib's name; "" where the package is one run of ECB (standard encryption).
        salt: of the segments' initialisation vectors.
        hmac_key: of the check over the whole stream; empty where there is none.
        hmac_value: what it must come to.
    """

    key: bytes = field(repr=False)
    hash: str = ""
    salt: bytes = b""
    hmac_key: bytes = field(default=b"", repr=False)
    hmac_value: bytes = b""

    def decrypt(self, data: bytes, number: int) -> bytes:
        """Whole blocks, beginning with the segment of that number."""
        opened = decrypt_ecb(self.key, data)
        if not self.hash or not data:
            return opened
        before = []  # CBC: what each block is combined with, for all segments at once
        for at in range(0, len(data), _SEGMENT):
            iv = hash_of(self.hash, self.salt + struct.pack("<I", number & 0xFFFFFFFF))
            before += [fitted(iv, _BLOCK), data[at : min(at + _SEGMENT, len(data)) - _BLOCK]]
            number += 1
        return xor(opened, b"".join(before))


def clear_size(package: Blob) -> int:
    """Bytes of the package in clear, as the stream declares them; -1 where it is too short to say."""
    raw = package.read(0, _PREFIX)
    return int.from_bytes(raw, "little") if len(raw) == _PREFIX else -1


def unused_bytes(package: Blob) -> int:
    """Bytes behind all that the declared size needs, beyond what writers fill up: nobody decrypts them."""
    needed = _PREFIX + -(-clear_size(package) // _BLOCK) * _BLOCK
    return package.size - needed if package.size > needed + _SLACK else 0


def decrypted_package(package: Blob, key: PackageKey, budget: Budget) -> Iterator[bytes]:
    """The archive in clear, in pieces.

    Raises:
        Malformed: at the end, when the stream is shorter than it declares, or its integrity check fails.
    """
    size, given = max(clear_size(package), 0), 0
    check = hmac.new(key.hmac_key, package.read(0, _PREFIX), key.hash) if key.hmac_key and key.hash else None
    for at, window in package.windows(WINDOW, start=_PREFIX, holes=True):
        budget.spend(_COST * len(window))
        if check is not None:
            check.update(window)
        if given < size:
            whole = window[: len(window) // _BLOCK * _BLOCK]
            piece = key.decrypt(whole, (at - _PREFIX) // _SEGMENT)[: size - given]
            given += len(piece)
            yield piece
    if given < size:
        raise Malformed("encrypted package ends before the size that it declares")
    if check is not None and not hmac.compare_digest(check.digest(), key.hmac_value):
        raise Malformed("encrypted package fails its own integrity check")
