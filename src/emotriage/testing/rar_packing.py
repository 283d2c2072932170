"""How RAR packs, as simply as can be: every code has words of one length, in one block, with filters on demand."""

import zlib

_NEW_SIZES = ((306, 9), (64, 6), (16, 4), (44, 6))
_OLD_SIZES = ((299, 9), (60, 6), (17, 5), (28, 5))
_NEW_FILTERS = {"delta": 0, "e8": 1, "e8e9": 2, "arm": 3}
_OLD_FILTERS = {"e8": (53, 0xAD576887), "e8e9": (57, 0x3CD7E57E), "delta": (29, 0x0E06077D)}
_SHORTEST, _LONGEST, _FURTHEST = 4, 9, 64
_CHANNELS = 3


class _Writer:
    """Bits, highest first."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def put(self, value: int, width: int) -> None:
        self._bits.append(f"{value:0{width}b}" if width else "")

    def finish(self) -> tuple[bytes, int]:
        """The bytes, and how many bits of the last one count."""
        text = "".join(self._bits)
        return int(text.ljust(-(-len(text) // 8) * 8, "0") or "0", 2).to_bytes(-(-len(text) // 8), "big"), (
            len(text) - 1
        ) % 8 + 1


def pack_new(content: bytes, filtered: str = "") -> bytes:
    """A member of RAR 5; `filtered` is "delta", "e8", "e8e9" or "arm"."""
    out = _Writer()
    _lengths(out, _NEW_SIZES)
    if filtered:
        out.put(256, 9)
        for number in (0, len(content)):
            out.put(3, 2)
            out.put(int.from_bytes(number.to_bytes(4, "little"), "big"), 32)
        out.put(_NEW_FILTERS[filtered], 3)
        if filtered == "delta":
            out.put(_CHANNELS - 1, 5)
    for literal, length, distance in matches_of(filter_content(content, filtered)):
        if not length:
            out.put(literal, 9)
            continue
        out.put(262 + length - 2, 9)
        _new_distance(out, distance - 1)
    packed, last = out.finish()
    size = len(packed).to_bytes(3, "little")
    flags = 0xC0 | 2 << 3 | last - 1
    return bytes([flags, 0x5A ^ flags ^ size[0] ^ size[1] ^ size[2]]) + size + packed


def pack_old(content: bytes, filtered: str = "", *, ppmd: bool = False) -> bytes:
    """A member of RAR 2.9 to 4; `filtered` is "delta", "e8" or "e8e9", `ppmd` says so and holds nothing of it."""
    out = _Writer()
    out.put(2 if ppmd else 0, 2)
    _lengths(out, _OLD_SIZES)
    if filtered:
        _program(out, len(content), *_OLD_FILTERS[filtered])
    for literal, length, distance in matches_of(filter_content(content, filtered)):
        if not length:
            out.put(literal, 9)
            continue
        out.put(271 + length - 3, 9)
        _old_distance(out, distance - 1)
    out.put(256, 9)
    out.put(1, 2)  # the member ends, and the next one brings its own codes
    return out.finish()[0]


def filter_content(content: bytes, filtered: str) -> bytes:
    """What the filter is to undo; those for call targets find none in content without the bytes E8 and E9."""
    if filtered != "delta":
        return content
    out = bytearray()
    for channel in range(_CHANNELS):
        before = 0
        for byte in content[channel::_CHANNELS]:
            out.append(before - byte & 0xFF)
            before = byte
    return bytes(out)


def _lengths(out: _Writer, sizes: tuple[tuple[int, int], ...]) -> None:
    for _ in range(20):
        out.put(5, 4)
    for count, width in sizes:
        for _ in range(count):
            out.put(width, 5)


def matches_of(content: bytes) -> list[tuple[int, int, int]]:
    """The content as (literal, 0, 0) or (0, length, distance), greedily, near matches alone."""
    found = []
    at = 0
    while at < len(content):
        for length in range(min(_LONGEST, len(content) - at), _SHORTEST - 1, -1):
            near = content.rfind(content[at : at + length], max(at - _FURTHEST, 0), at)
            if near >= 0:
                found.append((0, length, at - near))
                at += length
                break
        else:
            found.append((content[at], 0, 0))
            at += 1
    return found


def _new_distance(out: _Writer, distance: int) -> None:
    if distance < 4:
        out.put(distance, 6)
        return
    extra = distance.bit_length() - 2
    out.put(2 * (extra + 1) + (distance >> extra & 1), 6)
    low = distance & (1 << extra) - 1
    if extra >= 4:
        out.put(low >> 4, extra - 4)
        out.put(low & 15, 4)
    else:
        out.put(low, extra)


def _old_distance(out: _Writer, distance: int) -> None:
    if distance < 4:
        out.put(distance, 6)
        return
    extra = distance.bit_length() - 2
    slot = 2 * (extra + 1) + (distance >> extra & 1)
    out.put(slot, 6)
    low = distance & (1 << extra) - 1
    if slot > 9:
        out.put(low >> 4, extra - 4)
        out.put(low & 15, 5)
    else:
        out.put(low, extra)


def _program(out: _Writer, size: int, length: int, crc: int) -> None:
    """A filter over all content, with code of no meaning that has the fingerprint of a real one."""
    code = _Writer()
    code.put(2, 2)
    code.put(0, 16)  # number: the first of all
    code.put(2, 2)
    code.put(0, 16)  # where it begins
    code.put(3, 2)
    code.put(size, 32)
    code.put(1, 7)  # the first register alone
    code.put(0, 2)
    code.put(_CHANNELS, 4)
    code.put(2, 2)
    code.put(length, 16)
    for byte in with_checksum(bytes(length - 4), crc):
        code.put(byte, 8)
    raw, _ = code.finish()
    out.put(257, 9)
    out.put(0x80 | 0x20 | 0x10 | 7, 8)
    out.put(len(raw), 16)
    for byte in raw:
        out.put(byte, 8)


def with_checksum(data: bytes, crc: int) -> bytes:
    """`data` and the four bytes that make its CRC-32 what one wants."""
    table = [zlib.crc32(bytes([byte])) ^ zlib.crc32(b"\0") for byte in range(256)]
    state = crc ^ 0xFFFFFFFF
    picks = []
    for _ in range(4):
        pick = next(byte for byte in range(256) if table[byte] >> 24 == state >> 24)
        picks.append(pick)
        state = (state ^ table[pick]) << 8 & 0xFFFFFFFF
    begin = zlib.crc32(data) ^ 0xFFFFFFFF
    tail = bytearray()
    for pick in reversed(picks):
        tail.append((begin ^ pick) & 0xFF)
        begin = begin >> 8 ^ table[pick]
    return data + bytes(tail)
