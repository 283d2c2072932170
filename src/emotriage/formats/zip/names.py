"""Which text the bytes of a ZIP member's name stand for (APPNOTE.TXT 4.4.4 bit 11, 4.6.9, appendix D)."""

import zlib
from collections.abc import Iterator

_UNICODE_PATH = 0x7075


def member_name(raw: bytes, extra: bytes) -> tuple[str, str]:
    """(name, other name): the name as most readers would show it, and what others show where that ends differently.

    A valid Unicode path extra field wins, then UTF-8, which other text is never by chance and which many write without
    setting bit 11; what is neither is read as code page 932, and as 437 where that fails: Windows programs write those.
    """
    plain = _decode(raw)
    path = unicode_path(raw, extra)
    if path is None or path == plain:
        return plain, ""
    return path, plain if suffix_of(path) != suffix_of(plain) else ""


def unicode_path(raw: bytes, extra: bytes) -> str | None:
    """The name in the Unicode path extra field, if it belongs to these bytes."""
    for kind, data in extra_fields(extra):
        if kind == _UNICODE_PATH and data[:1] == b"\1" and data[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            try:
                return data[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """(header id, data) of each complete extra field (APPNOTE.TXT 4.5.1)."""
    at = 0
    while at + 4 <= len(extra):
        size = int.from_bytes(extra[at + 2 : at + 4], "little")
        if at + 4 + size > len(extra):
            return
        yield int.from_bytes(extra[at : at + 2], "little"), extra[at + 4 : at + 4 + size]
        at += 4 + size


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def suffix_of(name: str) -> str:
    """What stands behind the last dot, lower-case."""
    return name.rpartition(".")[2].lower()
