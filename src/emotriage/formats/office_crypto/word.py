"""Encrypted Word documents of 6.0 to 2003: their streams in clear, decrypted where they are read ([MS-DOC] 2.2.6).

The first bytes of the document's stream are always in clear; macros, forms and embedded objects have streams of their
own, which are not encrypted.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.rc4 import TRY, Rc4Lock, Rc4Stream, open_rc4, read_rc4_lock
from emotriage.formats.office_crypto.xor import apply_to_stream, open_pad
from emotriage.formats.word97 import Fib
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget
from emotriage.model.passwords import Password

_KEY_AT = 14  # lKey of the FIB: the length of the header in the table stream, or what XOR keeps of the password
_CLEAR, _CLEAR_OLD = 0x44, 0x34
_BLOCK = 512
_MOST_HEADER = 1 << 16
_XOR_COST = 20


@dataclass(frozen=True, slots=True)
class WordLock:
    """How a document is encrypted.

    Attributes:
        scheme: for people.
        clear: bytes of the document's stream that never are.
        rc4: the header, or None for XOR obfuscation.
        pad: key and verifier of XOR obfuscation.
    """

    scheme: str
    clear: int
    rc4: Rc4Lock | None = None
    pad: tuple[int, int] = field(default=(0, 0), repr=False)


@dataclass(frozen=True, slots=True)
class WordKey:
    """Opens the streams of a document; `password` is the candidate that fits."""

    password: Password
    clear: int
    apply: Callable[[], Callable[[bytes, int], bytes]] = field(repr=False)

    def open(self, stream: Blob, *, document: bool = False) -> Blob:
        """A stream in clear; of the one with the FIB, `document`, the beginning is so already."""
        return Blob(_Opened(stream, self.clear if document else 0, self.apply()))


def read_word_lock(fib: Fib, document: Blob, table: Blob) -> WordLock:
    """How the document says that it is encrypted.

    Args:
        fib: its file information block.
        document: the stream with the FIB.
        table: the table stream that the FIB names.

    Raises:
        Malformed: a header that contradicts itself.
        Unsupported: a method that is not read.
    """
    verifier, key = struct.unpack("<HH", document.read(_KEY_AT, 4).ljust(4, b"\0"))
    if fib.old or fib.obfuscated:
        return WordLock("XOR obfuscation", _CLEAR_OLD if fib.old else _CLEAR, pad=(key, verifier))
    lock = read_rc4_lock(table.read(0, min(key << 16 | verifier, _MOST_HEADER)))
    return WordLock(lock.scheme, _CLEAR, lock)


def open_word(lock: WordLock, passwords: Iterable[Password], budget: Budget) -> WordKey | None:
    """The key by the first candidate that fits, or None."""
    if lock.rc4 is not None:
        found = open_rc4(lock.rc4, passwords, budget)
        return (
            None if found is None else WordKey(found[1], lock.clear, lambda: _rc4(Rc4Stream(found[0], _BLOCK), budget))
        )
    for one in passwords:
        budget.spend(TRY)
        if (pad := open_pad(one.value, *lock.pad)) is not None:
            return WordKey(one, lock.clear, lambda: _xor(pad, budget))
    return None


def _rc4(stream: Rc4Stream, budget: Budget) -> Callable[[bytes, int], bytes]:
    return lambda data, offset: stream.apply(data, offset, budget)


def _xor(pad: bytes, budget: Budget) -> Callable[[bytes, int], bytes]:
    def apply(data: bytes, offset: int) -> bytes:
        budget.spend(_XOR_COST * len(data))
        return apply_to_stream(pad, data, offset)

    return apply


class _Opened:
    """The store of an encrypted stream in clear."""

    __slots__ = ("_apply", "_blob", "_clear", "size")

    def __init__(self, blob: Blob, clear: int, apply: Callable[[bytes, int], bytes]) -> None:
        self.size = blob.size
        self._blob = blob
        self._clear = clear
        self._apply = apply

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of a range."""
        raw = self._blob.read(offset, length)
        clear = max(0, min(self._clear - offset, len(raw)))
        return raw[:clear] + self._apply(raw[clear:], offset + clear)

    def close(self) -> None:
        """Nothing is held."""
