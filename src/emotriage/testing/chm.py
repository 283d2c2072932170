"""Compiled HTML help: a directory, and pages in a packed stream whose frames are not compressed."""

import struct
from collections.abc import Collection, Mapping

from emotriage.testing.cab import lzx_frame
from emotriage.testing.content import Content, as_bytes

_FRAME, _CHUNK = 32 << 10, 4096
_STORAGE = "::DataSpace/Storage/MSCompressed/"
_RESETS = f"{_STORAGE}Transform/{{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}}/InstanceData/ResetTable"
DEFECTS = frozenset({"no-stream", "bad-frames", "truncated"})


def help_file(files: Mapping[str, Content], *, stored: Collection[str] = (), defects: Collection[str] = ()) -> bytes:
    """A help file.

    Args:
        files: content by name.
        stored: names of files that lie outside the packed stream.
        defects: of `DEFECTS`.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    stream, plain = b"", b""
    entries: list[tuple[str, int, int, int]] = []
    for name, content in files.items():
        raw = as_bytes(content)
        if name in stored:
            entries.append((f"/{name}", 0, len(plain), len(raw)))
            plain += raw
        else:
            entries.append((f"/{name}", 1, len(stream), len(raw)))
            stream += raw
    frames = [lzx_frame(stream[at : at + _FRAME], first=True) for at in range(0, len(stream), _FRAME)]
    offsets = [sum(map(len, frames[:index])) for index in range(len(frames))]
    packed = b"".join(frames)
    packed = b"\xff" * len(packed) if "bad-frames" in defects else packed
    control = struct.pack("<I4sIIIII", 6, b"LZXC", 2, 1, 1, 1, 0)
    table = struct.pack("<IIIIQQQ", 2, len(frames), 8, 40, len(stream), len(packed), _FRAME)
    table += struct.pack(f"<{len(offsets)}Q", *offsets)
    own = {"ControlData": control, "Content": packed, "": table} if "no-stream" not in defects else {}
    for name, raw in own.items():
        entries.append((_STORAGE + name if name else _RESETS, 0, len(plain), len(raw)))
        plain += raw
    return _file(sorted(entries), plain, cut="truncated" in defects)


def _file(entries: list[tuple[str, int, int, int]], plain: bytes, *, cut: bool) -> bytes:
    chunks, body = [], b""
    for name, *numbers in entries:
        raw = name.encode()
        one = _compact(len(raw)) + raw + b"".join(map(_compact, numbers))
        if len(body) + len(one) > _CHUNK - 20:
            chunks.append(body)
            body = b""
        body += one
    chunks.append(body)
    listing = b"".join(
        b"PMGL" + struct.pack("<IIii", _CHUNK - 20 - len(one), 0, index - 1, following) + one.ljust(_CHUNK - 20, b"\0")
        for index, (one, following) in enumerate(zip(chunks, [*range(1, len(chunks)), -1], strict=True))
    )  # fmt: skip
    about = b"ITSP" + struct.pack("<IIIIIIiIIiI", 1, 84, 10, _CHUNK, 2, 1, -1, 0, len(chunks) - 1, -1, len(chunks))
    about = about.ljust(84, b"\0")
    begin = 96 + 24
    content = begin + len(about) + len(listing)
    head = b"ITSF" + struct.pack("<IIIII", 3, 96, 1, 0, 0x409) + bytes(32)
    head += struct.pack("<QQQQQ", 96, 24, begin, len(about) + len(listing), content)
    data = head + struct.pack("<IIQQ", 0x1FE, 0, content + len(plain), 0) + about + listing + plain
    return data[: len(data) - len(plain) // 2] if cut else data


def _compact(value: int) -> bytes:
    out = bytes([value & 0x7F])
    while value := value >> 7:
        out = bytes([value & 0x7F | 0x80]) + out
    return out
