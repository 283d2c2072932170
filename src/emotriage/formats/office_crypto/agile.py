"""Agile encryption of OOXML packages: an XML description, many rounds of a hash, AES in CBC ([MS-OFFCRYPTO] 2.3.4.10).

What the description declares is checked against what it holds before anything is computed from it.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.cipher import decrypt_cbc
from emotriage.formats.office_crypto.hash import HASHES, fitted, hash_of, spin
from emotriage.formats.office_crypto.package import PackageKey
from emotriage.formats.xml import iter_elements
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget

_URI = "http://schemas.microsoft.com/office/2006/encryption"
_PASSWORD_URI = "http://schemas.microsoft.com/office/2006/keyEncryptor/password"  # noqa: S105  # a namespace
_LONGEST = 1 << 20
_VALUE = 4096  # characters of one attribute; Office writes fewer than 200
_NUMBER = re.compile(r"\s*\+?(\d{1,32})\s*", re.ASCII)
_BLOCK = 16
_FOR_VERIFIER = bytes.fromhex("fea7d2763b4b9e79")
_FOR_VERIFIER_HASH = bytes.fromhex("d7aa0f6d3061344e")
_FOR_KEY = bytes.fromhex("146e0be7abacd0d6")
_FOR_HMAC_KEY = bytes.fromhex("5fb2ad010cb9e1f6")
_FOR_HMAC_VALUE = bytes.fromhex("a0677f02b22c8433")


@dataclass(frozen=True, slots=True)
class Suite:
    """One set of cipher and hash: that of the package, and that of the password, may differ.

    Attributes:
        salt: as it stands there.
        hash: hashlib's name.
        hash_size: bytes of a digest.
        key_size: bytes of a key.
    """

    salt: bytes
    hash: str
    hash_size: int
    key_size: int

    def iv(self, block: bytes) -> bytes:
        """Initialisation vector for a block of the package or of its description."""
        return fitted(hash_of(self.hash, self.salt + block), _BLOCK)


@dataclass(frozen=True, slots=True)
class Agile:
    """How a package is encrypted.

    Attributes:
        data: the package's own suite.
        lock: the password's suite.
        rounds: of hashing a password; -1 where that is no number.
        verifier: encrypted bytes, and their encrypted hash, that a password must open.
        secret: the package's key, encrypted by the password's.
        integrity: encrypted key and value of the HMAC over the package, where there is one.
    """

    data: Suite
    lock: Suite
    rounds: int
    verifier: tuple[bytes, bytes] = field(repr=False)
    secret: bytes = field(repr=False)
    integrity: tuple[bytes, bytes] | None = field(repr=False)

    @property
    def scheme(self) -> str:
        """For people."""
        count = "unreadable" if self.rounds < 0 else str(self.rounds)
        return f"agile encryption, AES-{8 * self.data.key_size}, {self.lock.hash.upper()}, {count} rounds"

    def open(self, password: str, budget: Budget) -> PackageKey | None:
        """The package's key if the password fits; costs `rounds`."""
        spun = spin(self.lock.hash, self.lock.salt, password, self.rounds, budget)
        proof = self._unlock(spun, _FOR_VERIFIER, self.verifier[0])[: len(self.lock.salt)]
        digest = self._unlock(spun, _FOR_VERIFIER_HASH, self.verifier[1])[: self.lock.hash_size]
        if not hmac.compare_digest(hash_of(self.lock.hash, proof), digest):
            return None
        key = self._unlock(spun, _FOR_KEY, self.secret)[: self.data.key_size]
        sealed: tuple[bytes, ...] = ()
        if self.integrity is not None:
            places = zip(self.integrity, (_FOR_HMAC_KEY, _FOR_HMAC_VALUE), strict=True)
            sealed = tuple(decrypt_cbc(key, self.data.iv(block), one)[: self.data.hash_size] for one, block in places)
        return PackageKey(key, self.data.hash, self.data.salt, *sealed)

    def _unlock(self, spun: bytes, block: bytes, data: bytes) -> bytes:
        key = fitted(hash_of(self.lock.hash, spun + block), self.lock.key_size)
        return decrypt_cbc(key, fitted(self.lock.salt, _BLOCK), data)


def read_agile(info: Blob, budget: Budget) -> Agile:
    """Read the XML behind the version of the stream ``EncryptionInfo``.

    Raises:
        Malformed: no description, or one that contradicts itself.
        Unsupported: a cipher, mode or hash that is not read, or no encryption by password.
    """
    if info.size > _LONGEST:
        raise Malformed("encryption description of an impossible length")
    problems: list[Anomaly] = []
    found: dict[str, Mapping[str, str]] = {}
    # Bytes behind the root make the XML malformed, but everything in front of them has been read by then.
    for tag, attributes, _ in iter_elements([info.read(8).rstrip(b"\0")], budget, problems):
        if (tag.uri, tag) in ((_URI, "keyData"), (_URI, "dataIntegrity"), (_PASSWORD_URI, "encryptedKey")):
            found.setdefault(tag, attributes)
    data, lock = found.get("keyData"), found.get("encryptedKey")
    if data is None or (lock is None and problems):
        raise Malformed(f"encryption description: {problems[0].code if problems else 'no key data'}")
    if lock is None:
        raise Unsupported("encryption by a certificate, not by a password")
    seal = found.get("dataIntegrity")
    return Agile(
        data=_suite(data),
        lock=_suite(lock),
        rounds=_number(lock, "spinCount"),
        verifier=(_cipher_text(lock, "encryptedVerifierHashInput"), _cipher_text(lock, "encryptedVerifierHashValue")),
        secret=_cipher_text(lock, "encryptedKeyValue"),
        integrity=None
        if seal is None
        else (_cipher_text(seal, "encryptedHmacKey"), _cipher_text(seal, "encryptedHmacValue")),
    )


def _suite(attributes: Mapping[str, str]) -> Suite:
    cipher, mode = attributes.get("cipherAlgorithm", "")[:32], attributes.get("cipherChaining", "")[:32]
    if (cipher, mode) != ("AES", "ChainingModeCBC"):
        raise Unsupported("agile encryption by another cipher than AES in CBC mode")
    name = HASHES.get(attributes.get("hashAlgorithm", "")[:32])
    if name is None:
        raise Unsupported("agile encryption by a hash that is not read")
    salt, hash_size, bits = _value(attributes, "saltValue"), len(hash_of(name, b"")), _number(attributes, "keyBits")
    declared = [_number(attributes, one) for one in ("saltSize", "hashSize", "blockSize")]
    if not salt or declared != [len(salt), hash_size, _BLOCK]:
        raise Malformed("encryption description: sizes that are not those of its values")
    if bits not in (128, 192, 256):
        raise Malformed("encryption description: a key of an impossible size")
    return Suite(salt, name, hash_size, bits // 8)


def _number(attributes: Mapping[str, str], name: str) -> int:
    """A count, or -1 where none is written."""
    found = _NUMBER.fullmatch(attributes.get(name, "")[:64])
    return int(found[1]) if found else -1


def _cipher_text(attributes: Mapping[str, str], name: str) -> bytes:
    value = _value(attributes, name)
    if not value or len(value) % _BLOCK:
        raise Malformed("encryption description: a value that is no whole number of blocks")
    return value


def _value(attributes: Mapping[str, str], name: str) -> bytes:
    text = attributes.get(name, "")
    if len(text) > _VALUE:
        raise Malformed("encryption description: a value of an impossible length")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("encryption description: a value that is not base64") from None
