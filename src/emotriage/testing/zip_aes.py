"""WinZip AES (AE-1, AE-2) in plain Python, so that samples can be behind a password: slow, and the same everywhere.

The counter is little-endian and starts at 1; the keys are PBKDF2 with a thousand rounds.
"""

import hashlib
import hmac
import struct

from emotriage.testing.aes import encrypt_block, key_schedule

_LENGTHS = {1: 16, 2: 24, 3: 32}


def extra_field(version: int, strength: int, method: int) -> bytes:
    """The extra field 0x9901: AE version, vendor, strength 1 to 3, and the method that packed the body."""
    return struct.pack("<HHH2sBH", 0x9901, 7, version, b"AE", strength, method)


def encrypt(data: bytes, password: bytes, strength: int, salt: bytes = b"") -> bytes:
    """Salt, check of the password, the encrypted data and its authentication code.

    Args:
        data: the packed body.
        password: its bytes.
        strength: 1, 2, 3 for keys of 128, 192, 256 bits.
        salt: made of as many bytes as the strength wants; zeros by default.
    """
    length = _LENGTHS[strength]
    salt = salt.ljust(length // 2, b"\0")[: length // 2]
    keys = hashlib.pbkdf2_hmac("sha1", password, salt, 1000, 2 * length + 2)
    schedule = key_schedule(keys[:length])
    counters = (number.to_bytes(16, "little") for number in range(1, -(-len(data) // 16) + 1))
    stream = b"".join(encrypt_block(schedule, one) for one in counters)
    body = bytes(a ^ b for a, b in zip(data, stream, strict=False))
    return salt + keys[-2:] + body + hmac.new(keys[length : 2 * length], body, hashlib.sha1).digest()[:10]
