"""How a 7z stream is unpacked, coder by coder, from Methods.txt and 7zAES of the LZMA SDK.

LZMA, LZMA2, the branch filters and Delta are the standard library's; a filter alone is run by handing the data to
liblzma as LZMA2 chunks that are not compressed. PPMd is `Unsupported`.
"""

import bz2
import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from emotriage.formats.deflate64 import inflate64
from emotriage.formats.inflate import Decoder
from emotriage.formats.office_crypto.cipher import decrypt_cbc
from emotriage.formats.sevenzip.header import Coder, Folder
from emotriage.formats.zstandard import Zstandard
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, Malformed, Unsupported
from emotriage.model.limits import MIB, Budget

_CHUNK = 256 << 10
_DICTIONARY = 256 * MIB
_COPY, _LZMA, _LZMA2, _DELTA, _DEFLATE, _BZIP2, _AES = (
    b"\0", b"\3\1\1", b"\x21", b"\3", b"\4\1\x08", b"\4\2\2", b"\6\xf1\7\1",
)  # fmt: skip
_FILTERS = {
    b"\4": lzma.FILTER_X86,
    b"\5": lzma.FILTER_POWERPC,
    b"\6": lzma.FILTER_IA64,
    b"\7": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB,
    b"\x09": lzma.FILTER_SPARC,
    b"\3\3\1\3": lzma.FILTER_X86,
    b"\3\3\2\5": lzma.FILTER_POWERPC,
    b"\3\3\4\1": lzma.FILTER_IA64,
    b"\3\3\5\1": lzma.FILTER_ARM,
    b"\3\3\7\1": lzma.FILTER_ARMTHUMB,
    b"\3\3\x08\5": lzma.FILTER_SPARC,
}
_DEFLATE64, _ZSTANDARD = b"\4\1\x09", b"\4\xf7\x11\1"
_NAMES = {b"\3\4\1": "PPMd", b"\3\3\1\x1b": "BCJ2"}
_LITERAL_KEY = 0x3F


@dataclass(slots=True)
class Keys:
    """The keys that one password gives; each is derived once.

    Attributes:
        password: the candidate.
        afford: is asked before so many rounds are spent on a key; says no when they are too many.
    """

    password: str
    afford: Callable[[int], bool]
    _known: dict[bytes, bytes | None] | None = None

    def key(self, salt: bytes, power: int) -> bytes:
        """The AES key (SHA-256 over salt, password and counter, again and again).

        Raises:
            Encrypted: it would cost more than one may.
        """
        self._known = {} if self._known is None else self._known
        name = bytes([power]) + salt
        if name not in self._known:
            self._known[name] = self._derived(salt, power)
        if (key := self._known[name]) is None:
            raise Encrypted("key derivation beyond the limit")
        return key

    def _derived(self, salt: bytes, power: int) -> bytes | None:
        secret = salt + self.password.encode("utf-16-le", "surrogatepass")
        if power == _LITERAL_KEY:
            return secret[:32].ljust(32, b"\0")
        if power > 24 or not self.afford(1 << power):
            return None
        state = hashlib.sha256()
        step = min(1 << power, 1 << 12)
        for start in range(0, 1 << power, step):
            state.update(b"".join(secret + number.to_bytes(8, "little") for number in range(start, start + step)))
        return state.digest()


def is_encrypted(folder: Folder) -> bool:
    """Is one of the coders a cipher?"""
    return any(one.method == _AES for one in folder.coders)


def decoded(folder: Folder, packed: list[Blob], budget: Budget, keys: Keys | None) -> Iterator[bytes]:
    """The stream that the coders make of the packed ones, in chunks.

    Raises:
        Encrypted: a password is needed.
        Malformed: the data contradict their method.
        Unsupported: a method that is not read.
    """
    if any(one.inputs != 1 for one in folder.coders) or len(packed) != 1:
        raise Unsupported(f"7z method {_name(next((c for c in folder.coders if c.inputs != 1), folder.coders[0]))}")
    order = [folder.main]
    bonds = dict(folder.bonds)
    while order[-1] in bonds:
        if len(order) > len(folder.coders):
            raise Malformed("7z bonds in a circle")
        order.append(bonds[order[-1]])
    stream = _plain(packed[0], budget)
    for index in reversed(order):
        stream = _coded(folder.coders[index], stream, folder.sizes[index], budget, keys)
    yield from stream


def _name(coder: Coder) -> str:
    return _NAMES.get(coder.method) or coder.method.hex()


def _plain(packed: Blob, budget: Budget) -> Iterator[bytes]:
    for _, window in packed.windows(_CHUNK, holes=True):
        budget.spend(len(window))
        yield window


