"""Encrypted ZIP members: ours against the libraries', both decryptors against each other, and what counts as proof."""

import io
import random
import sys
import zipfile

import pytest
import pyzipper
from hypothesis import given, settings
from hypothesis import strategies as st

from emotriage.formats.zip import Archive, Keyring, read_archive
from emotriage.formats.zip import crypto as zip_crypto
from emotriage.formats.zip.key import packed_in_clear, scheme_of
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Encrypted
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.passwords import Password, Passwords
from emotriage.model.shelf import Shelf
from emotriage.testing import archive
from emotriage.testing.archive import ENCRYPTIONS

FILES = {"a.txt": b"first " * 300, "b/c.bin": bytes(range(256)) * 30, "empty": b""}
COLLISION = "decoy-3930"
"""Passes the check of two bytes in front of an AES-256 member whose password is "right" and whose salt is zeros."""


def read(data: bytes) -> Archive:
    return read_archive(Blob(data), Budget(Limits()))


def opened(data: bytes, *candidates: str, **limits: int) -> dict[str, tuple[str, bytes]]:
    """Name of each member that a candidate opens: the candidate, and the content."""
    found = read(data)
    budget = Budget(Limits(**limits))
    ring = Keyring(Passwords.of(candidates), budget)
    out = {}
    for member in found.members:
        answer = found.open(member, ring, budget, MIB, Shelf(MIB))
        if answer is not None:
            key, content = answer
            body = b"".join(found.stream(member, budget, key=key))
            assert not content.kept or b"".join(content.chunks) == body
            assert content.spooled is None or content.spooled.blob.read() == body
            out[member.name] = (key.password.value, body)
    return out


def by_pyzipper(bits: int, version: int, method: int) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=method, encryption=pyzipper.WZ_AES) as made:
        made.setpassword(b"right")
        made.setencryption(pyzipper.WZ_AES, nbits=bits, force_wz_aes_version=version)
        for name, body in FILES.items():
            made.writestr(name, body)
    return out.getvalue()


@pytest.fixture
def portable(monkeypatch):
    """As where the extra `fast` is not installed."""
    monkeypatch.setitem(sys.modules, "stream_unzip", None)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("bits", [128, 192, 256])
def test_what_pyzipper_encrypts_is_opened(bits, version, method):
    data = by_pyzipper(bits, version, method)
    assert opened(data, "wrong", "right") == {name: ("right", body) for name, body in FILES.items()}
    assert {scheme_of(one) for one in read(data).members} == {f"AES-{bits}"}
    assert opened(data, "wrong") == {}


@pytest.mark.parametrize("encryption", ENCRYPTIONS)
@pytest.mark.parametrize("method", [0, 8])
def test_what_the_builder_encrypts_is_opened_by_all(encryption, method):
    data = archive(FILES, method=method, password="right", encryption=encryption)
    with pyzipper.AESZipFile(io.BytesIO(data)) as theirs:
        theirs.setpassword(b"right")
        assert {name: theirs.read(name) for name in FILES} == FILES
    if encryption == "zipcrypto":
        with zipfile.ZipFile(io.BytesIO(data)) as theirs:
            assert {name: theirs.read(name, b"right") for name in FILES} == FILES
    assert opened(data, "wrong", "right") == {name: ("right", body) for name, body in FILES.items()}


