"""Encrypted PDF files: what opens with the empty password is read, under every scheme of the standard handler."""

import hashlib
import zlib

import pytest
from Cryptodome.Cipher import AES, ARC4

from emotriage import Level, scan
from emotriage.formats.pdf.crypt import Lock, open_lock
from emotriage.model.errors import Encrypted
from emotriage.model.limits import Budget, Limits

PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
ID = b"0123456789abcdef"
OWNER = bytes(range(32))
URL = b"https://example.invalid/a"
PACKED = b"7 0 << /URI (https://example.invalid/packed) >>"
SCHEMES = {
    "rc4-40": (1, 2, 5, "rc4"),
    "rc4-128": (2, 3, 16, "rc4"),
    "rc4-filter": (4, 4, 16, "rc4"),
    "aes-128": (4, 4, 16, "aes"),
    "aes-256-r5": (5, 5, 32, "aes"),
    "aes-256-r6": (5, 6, 32, "aes"),
}


def digest(password: bytes, salt: bytes, revision: int) -> bytes:
    """Algorithm 2.B of ISO 32000-2, written anew."""
    key = hashlib.sha256(password + salt).digest()
    if revision == 5:
        return key
    number = 0
    while True:
        block = AES.new(key[:16], AES.MODE_CBC, key[16:32]).encrypt((password + key) * 64)
        key = hashlib.new(("sha256", "sha384", "sha512")[int.from_bytes(block[:16], "big") % 3], block).digest()
        number += 1
        if number >= 64 and block[-1] <= number - 32:
            return key[:32]


class Locked:
    """A document's key and dictionary, made from a user's password."""

    def __init__(self, scheme: str, password: bytes = b"") -> None:
        self.version, self.revision, self.length, self.cipher = SCHEMES[scheme]
        self.entries = {b"O": OWNER}
        if self.version == 5:
            self.key = bytes(range(100, 132))
            check, salt = b"checksum", b"key salt"
            self.entries[b"U"] = digest(password, check, self.revision) + check + salt
            middle = digest(password, salt, self.revision)
            self.entries[b"UE"] = AES.new(middle, AES.MODE_CBC, bytes(16)).encrypt(self.key)
            return
        key = hashlib.md5((password + PAD)[:32] + OWNER + b"\xfc\xff\xff\xff" + ID, usedforsecurity=False).digest()
        for _ in range(50 if self.revision >= 3 else 0):
            key = hashlib.md5(key[: self.length], usedforsecurity=False).digest()
        self.key = key[: self.length]
        if self.revision == 2:
            self.entries[b"U"] = ARC4.new(self.key).encrypt(PAD)
        else:
            mark = hashlib.md5(PAD + ID, usedforsecurity=False).digest()
            for turn in range(20):
                mark = ARC4.new(bytes(one ^ turn for one in self.key)).encrypt(mark)
            self.entries[b"U"] = mark + bytes(16)

    def encrypt(self, data: bytes, number: int) -> bytes:
        key = self.key
        if self.version < 5:
            salt = b"sAlT" if self.cipher == "aes" else b""
            salt = number.to_bytes(3, "little") + b"\0\0" + salt
            key = hashlib.md5(key + salt, usedforsecurity=False).digest()[: min(len(key) + 5, 16)]
        if self.cipher == "rc4":
            return ARC4.new(key).encrypt(data)
        fill = 16 - len(data) % 16
        return b"v" * 16 + AES.new(key, AES.MODE_CBC, b"v" * 16).encrypt(data + bytes([fill]) * fill)

    def dictionary(self) -> bytes:
        strings = b" ".join(b"/%s <%s>" % (name, value.hex().encode()) for name, value in self.entries.items())
        method = {"rc4": b"V2"} | {"aes": b"AESV3" if self.version == 5 else b"AESV2"}
        filters = b"/CF << /StdCF << /CFM /%s /Length 16 >> >> /StmF /StdCF /StrF /StdCF " % method[self.cipher]
        numbers = (self.version, self.revision, 8 * self.length)
        head = b"<< /Filter /Standard /V %d /R %d /Length %d /P -4 " % numbers
        return head + (filters if self.version >= 4 else b"") + strings + b" >>"


def locked(scheme: str, password: bytes = b"", second: bytes = b"") -> bytes:
    """A document with a link, an object stream with another, and an embedded file, all encrypted."""
    lock = Locked(scheme, password)
    packed = lock.encrypt(zlib.compress(PACKED), 5)
    carried = lock.encrypt(b"Present: all.\r\n", 6)
    return b"".join(
        (
            b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n",
            b"4 0 obj\n<< /URI <%s> >>\nendobj\n" % lock.encrypt(URL, 4).hex().encode(),
            b"5 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n" % packed,
            b"6 0 obj\n<< /Type /EmbeddedFile >>\nstream\n%s\nendstream\nendobj\n" % carried,
            b"9 0 obj\n%s\nendobj\n" % lock.dictionary(),
            b"trailer\n<< /Root 1 0 R /Encrypt 9 0 R /ID [<%s> <00>] >>\n" % ID.hex().encode(),
            second,
            b"%%EOF",
        )
    )


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_empty_password_opens(scheme):
    verdict = scan(locked(scheme), name="a.pdf", plugins=[])
    assert {one.value for one in verdict.indicators} == {URL.decode(), "https://example.invalid/packed"}
    assert [one.kind for one in verdict.artifacts] == ["pdf", "text"]
    assert "pdf.empty-password" in {one.rule for one in verdict.findings}
    assert verdict.level is Level.CLEAN


@pytest.mark.parametrize("scheme", SCHEMES)
def test_any_other_password_is_a_gap(scheme):
    verdict = scan(locked(scheme, b"secret"), name="a.pdf", plugins=[])
    assert "pdf.encrypted" in {one.rule for one in verdict.gaps}
    assert not verdict.indicators
    assert verdict.level is Level.UNVERIFIED


def test_two_locks_are_a_gap():
    second = b"8 0 obj\n<< >>\nendobj\ntrailer\n<< /Encrypt 8 0 R >>\n"
    assert "pdf.encrypted" in {one.rule for one in scan(locked("rc4-128", second=second), plugins=[]).gaps}


def test_other_handlers_are_a_gap():
    data = locked("rc4-128").replace(b"/Filter /Standard", b"/Filter /Adobe.PubSec")
    assert "pdf.encrypted" in {one.rule for one in scan(data, plugins=[]).gaps}
    with pytest.raises(Encrypted):
        open_lock(Lock(3, 3, 16, 0, b"", b"", b"", b"", "rc4", clear_metadata=False), b"", Budget(Limits()))


@pytest.mark.parametrize("cut", range(0, 900, 23))
def test_damage_raises_nothing_undeclared(cut):
    data = locked("aes-256-r6")
    for damaged in (data[:cut] + data[cut + 9 :], data[: len(data) - cut]):
        assert "scan.analyzer-failed" not in {one.rule for one in scan(damaged, name="a.pdf", plugins=[]).findings}
