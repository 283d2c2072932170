"""WinZip AES (AE-1, AE-2) in plain Python, so that samples can be behind a password: slow, and the same everywhere.

The cipher is FIPS 197; the counter is little-endian and starts at 1; the keys are PBKDF2 with a thousand rounds.
"""

import hashlib
import hmac
import struct

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
    schedule = _schedule(keys[:length])
    body = b"".join(
        bytes(a ^ b for a, b in zip(data[at : at + 16], _block(schedule, number), strict=False))
        for number, at in enumerate(range(0, len(data), 16), 1)
    )
    return salt + keys[-2:] + body + hmac.new(keys[length : 2 * length], body, hashlib.sha1).digest()[:10]


def _double(byte: int) -> int:
    return (byte << 1 ^ (0x1B if byte & 0x80 else 0)) & 0xFF


def _substitutions() -> bytes:
    """The S-box: inverses in GF(2**8), found by walking the powers of 3, and an affine map."""
    box = bytearray(256)
    power = inverse = 1
    while True:
        power ^= _double(power)
        for shift in (1, 2, 4):
            inverse ^= inverse << shift & 0xFF
        inverse ^= 0x09 if inverse & 0x80 else 0
        mapped = inverse
        for turn in (1, 2, 3, 4):
            mapped ^= (inverse << turn | inverse >> 8 - turn) & 0xFF
        box[power] = mapped ^ 0x63
        if power == 1:
            break
    box[0] = 0x63
    return bytes(box)


_BOX = _substitutions()
_DOUBLE = bytes(_double(byte) for byte in range(256))
_SHIFTED = (0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)


def _schedule(key: bytes) -> list[bytes]:
    """The round keys."""
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    count, constant = len(words), 1
    while len(words) < 4 * (count + 7):
        word = words[-1]
        if len(words) % count == 0:
            word = (word[1:] + word[:1]).translate(_BOX)
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        elif count > 6 and len(words) % count == 4:
            word = word.translate(_BOX)
        words.append(bytes(a ^ b for a, b in zip(words[-count], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def _block(schedule: list[bytes], number: int) -> bytes:
    """One block of the key stream: the counter, encrypted."""
    state = bytes(a ^ b for a, b in zip(number.to_bytes(16, "little"), schedule[0], strict=True))
    for turn, key in enumerate(schedule[1:], 1):
        state = state.translate(_BOX)
        state = bytes(state[at] for at in _SHIFTED)
        if turn < len(schedule) - 1:
            state = b"".join(_mixed(state[at : at + 4]) for at in range(0, 16, 4))
        state = bytes(a ^ b for a, b in zip(state, key, strict=True))
    return state


def _mixed(column: bytes) -> bytes:
    every = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(column[i] ^ every ^ _DOUBLE[column[i] ^ column[(i + 1) % 4]] for i in range(4))
