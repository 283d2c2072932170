"""Standard encryption of OOXML packages: 50,000 rounds of SHA-1, AES in ECB mode ([MS-OFFCRYPTO] 2.3.4.5)."""

import hmac
import struct
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.cipher import decrypt_ecb
from emotriage.formats.office_crypto.hash import hash_of, spin
from emotriage.formats.office_crypto.package import PackageKey
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget

_ROUNDS = 50_000
_AES = {0x660E: 128, 0x660F: 192, 0x6610: 256}
_ANY = 0  # the flags say which
_FLAG_AES = 0x20
_SHA1 = (0, 0x8004)
_HEADER = 32
_MOST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class Standard:
    """How a package is encrypted.

    Attributes:
        salt: of the password.
        key_size: bytes of the key.
        verifier: encrypted bytes, and their encrypted hash, that a password must open.
        rounds: of hashing a password; the specification fixes them.
    """

    salt: bytes
    key_size: int
    verifier: tuple[bytes, bytes] = field(repr=False)
    rounds: int = _ROUNDS

    @property
    def scheme(self) -> str:
        """For people."""
        return f"standard encryption, AES-{8 * self.key_size}, SHA1, {self.rounds} rounds"

    def open(self, password: str, budget: Budget) -> PackageKey | None:
        """The package's key if the password fits; costs `rounds`."""
        final = hash_of("sha1", spin("sha1", self.salt, password, self.rounds, budget) + bytes(4))
        mixed = int.from_bytes(final, "big") << 8 * (64 - len(final))
        halves = (
            hash_of("sha1", (mixed ^ int.from_bytes(bytes([one]) * 64, "big")).to_bytes(64, "big"))
            for one in (0x36, 0x5C)
        )
        key = b"".join(halves)[: self.key_size]
        proof, digest = (decrypt_ecb(key, one) for one in self.verifier)
        return PackageKey(key) if hmac.compare_digest(hash_of("sha1", proof), digest[:20]) else None


def read_standard(info: Blob) -> Standard:
    """Read what stands behind the version of the stream ``EncryptionInfo``.

    Raises:
        Malformed: sizes that can't be.
        Unsupported: another cipher or hash than AES and SHA-1.
    """
    raw = info.read(0, 12 + _MOST_HEADER + 128)
    if len(raw) < 12 + _HEADER:
        raise Malformed("encryption header is cut short")
    (size,) = struct.unpack_from("<I", raw, 8)
    flags, _, cipher, digest, bits = struct.unpack_from("<5I", raw, 12)
    at = 12 + size
    if not _HEADER <= size <= _MOST_HEADER or len(raw) < at + 72:
        raise Malformed("encryption header of an impossible length")
    if cipher not in _AES and not (cipher == _ANY and flags & _FLAG_AES):
        raise Unsupported("standard encryption by another cipher than AES")
    if digest not in _SHA1:
        raise Unsupported("standard encryption by another hash than SHA-1")
    salt_size, salt, proof, digest_size, proof_digest = struct.unpack_from("<I16s16sI32s", raw, at)
    bits = bits or _AES.get(cipher, 128)
    if salt_size != len(salt) or digest_size != 20 or bits not in _AES.values():
        raise Malformed("encryption header: sizes that are not those of its values")
    return Standard(salt, bits // 8, (proof, proof_digest))
