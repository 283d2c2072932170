"""XOR obfuscation of binary documents: a pad of 16 bytes made of the password ([MS-OFFCRYPTO] 2.3.7).

Both methods make the same pad; they differ in how it is applied, and in that Excel keeps 16 bits more of a proof apart.
"""

from emotriage.formats.office_crypto.cipher import xor

_LONGEST = 15
_CODE_PAGES = ("cp1252", "cp932")
_PAD = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")
_INITIAL = (
    0xE1F0, 0x1D0F, 0xCC9C, 0x84C0, 0x110C, 0x0E10, 0xF1CE, 0x313E, 0x1872, 0xE139, 0xD40F, 0x84F9, 0x280C, 0xA96A,
    0x4EC3,
)  # fmt: skip
_MATRIX = (
    0xAEFC, 0x4DD9, 0x9BB2, 0x2745, 0x4E8A, 0x9D14, 0x2A09, 0x7B61, 0xF6C2, 0xFDA5, 0xEB6B, 0xC6F7, 0x9DCF, 0x2BBF,
    0x4563, 0x8AC6, 0x05AD, 0x0B5A, 0x16B4, 0x2D68, 0x5AD0, 0x0375, 0x06EA, 0x0DD4, 0x1BA8, 0x3750, 0x6EA0, 0xDD40,
    0xD849, 0xA0B3, 0x5147, 0xA28E, 0x553D, 0xAA7A, 0x44D5, 0x6F45, 0xDE8A, 0xAD35, 0x4A4B, 0x9496, 0x390D, 0x721A,
    0xEB23, 0xC667, 0x9CEF, 0x29FF, 0x53FE, 0xA7FC, 0x5FD9, 0x47D3, 0x8FA6, 0x0F6D, 0x1EDA, 0x3DB4, 0x7B68, 0xF6D0,
    0xB861, 0x60E3, 0xC1C6, 0x93AD, 0x377B, 0x6EF6, 0xDDEC, 0x45A0, 0x8B40, 0x06A1, 0x0D42, 0x1A84, 0x3508, 0x6A10,
    0xAA51, 0x4483, 0x8906, 0x022D, 0x045A, 0x08B4, 0x1168, 0x76B4, 0xED68, 0xCAF1, 0x85C3, 0x1BA7, 0x374E, 0x6E9C,
    0x3730, 0x6E60, 0xDCC0, 0xA9A1, 0x4363, 0x86C6, 0x1DAD, 0x3331, 0x6662, 0xCCC4, 0x89A9, 0x0373, 0x06E6, 0x0DCC,
    0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48C4,
)  # fmt: skip
_ROTATED = bytes((one << 3 | one >> 5) & 0xFF for one in range(256))


def open_pad(password: str, key: int, verifier: int) -> bytes | None:
    """The 16 bytes that a password stands for, if it fits what the document keeps of it."""
    for raw in _spellings(password):
        if _verifier(raw) == verifier and _key(raw) == key:
            mixed = (one ^ half for one, half in zip((raw + _PAD)[:16], (key & 0xFF, key >> 8) * 8, strict=True))
            return bytes((one << 7 | one >> 1) & 0xFF for one in mixed)
    return None


def apply_to_record(pad: bytes, data: bytes, start: int) -> bytes:
    """Data of a record in clear (method 1, 2.3.7.3); `start` counts the pad's bytes."""
    return xor(data, _repeated(pad, start, len(data))).translate(_ROTATED)


def apply_to_stream(pad: bytes, data: bytes, offset: int) -> bytes:
    """Part of a stream of Word in clear (method 2, 2.3.7.6): bytes that are zero, or would become so, stay."""
    out = bytearray(data)
    for index, key in enumerate(pad):
        table = bytes(one if one in (0, key) else one ^ key for one in range(256))
        first = (index - offset) % 16
        out[first::16] = data[first::16].translate(table)
    return bytes(out)


def _repeated(pad: bytes, start: int, length: int) -> bytes:
    return (pad * (length // 16 + 2))[start % 16 :][:length]


def _spellings(password: str) -> tuple[bytes, ...]:
    """The bytes that programs make of a password (2.3.7.4): the lower half of each unit, or those of a code page."""
    units = password.encode("utf-16-le", "replace")
    found = [bytes(low or high for low, high in zip(units[::2], units[1::2], strict=True))]
    for name in _CODE_PAGES:
        try:
            found.append(password.encode(name))
        except UnicodeEncodeError:
            continue
    return tuple(dict.fromkeys(one[:_LONGEST] for one in found if one))


def _verifier(raw: bytes) -> int:
    """[MS-OFFCRYPTO] 2.3.7.1."""
    value = 0
    for one in reversed(bytes([len(raw)]) + raw):
        value = ((value >> 14 & 1) | (value << 1 & 0x7FFF)) ^ one
    return value ^ 0xCE4B


def _key(raw: bytes) -> int:
    """[MS-OFFCRYPTO] 2.3.7.2."""
    value, at = _INITIAL[len(raw) - 1], 0x68
    for one in reversed(raw):
        for bit in range(7):
            if one << bit & 0x40:
                value ^= _MATRIX[at]
            at -= 1
    return value
