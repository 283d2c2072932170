"""Comments and extra fields of a ZIP archive that are long enough to hold a file (APPNOTE.TXT 4.3.16, 4.4.12, 4.5)."""

import hashlib
from dataclasses import dataclass

from emotriage.formats.active_magic import find_active
from emotriage.formats.zip.names import extra_fields
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget
from emotriage.model.padding import is_uniform

_SHORTEST = 24
_MOST = 64
_NAMES = frozenset({0x7075, 0x6375})
_LNK = b"\x4c\0\0\0\x01\x14\x02\0"
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"


@dataclass(frozen=True, slots=True)
class Remark:
    """Bytes beside the members that somebody may read as a file.

    Attributes:
        name: ``comment`` or ``extra`` and the place.
        offset: in the blob.
        length: in bytes.
        active: it begins like a program or shortcut, or holds a file that could be opened.
    """

    name: str
    offset: int
    length: int
    active: bool


class Remarks:
    """Collects them; what was there before is not collected again.

    Attributes:
        found: in the order in which they were met.
        full: there are more of them than are collected.
    """

    def __init__(self, blob: Blob, budget: Budget) -> None:
        self.found: list[Remark] = []
        self.full = False
        self._blob = blob
        self._budget = budget
        self._known: set[bytes] = set()

    def comment(self, offset: int, length: int) -> None:
        """Look at a comment: text and whatever is no filler counts."""
        if length >= _SHORTEST and (data := self._new(offset, length)):
            self._keep("comment", data, offset)

    def extras(self, offset: int, length: int) -> None:
        """Look at the extra fields of a header: most are timestamps, so that only text and known beginnings count."""
        if length < _SHORTEST or not (data := self._new(offset, length)):
            return
        at = 0
        for kind, field in extra_fields(data):
            at += 4
            if len(field) >= _SHORTEST and kind not in _NAMES:
                self._field(field, offset + at)
            at += len(field)
        if not self._field(data[at + 4 :], offset + at + 4):  # a field longer than its header, or none at all
            self._field(data[at:], offset + at)

    def _field(self, data: bytes, offset: int) -> bool:
        told = len(data) >= _SHORTEST and (self._active(data) or not data.rstrip(b"\0").translate(None, _PRINTABLE))
        if told:
            self._keep("extra", data, offset)
        return told

    def _keep(self, what: str, data: bytes, offset: int) -> None:
        if is_uniform(data):
            return
        if len(self.found) >= _MOST:
            self.full = True
            return
        self.found.append(Remark(f"{what}-{offset}", offset, len(data), self._active(data)))

    def _new(self, offset: int, length: int) -> bytes:
        """The bytes, or b"" when they have been looked at already."""
        self._budget.spend(RECORD + length)
        data = self._blob.read(offset, length)
        digest = hashlib.sha256(data).digest()
        if digest in self._known:
            return b""
        self._known.add(digest)
        return data

    def _active(self, data: bytes) -> bool:
        program = data[:2] == b"MZ" and b"\0" in data
        return program or data.startswith(_LNK) or bool(find_active(Blob(data), self._budget, start=0))
