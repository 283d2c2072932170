"""Encrypted OOXML packages ([MS-OFFCRYPTO] 2.3.4): agile and standard encryption, and descriptions that lie."""

import base64
import hashlib
import hmac
import struct
from collections.abc import Collection, Mapping
from typing import Any, Literal
from xml.sax.saxutils import quoteattr

from emotriage.testing.aes import encrypt_cbc, encrypt_ecb
from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content

Scheme = Literal["agile", "standard"]

DEFECTS = {
    "wrong-integrity": "the HMAC over the package is that of another one",
    "no-integrity": "the description has no HMAC",
    "package-cut-short": "the second half of the encrypted package is not there",
    "package-goes-on": "64 KiB follow that the declared size leaves out",
    "no-description": "there is no stream EncryptionInfo",
}
_XMLNS = "http://schemas.microsoft.com/office/2006/encryption"
_PASSWORD = "http://schemas.microsoft.com/office/2006/keyEncryptor/password"  # noqa: S105  # a namespace
_DATA_SALT, _LOCK_SALT, _PROOF = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
_SECRET, _SEAL = bytes(range(64, 96)), bytes(range(96, 160))


def encrypted_package(
    content: bytes,
    *,
    password: str = "VelvetSweatshop",  # noqa: S107  # Excel's own
    scheme: Scheme = "agile",
    key_bits: int = 256,
    hash: str = "SHA512",  # noqa: A002  # the recipe's own word for it
    rounds: int = 1000,
    declared: Mapping[str, str] | None = None,
    description: bytes | None = None,
    streams: Mapping[str, Content] | None = None,
    container: Mapping[str, Any] | None = None,
    defects: Collection[str] = (),
) -> bytes:
    """A package as Office encrypts it: a compound file around it.

    Args:
        content: the package.
        password: that opens it.
        scheme: ``agile`` (Office 2010 and later) or ``standard`` (2007; SHA-1 and 50,000 rounds).
        key_bits: 128, 192 or 256.
        hash: ``SHA1``, ``SHA256``, ``SHA384`` or ``SHA512`` (agile).
        rounds: of hashing the password (agile).
        declared: attributes of the description that say something else, such as ``spinCount`` (agile).
        description: the whole stream EncryptionInfo instead.
        streams: further streams by path.
        container: further arguments of `compound_file`.
        defects: words of `DEFECTS`, or of the compound file.

    Raises:
        ValueError: an unknown scheme, size, hash or defect.
    """
    if scheme not in {"agile", "standard"} or key_bits not in {128, 192, 256}:
        raise ValueError("packages are encrypted by agile or standard encryption, with 128, 192 or 256 bits")
    own = [one for one in defects if one in DEFECTS]
    if scheme == "agile":
        size, said = key_bits // 8, declared or {}
        body, info = _agile(content, password, size=size, name=hash.lower(), rounds=rounds, declared=said, defects=own)
    else:
        body, info = _standard(content, password, key_bits)
    if "package-cut-short" in own:
        body = body[: len(body) // 2]
    elif "package-goes-on" in own:
        body += bytes(65536)
    found: dict[str, Content] = dict(_data_spaces())
    if "no-description" not in own:
        found["EncryptionInfo"] = info if description is None else description
    found |= {"EncryptedPackage": body, **(streams or {})}
    others = [one for one in defects if one not in DEFECTS]
    return compound_file(found, **{"defects": others, **(container or {})})


def _spin(name: str, salt: bytes, password: str, rounds: int) -> bytes:
    digest = hashlib.new(name, salt + password.encode("utf-16-le"), usedforsecurity=False).digest()
    for number in range(rounds):
        digest = hashlib.new(name, struct.pack("<I", number) + digest, usedforsecurity=False).digest()
    return digest


def _agile(
    content: bytes,
    password: str,
    *,
    size: int,
    name: str,
    rounds: int,
    declared: Mapping[str, str],
    defects: Collection[str],
) -> tuple[bytes, bytes]:
    """Package and description ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15)."""

    def digest(data: bytes) -> bytes:
        return hashlib.new(name, data, usedforsecurity=False).digest()

    def fit(data: bytes, length: int) -> bytes:
        return (data + b"\x36" * length)[:length]

    spun = _spin(name, _LOCK_SALT, password, rounds)

    def lock(block: str, data: bytes) -> bytes:
        return encrypt_cbc(fit(digest(spun + bytes.fromhex(block)), size), _LOCK_SALT, data)

    def seal(block: str, data: bytes) -> bytes:
        return encrypt_cbc(secret, fit(digest(_DATA_SALT + bytes.fromhex(block)), 16), data)

    secret, length = _SECRET[:size], len(digest(b""))
    pieces = [
        encrypt_cbc(secret, fit(digest(_DATA_SALT + struct.pack("<I", number)), 16), content[at : at + 4096])
        for number, at in enumerate(range(0, len(content), 4096))
    ]
    body = struct.pack("<Q", len(content)) + b"".join(pieces)
    check = hmac.new(_SEAL[:length], body + b"x" * ("wrong-integrity" in defects), name).digest()
    suite = {
        "saltSize": "16",
        "blockSize": "16",
        "keyBits": str(8 * size),
        "hashSize": str(length),
        "cipherAlgorithm": "AES",
        "cipherChaining": "ChainingModeCBC",
        "hashAlgorithm": name.upper(),
    }
    key = {
        "spinCount": str(rounds),
        **suite,
        "saltValue": _text(_LOCK_SALT),
        "encryptedVerifierHashInput": _text(lock("fea7d2763b4b9e79", _PROOF)),
        "encryptedVerifierHashValue": _text(lock("d7aa0f6d3061344e", digest(_PROOF))),
        "encryptedKeyValue": _text(lock("146e0be7abacd0d6", secret)),
    }
    integrity = {
        "encryptedHmacKey": _text(seal("5fb2ad010cb9e1f6", _SEAL[:length])),
        "encryptedHmacValue": _text(seal("a0677f02b22c8433", check)),
    }
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n',
        f'<encryption xmlns="{_XMLNS}" xmlns:p="{_PASSWORD}">',
        _element("keyData", {**suite, "saltValue": _text(_DATA_SALT)}, declared),
        "" if "no-integrity" in defects else _element("dataIntegrity", integrity, declared),
        f'<keyEncryptors><keyEncryptor uri="{_PASSWORD}">',
        _element("p:encryptedKey", key, declared),
        "</keyEncryptor></keyEncryptors></encryption>",
    ]
    return body, struct.pack("<HHI", 4, 4, 0x40) + "".join(parts).encode()


