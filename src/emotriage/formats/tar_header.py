"""One 512-byte header of a tar archive (POSIX.1-1988 ustar, GNU tar's own forms), and PAX records (POSIX.1-2001)."""

from collections.abc import Mapping
from dataclasses import dataclass

from emotriage.formats.unix_name import decode_name

BLOCK = 512
REGULAR, HARD_LINK, SYMLINK, FOLDER = "0", "1", "2", "5"
_KNOWN = frozenset("01234567DKLMNSVXgx")
_MAGIC = slice(257, 263)
_ASCII = bytes(range(128))
_DIGITS = frozenset(b"01234567 ")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says.

    Attributes:
        name: with the ustar prefix in front.
        size: of the content in bytes; negative or None where the field is no number.
        kind: the type flag; what POSIX does not know is a regular file.
        link: what a link points to.
        extended: for GNU sparse files, whether a block with more of the map follows.
    """

    name: str
    size: int | None
    kind: str
    link: str
    extended: bool


def read_header(block: bytes) -> Header | None:
    """The header in a block, or None where the checksum says that it is none."""
    if len(block) < BLOCK or not _is_valid(block):
        return None
    kind = chr(block[156]) if block[156] else REGULAR
    if kind == "7" or kind not in _KNOWN:
        kind = REGULAR
    name = _text(block[:100])
    if block[_MAGIC] == b"ustar\0" and (prefix := _text(block[345:500])):
        name = prefix + b"/" + name
    extended = kind == "S" and block[482] != 0
    return Header(decode_name(name), read_number(block[124:136]), kind, decode_name(_text(block[157:257])), extended)


def read_number(field: bytes) -> int | None:
    """Octal digits, or GNU's base-256 form for what they can't hold; None where it is neither."""
    if field[0] in (0x80, 0xFF):
        return int.from_bytes(field[1:], "big") - (256 ** (len(field) - 1) if field[0] == 0xFF else 0)
    digits = _text(field).strip()
    if not digits:
        return 0
    return int(digits, 8) if _DIGITS.issuperset(digits) and b" " not in digits else None


def read_records(data: bytes) -> tuple[Mapping[str, str], bool]:
    """(keyword to value, whether all could be read) of PAX records: ``length keyword=value`` and a line end each."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data) and data[at]:
        length, blank, _ = data[at : at + 24].partition(b" ")
        if not blank or not length.isdigit() or not len(length) + 3 < int(length) <= len(data) - at:
            return found, False
        keyword, equals, value = data[at + len(length) + 1 : at + int(length)].partition(b"=")
        if not equals or not value.endswith(b"\n"):
            return found, False
        found[decode_name(keyword)] = decode_name(value[:-1])
        at += int(length)
    return found, True


def _is_valid(block: bytes) -> bool:
    """The sum of all bytes with the checksum read as blanks; old writers took the bytes for signed."""
    told = read_number(block[148:156])
    bare = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(bare)
    return told == unsigned or told == unsigned - 256 * len(bare.translate(None, _ASCII))


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
