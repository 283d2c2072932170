"""Which members a ZIP archive has: all its directories, all its local headers, and where they differ (APPNOTE.TXT 4.3).

Readers disagree about archives that contradict themselves, so every reading is listed: members that only another
directory or only a local header knows are there too, with `indexed` false.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from emotriage.formats.inflate import DEFLATED, deflated_length
from emotriage.formats.zip.names import suffix_of
from emotriage.formats.zip.records import (
    DESCRIPTOR_SIGNATURE,
    END_SIGNATURE,
    FULL,
    LOCAL_SIGNATURE,
    STREAMED,
    Cursor,
    Descriptor,
    EndRecord,
    Member,
    plausible,
    read_descriptor,
    read_end,
    read_entry,
    read_local,
)
from emotriage.formats.zip.remarks import Remark, Remarks
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget
from emotriage.model.padding import is_uniform

_END_RECORDS = 64
_PER_CODE = 16
_SEARCH = 16  # bytes searched for what one unit of work costs
_UNLISTED = 200_000
_SLACK = 24  # a data descriptor with 64-bit sizes


@dataclass(frozen=True, slots=True)
class Directory:
    """What a survey of an archive found; see `Archive` for the fields."""

    members: tuple[Member, ...]
    anomalies: tuple[Anomaly, ...]
    unindexed: tuple[tuple[int, int], ...]
    unlisted: tuple[str, ...]
    remarks: tuple[Remark, ...]
    end: int


def read_directory(blob: Blob, budget: Budget) -> Directory:
    """Survey an archive.

    Raises:
        Malformed: neither an end record nor a local header leads to a member.
    """
    survey = _Survey(blob, budget)
    last = survey.last_view()
    if last is None:
        survey.note("no-end-record", incomplete=True)
        survey.sweep(0, blob.size)
        if not survey.members:
            raise Malformed("no ZIP member can be found")
        end = max(survey.reach(one) for one in survey.members)
    else:
        end = max(last.end, survey.other_views())
        for start, stop in survey.gaps(blob.size):
            survey.sweep(start, stop)
    unindexed = () if survey.full else tuple(survey.unexplained(end))
    survey.check_overlaps()
    if survey.remarks.full:
        survey.note("too-many-remarks", incomplete=True)
    return Directory(
        tuple(survey.members),
        tuple(survey.anomalies),
        unindexed,
        tuple(survey.unlisted),
        tuple(survey.remarks.found),
        min(end, blob.size),
    )


class _Survey:
    """The members found so far, and the stretches of the blob that they and their directories account for."""

    def __init__(self, blob: Blob, budget: Budget) -> None:
        self.blob = blob
        self.budget = budget
        self.members: list[Member] = []
        self.anomalies: list[Anomaly] = []
        self.unlisted: list[str] = []
        self.remarks = Remarks(blob, budget)
        self._codes: dict[str, int] = {}
        self._known: set[tuple[int, bytes, int, int, bool]] = set()
        self._views: set[int] = set()
        self._spans: list[tuple[int, int]] = []
        self._tries = 0
        self._searched: dict[bytes, tuple[int, int, int]] = {}
        self._headers = Cursor(blob, 512)

    @property
    def full(self) -> bool:
        """True once there are as many members as a scan may have."""
        return len(self.members) >= self.budget.limits.children

    def note(self, code: str, where: str = "", offset: int | None = None, *, incomplete: bool = False) -> None:
        """Report an oddity; of each code the first few are enough."""
        self._codes[code] = self._codes.get(code, 0) + 1
        if self._codes[code] <= _PER_CODE:
            self.anomalies.append(Anomaly(code, where, offset, incomplete))

    def last_view(self) -> EndRecord | None:
        """Read the directory of the last end record that leads to one."""
        for at in self._end_records(0, self.blob.size):
            if (record := self._view(at, indexed=True)) is not None:
                return record
        return None

    def other_views(self) -> int:
        """Read the directories of end records that nothing accounts for; the furthest end of those."""
        end = 0
        for start, stop in reversed(list(self.gaps(self.blob.size))):
            for at in self._end_records(start, stop):
                if (record := self._view(at, indexed=False)) is not None:
                    self.note("several-directories", offset=at)
                    end = max(end, record.end)
        return end

    def sweep(self, start: int, stop: int) -> None:
        """List the local headers in a stretch that no directory accounts for."""
        at = start
        while 0 <= at < stop - 30 and self._room():
            self.budget.spend(RECORD)
            found = self._next(LOCAL_SIGNATURE, at, stop)
            if found < 0:
                return
            member = read_local(self._headers, found)
            if member is None or not plausible(member) or member.data > stop:
                at = found + 4
                continue
            member = self._measured(member, stop)
            self._add(member)
            self.note("unindexed-member", member.name, found)
            at = max(min(self.reach(member), stop), found + 4)

    def gaps(self, stop: int) -> Iterator[tuple[int, int]]:
        """(start, stop) of the stretches before `stop` that nothing accounts for, of the size of a record or more."""
        at = 0
        for begin, end in [*sorted(self._spans), (stop, stop)]:
            if begin - at > _SLACK:
                yield at, min(begin, stop)
            at = max(at, end)

    def unexplained(self, stop: int) -> Iterator[tuple[int, int]]:
        """(offset, length) of the stretches before `stop` that hold something nobody asked for."""
        for begin, end in self.gaps(stop):
            if end > begin and not self._filler(begin, end):
                self.note("unindexed-data" if begin else "prepended-data", offset=begin)
                yield begin, end - begin

    def reach(self, member: Member) -> int:
        """Offset behind a member and its data descriptor."""
        found = self._descriptor(member)
        return member.end + (found.length if found else 0)

    def check_overlaps(self) -> None:
        """Report members that share bytes."""
        reached = 0
        for member in sorted(
            (one for one in self.members if one.indexed and one.data >= 0), key=lambda one: one.offset
        ):
            if member.offset < reached:
                self.note("overlap", member.name, member.offset)
            reached = max(reached, member.end)

    def _end_records(self, start: int, stop: int) -> Iterator[int]:
        """Offsets of what looks like an end record, last first, without those inside of members found meanwhile."""
        at = stop
        while self._tries < _END_RECORDS:
            found = self.blob.rfind(END_SIGNATURE, start, at)
            self.budget.spend(RECORD + self.blob.visible(max(found, start), at) // _SEARCH)
            if found < 0:
                return
            self._tries += 1
            at = next((begin for begin, end in self._spans if begin <= found < end), found)
            if at == found:
                yield found
                at += len(END_SIGNATURE) - 1

    def _next(self, signature: bytes, start: int, stop: int) -> int:
        """Offset of the next signature in a stretch, or -1; what was searched once is not searched again."""
        begin, end, found = self._searched.get(signature, (0, 0, -1))
        if begin <= start and end == stop and (found < 0 or found >= start):
            return found
        found = self.blob.find(signature, start, stop)
        self.budget.spend(self.blob.visible(start, stop if found < 0 else found) // _SEARCH)
        self._searched[signature] = (start, stop, found)
        return found

    def _view(self, at: int, *, indexed: bool) -> EndRecord | None:
        record = read_end(self.blob, at)
        if record is None or (record.count and not record.starts):
            return None
        if record.split:
            self.note("split-archive", offset=at, incomplete=True)
        if record.contradictory:
            self.note("zip64-mismatch", offset=at)
        for number, (start, correction) in enumerate(record.starts):
            if start not in self._views:
                self._views.add(start)
                if number:
                    self.note("several-directories", offset=start)
                self._directory(record, start, correction, indexed=indexed and number == 0)
        self._spans.append((record.stop, record.end))
        self.remarks.comment(record.comment, record.end - record.comment)
        return record

    def _directory(self, record: EndRecord, start: int, correction: int, *, indexed: bool) -> None:
        entries = Cursor(self.blob, 64 << 10)
        at, count = start, 0
        while at < record.stop and len(self.unlisted) < _UNLISTED:
            self.budget.spend(RECORD)
            entry = read_entry(entries, at, correction)
            if entry is None:
                break
            member, comment, next_at = entry
            self.remarks.comment(comment, next_at - comment)
            self.remarks.extras(at + 46 + len(member.raw_name), comment - at - 46 - len(member.raw_name))
            at = next_at
            count += 1
            if self._room():
                self._compare(member if indexed else replace(member, indexed=False), correction)
            else:
                self.unlisted.append(member.name)
        if self.unlisted:
            at = record.stop
        elif count != record.count and count & 0xFFFF != record.count:
            self.note("directory-count", offset=start, incomplete=count < record.count)
        self._spans.append((start, min(at, record.stop)))

    def _compare(self, member: Member, correction: int) -> None:
        """Add a directory's member, and the local header's reading of it where that differs."""
        if FULL in (member.packed, member.size, member.offset - correction) and self.blob.size < FULL:
            self.note("zip64-missing", member.name, member.offset)
        local = read_local(self._headers, member.offset)
        if local is None and correction and (local := read_local(self._headers, member.offset - correction)):
            member = replace(member, offset=local.offset)
        if local is None:
            self.note("no-local-header", member.name, member.offset, incomplete=not member.is_dir)
            self._add(member)
            return
        member = replace(member, data=local.data)
        self._add(member)
        if local.flags & STREAMED or not (local.packed or local.size):
            local = replace(local, packed=member.packed, size=member.size, crc=member.crc)
        differs = [
            what
            for what, mine, theirs in (
                ("name-mismatch", (member.raw_name, suffix_of(member.name)), (local.raw_name, suffix_of(local.name))),
                ("method-mismatch", member.method, local.method),
                ("size-mismatch", (member.packed, member.size), (local.packed, local.size)),
                ("encryption-mismatch", member.encrypted, local.encrypted),
            )
            if mine != theirs
        ]
        for what in differs:
            self.note(what, member.name, member.offset)
        if member.crc != local.crc:
            self.note("crc-mismatch", member.name, member.offset)
        if differs:
            self._add(replace(local, attributes=member.attributes))

    def _measured(self, member: Member, stop: int) -> Member:
        """A local header's member with the size of its data, where only the data tells it or the header lies."""
        unknown = bool(member.flags & STREAMED) and not member.packed
        if not unknown and (member.end <= stop or self._next(LOCAL_SIGNATURE, member.data, stop) < 0):
            return member
        packed = -1
        if member.method == DEFLATED and not member.encrypted:
            with suppress(Malformed):
                packed = deflated_length(self.blob.slice(member.data, stop - member.data), self.budget)
        if packed < 0:
            ends = (self._next(one, member.data, stop) for one in (DESCRIPTOR_SIGNATURE, LOCAL_SIGNATURE))
            packed = min((one for one in ends if one >= 0), default=stop) - member.data
        member = replace(member, packed=packed)
        if unknown and (found := self._descriptor(member)):
            member = replace(member, crc=found.crc, size=found.size)
        return member

    def _descriptor(self, member: Member) -> Descriptor | None:
        return read_descriptor(self._headers, member) if member.flags & STREAMED and member.data >= 0 else None

    def _add(self, member: Member) -> None:
        key = (member.offset, member.raw_name, member.method, member.packed, member.encrypted)
        if key in self._known and not member.indexed:
            return
        self._known.add(key)
        self.members.append(member)
        if member.other_name:
            self.note("ambiguous-name", member.name, member.offset)
            self.members.append(replace(member, name=member.other_name, other_name="", indexed=False))
        if member.data < 0:
            return
        extra = member.offset + 30 + len(member.raw_name)
        self.remarks.extras(extra, member.data - extra)
        if (found := self._descriptor(member)) and found.values != (
            member.crc,
            member.packed & FULL,
            member.size & FULL,
        ):
            self.note("descriptor-mismatch", member.name, member.end)
        self._spans.append((member.offset, self.reach(member)))
        if member.end > self.blob.size:
            self.note("truncated-member", member.name, member.offset, incomplete=True)

    def _room(self) -> bool:
        """False, and a note, when one more member would be too many."""
        if self.full:
            self.note("too-many-members", incomplete=True)
        return not self.full

    def _filler(self, begin: int, end: int) -> bool:
        first = self.blob.read(begin, 1)
        return all(is_uniform(window) and window[:1] == first for _, window in self.blob.windows(start=begin, stop=end))
