"""What the members of a RAR archive unpack to, with their checksums."""

import hashlib
import zlib
from collections.abc import Iterator, Sequence

from emotriage.formats.rar.entry import Entry
from emotriage.formats.rar.keys import Key, Keys
from emotriage.formats.rar.lz3 import Lz3
from emotriage.formats.rar.lz5 import Lz5
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, FormatError, Malformed, Unsupported
from emotriage.model.limits import Budget

_LEAVES, _LEAF = 8, 64
_WHOLE = 1 << 62
_RAR3 = (29, 36)


def chains(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Members by what has to be unpacked together: each packed file of a solid archive goes on where the last ended."""
    current: list[Entry] = []
    for one in entries:
        if one.sort != "file" or not one.method:
            yield [one]
            continue
        if current and not one.solid:
            yield current
            current = []
        current.append(one)
    if current:
        yield current


def unread(blob: Blob, entry: Entry) -> str:
    """In what way a member is packed that is not read here, as far as its header and its first byte tell, or ""."""
    if not entry.method:
        return ""
    if entry.version == 5:
        return "" if entry.coder in (0, 1) else f"RAR compression version {entry.coder}"
    if entry.coder not in _RAR3:
        return f"RAR version {entry.coder / 10:.1f}"
    return "RAR method PPMd" if not entry.encrypted and blob.read(entry.data, 1) >= b"\x80" else ""


def unpack(blob: Blob, entry: Entry, budget: Budget, keys: Keys | None = None) -> Iterator[bytes]:
    """The content of a member that stands alone, in chunks; see `Unpacker`."""
    if entry.solid and entry.method:
        raise Unsupported("RAR member that goes on where another ended, which is not here")
    return Unpacker(blob, budget).unpack(entry, keys)


class Unpacker:
    """Unpacks the members of one chain, in their order."""

    def __init__(self, blob: Blob, budget: Budget) -> None:
        self._blob = blob
        self._budget = budget
        self._decoder: Lz3 | Lz5 | None = None

    def unpack(self, entry: Entry, keys: Keys | None = None) -> Iterator[bytes]:
        """The content of the next member, in chunks.

        Raises:
            Encrypted: no password, or a wrong one.
            Unsupported: it is packed in a way that is not read, or goes on in another volume.
            Malformed: it is cut off or damaged, or its checksum is another; what is there has been yielded.
        """
        key = _key(entry, keys)
        source = self._packed(entry)
        if key is not None:
            source = key.decrypted(source)
        total = entry.size if entry.size >= 0 else _WHOLE
        if entry.method:
            source = self._unpacked(entry, source, total)
        proof = _Proof(entry, key)
        left = total
        try:
            for chunk in source:
                piece = chunk[:left]
                left -= len(piece)
                proof.add(piece)
                yield piece
        except FormatError as error:
            if entry.split:
                raise Unsupported("RAR member that goes on in another volume") from error
            raise
        if entry.data + entry.packed > self._blob.size:
            raise Malformed("RAR member is cut off")
        if entry.split:
            raise Unsupported("RAR member that goes on in another volume")
        if left and entry.size >= 0:
            raise Malformed("RAR member that is shorter than it says")
        proof.check()

    def _packed(self, entry: Entry) -> Iterator[bytes]:
        for _, window in self._blob.windows(start=entry.data, stop=entry.data + entry.packed, holes=True):
            self._budget.spend(len(window))
            yield window

    def _unpacked(self, entry: Entry, source: Iterator[bytes], size: int) -> Iterator[bytes]:
        if entry.begun:
            raise Unsupported("RAR member that begins in another volume")
        if why := unread(self._blob, entry):
            raise Unsupported(why)
        if self._decoder is None:
            if entry.version == 5:
                self._decoder = Lz5(entry.window, entry.coder, self._budget)
            else:
                self._decoder = Lz3(entry.window, self._budget)
        return self._decoder.unpack(source, size)


def _key(entry: Entry, keys: Keys | None) -> Key | None:
    if not entry.encrypted:
        return None
    key = keys.open(entry.lock) if keys and entry.lock else None
    if key is None:
        raise Encrypted("RAR member")
    return key


class _Proof:
    """The checksums of a member: CRC-32, BLAKE2sp, or neither."""

    def __init__(self, entry: Entry, key: Key | None) -> None:
        self._entry = entry
        self._key = key
        self._crc = 0
        self._tree = _Blake2sp() if entry.blake else None

    def add(self, chunk: bytes) -> None:
        self._crc = zlib.crc32(chunk, self._crc)
        if self._tree is not None:
            self._tree.add(chunk)

    def check(self) -> None:
        crc = self._crc.to_bytes(4, "little")
        pairs = [(crc, self._entry.crc.to_bytes(4, "little"))] if self._entry.crc is not None else []
        if self._tree is not None:
            pairs.append((self._tree.digest(), self._entry.blake))
        if any((self._key.tweak(found) if self._key else found) != wanted for found, wanted in pairs):
            raise Malformed("checksum of a RAR member")


class _Blake2sp:
    """Eight BLAKE2s in turn, and one over them (RFC 7693 and the BLAKE2 paper, 2.10)."""

    def __init__(self) -> None:
        self._leaves = [
            hashlib.blake2s(fanout=_LEAVES, depth=2, node_offset=at, inner_size=32, last_node=at == _LEAVES - 1)
            for at in range(_LEAVES)
        ]
        self._rest = b""

    def add(self, chunk: bytes) -> None:
        data = self._rest + chunk
        stop = len(data) - len(data) % (_LEAVES * _LEAF)
        self._blocks(data[:stop])
        self._rest = data[stop:]

    def digest(self) -> bytes:
        self._blocks(self._rest)
        self._rest = b""
        root = hashlib.blake2s(fanout=_LEAVES, depth=2, node_depth=1, inner_size=32, last_node=True)
        root.update(b"".join(one.digest() for one in self._leaves))
        return root.digest()

    def _blocks(self, data: bytes) -> None:
        view = memoryview(data)
        for at, leaf in enumerate(self._leaves):
            begins = range(at * _LEAF, len(data), _LEAVES * _LEAF)
            leaf.update(b"".join(view[begin : begin + _LEAF] for begin in begins))
