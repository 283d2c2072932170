"""The compressed RTF of Outlook messages, from [MS-OXRTFCP] 2.1 and 3.1: its window is not empty at first."""

import struct

from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import MIB, Budget

_COMPRESSED, _STORED = b"LZFu", b"MELA"
_WINDOW = 4096
_MOST = 64 * MIB
_WORK = 40
_FIRST = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def decompress_rtf(blob: Blob, budget: Budget) -> bytes:
    """The document.

    Raises:
        Malformed: the header is none, the data end early, or it is larger than any mail.
    """
    head = blob.read(0, 16)
    if len(head) < 16:
        raise Malformed("compressed RTF without a header")
    size = struct.unpack_from("<I", head, 4)[0]
    if head[8:12] == _STORED:
        return blob.read(16, min(size, _MOST))
    if head[8:12] != _COMPRESSED or size > _MOST:
        raise Malformed("compressed RTF of another sort")
    raw = blob.read(16, min(struct.unpack_from("<I", head)[0], _MOST))
    budget.spend(len(raw))
    window = bytearray(_FIRST.ljust(_WINDOW, b"\0"))
    place, at = len(_FIRST), 0
    out = bytearray()
    while at < len(raw):
        budget.spend(_WORK)
        flags = raw[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                if at >= len(raw):
                    return bytes(out)
                piece = raw[at : at + 1]
                at += 1
            else:
                if at + 2 > len(raw):
                    raise Malformed("compressed RTF ends early")
                token = raw[at] << 8 | raw[at + 1]
                at += 2
                begin, length = token >> 4, (token & 15) + 2
                if begin == place % _WINDOW:
                    return bytes(out)
                turn = (place - begin) % _WINDOW or _WINDOW
                known = bytes(window[(begin + step) % _WINDOW] for step in range(min(turn, length)))
                piece = (known * (length // len(known) + 1))[:length]
            for byte in piece:
                window[place % _WINDOW] = byte
                place += 1
            out += piece
            if len(out) > size + _WINDOW:
                raise Malformed("compressed RTF is longer than it says")
    return bytes(out)
