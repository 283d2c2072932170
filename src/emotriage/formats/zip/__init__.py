"""ZIP archives, read within bounds on `zlib` alone (PKWARE APPNOTE.TXT 6.3.10)."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from emotriage.formats.inflate import CHUNK, DEFLATED, STORED, deflated_length, unpack
from emotriage.formats.zip.aes import authentic
from emotriage.formats.zip.directory import read_directory
from emotriage.formats.zip.key import Key, Keyring, opens_with_password, packed_in_clear
from emotriage.formats.zip.records import (
    ENCRYPTED,
    END_SIGNATURE,
    ENTRY_SIGNATURE,
    FULL,
    MASKED,
    STRONG,
    EndRecord,
    Member,
    read_end,
)
from emotriage.formats.zip.remarks import Remark
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, FormatError, Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget
from emotriage.model.shelf import Shelf
from emotriage.model.spool import Spooled, spool

__all__ = ["Archive", "Content", "Key", "Keyring", "Member", "archive_start", "holds_archive", "read_archive"]

_TRIES = 8
_TRIFLE = 16
_GLIMPSE = 4096
_ENTRIES = 4096
_ENTRY_BYTES = 46


@dataclass(frozen=True, slots=True)
class Content:
    """What a member unpacked to.

    Attributes:
        chunks: all of its content, as far as it can be unpacked; empty when it was more than there was room for.
        size: bytes that came out.
        anomalies: where it differs from its headers.
        kept: `chunks` are all there is.
        proven: its CRC-32 was computed to the end, and holds.
        failure: why there is no more of it.
        spooled: all of its content, where it was unpacked onto a shelf and found room there.
    """

    chunks: tuple[bytes, ...]
    size: int
    anomalies: tuple[Anomaly, ...]
    kept: bool
    proven: bool = False
    failure: FormatError | None = None
    spooled: Spooled | None = None

    def stream(self, _: Budget) -> Iterator[bytes]:
        """The kept content as a child's: whoever takes it is charged for it, and meets the failure at its end."""
        yield from self.chunks
        if self.failure is not None:
            raise self.failure


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that has been surveyed; nothing is unpacked before it is asked for.

    Attributes:
        blob: the archive's bytes.
        members: in the order of the directory; those that only other readings know come last.
        anomalies: where the archive departs from its specification.
        unindexed: (offset, length) of stretches before and between the members that hold something nobody asked for.
        unlisted: names of members that the limit on children keeps out of `members`, the first 200,000 of them.
        remarks: comments and extra fields that may hold a file.
        end: offset behind the end record and its comment.
    """

    blob: Blob
    members: tuple[Member, ...]
    anomalies: tuple[Anomaly, ...]
    unindexed: tuple[tuple[int, int], ...]
    unlisted: tuple[str, ...]
    remarks: tuple[Remark, ...]
    end: int

    def stream(
        self, member: Member, budget: Budget, found: list[Anomaly] | None = None, key: Key | None = None
    ) -> Iterator[bytes]:
        """The content of a member, in chunks of at most 256 KiB.

        What comes out counts, whatever the headers say: a wrong size or CRC-32 is only noted.

        Args:
            member: one of `members`.
            budget: charged for the packed bytes; whoever keeps the content charges for that.
            found: takes what is odd about the member; with it, damage ends the stream instead of raising.
            key: what opens an encrypted member.

        Raises:
            Encrypted: a password is needed.
            Unsupported: the compression method is not read.
            Malformed: the member has no data, or its data is damaged; what came before has been yielded.
        """
        try:
            yield from self._content(member, budget, [] if found is None else found, key, CHUNK)
        except Malformed:
            if found is None:
                raise
            found.append(Anomaly("damaged-member", member.name, member.offset, incomplete=True))

    def unpack(
        self, member: Member, budget: Budget, room: int, key: Key | None = None, *, to_end: bool = False
    ) -> Content:
        """Unpack a member now, and keep its content where there is room for it, so that nobody has to do it again.

        Args:
            member: one of `members`.
            budget: charged for the packed bytes and for the content.
            room: bytes that may be kept; of a member that says it is larger only the first few are unpacked.
            key: what opens an encrypted member.
            to_end: unpack all of it to see whether its CRC-32 holds, even what can't be kept.
        """
        bulky = member.size > room and not to_end
        limit = min(room, _GLIMPSE) if bulky else room
        found: list[Anomaly] = []
        chunks: list[bytes] = []
        size = 0
        failure = None
        try:
            for chunk in self._content(member, budget, found, key, _GLIMPSE if bulky else CHUNK):
                budget.spend(len(chunk))
                size += len(chunk)
                if size <= limit:
                    chunks.append(chunk)
                    continue
                chunks.clear()
                if not to_end:
                    if size > member.size:
                        found.append(Anomaly("wrong-size", member.name, member.offset))
                    return Content((), size, tuple(found), kept=False)
        except FormatError as error:
            failure = error
        proven = to_end and failure is None and not _contradicts(found)
        return Content(tuple(chunks), size, tuple(found), kept=size <= limit, proven=proven, failure=failure)

    def open(
        self, member: Member, ring: Keyring, budget: Budget, room: int, shelf: Shelf
    ) -> tuple[Key, Content] | None:
        """The key of a ring that opens an encrypted member, and what it unpacked to.

        None when no key opens it: the whole member has to confirm the one that does. For AES its authentication code
        does, and nothing is decrypted for that; by ZipCrypto the content has to be unpacked to its end, so it is kept.

        Args:
            member: one of `members`.
            ring: the candidates.
            budget: charged for what is tried and unpacked.
            room: bytes of an AES member's content that may be kept in memory; see `unpack`.
            shelf: where a ZipCrypto member's content is kept.
        """
        if not opens_with_password(member):
            return None
        packed = self.blob.slice(member.data, member.packed)
        for key in ring.likely(member, packed):
            if member.aes is not None:
                if not authentic(member.aes, packed, key.keys, budget):
                    continue
                content = self.unpack(member, budget, room, key)
            elif not (content := self._shelved(member, budget, key, shelf)).proven:
                continue
            ring.opened(key)
            return key, content
        return None

    def head(self, member: Member, budget: Budget, length: int = 4096) -> bytes:
        """The first bytes of a member, at most `length`, without unpacking more.

        Raises:
            Encrypted: a password is needed.
            Unsupported: the compression method is not read.
            Malformed: there is nothing to be had.
        """
        head = b""
        budget.spend(RECORD)
        try:
            for chunk in unpack(
                self._packed(member, budget), member.packed, member.method, budget, lambda _: None, chunk_size=length
            ):
                budget.spend(len(chunk))
                head += chunk
                if len(head) >= length:
                    break
        except Malformed:
            if not head:
                raise
        return head[:length]

    def read(self, member: Member, budget: Budget, limit: int) -> bytes:
        """The whole content of a small member.

        Raises:
            Encrypted: a password is needed.
            Unsupported: it is larger than `limit` bytes, or the compression method is not read.
            Malformed: its data is damaged.
        """
        chunks = []
        size = 0
        budget.spend(RECORD)
        for chunk in self.stream(member, budget):
            budget.spend(len(chunk))
            size += len(chunk)
            if size > limit:
                raise Unsupported(f"a ZIP member of more than {limit} bytes where a small one was expected")
            chunks.append(chunk)
        return b"".join(chunks)

    def other_reading(self, member: Member, budget: Budget) -> Member | None:
        """The member with another method than its headers say, where its bytes fit that one.

        For members whose content does not come out as promised: stored ones whose bytes are a deflate stream, others
        whose bytes are as many as the content should be, and those that are called encrypted and are not.
        """
        if member.data < 0:
            return None
        bare = replace(member, flags=member.flags & ~(ENCRYPTED | STRONG | MASKED), aes=None, indexed=False)
        packed = self._packed(bare, budget)
        if (member.encrypted or member.method != DEFLATED) and packed.size > _TRIFLE:
            with suppress(Malformed):
                if deflated_length(packed, budget) >= packed.size - _TRIFLE:
                    return replace(bare, method=DEFLATED)
        if packed.size != member.size or (member.method == STORED and not member.encrypted):
            return None
        stored = replace(bare, method=STORED)
        return stored if not member.encrypted or self.unpack(stored, budget, 0, to_end=True).proven else None

    def _shelved(self, member: Member, budget: Budget, key: Key, shelf: Shelf) -> Content:
        """The content that a key makes of a member; what its CRC-32 does not prove is not kept."""
        found: list[Anomaly] = []
        before = shelf.size
        try:
            spooled = spool(self._content(member, budget, found, key, CHUNK), budget, shelf=shelf)
        except FormatError as error:
            return Content((), 0, tuple(found), kept=False, failure=error)
        proven = spooled.failure is None and not _contradicts(found)
        whole = proven and not spooled.lost
        if not whole:
            shelf.cut(before)
        size = spooled.blob.size
        return Content((), size, tuple(found), kept=False, proven=proven, spooled=spooled if whole else None)

    def _content(
        self, member: Member, budget: Budget, oddities: list[Anomaly], key: Key | None, chunk_size: int
    ) -> Iterator[bytes]:
        packed = self._packed(member, budget, key)
        missing = member.packed - (self.blob.size - member.data)
        method = member.aes.method if member.aes and key else member.method
        crc = size = 0
        for chunk in unpack(
            packed, packed.size + max(missing, 0), method, budget, _naming(member, oddities), chunk_size=chunk_size
        ):
            crc = zlib.crc32(chunk, crc)
            size += len(chunk)
            yield chunk
        if size != member.size:
            oddities.append(Anomaly("wrong-size", member.name, member.offset))
        if crc != member.crc and not (member.aes and key and member.aes.version != 1):
            oddities.append(Anomaly("wrong-crc", member.name, member.offset))

    def _packed(self, member: Member, budget: Budget, key: Key | None = None) -> Blob:
        if member.encrypted and key is None:
            raise Encrypted("an encrypted ZIP member")
        if member.data < 0:
            raise Malformed("a ZIP member without a local header")
        packed = self.blob.slice(member.data, member.packed)
        return packed if key is None else packed_in_clear(member, packed, key, budget)


def read_archive(blob: Blob, budget: Budget) -> Archive:
    """Survey an archive: a view, to be shared by all who look at the artifact.

    Raises:
        Malformed: there is no member to be found.
    """
    found = read_directory(blob, budget)
    return Archive(blob, found.members, found.anomalies, found.unindexed, found.unlisted, found.remarks, found.end)


def holds_archive(blob: Blob, budget: Budget) -> bool:
    """True when an archive's directory can be read, whatever the bytes begin like: what unzip would find."""
    return archive_start(blob, budget) is not None


