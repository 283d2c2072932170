"""The transaction log of a OneNote revision store, from [MS-ONESTORE] 2.3.3: how many nodes of each list are committed.

Readers here take every node that is there. The log only tells whether nodes are missing: a store that was torn apart.
"""

import struct
from collections.abc import Mapping

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_COUNT_AT, _LOG_AT = 0x60, 0xA0
_SENTINEL = 1
_ENTRY, _NEXT = 8, 12
_FRAGMENTS = 1 << 12


def committed(blob: Blob, budget: Budget) -> tuple[dict[int, int], Anomaly | None]:
    """By list, the number of its nodes after the last transaction; and what is wrong with the log, if anything."""
    header = blob.read(0, _LOG_AT + _NEXT)
    transactions = int.from_bytes(header[_COUNT_AT : _COUNT_AT + 4], "little")
    lost = Anomaly("transaction-log", "header", _COUNT_AT, incomplete=True)
    counts: dict[int, int] = {}  # what a transaction says counts when it is closed
    pending: dict[int, int] = {}
    if len(header) < _LOG_AT + _NEXT:
        return {}, lost
    at, size = struct.unpack_from("<QI", header, _LOG_AT)
    met: set[int] = set()
    done = 0
    while done < transactions:
        if at in met or at + size > blob.size or size < _NEXT or len(met) >= _FRAGMENTS:
            return counts, lost
        met.add(at)
        budget.spend(RECORD + size)
        raw = blob.read(at, size)
        for number, value in struct.iter_unpack("<II", raw[: (size - _NEXT) // _ENTRY * _ENTRY]):
            if number == _SENTINEL:
                counts |= pending
                pending = {}
                done += 1
                if done == transactions:
                    break
            else:
                pending[number] = value
        at, size = struct.unpack_from("<QI", raw, size - _NEXT)
    return counts, None


def compare(counts: Mapping[int, int], there: Mapping[int, int]) -> list[Anomaly]:
    """Lists with fewer nodes than were committed, which are a gap, and such with more, which OneNote does not read."""
    found = []
    if any(there.get(number, 0) < count for number, count in counts.items()):
        found.append(Anomaly("nodes-missing", "file node list", incomplete=True))
    if any(there[number] > counts.get(number, 0) for number in there):
        found.append(Anomaly("nodes-not-committed", "file node list"))
    return found
