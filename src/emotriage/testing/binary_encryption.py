"""How Office 97 to 2003 encrypts streams ([MS-OFFCRYPTO] 2.3.5 to 2.3.7): RC4 with 40 bits, by CryptoAPI, and XOR."""

import hashlib
import struct
from dataclasses import dataclass
from typing import Literal

Method = Literal["rc4", "cryptoapi", "xor"]

_SALT, _PROOF = bytes(range(16)), bytes(range(16, 32))
_FILLERS = bytes.fromhex("bbffffbaffffb98000be0f00bf0f00")
_KEY_BITS = 128


@dataclass(frozen=True, slots=True)
class Lock:
    """A password and how it is used.

    Attributes:
        password: that opens the document.
        method: ``rc4``, ``cryptoapi`` or ``xor``.
    """

    password: str
    method: Method = "rc4"

    def __post_init__(self) -> None:
        """Refuse what no reader could open."""
        if self.method not in {"rc4", "cryptoapi", "xor"}:
            raise ValueError(f"binary documents are encrypted by rc4, cryptoapi or xor, not {self.method!r}")
        if self.method == "xor" and not 0 < len(self.password.encode("cp1252")) <= 15:
            raise ValueError("passwords of XOR obfuscation have 1 to 15 characters")

    def header(self) -> bytes:
        """What stands in clear, for RC4."""
        stream = self.key_stream(0, 64)
        if self.method == "rc4":
            digest = hashlib.md5(_PROOF, usedforsecurity=False).digest()
            return struct.pack("<HH", 1, 1) + _SALT + mixed(_PROOF + digest, stream)
        provider = "Microsoft Enhanced Cryptographic Provider v1.0\0".encode("utf-16-le")
        header = struct.pack("<8I", 4, 0, 0x6801, 0x8004, _KEY_BITS, 1, 0, 0) + provider
        proof = mixed(_PROOF + hashlib.sha1(_PROOF, usedforsecurity=False).digest(), stream)
        start = struct.pack("<HHII", 2, 2, 4, len(header)) + header
        return start + struct.pack("<I16s16sI20s", 16, _SALT, proof[:16], 20, proof[16:])

    def key_stream(self, number: int, length: int) -> bytes:
        """RC4 from the beginning of a block."""
        raw, block = self.password.encode("utf-16-le"), struct.pack("<I", number)
        if self.method == "rc4":
            first = hashlib.md5(raw, usedforsecurity=False).digest()[:5]
            base = hashlib.md5((first + _SALT) * 16, usedforsecurity=False).digest()[:5]
            key = hashlib.md5(base + block, usedforsecurity=False).digest()
        else:
            base = hashlib.sha1(_SALT + raw, usedforsecurity=False).digest()
            key = hashlib.sha1(base + block, usedforsecurity=False).digest()[: _KEY_BITS // 8]
        return _rc4(key, length)

    def xor_key(self) -> tuple[int, int]:
        """Key and verifier of XOR obfuscation (2.3.7.1, 2.3.7.2), as shift registers and not by the tables there."""
        raw = self.password.encode("cp1252")
        key, walking, end = 0, 0x8000, 0xFFFF
        for char in reversed(raw):
            for bit in range(8):
                walking, end = _turned(walking), _turned(end)
                key ^= walking if char & 0x7F & 1 << bit else 0
        verifier = len(raw) ^ 0xCE4B
        for place, char in enumerate(raw, 1):
            verifier ^= (char << place | char >> 15 - place) & 0x7FFF
        return key ^ end, verifier

    def xor_pad(self) -> bytes:
        """The 16 bytes of XOR obfuscation."""
        key, _ = self.xor_key()
        halves = (key & 0xFF, key >> 8) * 8
        mixed_ = (
            one ^ half for one, half in zip((self.password.encode("cp1252") + _FILLERS)[:16], halves, strict=True)
        )
        return bytes(one >> 1 | (one & 1) << 7 for one in mixed_)


def encrypted_word(streams: dict[str, bytes], lock: Lock) -> dict[str, bytes]:
    """The streams of a Word 97 document, encrypted ([MS-DOC] 2.2.6); all others stay as they are."""
    document = bytearray(streams["WordDocument"])
    header = b"" if lock.method == "xor" else lock.header()
    (flags,) = struct.unpack_from("<H", document, 10)
    flags |= 0x0100 | (0x8000 if lock.method == "xor" else 0)
    key, verifier = lock.xor_key() if lock.method == "xor" else (0, 0)
    struct.pack_into("<H", document, 10, flags)
    struct.pack_into("<I", document, 14, key << 16 | verifier if lock.method == "xor" else len(header))
    table = streams["1Table"]
    if header and table[: len(header)].strip(b"\0"):
        raise ValueError("the beginning of the table stream is not free for the header")
    out = {**streams, "WordDocument": bytes(document[:0x44]) + _stream(bytes(document), lock)[0x44:]}
    out["1Table"] = header + _stream(table, lock)[len(header) :]
    if "Data" in streams:
        out["Data"] = _stream(streams["Data"], lock)
    return out


def mixed(data: bytes, keys: bytes) -> bytes:
    """Each byte combined with that of a key stream."""
    return bytes(one ^ key for one, key in zip(data, keys, strict=False))


def _stream(data: bytes, lock: Lock) -> bytes:
    if lock.method == "xor":
        pad = lock.xor_pad()
        return bytes(one if one in (0, pad[at % 16]) else one ^ pad[at % 16] for at, one in enumerate(data))
    keys = b"".join(lock.key_stream(number, 512) for number in range(len(data) // 512 + 1))
    return mixed(data, keys)


def _turned(register: int) -> int:
    """One step of the shift register with the polynomial 0x1021."""
    register = (register << 1 | register >> 15) & 0xFFFF
    return register ^ 0x1020 if register & 1 else register


def _rc4(key: bytes, length: int) -> bytes:
    box, swap = list(range(256)), 0
    for index in range(256):
        swap = (swap + box[index] + key[index % len(key)]) % 256
        box[index], box[swap] = box[swap], box[index]
    out, swap = bytearray(), 0
    for step in range(1, length + 1):
        index = step % 256
        swap = (swap + box[index]) % 256
        box[index], box[swap] = box[swap], box[index]
        out.append(box[(box[index] + box[swap]) % 256])
    return bytes(out)