def archive_start(blob: Blob, budget: Budget) -> int | None:
    """Where the archive that unzip would find has its first member, as its directory says, or None without one."""
    at = blob.size
    for _ in range(_TRIES):
        found = blob.rfind(END_SIGNATURE, 0, at)
        budget.spend(RECORD + blob.visible(max(found, 0), at) // 16)
        if found < 0:
            return None
        record = read_end(blob, found)
        if record is not None and record.count and record.starts:
            return _first_member(blob, record, budget)
        at = found + len(END_SIGNATURE) - 1
    return None


def _first_member(blob: Blob, record: EndRecord, budget: Budget) -> int:
    """Lowest place of a local header; 0 where that cannot be."""
    directory, correction = record.starts[0]
    lowest, at = directory, directory
    for _ in range(min(record.count, _ENTRIES)):
        budget.spend(RECORD)
        entry = blob.read(at, _ENTRY_BYTES)
        if len(entry) < _ENTRY_BYTES or not entry.startswith(ENTRY_SIGNATURE):
            break
        lengths = (int.from_bytes(entry[place : place + 2], "little") for place in (28, 30, 32))
        local = int.from_bytes(entry[42:46], "little")
        lowest = min(lowest, correction + (0 if local == FULL else local))
        at += _ENTRY_BYTES + sum(lengths)
    return lowest if 0 <= lowest < directory else 0


def _contradicts(found: list[Anomaly]) -> bool:
    return any(one.code == "wrong-crc" for one in found)


def _naming(member: Member, found: list[Anomaly]) -> Callable[[Anomaly], None]:
    """Note what the decompressor says as being about this member, at its place in the archive."""
    return lambda one: found.append(replace(one, where=member.name, offset=member.data + (one.offset or 0)))
