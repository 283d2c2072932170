"""Transfer encodings of mail parts, undone in windows: base64 and quoted-printable (RFC 2045 section 6), uuencode.

All are as tolerant as mail programs: what is not of the alphabet is skipped, padding in the middle begins anew, a line
that cannot be undone stays as it is.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.mime.header import without_comments
from emotriage.model.blob import WINDOW, Blob
from emotriage.model.limits import TOKEN, Budget

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET + b"="))
NOT_BASE64_TEXT = bytes(set(_NOT_BASE64) - set(b" \t\r\n"))
"""Bytes that have no business in base64, not even between its lines."""
_BLANKS = b" \t\r\n"
_SAMPLE = 4096
_LETTERS = re.compile(rb"[A-Za-z0-9+/]{48,}={0,2}(?:[ \t\r\n]|\Z)")
_SOFT = re.compile(rb"=[ \t]{1,256}(?=\r?\n)")
_LONE_CR = re.compile(rb"=\r(?!\n)")
_UU_BEGIN = re.compile(rb"(?:\A|[\r\n])(begin(?P<base64>-base64)?) [0-7]{3,4} (?P<name>[^\r\n]{1,255})(?:\r\n|\n|\r)")
_UU_END = re.compile(rb"[\r\n](?:end|====)[ \t]*(?:[\r\n]|\Z)")
_UU_TAIL = 256


@dataclass(frozen=True, slots=True)
class UuFile:
    """A uuencoded file inside of text.

    Attributes:
        name: as its first line says it.
        begin: offset of that line.
        start: offset of its first line of data.
        stop: where its data ends.
        base64: true for ``begin-base64``.
        closed: true when its last line was found.
    """

    name: bytes
    begin: int
    start: int
    stop: int
    base64: bool
    closed: bool


def encoding_name(value: bytes) -> str:
    """A transfer encoding by the name that mailers meant: ``base64``, ``quoted-printable``, ``uuencode``, ``identity``.

    What nobody knows is "".
    """
    name = without_comments(value).strip(b" \t\"';,.").lower()
    if name in (b"", b"7bit", b"8bit", b"binary", b"7-bit", b"8-bit", b"none", b"ascii"):
        return "identity"
    if name.startswith((b"base64", b"base-64", b"base 64")):
        return "base64"
    if name.startswith((b"quoted", b"qp")):
        return "quoted-printable"
    return "uuencode" if name in (b"x-uuencode", b"uuencode", b"x-uue", b"uue", b"x-uu") else ""


def decode_base64(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[bytes]:
    """The bytes behind base64; three of four letters at an early padding count for what they are."""
    rest = b""
    for _, window in blob.windows(start=start, stop=stop, holes=True):
        budget.spend(4 * len(window))
        letters = rest + window.translate(None, _NOT_BASE64)
        segments = letters.split(b"=") if b"=" in letters else [letters]
        for segment in segments[:-1]:
            if segment:
                budget.spend(TOKEN)
                yield _flushed(segment)
        last = segments[-1]
        whole = len(last) & ~3
        if whole:
            yield binascii.a2b_base64(last[:whole])
        rest = last[whole:]
    if rest:
        yield _flushed(rest)


def base64_end(blob: Blob, start: int, stop: int, budget: Budget) -> int:
    """Where base64 ends: at a padding with something behind it that is none, or at `stop`."""
    for at, window in blob.windows(start=start, stop=stop):
        budget.spend(len(window))
        found = window.find(b"=")
        if found < 0:
            continue
        end = at + found
        behind = blob.read(end, min(stop - end, _SAMPLE))
        tail = behind.lstrip(b"=")
        if tail.strip(_BLANKS) and tail.translate(None, _ALPHABET + b"=" + _BLANKS):
            return end + len(behind) - len(tail)
        return stop
    return stop


def looks_base64(head: bytes) -> bool:
    """True when some bytes begin with a long line of base64; what follows does not matter, it may be filler."""
    return _LETTERS.match(head.lstrip(_BLANKS)) is not None


def decode_quoted_printable(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[bytes]:
    """The bytes behind quoted-printable."""
    rest = b""
    for _, window in blob.windows(start=start, stop=stop, holes=True):
        budget.spend(6 * len(window))
        text = rest + window
        cut = text.rfind(b"\n") + 1 or text.rfind(b"=") if len(text) < 2 * WINDOW else len(text)
        cut = cut if cut > 0 else len(text)
        rest = text[cut:]
        yield _unquoted(text[:cut])
    if rest:
        yield _unquoted(rest)


def decode_uuencode(blob: Blob, one: UuFile, budget: Budget) -> Iterator[bytes]:
    """The bytes of a uuencoded file."""
    if one.base64:
        yield from decode_base64(blob, one.start, one.stop, budget)
        return
    rest = b""
    for _, window in blob.windows(start=one.start, stop=one.stop, holes=True):
        budget.spend(8 * len(window))
        lines = (rest + window).replace(b"\r", b"\n").split(b"\n")
        rest = lines.pop()[-2 * _UU_TAIL :]
        yield b"".join(map(_uu_line, lines))
    yield _uu_line(rest)


def find_uuencoded(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[UuFile]:
    """The uuencoded files of a text, in order."""
    done = start
    for at, window in blob.windows(overlap=512, start=start, stop=stop):
        budget.spend(2 * len(window))
        for one in _UU_BEGIN.finditer(window):
            begin, first = at + one.start(1), at + one.end()
            if begin < done or not (one["base64"] or _is_uu(blob.read(first, 256))):
                continue
            budget.spend(TOKEN)
            end, closed = _uu_end(blob, first, stop, budget)
            yield UuFile(one["name"].strip(), begin, first, end, one["base64"] is not None, closed)
            done = end


def _uu_end(blob: Blob, start: int, stop: int, budget: Budget) -> tuple[int, bool]:
    for at, window in blob.windows(overlap=16, start=start - 1, stop=stop):
        budget.spend(len(window))
        if found := _UU_END.search(window):
            return at + found.start(), True
    return stop, False


def _is_uu(head: bytes) -> bool:
    """True when the first line has the length that its first letter says, give or take what editors cut off."""
    line = re.split(rb"[\r\n]", head, maxsplit=1)[0]
    count = (line[0] - 0x20) & 0x3F if line else 0
    return count > 0 and all(0x20 <= byte <= 0x60 for byte in line) and len(line) - 1 >= count


def _uu_line(line: bytes) -> bytes:
    if not line or line[0] in b" `":
        return b""
    try:
        return binascii.a2b_uu(line)
    except (binascii.Error, ValueError):
        count = (line[0] - 0x20) & 0x3F
        wanted = (count * 4 + 2) // 3
        body = bytes(byte if 0x20 <= byte <= 0x60 else 0x20 for byte in line[1 : 1 + wanted])
        try:
            return binascii.a2b_uu(line[:1] + body)
        except (binascii.Error, ValueError):
            return b""


def _flushed(letters: bytes) -> bytes:
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)) if letters else b""


def _unquoted(text: bytes) -> bytes:
    return binascii.a2b_qp(_LONE_CR.sub(b"=\n", _SOFT.sub(b"=", text)))
