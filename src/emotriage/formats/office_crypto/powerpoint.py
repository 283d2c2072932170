"""Encrypted presentations of PowerPoint 2002 and 2003: their objects in clear ([MS-PPT] 2.3.7, [MS-OFFCRYPTO] 2.3.5).

Each object of the persist directory is encrypted by itself, under a key made from its number; the edits and the
directories stay in clear, and so does the object that describes the encryption.
"""

import struct

from emotriage.formats.office_crypto.cipher import rc4
from emotriage.formats.office_crypto.rc4 import Rc4Key, Rc4Lock, read_rc4_lock
from emotriage.formats.powerpoint97_records import Edits
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import MIB, Budget

_CRYPT_SESSION = 0x2F14
_HEADER = 8
_MOST_HEADER = 1 << 16
_MOST = 64 * MIB
_COST = 5_000


def read_presentation_lock(document: Blob, edits: Edits) -> Rc4Lock:
    """How the presentation says that it is encrypted.

    Raises:
        Malformed: it does not say, or contradicts itself.
        Unsupported: another cipher.
    """
    at = -1 if edits.session is None else edits.objects.get(edits.session, -1)
    raw = document.read(at, _HEADER) if at >= 0 else b""
    if len(raw) < _HEADER or int.from_bytes(raw[2:4], "little") != _CRYPT_SESSION:
        raise Malformed("no description of the encryption")
    return read_rc4_lock(document.read(at + _HEADER, min(int.from_bytes(raw[4:8], "little"), _MOST_HEADER)))


def clear_presentation(document: Blob, edits: Edits, key: Rc4Key, budget: Budget) -> Blob:
    """The stream ``PowerPoint Document`` with every object in clear, where it lay.

    Raises:
        Malformed: objects overlap.
        Unsupported: a stream of more than 64 MiB.
    """
    if document.size > _MOST:
        raise Unsupported("an encrypted presentation of more than 64 MiB")
    budget.spend(document.size)
    whole = bytearray(document.read())
    behind = 0
    for offset, number in sorted((offset, number) for number, offset in edits.objects.items()):
        budget.spend(_COST)
        if number == edits.session or offset + _HEADER > len(whole):
            continue
        if offset < behind:
            raise Malformed("encrypted objects overlap")
        block = key.block(number)
        (size,) = struct.unpack("<4xI", rc4(block, bytes(whole[offset : offset + _HEADER])))
        behind = min(offset + _HEADER + size, len(whole))
        budget.spend(4 * (behind - offset))
        whole[offset:behind] = rc4(block, bytes(whole[offset:behind]))
    return Blob(whole)
