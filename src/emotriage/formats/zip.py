"""ZIP archives, read within bounds on `zlib` alone (PKWARE APPNOTE.TXT 6.3.10)."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from emotriage.formats.inflate import DEFLATED, STORED, deflated_length, unpack
from emotriage.formats.zip_directory import read_directory
from emotriage.formats.zip_records import END_SIGNATURE, Member, read_end
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, Malformed, Unsupported
from emotriage.model.limits import RECORD, Budget

__all__ = ["Archive", "Member", "holds_archive", "read_archive"]

_TRIES = 8
_TRIFLE = 16


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that has been surveyed; nothing is unpacked before it is asked for.

    Attributes:
        blob: the archive's bytes.
        members: in the order of the directory; those that only other readings know come last.
        anomalies: where the archive departs from its specification.
        unindexed: (offset, length) of stretches before and between the members that hold something nobody asked for.
        unlisted: names of members that the limit on children keeps out of `members`, the first 200,000 of them.
        end: offset behind the end record and its comment.
    """

    blob: Blob
    members: tuple[Member, ...]
    anomalies: tuple[Anomaly, ...]
    unindexed: tuple[tuple[int, int], ...]
    unlisted: tuple[str, ...]
    end: int

    def stream(self, member: Member, budget: Budget, found: list[Anomaly] | None = None) -> Iterator[bytes]:
        """The content of a member, in chunks of at most 256 KiB.

        What comes out counts, whatever the headers say: a wrong size or CRC-32 is only noted.

        Args:
            member: one of `members`.
            budget: charged for the packed bytes; whoever keeps the content charges for that.
            found: takes what is odd about the member; with it, damage ends the stream instead of raising.

        Raises:
            Encrypted: a password is needed.
            Unsupported: the compression method is not read.
            Malformed: the member has no data, or its data is damaged; what came before has been yielded.
        """
        oddities = [] if found is None else found
        packed = self._packed(member)
        crc = size = 0
        try:
            for chunk in unpack(packed, member.packed, member.method, budget, _naming(member, oddities)):
                crc = zlib.crc32(chunk, crc)
                size += len(chunk)
                yield chunk
        except Malformed:
            if found is None:
                raise
            found.append(Anomaly("damaged-member", member.name, member.offset, incomplete=True))
            return
        if size != member.size:
            oddities.append(Anomaly("wrong-size", member.name, member.offset))
        if crc != member.crc:
            oddities.append(Anomaly("wrong-crc", member.name, member.offset))

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
                self._packed(member), member.packed, member.method, budget, lambda _: None, chunk_size=length
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

        For members whose content does not come out as promised: stored ones whose bytes are a deflate stream, and
        others whose bytes are as many as the content should be.

        Raises:
            Encrypted: a password is needed.
            Malformed: the member has no data.
        """
        packed = self._packed(member)
        if member.method != DEFLATED and packed.size > _TRIFLE:
            with suppress(Malformed):
                if deflated_length(packed, budget) >= packed.size - _TRIFLE:
                    return replace(member, method=DEFLATED, indexed=False)
        if member.method != STORED and packed.size == member.size:
            return replace(member, method=STORED, indexed=False)
        return None

    def _packed(self, member: Member) -> Blob:
        if member.encrypted:
            raise Encrypted("an encrypted ZIP member")
        if member.data < 0:
            raise Malformed("a ZIP member without a local header")
        return self.blob.slice(member.data, member.packed)


def read_archive(blob: Blob, budget: Budget) -> Archive:
    """Survey an archive: a view, to be shared by all who look at the artifact.

    Raises:
        Malformed: there is no member to be found.
    """
    found = read_directory(blob, budget)
    return Archive(blob, found.members, found.anomalies, found.unindexed, found.unlisted, found.end)


def holds_archive(blob: Blob, budget: Budget) -> bool:
    """True when an archive's directory can be read, whatever the bytes begin like: what unzip would find."""
    at = blob.size
    for _ in range(_TRIES):
        found = blob.rfind(END_SIGNATURE, 0, at)
        budget.spend(RECORD + (at - max(found, 0)) // 16)
        if found < 0:
            return False
        record = read_end(blob, found)
        if record is not None and record.count and record.starts:
            return True
        at = found + len(END_SIGNATURE) - 1
    return False


def _naming(member: Member, found: list[Anomaly]) -> Callable[[Anomaly], None]:
    """Note what the decompressor says as being about this member, at its place in the archive."""
    return lambda one: found.append(replace(one, where=member.name, offset=member.data + (one.offset or 0)))