def _element(name: str, attributes: Mapping[str, str], declared: Mapping[str, str]) -> str:
    said = {key: declared.get(key, value) for key, value in attributes.items()}
    return f"<{name} {' '.join(f'{key}={quoteattr(value)}' for key, value in said.items())}/>"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _standard(content: bytes, password: str, key_bits: int) -> tuple[bytes, bytes]:
    """Package and description ([MS-OFFCRYPTO] 2.3.4.5 to 2.3.4.9)."""

    def digest(data: bytes) -> bytes:
        return hashlib.sha1(data, usedforsecurity=False).digest()

    final = digest(_spin("sha1", _LOCK_SALT, password, 50_000) + bytes(4))
    inner, outer = (digest(bytes(one ^ fill for one in final.ljust(64, b"\0"))) for fill in (0x36, 0x5C))
    key = (inner + outer)[: key_bits // 8]
    provider = "Microsoft Enhanced RSA and AES Cryptographic Provider\0".encode("utf-16-le")
    number = {128: 0x660E, 192: 0x660F, 256: 0x6610}[key_bits]
    header = struct.pack("<8I", 0x24, 0, number, 0x8004, key_bits, 24, 0, 0) + provider
    info = struct.pack("<HHII", 4, 2, 0x24, len(header)) + header
    info += struct.pack("<I16s16sI", 16, _LOCK_SALT, encrypt_ecb(key, _PROOF), 20) + encrypt_ecb(key, digest(_PROOF))
    return struct.pack("<Q", len(content)) + encrypt_ecb(key, content), info


def _data_spaces() -> dict[str, bytes]:
    """What says that the package is encrypted at all ([MS-OFFCRYPTO] 2.1, 2.3.4.1 to 2.3.4.3)."""
    space, transform = "StrongEncryptionDataSpace", "StrongEncryptionTransform"
    entry = struct.pack("<II", 1, 0) + _counted("EncryptedPackage") + _counted(space)
    kind = _counted("{FF9A3F03-56EF-4613-BDD5-5A41C1D07246}")
    version = struct.pack("<HHHHHH", 1, 0, 1, 0, 1, 0)
    return {
        "\x06DataSpaces/Version": _counted("Microsoft.Container.DataSpaces") + version,
        "\x06DataSpaces/DataSpaceMap": struct.pack("<III", 8, 1, len(entry) + 4) + entry,
        f"\x06DataSpaces/DataSpaceInfo/{space}": struct.pack("<II", 8, 1) + _counted(transform),
        f"\x06DataSpaces/TransformInfo/{transform}/\x06Primary": struct.pack("<II", 8 + len(kind), 1)
        + kind
        + _counted("Microsoft.Container.EncryptionTransform")
        + version
        + bytes(16),
    }


def _counted(text: str) -> bytes:
    """[MS-OFFCRYPTO] 2.1.2: a length in bytes, UTF-16, and zeros up to a multiple of four."""
    raw = text.encode("utf-16-le")
    return struct.pack("<I", len(raw)) + raw + bytes(-len(raw) % 4)
