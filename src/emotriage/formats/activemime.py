"""ActiveMime: the compound file with macros and objects that Word compresses into web archives and its XML of 2003.

It has no public specification. Behind the letters stand a few fields whose number differs, then one zlib stream (RFC
1950) to the end; Word finds it by an offset, other readers at fixed places, so it is looked for.
"""

import zlib
from collections.abc import Iterator

from emotriage.formats.cfb import MAGIC as COMPOUND_FILE
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

MAGIC = b"ActiveMime"
_HEADER = 64 << 10
_MOST_PLACES = 256
_HEAD = 64
_CHUNK = 256 << 10


def unpack_activemime(blob: Blob, budget: Budget) -> Iterator[bytes]:
    """The content, in chunks.

    Raises:
        Malformed: no ActiveMime, no compressed content, or content that breaks off; what came before has been yielded.
    """
    if blob.read(0, len(MAGIC)) != MAGIC:
        raise Malformed("no ActiveMime")
    start = _content(blob, budget)
    inflater = zlib.decompressobj()
    for _, window in blob.windows(start=start, holes=True):
        budget.spend(4 * len(window))
        waiting = window
        while waiting and not inflater.eof:
            try:
                chunk = inflater.decompress(waiting, _CHUNK)
            except zlib.error as error:
                raise Malformed("ActiveMime whose content is damaged") from error
            if chunk:
                budget.spend(len(chunk))
                yield chunk
            waiting = inflater.unconsumed_tail
        if inflater.eof:
            return
    raise Malformed("ActiveMime whose content breaks off")


def _content(blob: Blob, budget: Budget) -> int:
    """Where the zlib stream begins: the first that holds a compound file, or else the first that holds anything."""
    head = blob.read(0, _HEADER)
    budget.spend(len(head))
    fallback = -1
    at = len(MAGIC) - 1
    for _ in range(_MOST_PLACES):
        at = head.find(b"\x78", at + 1)
        if at < 0 or at + 2 > len(head):
            break
        if (head[at] << 8 | head[at + 1]) % 31:
            continue
        budget.spend(RECORD)
        try:
            begin = zlib.decompressobj().decompress(head[at : at + _HEADER // _HEAD], _HEAD)
        except zlib.error:
            continue
        if begin.startswith(COMPOUND_FILE):
            return at
        fallback = at if fallback < 0 and begin else fallback
    if fallback < 0:
        raise Malformed("ActiveMime without compressed content")
    return fallback
