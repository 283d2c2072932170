"""Texts that PowerShell encrypted with a key: what ``ConvertFrom-SecureString -Key`` writes.

It has no specification of its own; PowerShell's source, ``SecureStringHelper``, says what it is: a fixed head, then
base64 of UTF-16 of ``2|iv|text``, the initial vector in base64 and AES in CBC mode, with PKCS #7 padding, in digits.
"""

import base64
import binascii

from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget

HEAD = "76492d1116743f0423413b16050a5345"
"""What every such text begins with."""
_BLOCK = 16
_KEYS = (16, 24, 32)
_LETTER = 20
"""Work units for a character."""


def decrypt(text: str, key: bytes, budget: Budget) -> str:
    """The text in plain.

    Args:
        text: as it stands in a script, head and all.
        key: of 128, 192 or 256 bits.
        budget: charged for every character.

    Raises:
        Malformed: it is not built like that, or the key does not fit.
        Unsupported: the library with AES in it is not installed.
    """
    budget.spend(_LETTER * len(text))
    try:
        inner = base64.b64decode(text.strip().removeprefix(HEAD), validate=True).decode("utf-16-le")
        _, vector, digits = inner.split("|")
        start, packed = base64.b64decode(vector), bytes.fromhex(digits)
    except (binascii.Error, ValueError) as error:
        raise Malformed("encrypted text of PowerShell") from error
    if len(key) not in _KEYS or len(start) != _BLOCK or not packed or len(packed) % _BLOCK:
        raise Malformed("encrypted text of PowerShell")
    try:
        from Cryptodome.Cipher import AES
    except ImportError as error:
        raise Unsupported("AES of a PowerShell text, without the library for it") from error
    plain = AES.new(key, AES.MODE_CBC, start).decrypt(packed)
    padding = plain[-1]
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes([padding]) * padding:
        raise Malformed("encrypted text of PowerShell, under another key")
    return plain[:-padding].decode("utf-16-le", "replace")
