"""What the literals of a script hold: texts and files in base64, hexadecimal digits or lists of numbers.

RFC 4648 for base64 and base16, RFC 1952 and 1951 for what is compressed under it. Whatever does not come out as text
or as a known kind of file is taken for chance and left out.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from emotriage.model.limits import MIB, RECORD, Budget

_COUNT = 200
_ATTEMPTS = 3000
_ASCII = bytes(range(128))
_UNMASKED = 4 * MIB
_CRIB = re.compile(rb"https?://|powershell|cmd(?:\.exe)? /|CreateObject|New-Object|WScript|Invoke-", re.IGNORECASE)
_INFLATED = 4 * MIB
_HEX_CLASS = bytes(
    ord("h") if chr(one) in "0123456789abcdefABCDEF" else ord("s") if chr(one) in " ,:-" else ord(".")
    for one in range(256)
)
_BASE64_CLASS = bytes(
    ord("b") if one < 128 and (chr(one).isalnum() or chr(one) in "+/") else ord(".") for one in range(256)
)
"""Classes of characters, by `bytes.translate`."""
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")
_HEX_NUMBERS = re.compile(r"(?:0x[0-9a-fA-F]{1,2}\s{0,2},\s{0,4}){8,}0x[0-9a-fA-F]{1,2}")
_NUMBERS = re.compile(r"(?:\d{1,3}\s{0,2},\s{0,4}){11,}\d{1,3}")
_MARKED_NUMBERS = re.compile(r"\d{2,3}([^\w\s\"'])(?:\d{2,3}\1){11,}\d{2,3}")
_QUOTED = re.compile(r"[\"']([A-Za-z0-9+/]{8,60}={0,2})[\"']")
_SHORT_COUNT = 2000
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}){8,}")
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
_FILES = (
    (b"MZ", "program"),
    (b"PK\3\4", "ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound file"),
    (b"%PDF-", "PDF document"),
    (b"\x4c\0\0\0\x01\x14\x02\0", "shortcut"),
    (b"MSCF\0\0\0\0", "cabinet"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
)


@dataclass(frozen=True, slots=True)
class Payload:
    """What one literal holds.

    Attributes:
        offset: where it begins in the text, in characters.
        encoding: how it was written: ``base64``, ``hex``, ``numbers``, ``percent``, with ``+gzip`` when compressed.
        text: the text in it, or None where it is a file.
        data: the file in it, or nothing.
        name: what kind of file that is, for people.
    """

    offset: int
    encoding: str
    text: str | None
    data: bytes = b""
    name: str = ""


def payloads(text: str, budget: Budget) -> Iterator[Payload]:
    """Texts and files in the literals of a script, at most 200."""
    count = 0
    if (short := _short(text, budget)) is not None:
        yield short
    for encoding, offset, data in islice(_decoded(text, budget), _ATTEMPTS):
        budget.spend(10 * RECORD)
        if (one := _read(data, encoding, offset, budget)) is not None:
            yield one
            count += 1
        if count >= _COUNT:
            return


def as_text(data: bytes) -> str | None:
    """Readable text behind some bytes, in ASCII, UTF-8 or UTF-16LE; None when they are something else."""
    if len(data) < 4:
        return None
    if data[1::2].count(0) * 10 > len(data[1::2]) * 9 and data[0]:
        data = data[0 : len(data) & ~1].decode("utf-16-le", "replace").encode("utf-8", "replace")
    odd = len(data.translate(None, _PRINTABLE))
    if odd * 20 > len(data):
        return None
    return data.decode("utf-8", "replace")


def _short(text: str, budget: Budget) -> Payload | None:
    """What short literals say that are base64 or hexadecimal digits as a whole, one a line."""
    budget.spend(4 * len(text))
    lines: list[str] = []
    first = 0
    for one in _QUOTED.finditer(text):
        digits = one[1]
        for data in (_from_hex(digits), from_base64(digits)):
            if data and len(data) > 4 and not data.translate(None, _PRINTABLE):
                first = first if lines else one.start()
                lines.append(data.decode("ascii"))
                break
        if len(lines) >= _SHORT_COUNT:
            break
    return Payload(first, "base64", "\n".join(lines)) if lines else None


def _from_hex(digits: str) -> bytes:
    return bytes.fromhex(digits) if len(digits) % 2 == 0 and not digits.strip("0123456789abcdefABCDEF") else b""


def from_base64(digits: str) -> bytes:
    """What base64 without blanks decodes to, padded or not; nothing where it is none."""
    bare = digits.rstrip("=")
    if len(bare) % 4 == 1:
        return b""
    try:
        return base64.b64decode(bare + "==")
    except (binascii.Error, ValueError):
        return b""


def _decoded(text: str, budget: Budget) -> Iterator[tuple[str, int, bytes]]:
    plain = text.encode("latin-1", "replace")  # a byte a character, so that offsets stay
    budget.spend(6 * len(plain))
    for start, end in _stretches(plain.translate(_HEX_CLASS), (b"hh" * 20, b"hhs" * 20)):
        digits = re.sub(r"[^0-9a-fA-F]", "", text[start:end])
        budget.spend(RECORD + 4 * len(digits))
        yield "hex", start, bytes.fromhex(digits[: len(digits) & ~1])
    for start, end in _stretches(plain.translate(_BASE64_CLASS), (b"b" * 24,)):
        digits = text[start:end]
        budget.spend(RECORD + len(digits))
        if data := from_base64(digits[: len(digits) - (len(digits) % 4 == 1)]):
            yield "base64", start, data
    if text.count(",") > 8:
        for pattern in (_HEX_NUMBERS, _NUMBERS):
            for one in pattern.finditer(text):
                budget.spend(RECORD + 4 * len(one[0]))
                numbers = (int(number, 0) if "x" in number else int(number) for number in _NUMBER.findall(one[0]))
                yield "numbers", one.start(), bytes(min(number, 255) for number in numbers)
    for one in _MARKED_NUMBERS.finditer(text):
        budget.spend(RECORD + 4 * len(one[0]))
        yield "numbers", one.start(), bytes(min(int(number), 255) for number in _NUMBER.findall(one[0]))
    if "%" in text:
        for one in _PERCENT.finditer(text):
            budget.spend(RECORD + len(one[0]))
            yield "percent", one.start(), bytes.fromhex(one[0].replace("%", ""))


def _stretches(classes: bytes, needles: tuple[bytes, ...]) -> Iterator[tuple[int, int]]:
    """(start, end) of stretches that hold no ``.`` and begin with one of the needles: faster by far than a regex."""
    places = [classes.find(needle) for needle in needles]
    while any(place >= 0 for place in places):
        start = min(place for place in places if place >= 0)
        end = classes.find(b".", start)
        end = len(classes) if end < 0 else end
        yield start, end
        places = [
            classes.find(needle, end) if 0 <= place < end else place
            for place, needle in zip(places, needles, strict=True)
        ]


def _read(data: bytes, encoding: str, offset: int, budget: Budget) -> Payload | None:
    if data[:2] == b"\x1f\x8b" or (encoding == "base64" and len(data) > 64 and as_text(data) is None):
        data, packed = _inflated(data, budget)
        encoding += "+gzip" if packed else ""
    elif as_text(data) is None and len(data) >= 24:
        data, unmasked = _unxored(data, budget)
        encoding += "+xor" if unmasked else ""
    for magic, name in _FILES:
        if data.startswith(magic) and len(data) > 63:
            return Payload(offset, encoding, None, data, name)
    text = as_text(data)
    return None if text is None or len(text) < 8 else Payload(offset, encoding, text)


def _unxored(data: bytes, budget: Budget) -> tuple[bytes, bool]:
    """The data under one key byte, where that makes it a program or a text with words of programs in it."""
    if data[0] ^ data[1] == 0x4D ^ 0x5A and data[0] != 0x4D:
        bare = data[:_UNMASKED].translate(_masked(data[0] ^ 0x4D))
        if b"This program" in bare[:256] or b"PE\0\0" in bare[:1024]:
            return bare, True
    sample = data[:512]
    high = len(sample.translate(None, _ASCII))
    if high not in (0, len(sample)):  # one key leaves the highest bit of letters the same everywhere
        return data, False
    budget.spend(64 * len(sample))
    for key in range(0x80, 0x100) if high else range(1, 0x80):
        bare = sample.translate(_masked(key))
        if not bare.translate(None, _PRINTABLE) and _CRIB.search(bare):
            return data[:_UNMASKED].translate(_masked(key)), True
    return data, False


@cache
def _masked(key: int) -> bytes:
    """What every byte becomes under a key byte."""
    return bytes(one ^ key for one in range(256))


def _inflated(data: bytes, budget: Budget) -> tuple[bytes, bool]:
    gzipped = data[:2] == b"\x1f\x8b"
    stream = zlib.decompressobj(31 if gzipped else -zlib.MAX_WBITS)
    try:
        out = stream.decompress(data, _INFLATED)
    except zlib.error:
        return data, False
    budget.expand(len(out))
    return (out, True) if gzipped or (stream.eof and len(out) > len(data) // 2) else (data, False)
