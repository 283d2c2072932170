"""Encrypted workbook streams, opened by candidate passwords ([MS-XLS] 2.2.10, [MS-OFFCRYPTO] 2.3.5 to 2.3.7).

Only the data of records is encrypted, each byte by its place in the stream, so what is not wanted is never decrypted.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from emotriage.formats.office_crypto.rc4 import TRY, Rc4Lock, Rc4Stream, read_rc4_lock
from emotriage.formats.office_crypto.xor import apply_to_record, open_pad
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105  # Excel's own, published in [MS-XLS] 2.2.10
"""What Excel tries by itself before it asks."""

_BLOCK = 1024
_PLAIN = frozenset({0x0809, 0x002F, 0x0194, 0x0195, 0x00E1, 0x0196, 0x0138})
_BOUNDSHEET = 0x0085
_XOR = "XOR obfuscation"


@dataclass(frozen=True, slots=True)
class Cipher:
    """Opens the data of records.

    Attributes:
        password: the candidate that fits.
        stream: key stream of RC4; None where the method is XOR.
        pad: the 16 bytes of the XOR method.
    """

    password: str
    stream: Rc4Stream | None = None
    pad: bytes = b""

    def open(self, kind: int, offset: int, data: bytes, budget: Budget) -> bytes:
        """The data of a record, decrypted; `offset` is where it lies in the stream."""
        if kind in _PLAIN or not data:
            return data
        skip = 4 if kind == _BOUNDSHEET else 0
        if self.stream is not None:
            return data[:skip] + self.stream.apply(data[skip:], offset + skip, budget)
        budget.spend(10 * len(data))
        # The pad is counted from the record's place and its length ([MS-XLS] 2.2.10): where the data ends.
        return data[:skip] + apply_to_record(self.pad, data[skip:], offset + len(data) + skip)


def scheme_of(filepass: bytes) -> str:
    """How a FILEPASS record says that the workbook is encrypted, for people."""
    try:
        lock = _lock(filepass)
    except (FormatError, struct.error) as error:
        return str(error) if isinstance(error, FormatError) else "encryption header is cut short"
    return lock.scheme if isinstance(lock, Rc4Lock) else _XOR


def open_cipher(filepass: bytes, passwords: Iterable[str], budget: Budget) -> Cipher | None:
    """The cipher of a FILEPASS record by the first password that its verifier accepts, or None."""
    try:
        lock = _lock(filepass)
    except (FormatError, struct.error):
        return None
    for password in passwords:
        budget.spend(TRY)
        if isinstance(lock, Rc4Lock):
            if (key := lock.open(password)) is not None:
                return Cipher(password, Rc4Stream(key, _BLOCK))
        elif (pad := open_pad(password, *lock)) is not None:
            return Cipher(password, pad=pad)
    return None


def _lock(filepass: bytes) -> Rc4Lock | tuple[int, int]:
    """An RC4 header, or key and verifier of the XOR method ([MS-XLS] 2.4.117)."""
    kind = int.from_bytes(filepass[:2], "little")
    if len(filepass) <= 4 or kind == 0:  # BIFF5 has no type before the key
        key, verifier = struct.unpack_from("<HH", filepass, 2 if len(filepass) > 4 else 0)
        return key, verifier
    return read_rc4_lock(filepass[2:])
