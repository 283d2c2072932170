"""Files that could be run or opened, found by their first bytes where no structure leads to them.

They hide inside of data that should be passive, behind an end, or in a store that is not read. A signature alone turns
up in noise now and then (four bytes once in four gigabytes of compressed pixels), so each is checked against what its
specification demands of the bytes behind it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

What = Literal["program", "script", "file"]

_OVERLAP = 64
_WORK_PER_BYTE = 2
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LNK = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"
_ONENOTE = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_PDF = re.compile(rb"%PDF-[12]\.\d")
_RTF = re.compile(rb"\{\\rt(?:f?\d?[\\{}\r\n ]|f\d)")
_SCRIPT = re.compile(rb"<script(?:\s[^>]{0,512})?>")
_JOB = re.compile(rb"<job(?:\s[^>]{0,512})?>")
_MIME = re.compile(
    rb"mime-version:[^\r\n]{0,80}(?:\r\n?|\n)(?:[ -~\t]{0,998}(?:\r\n?|\n)){0,24}?content-type:\s*multipart/"
)
_NAME = re.compile(rb"[^\0-\x1f\x7f]+")
_METHODS = frozenset({0, 1, 6, 8, 9, 12, 14, 93, 95, 98, 99})


@dataclass(frozen=True, slots=True)
class Hidden:
    """One file that begins inside of another.

    Attributes:
        offset: where it begins.
        name: what it is, for people.
        what: a program, a script or page with scripts, or another file.
        extension: that such a file usually has.
    """

    offset: int
    name: str
    what: What
    extension: str


@dataclass(frozen=True, slots=True)
class _Magic:
    anchor: bytes
    lead: int
    """Place in the anchor of the byte that is searched for: one that several share, that is rare, and has no case."""
    name: str
    what: What
    extension: str
    holds: Callable[[bytes], bool]
    """True when the bytes from the anchor on really begin such a file; it is given up to 4 KiB."""
    markup: bool = False
    """Written in letters of either case."""

    @property
    def pattern(self) -> bytes:
        """What stands around the lead; the byte itself is matched already."""
        before, behind = map(re.escape, (self.anchor[: self.lead + 1], self.anchor[self.lead + 1 :]))
        around = b"(?=%b)(?<=%b)" % (behind, before)
        return b"(?i:%b)" % around if self.markup else around


def _portable_executable(head: bytes) -> bool:
    at = int.from_bytes(head[60:64], "little")
    return len(head) >= 64 and 64 <= at <= 4092 and head[at : at + 4] == b"PE\0\0"


def _compound_file(head: bytes) -> bool:
    return head[28:30] == b"\xfe\xff" and head[30:32] in (b"\x09\0", b"\x0c\0")


def _local_header(head: bytes) -> bool:
    """APPNOTE.TXT 4.3.7: version, method, and a name without control characters."""
    length = int.from_bytes(head[26:28], "little")
    return (
        head[4] <= 63
        and int.from_bytes(head[8:10], "little") in _METHODS
        and 0 < length <= 1024
        and _NAME.fullmatch(head[30 : 30 + length]) is not None
    )


def _always(_: bytes) -> bool:
    return True


_MAGICS = (
    _Magic(b"MZ", 0, "Windows program", "program", ".exe", _portable_executable),
    _Magic(_CFB, 6, "compound file", "file", ".ole", _compound_file),
    _Magic(b"PK\3\4", 2, "ZIP archive", "file", ".zip", lambda head: len(head) > 30 and _local_header(head)),
    _Magic(b"%PDF-", 4, "PDF document", "file", ".pdf", lambda head: _PDF.match(head) is not None),
    _Magic(b"{\\rt", 0, "RTF document", "file", ".rtf", lambda head: _RTF.match(head) is not None),
    _Magic(_LNK, 5, "Windows shortcut", "program", ".lnk", _always),
    _Magic(_ONENOTE, 0, "OneNote section", "file", ".one", _always),
    _Magic(b"Rar!\x1a\x07", 4, "RAR archive", "file", ".rar", lambda head: head[6:7] in (b"\0", b"\1")),
    _Magic(b"7z\xbc\xaf\x27\x1c", 2, "7z archive", "file", ".7z", _always),
    _Magic(b"MSCF\0\0\0\0", 0, "cabinet", "file", ".cab", lambda head: head[24:26] == b"\3\1"),
    _Magic(b"ITSF\3\0\0\0", 4, "compiled HTML help", "file", ".chm", _always),
    _Magic(b"ActiveMime", 6, "ActiveMime container", "file", ".mso", _always),
    _Magic(b"<script", 0, "page with scripts", "script", ".hta", lambda head: _SCRIPT.match(head) is not None, True),
    _Magic(b"<hta:", 0, "HTML application", "script", ".hta", lambda head: head.startswith(b"<hta:application"), True),
    _Magic(b"<job", 0, "Windows Script Host job", "script", ".wsf", lambda head: _JOB.match(head) is not None, True),
    _Magic(
        b"mime-version:", 4, "web archive or mail", "file", ".mht", lambda head: _MIME.match(head) is not None, True
    ),
)


def _searches() -> dict[int, tuple[re.Pattern[bytes], tuple[_Magic, ...]]]:
    """By byte searched for: the pattern, and what it may have found.

    A pattern that begins with one plain byte is searched for as fast as memory is read, where that byte is rare, and
    all anchors that share it cost one pass.
    """
    groups: dict[int, tuple[_Magic, ...]] = {}
    for one in _MAGICS:
        lead = one.anchor[one.lead]
        groups[lead] = (*groups.get(lead, ()), one)
    return {
        lead: (re.compile(b"%b(?:%b)" % (re.escape(bytes([lead])), b"|".join(one.pattern for one in group))), group)
        for lead, group in groups.items()
    }


_SEARCHES = _searches()


def find_active(blob: Blob, budget: Budget, start: int = 1, stop: int | None = None) -> tuple[Hidden, ...]:
    """The first file of each kind that begins in a blob, by offset.

    Args:
        blob: where to look; the inside of its uniform runs is left out.
        budget: charged for every byte, and for every place that looks like a beginning.
        start: first offset that counts; what the blob itself begins with lies in front of it.
        stop: offset behind the last.
    """
    found: dict[str, Hidden] = {}
    searches = list(_SEARCHES.values())
    for at, window in blob.windows(overlap=_OVERLAP, start=start, stop=stop):
        budget.spend(_WORK_PER_BYTE * len(window))
        for search, group in searches:
            for place in search.finditer(window):
                budget.spend(RECORD)
                for magic in group:
                    offset = at + place.start() - magic.lead
                    if magic.name not in found and offset >= start and _begins(blob, offset, magic):
                        found[magic.name] = Hidden(offset, magic.name, magic.what, magic.extension)
        searches = [one for one in searches if any(magic.name not in found for magic in one[1])]
    return tuple(sorted(found.values(), key=lambda one: (one.offset, one.name)))


def _begins(blob: Blob, offset: int, magic: _Magic) -> bool:
    head = blob.read(offset, 4096)
    if magic.markup:
        head = head.lower()
    return head.startswith(magic.anchor) and magic.holds(head)
