"""Compressed containers of VBA projects: decompression that salvages, and a search for them; [MS-OVBA] 2.4.1."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

CHUNK = 4096
"""Decompressed size of a chunk, but for the last ([MS-OVBA] 2.4.1.1.4)."""

_WORK_PER_BYTE = 40  # of compressed data: a copy token of two bytes costs about 150 ns
_WORK_PER_SIGNATURE = 12  # of bytes that might be one: where a search stops, and goes on
_SHAPE = b"attribut"
_SHAPE_BYTES = 12  # signature, header, flag byte and those letters
_OUT_OF_STEP = re.compile(rb"[\x00-\xff](?=[\xb0-\xbf])|\xff(?=\x3f)")
_BEGIN = re.compile(rb"\x01(?=[\x00-\xff][\xb0-\xbf]|\xff\x3f)")
_RUNS = tuple(
    (tuple(map(len, runs)), len(rest)) for *runs, rest in (f"{flags:08b}"[::-1].split("1") for flags in range(256))
)
"""By flag byte: how many plain bytes come before each copy token, and how many behind the last."""
_HEAD = 96  # compressed bytes that tell text from noise
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_CODE = re.compile(
    rb"(?im)^[ \t]*(?:attribute[ \t]+vb_"
    rb"|(?:(?:public|private|static|friend)[ \t]+)*(?:sub|function|property|declare)[ \t]+\w)"
)


@dataclass(frozen=True, slots=True)
class Decompressed:
    """What came out of a container.

    Attributes:
        data: the decompressed bytes, as far as they could be read.
        anomalies: the first departure of each kind; offsets count from the start of the container.
        used: compressed bytes that were read, the signature included.
    """

    data: bytes
    anomalies: tuple[Anomaly, ...]
    used: int


def decompress(container: bytes, budget: Budget, limit: int) -> Decompressed:
    """Decompress a CompressedContainer ([MS-OVBA] 2.4.1.3.1), going on behind chunks that are damaged.

    Args:
        container: begins with the signature byte 0x01; zeros behind the last chunk are ignored.
        budget: charged for every chunk.
        limit: bytes of output at which to stop; more is an anomaly.
    """
    anomalies: dict[str, Anomaly] = {}

    def odd(code: str, offset: int, *, incomplete: bool = True) -> None:
        anomalies.setdefault(code, Anomaly(code, offset=offset, incomplete=incomplete))

    if container[:1] != b"\x01":
        odd("signature-missing", 0)
        if not _is_header(container, 1):
            return Decompressed(b"", tuple(anomalies.values()), 0)
    out: list[bytes] = []
    size, at, end, content = 0, 1, len(container), 0
    while at + 2 <= end:
        header = container[at] | container[at + 1] << 8
        stop = at + (header & 0x0FFF) + 3
        if header & 0x7000 != 0x3000:
            if not container[at : at + CHUNK].strip(b"\0"):
                break  # slack behind the last chunk
            odd("chunk-signature", at)
            budget.spend(RECORD)
            content = content or len(container.rstrip(b"\0"))
            at = stop if stop < end and _is_header(container, stop) else _next_chunk(container, at + 1, content)
            continue
        if stop > end:
            odd("chunk-past-end", at)
            stop = end
        budget.spend(RECORD + _WORK_PER_BYTE * (stop - at))
        if header & 0x8000:
            chunk, fault, behind = _chunk(container, at + 2, stop)
            if fault:
                odd(fault, at)
            if fault == "chunk-overflow" and _is_header(container, behind):
                stop = behind  # the size lied: the next chunk begins where this one was full
        else:
            chunk = container[at + 2 : min(at + 2 + CHUNK, end)]
            stop = at + 2 + len(chunk)
            if header & 0x0FFF != 0x0FFF:
                odd("raw-chunk-size", at, incomplete=False)
        if size + len(chunk) > limit:
            odd("output-limit", at)
            chunk = chunk[: limit - size]
        size += len(chunk)
        budget.expand(len(chunk))
        out.append(chunk)
        if "output-limit" in anomalies:
            break
        at = stop
    return Decompressed(b"".join(out), tuple(anomalies.values()), min(at, end))


def _is_header(data: bytes, at: int) -> bool:
    """True when the header of a compressed or of a raw chunk may stand there ([MS-OVBA] 2.4.1.1.5)."""
    return at + 1 < len(data) and (data[at + 1] & 0xF0 == 0xB0 or data[at : at + 2] == b"\xff\x3f")


def _chunk(data: bytes, at: int, stop: int) -> tuple[bytes, str, int]:
    """Token sequences of one chunk ([MS-OVBA] 2.4.1.3.5): its bytes, the code of a fault or nothing, where it ended."""
    data, begin, at, stop = data[at:stop], at, 0, stop - at
    out = bytearray()
    # A copy token's offset takes `bits` bits while no more than `edge` bytes are out (2.4.1.3.19.1).
    bits, edge, mask = 4, 16, 0x0FFF
    while at < stop and len(out) < CHUNK:
        flags = data[at]
        at += 1
        if not flags:
            out += data[at : at + 8]
            at += 8
            continue
        runs, rest = _RUNS[flags]
        for run in runs:
            if run:
                out += data[at : at + run]
                at += run
            if at + 1 >= stop:
                if at >= stop:
                    at = stop
                    break
                return bytes(out[:CHUNK]), "token-cut", begin + stop
            token = data[at] | data[at + 1] << 8
            at += 2
            here = len(out)
            while edge < here:
                bits, edge, mask = bits + 1, edge << 1, mask >> 1
            length = (token & mask) + 3
            start = here - (token >> (16 - bits)) - 1
            if start < 0:
                return bytes(out[:CHUNK]), "copy-before-start", begin + stop
            if start + length <= here:
                out += out[start : start + length]
            else:
                out += (out[start:] * (length // (here - start) + 1))[:length]
            if here + length >= CHUNK:
                break
        else:
            if rest:
                out += data[at : at + rest]
                at = min(at + rest, stop)
    over = len(out) - CHUNK
    if over > 0 or at + 1 < stop:  # Office leaves a flag byte behind a full chunk
        return bytes(out[:CHUNK]), "chunk-overflow", begin + at - max(over, 0)
    return bytes(out), "", begin + stop


def _next_chunk(data: bytes, at: int, content: int) -> int:
    """Offset of the next chunk header that is followed by another, or by zeros (from `content`); else the end."""
    end = len(data)
    for found in _OUT_OF_STEP.finditer(data, at):
        begin = found.start()
        after = begin + ((data[begin] | data[begin + 1] << 8) & 0x0FFF) + 3
        if content <= after <= end or _is_header(data, after):
            return begin
    return end


def find_containers(blob: Blob, budget: Budget) -> Iterator[int]:
    """Offsets at which a compressed container of module source begins.

    Source text starts with ``Attribute VB_...``, whose first eight letters can't be compressed: they follow a chunk
    header and a flag byte of zero, or the header of a raw chunk; the signature before it may be spoilt. Where the
    signature is sane, any source counts.
    """
    last = -1
    for at, window in blob.windows(overlap=_SHAPE_BYTES - 1):
        budget.spend(max(len(window), len(window) // 2 + _WORK_PER_SIGNATURE * window.count(1)))
        begins = set(_shapes(window, budget))
        for found in _BEGIN.finditer(window):
            budget.spend(RECORD)
            if found.start() not in begins and _is_source(blob, at + found.start(), budget):
                begins.add(found.start())
        for begin in sorted(begins):
            if at + begin > last:
                last = at + begin
                budget.spend(RECORD)
                yield last


def _shapes(window: bytes, budget: Budget) -> Iterator[int]:
    low = window.lower()
    letters = -1
    while (letters := low.find(_SHAPE, letters + 1)) >= 0:
        budget.spend(RECORD)
        before = window[max(letters - 4, 0) : letters]
        if len(before) == 4 and before[3] == 0 and before[2] & 0xF0 == 0xB0:
            yield letters - 4
        elif before[-2:] == b"\xff\x3f" and len(before) >= 3:
            yield letters - 3


def _is_source(blob: Blob, offset: int, budget: Budget) -> bool:
    """True when the first chunk of a container is code, or is text, full, and followed by another."""
    head = blob.read(offset + 1, 2 + _HEAD)
    packed = head[1] & 0x80
    if _NO_TEXT.search(_chunk(head, 2, len(head))[0] if packed else head[2:]):
        return False
    data = blob.read(offset + 1, 2 + CHUNK + 2)
    stop = ((data[0] | data[1] << 8) & 0x0FFF) + 3
    text, fault, _ = _chunk(data, 2, min(stop, len(data))) if packed else (data[2 : 2 + CHUNK], "", 0)
    budget.spend(_WORK_PER_BYTE * len(text))
    if fault or not text or _NO_TEXT.search(text.rstrip(b"\0")):
        return False
    return _CODE.search(text) is not None or (len(text) == CHUNK and _is_header(data, stop))
