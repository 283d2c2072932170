"""Bytes of VBA: texts as their memory, byte arrays as texts, base64 and hexadecimal ([MS-VBAL] 5.5.1.2.5, 6.1.2.11)."""

import base64
import binascii

from emotriage.emulation.vba.values import LONGEST, UNKNOWN, Array, Unknown, Value, text_of

_WIDEN, _NARROW = 64, 128
_CASES = {1: str.upper, 2: str.lower, 3: str.title}


def converted(value: Value, how: int) -> Value:
    """``StrConv``: case, and between one byte a character and two."""
    if isinstance(value, Array):
        raw = value.octets_of()
        if how & _WIDEN:
            return raw.decode("latin-1")
        if not value.octets:
            return Array.of(list(raw), octets=True)
        value = Array.of(list(raw), octets=True)
    text = text_of(value)
    if isinstance(text, Unknown):
        return UNKNOWN
    if how & _WIDEN:  # the memory of the text, each byte a character
        return text[: LONGEST // 2].encode("utf-16-le", "surrogatepass").decode("latin-1")
    if how & _NARROW:
        return Array.of(list(narrow(text)), octets=True)
    return _CASES.get(how & 3, str)(text)


def narrow(text: str) -> bytes:
    """A text in one byte a character."""
    if text.isascii():
        return text.encode("ascii")
    return text.encode("latin-1", "replace")


def memory_of(text: str) -> Array:
    """The bytes that a text becomes when it is given to an array of bytes."""
    return Array.of(list(text[: LONGEST // 2].encode("utf-16-le", "surrogatepass")), octets=True)


def decoded(text: str, how: str) -> Value:
    """What a ``bin.base64`` or ``bin.hex`` node of an XML document decodes to."""
    plain = "".join(text.split())[: 4 * LONGEST]
    try:
        if "base64" in how:
            data = base64.b64decode(plain + "==", validate=False)
        elif "hex" in how:
            data = bytes.fromhex(plain)
        else:
            return text
    except (binascii.Error, ValueError):
        return UNKNOWN
    return Array.of(list(data[:LONGEST]), octets=True)


def bytes_of(value: Value) -> str | None:
    """A text, or a byte array as text of one character a byte; None where it is neither."""
    if isinstance(value, Array):
        return value.octets_of().decode("latin-1")
    text = text_of(value)
    return None if isinstance(text, Unknown) else text