def _coded(coder: Coder, source: Iterator[bytes], size: int, budget: Budget, keys: Keys | None) -> Iterator[bytes]:
    """What one coder makes of its input, exactly `size` bytes."""
    if coder.method == _COPY:
        return _limited(source, size)
    if coder.method == _AES:
        return _limited(_decrypted(coder.properties, source, keys, budget), size)
    if coder.method == _DEFLATE:
        return _limited(_inflated(source), size)
    if coder.method == _BZIP2:
        return _limited(_stepped(bz2.BZ2Decompressor(), source), size)
    if coder.method == _DEFLATE64:
        return _limited(inflate64(source, budget), size)
    if coder.method == _ZSTANDARD:
        return _limited(_stepped(Zstandard(joined=True), source), size)
    if coder.method in (_LZMA, _LZMA2):
        decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[_filter(coder, size)])
        return _limited(_stepped(decoder, source), size)
    if coder.method in _FILTERS or coder.method == _DELTA:
        if coder.method == _DELTA:
            chain = {"id": lzma.FILTER_DELTA, "dist": (coder.properties or b"\0")[0] + 1}
        else:
            chain = {"id": _FILTERS[coder.method]}
        decoder = lzma.LZMADecompressor(
            lzma.FORMAT_RAW, filters=[chain, {"id": lzma.FILTER_LZMA2, "dict_size": 64 << 10}]
        )
        return _limited(_stepped(decoder, _wrapped(source)), size)
    raise Unsupported(f"7z method {_name(coder)}")


def _filter(coder: Coder, size: int) -> dict[str, int]:
    raw = coder.properties
    if coder.method == _LZMA2:
        if len(raw) != 1 or raw[0] > 40:
            raise Malformed("LZMA2 properties")
        dictionary = 0xFFFFFFFF if raw[0] == 40 else (2 | raw[0] & 1) << (raw[0] // 2 + 11)
        chain = {"id": lzma.FILTER_LZMA2}
    else:
        if len(raw) != 5 or raw[0] >= 225:
            raise Malformed("LZMA properties")
        dictionary = int.from_bytes(raw[1:], "little")
        chain = {"id": lzma.FILTER_LZMA1, "lc": raw[0] % 9, "lp": raw[0] // 9 % 5, "pb": raw[0] // 45}
        if chain["lc"] + chain["lp"] > 4:
            raise Unsupported("LZMA properties that liblzma does not take")
    needed = max(min(dictionary, size), 4096)  # what lies further back than the stream is long is never asked for
    if needed > _DICTIONARY:
        raise Unsupported("LZMA dictionary of more than 256 MiB")
    return {**chain, "dict_size": needed}


def _stepped(decoder: Decoder, source: Iterator[bytes]) -> Iterator[bytes]:
    """What comes out of a decoder, at most a chunk at a time."""
    try:
        for piece in source:
            data = piece
            while True:
                out = decoder.decompress(data, _CHUNK)
                data = b""
                if out:
                    yield out
                if decoder.eof:
                    return
                if decoder.needs_input:
                    break
        while not decoder.eof and (out := decoder.decompress(b"", _CHUNK)):
            yield out
    except (lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise Malformed("7z stream contradicts its method") from error


def _inflated(source: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in source:
            data = piece
            while data and not decoder.eof:
                if out := decoder.decompress(data, _CHUNK):
                    yield out
                data = decoder.unconsumed_tail
    except zlib.error as error:
        raise Malformed("7z stream contradicts its method") from error


def _wrapped(source: Iterator[bytes]) -> Iterator[bytes]:
    """Data as LZMA2 chunks that are not compressed."""
    control = b"\1"
    for piece in source:
        for at in range(0, len(piece), 1 << 16):
            part = piece[at : at + (1 << 16)]
            yield control + (len(part) - 1).to_bytes(2, "big") + part
            control = b"\2"
    yield b"\0"


def _decrypted(properties: bytes, source: Iterator[bytes], keys: Keys | None, budget: Budget) -> Iterator[bytes]:
    if keys is None:
        raise Encrypted("7z AES-256")
    first, second = (properties + b"\0\0")[:2]
    salted = (first >> 7) + (second >> 4) if first & 0xC0 else 0
    width = (first >> 6 & 1) + (second & 15) if first & 0xC0 else 0
    salt, iv = properties[2 : 2 + salted], properties[2 + salted : 2 + salted + width].ljust(16, b"\0")[:16]
    key = keys.key(salt, first & 0x3F)
    rest = b""
    for piece in source:
        data = rest + piece
        whole = len(data) & ~15
        rest = data[whole:]
        if whole:
            budget.spend(whole)
            yield decrypt_cbc(key, iv, data[:whole])
            iv = data[whole - 16 : whole]


def _limited(source: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The first `size` bytes.

    Raises:
        Malformed: there are fewer.
    """
    left = size
    for piece in source:
        if piece and left:
            yield piece[:left]
            left -= min(len(piece), left)
        if not left:
            return
    if left:
        raise Malformed("7z stream breaks off")
