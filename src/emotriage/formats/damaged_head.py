"""Files whose first bytes are damaged: told by what stands behind them in their headers.

[MS-CFB] 2.2, [MS-SHLLINK] 2.1, APPNOTE.TXT 4.3.16, and the words that every RTF document opens with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.formats.zip import archive_start
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LNK = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
_DAMAGED = 8
"""How many first bytes may be wrong."""
_HEAD = 1024
_RTF = re.compile(
    rb"\\(ansicpg|ansi|deff|deflang|fonttbl|colortbl|stylesheet|objdata|objclass|objemb|object|pard)\d{0,6}\b"
)
_RTF_WORDS = 2
_ORDER = b"\xfe\xff"
_SHIFTS = {3: b"\x09\0\x06\0", 4: b"\x0c\0\x06\0"}


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file with another beginning than its own.

    Attributes:
        name: what it is, for people.
        head: the bytes that it should begin with.
        rest: where the bytes behind those begin.
    """

    name: str
    head: bytes
    rest: int

    def mended(self, blob: Blob, budget: Budget) -> Iterator[bytes]:
        """The file with its beginning put right, in chunks."""
        yield self.head
        for _, window in blob.windows(start=self.rest, holes=True):
            budget.spend(len(window))
            yield window


def read_damaged(blob: Blob, budget: Budget) -> Damaged | None:
    """What a blob of no known kind would be if its first bytes were right, or None."""
    budget.spend(RECORD + _HEAD)
    head = blob.read(0, _HEAD)
    major = int.from_bytes(head[26:28], "little")
    if len(head) >= 512 and head[28:30] == _ORDER and head[30:34] == _SHIFTS.get(major) and head[:8] != _CFB:
        return Damaged("compound file", _CFB, len(_CFB))
    if len(head) >= 76 and head[_DAMAGED:20] == _LNK[_DAMAGED:] and head[:20] != _LNK:
        return Damaged("Windows shortcut", _LNK, len(_LNK))
    words = {one[1] for one in _RTF.finditer(head)}
    if (
        len(words) >= _RTF_WORDS
        and b"{" in head
        and not head.startswith(b"{\\rt")
        and 0 <= head.find(b"\\") <= 2 * _DAMAGED
    ):
        return Damaged("RTF document", b"{\\rtf1 ", _DAMAGED)
    if head[:4] not in (b"PK\3\4", b"PK\5\6") and archive_start(blob, budget) == 0:
        return Damaged("ZIP archive", b"PK\3\4", 4)  # one that starts further on is whole, and carved out
    return None