@given(st.binary(max_size=3000), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
@settings(max_examples=40)
def test_both_decryptors_agree_and_undo_the_encryption(body, password):
    data = archive({"a": body}, password=password)
    (member,) = read(data).members
    packed = Blob(data).slice(member.data, member.packed)
    spelled = password.encode()
    compiled = b"".join(zip_crypto.decrypted(packed, spelled, Budget(Limits())))
    portable = b"".join(zip_crypto._portable(packed, zip_crypto.keys_of(spelled), Budget(Limits())))
    assert compiled == portable == body


def test_the_compiled_decryptor_is_the_one_in_use():
    data = archive({"a": bytes(MIB)}, password="right")
    (member,) = read(data).members
    budget = Budget(Limits())
    _ = list(zip_crypto.decrypted(Blob(data).slice(member.data, member.packed), b"right", budget))
    assert budget.work < 10 * MIB


def test_without_the_extra_the_content_is_the_same_at_its_true_price(portable):
    data = archive({"a": b"content " * 2000}, password="right")
    (member,) = read(data).members
    budget = Budget(Limits())
    chunks = list(zip_crypto.decrypted(Blob(data).slice(member.data, member.packed), b"right", budget))
    assert b"".join(chunks) == b"content " * 2000
    assert budget.work > 100 * 16000
    assert opened(data, "right") == {"a": ("right", b"content " * 2000)}


def test_without_the_extra_a_large_member_ends_within_the_budget(portable):
    data = archive({"a": random.Random(3).randbytes(60_000)}, password="right")
    with pytest.raises(BudgetSpent):
        opened(data, "right", work=8 * MIB)


@pytest.mark.parametrize("method", [0, 8])
def test_a_password_that_passes_the_first_check_is_not_believed(method):
    data = archive({"a.txt": b"some content " * 50}, method=method, password="right", decoys=["decoy"])
    found = read(data)
    ring = Keyring(Passwords.of(["decoy", "right"]), Budget(Limits()))
    (member,) = found.members
    likely = [one.password.value for one in ring.likely(member, Blob(data).slice(member.data, member.packed))]
    assert likely == ["decoy", "right"]
    assert opened(data, "decoy") == {}
    assert opened(data, "decoy", "right") == {"a.txt": ("right", b"some content " * 50)}


def test_an_aes_password_that_passes_the_first_check_is_not_believed():
    data = archive({"a.txt": b"some content"}, password="right", encryption="aes-256")
    found = read(data)
    ring = Keyring(Passwords.of([COLLISION]), Budget(Limits()))
    (member,) = found.members
    assert [one.password.value for one in ring.likely(member, Blob(data).slice(member.data, member.packed))]
    assert opened(data, COLLISION) == {}
    assert opened(data, COLLISION, "right") == {"a.txt": ("right", b"some content")}


@pytest.mark.parametrize("encryption", ["zipcrypto", "aes-256", "aes-256/1"])
def test_damage_anywhere_proves_no_password(encryption):
    data = bytearray(archive({"a.txt": b"some content " * 50}, password="right", encryption=encryption))
    (member,) = read(bytes(data)).members
    for at in (40, member.packed // 2, member.packed - 1):
        mutant = bytearray(data)
        mutant[member.data + at] ^= 1
        assert opened(bytes(mutant), "right") == {}


def test_members_have_passwords_of_their_own():
    words = {"a.txt": "first", "b/c.bin": "second", "empty": "third"}
    for encryption in ("zipcrypto", "aes-128"):
        data = archive(FILES, password=words, encryption=encryption)
        assert opened(data, "third", "second", "first") == {n: (words[n], body) for n, body in FILES.items()}
        assert set(opened(data, "second")) == {"b/c.bin"}


@pytest.mark.parametrize(
    ("password", "encoding"),
    [("パスワード", "utf-8"), ("パスワード", "cp932"), ("café", "cp437"), ("café", "latin-1"), ("naïve", "utf-8")],
)
@pytest.mark.parametrize("encryption", ["zipcrypto", "aes-256"])
def test_passwords_are_spelled_in_every_code_page(password, encoding, encryption):
    data = archive({"a": b"content"}, password=password, password_encoding=encoding, encryption=encryption)
    assert opened(data, password) == {"a": (password, b"content")}


def test_descriptors_and_zip64_change_nothing():
    for options in ({"descriptor": True}, {"zip64": True}, {"descriptor": True, "zip64": True}):
        for encryption in ("zipcrypto", "aes-256"):
            data = archive(FILES, method=8, password="right", encryption=encryption, **options)
            assert opened(data, "right") == {name: ("right", body) for name, body in FILES.items()}


@pytest.mark.parametrize("encryption", ["zipcrypto", "aes-256", "aes-256/1"])
def test_members_without_a_directory_are_opened(encryption):
    for descriptor in (False, True):
        data = archive(
            {"a": b"some content " * 20, "b": b"more"},
            method=8,
            password="right",
            encryption=encryption,
            descriptor=descriptor,
            defects=["no-end-record"],
        )
        assert opened(data, "right")["a"] == ("right", b"some content " * 20)


def test_trying_ends_when_the_rounds_are_spent():
    data = archive({f"{number}.txt": b"content" for number in range(20)}, password="right", encryption="aes-256")
    budget = Budget(Limits(key_rounds=50_000))
    ring = Keyring(Passwords.of([f"wrong{number}" for number in range(8)]), budget)
    found = read(data)
    assert not any(found.open(one, ring, budget, MIB, Shelf(MIB)) for one in found.members)
    assert ring.exhausted
    assert 50_000 <= ring.spent < 60_000


def test_the_key_of_one_member_is_tried_first_on_the_next():
    data = archive({f"{number}.txt": b"content" for number in range(9)}, password="right", encryption="aes-256")
    budget = Budget(Limits())
    ring = Keyring(Passwords.of([*(f"wrong{number}" for number in range(20)), "right"]), budget)
    found = read(data)
    assert all(found.open(one, ring, budget, MIB, Shelf(MIB)) for one in found.members)
    assert ring.spent == (21 + 8) * found.members[0].aes.rounds


def test_without_a_key_there_is_nothing():
    found = read(archive(FILES, password="right"))
    with pytest.raises(Encrypted):
        list(found.stream(found.members[0], Budget(Limits())))


@pytest.mark.parametrize(
    ("options", "scheme"),
    [
        ({"password": "right"}, "ZipCrypto"),
        ({"password": "right", "encryption": "aes-192"}, "AES-192"),
        ({"encrypted_flag": True, "defects": ["strong-encryption"]}, "strong encryption"),
        ({"encrypted_flag": True, "defects": ["masked-directory"]}, "masked directory"),
        ({"password": "right", "both": {"a": {"method": 99}}}, "AES without its parameters"),
        (
            {"password": "right", "both": {"a": {"method": 99, "extra": b"\1\x99\7\0\2\0AE\7\0\0"}}},
            "AES of an unknown strength",
        ),
    ],
)
def test_the_scheme_is_named(options, scheme):
    found = read(archive({"a": b"some content " * 9}, **options))
    assert scheme_of(found.members[0]) == scheme
    if "AES-" not in scheme and scheme != "ZipCrypto":
        ring = Keyring(Passwords.of(["right"]), Budget(Limits()))
        assert found.open(found.members[0], ring, Budget(Limits()), MIB, Shelf(MIB)) is None


def test_clear_bytes_are_read_forwards_and_anew():
    body = random.Random(1).randbytes(20_000)
    data = archive({"a": body}, password="right", encryption="aes-128")
    found = read(data)
    (member,) = found.members
    packed = found.blob.slice(member.data, member.packed)
    ring = Keyring(Passwords.of(["right"]), Budget(Limits()))
    (key,) = ring.likely(member, packed)
    clear = packed_in_clear(member, packed, key, Budget(Limits()))
    assert clear.size == len(body)
    assert clear.read(15_000, 100) == body[15_000:15_100]
    assert clear.read(0, 300) == body[:300]
    assert clear.read(300, 30_000) == body[300:]


def test_a_password_is_not_shown():
    data = archive({"a": b"1"}, password="right", encryption="aes-128")
    found = read(data)
    ring = Keyring([Password("right")], Budget(Limits()))
    key, _ = found.open(found.members[0], ring, Budget(Limits()), MIB, Shelf(MIB))
    assert "right" not in repr(key)
