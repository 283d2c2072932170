"""Encrypted Office documents, held against msoffcrypto-tool and against descriptions that lie."""

import io
import random
import struct

import msoffcrypto
import pytest

from emotriage.formats.cfb import CompoundFile, read_compound_file
from emotriage.formats.excel.biff8 import read_workbook
from emotriage.formats.office_crypto import DEFAULT_PASSWORDS, KeyWork, candidates, is_affordable, open_lock, read_lock
from emotriage.formats.office_crypto.package import PackageKey, clear_size, decrypted_package, unused_bytes
from emotriage.formats.office_crypto.rc4 import read_rc4_lock
from emotriage.formats.office_crypto.word import open_word, read_word_lock
from emotriage.formats.office_crypto.xor import apply_to_stream, open_pad
from emotriage.formats.word97 import read_fib
from emotriage.model.blob import WINDOW, Blob
from emotriage.model.errors import FormatError, Malformed, Unsupported
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.passwords import Password, Passwords
from emotriage.testing import archive, document, encrypted_package, workbook
from emotriage.testing.binary_encryption import Lock

CONTENT = archive(files={"a.bin": random.Random(7).randbytes(8900)})  # the oracle looks for an archive
SUITES = [("agile", 128, "SHA1"), ("agile", 256, "SHA256"), ("agile", 256, "SHA384"), ("agile", 256, "SHA512")]
SUITES += [("standard", 128, "SHA1"), ("standard", 192, "SHA1"), ("standard", 256, "SHA1")]

pytestmark = pytest.mark.filterwarnings("ignore:ARC4")


def budget(**limits: int) -> Budget:
    return Budget(Limits(**limits))


def compound(data: bytes) -> CompoundFile:
    return read_compound_file(Blob(data), budget())


def stream(data: bytes, path: str) -> Blob:
    file = compound(data)
    return file.open(file.find(path))


def attempt(data: bytes, *passwords: str, **limits: int):
    spent = budget(**limits)
    lock = read_lock(stream(data, "EncryptionInfo"), spent)
    return open_lock(lock, [Password(one) for one in passwords], KeyWork.of(spent), spent)


def opened(data: bytes, *passwords: str) -> bytes:
    key = attempt(data, *passwords).key
    return b"".join(decrypted_package(stream(data, "EncryptedPackage"), key, budget()))


def oracle(data: bytes, password: str) -> bytes:
    file, out = msoffcrypto.OfficeFile(io.BytesIO(data)), io.BytesIO()
    file.load_key(password=password)  # without its check, which is wrong for SHA-1
    file.decrypt(out)
    return out.getvalue()


@pytest.mark.parametrize(("scheme", "bits", "name"), SUITES)
def test_packages_open_as_the_oracle_opens_them(scheme, bits, name):
    data = encrypted_package(CONTENT, password="secret", scheme=scheme, key_bits=bits, hash=name, rounds=50)
    assert opened(data, "wrong", "secret") == CONTENT == oracle(data, "secret")


@pytest.mark.parametrize("scheme", ["agile", "standard"])
@pytest.mark.parametrize("size", [0, 1, 16, 4095, 4096, 4097])
def test_packages_of_any_size(scheme, size):
    assert opened(encrypted_package(CONTENT[:size], scheme=scheme, rounds=5), "VelvetSweatshop") == CONTENT[:size]


def test_keys_of_192_bits_that_the_oracle_does_not_cut():
    data = encrypted_package(CONTENT, password="secret", key_bits=192, hash="SHA256", rounds=50)
    assert opened(data, "secret") == CONTENT


@pytest.mark.parametrize("password", ["VelvetSweatshop", "パスワード", "\U0001f511 long " + "x" * 200])
def test_what_the_oracle_writes_is_read(password):
    package = document("docx", text="Minutes", parts={"word/a.bin": CONTENT})
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(package)).encrypt(password, out)
    assert opened(out.getvalue(), "wrong", password) == package


@pytest.mark.parametrize(("scheme", "bits", "name"), SUITES)
def test_a_wrong_password_opens_nothing(scheme, bits, name):
    data = encrypted_package(CONTENT, password="secret", scheme=scheme, key_bits=bits, hash=name, rounds=5)
    found = attempt(data, "Secret", "secret ", "")
    assert (found.key, found.password, found.tried) == (None, None, 3)


def test_the_scheme_is_named():
    data = encrypted_package(CONTENT, rounds=5)
    assert read_lock(stream(data, "EncryptionInfo"), budget()).scheme == "agile encryption, AES-256, SHA512, 5 rounds"
    data = encrypted_package(CONTENT, scheme="standard", key_bits=128)
    lock = read_lock(stream(data, "EncryptionInfo"), budget())
    assert lock.scheme == "standard encryption, AES-128, SHA1, 50000 rounds"


def test_candidates_begin_with_those_of_the_application():
    mined = Passwords.of(["4711"], "mail-text")
    found = candidates(mined, "invoice.doc", 64)
    assert [one.value for one in found[:4]] == [*DEFAULT_PASSWORDS, "4711", "invoice"]
    assert [one.source for one in found[:4]] == ["well-known", "well-known", "mail-text", "file-name"]
    assert len({one.value for one in found}) == len(found)
    assert len(candidates(Passwords.of(map(str, range(500))), "a", 64)) == 64


def test_rounds_end_within_the_limit():
    data = encrypted_package(CONTENT, password="secret", rounds=1000)
    assert attempt(data, "a", "b", "c", "secret", key_rounds=3999).tried == 3
    assert attempt(data, "a", "b", "c", "secret", key_rounds=4000).key is not None
    lock = read_lock(stream(data, "EncryptionInfo"), budget())
    assert is_affordable(lock, budget(key_rounds=1000))
    assert not is_affordable(lock, budget(key_rounds=999))


def test_rounds_are_charged():
    spent = budget()
    lock = read_lock(stream(encrypted_package(CONTENT, rounds=10_000), "EncryptionInfo"), spent)
    before = spent.work
    open_lock(lock, [Password("a"), Password("b")], KeyWork.of(spent), spent)
    assert spent.work - before >= 2 * 10_000 * 100


def test_a_package_fails_its_integrity_check_at_its_end():
    data = encrypted_package(CONTENT, rounds=5, defects=["wrong-integrity"])
    package, key = stream(data, "EncryptedPackage"), attempt(data, "VelvetSweatshop").key
    pieces = []
    with pytest.raises(Malformed, match="integrity"):
        pieces.extend(decrypted_package(package, key, budget()))
    assert b"".join(pieces) == CONTENT
    for one in (data, encrypted_package(CONTENT, rounds=5, defects=["no-integrity"])):
        key = attempt(one, "VelvetSweatshop").key
        unchecked = PackageKey(key.key, key.hash, key.salt)
        assert b"".join(decrypted_package(stream(one, "EncryptedPackage"), unchecked, budget())) == CONTENT


@pytest.mark.parametrize("scheme", ["agile", "standard"])
def test_a_package_that_is_cut_short_gives_what_is_there(scheme):
    data = encrypted_package(CONTENT, scheme=scheme, rounds=5, defects=["package-cut-short"])
    package, key = stream(data, "EncryptedPackage"), attempt(data, "VelvetSweatshop").key
    pieces = []
    with pytest.raises(Malformed, match="ends before"):
        pieces.extend(decrypted_package(package, key, budget()))
    given = b"".join(pieces)
    assert CONTENT.startswith(given)
    assert len(given) > len(CONTENT) // 3


def test_bytes_that_the_declared_size_leaves_out():
    data = encrypted_package(CONTENT, rounds=5, defects=["package-goes-on", "no-integrity"])
    assert unused_bytes(stream(data, "EncryptedPackage")) >= 65536
    assert unused_bytes(stream(encrypted_package(CONTENT, rounds=5), "EncryptedPackage")) == 0
    assert opened(data, "VelvetSweatshop") == CONTENT
    assert clear_size(Blob(b"\1\2\3")) == -1


def test_giants_are_decrypted_in_windows():
    class Giant:
        size = 8 + 40 * MIB
        largest = 0

        def read(self, offset: int, length: int) -> bytes:
            Giant.largest = max(Giant.largest, length)
            head = struct.pack("<Q", 40 * MIB)
            return (head + bytes(length))[offset : offset + length] if offset < 8 else bytes(length)

        def close(self) -> None: ...

    key = PackageKey(bytes(32), "sha512", bytes(16), b"k", b"")
    sizes, spent = [], budget()
    with pytest.raises(Malformed):
        sizes.extend(len(one) for one in decrypted_package(Blob(Giant()), key, spent))
    assert max(sizes) <= WINDOW
    assert sum(sizes) == 40 * MIB
    assert Giant.largest <= WINDOW
    assert spent.work >= 40 * MIB


@pytest.mark.parametrize("scheme", ["agile", "standard"])
def test_any_damage_of_a_description_is_survived(scheme):
    info = stream(encrypted_package(CONTENT, scheme=scheme, rounds=3), "EncryptionInfo").read()
    chance = random.Random(3)
    outcomes = set()
    for number in range(400):
        spoilt = bytearray(info if number % 4 else info[: chance.randrange(1, len(info))])
        for _ in range(chance.randint(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        spent = budget(key_rounds=50_000)
        try:
            lock = read_lock(Blob(bytes(spoilt)), spent)
            outcomes.add(type(lock).__name__)
            if lock.rounds < 1000:
                open_lock(lock, [Password("x")], KeyWork.of(spent), spent)
        except FormatError as error:
            outcomes.add(type(error).__name__)
    assert outcomes >= {"Malformed", "Unsupported", scheme.capitalize()}


def word(data: bytes, *passwords: str):
    file = compound(data)
    content, table = (file.open(file.find(name)) for name in ("WordDocument", "1Table"))
    lock = read_word_lock(read_fib(content), content, table)
    key = open_word(lock, [Password(one) for one in passwords], budget())
    return lock, None if key is None else (key.open(content, document=True), key.open(table))


@pytest.mark.parametrize("method", ["rc4", "cryptoapi", "xor"])
def test_word_documents_read_as_they_were_before(method):
    more = {"text": "Minutes\n" * 400, "external_template": "http://emotriage-inert.invalid/a.dot"}
    clear, data = document("doc", **more), document("doc", **more, password="secret", encryption=method)
    lock, (content, table) = word(data, "wrong", "secret")
    assert lock.scheme.startswith({"rc4": "RC4 encryption", "cryptoapi": "RC4 CryptoAPI", "xor": "XOR"}[method])
    plain = stream(clear, "WordDocument").read()
    assert content.read(1024, 3000) == plain[1024:4024]
    assert content.read(600, 1) == plain[600:601]
    assert content.read(0, 10) == plain[:10]
    assert b"h\0t\0t\0p\0:\0/\0/\0" in table.read()
    assert word(data, "wrong")[1] is None
    if method != "xor":
        theirs = oracle(data, "secret")
        assert stream(theirs, "WordDocument").read()[0x44:] == content.read()[0x44:]
        skip = len(Lock("secret", method).header())
        assert stream(theirs, "1Table").read()[skip:] == table.read()[skip:]


@pytest.mark.parametrize("method", ["rc4", "cryptoapi", "xor"])
def test_workbooks_read_as_the_oracle_reads_them(method):
    cells = {f"A{row}": f"text {row}" for row in range(1, 300)} | {"A300": '=EXEC("emotriage-inert")'}
    more = {"xlm": {"Macro1": cells}, "names": {"Auto_Open": "Macro1!$A$300"}, "sheets": {"Sheet1": {"B2": 2.5}}}
    data = workbook("xls", **more, password="secret", encryption=method)
    ours = read_workbook(stream(data, "Workbook"), budget(), passwords=["wrong", "secret"])
    clear = read_workbook(stream(workbook("xls", **more), "Workbook"), budget())
    theirs = read_workbook(stream(oracle(data, "secret"), "Workbook"), budget())
    assert ours.password == "secret"
    assert (ours.sheets, ours.names) == (clear.sheets, clear.names) == (theirs.sheets, theirs.names)


def test_documents_of_word_6_have_a_shorter_beginning_in_clear():
    lock = Lock("secret", "xor")
    key, verifier = lock.xor_key()
    pad, clear = (
        lock.xor_pad(),
        struct.pack("<H8xHHHH", 0xA5DC, 0x0100, 0, verifier, key) + b"Minutes of the meeting" * 9,
    )
    body = bytes(one if one in (0, pad[at % 16]) else one ^ pad[at % 16] for at, one in enumerate(clear))
    document_ = Blob(clear[:0x34] + body[0x34:])
    fib = read_fib(document_)
    assert (fib.old, fib.encrypted) == (True, True)
    found = open_word(read_word_lock(fib, document_, Blob(b"")), [Password("no"), Password("secret")], budget())
    assert found.password.value == "secret"
    assert found.open(document_, document=True).read() == clear


def test_xor_keys_are_those_of_the_shift_registers():
    chance = random.Random(5)
    for length in range(1, 16):
        password = "".join(chance.choices("abcXYZ019 !~\xe9\xff", k=length))
        lock = Lock(password, "xor")
        assert open_pad(password, *lock.xor_key()) == lock.xor_pad()
        assert open_pad(password + "x", *lock.xor_key()) is None or length == 15


def test_xor_passwords_in_japanese_and_unicode():
    def key_of(raw: bytes) -> tuple[int, int]:
        return Lock(raw.decode("latin-1").encode("latin-1").decode("cp1252"), "xor").xor_key()

    assert open_pad("ﾊﾟｽ", *key_of("ﾊﾟｽ".encode("cp932"))) is not None
    assert open_pad("表", *key_of(b"\x68")) is not None  # the lower half of U+8868
    assert open_pad("", 0, 0) is None


def test_xor_of_streams_keeps_zeros():
    pad = bytes(range(1, 17))
    clear = bytes(range(256)) * 3
    mixed = bytes(one if one in (0, pad[at % 16]) else one ^ pad[at % 16] for at, one in enumerate(clear))
    for offset in (0, 1, 15, 16, 77):
        assert apply_to_stream(pad, mixed[offset:], offset) == clear[offset:]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", Malformed),
        (b"\1\0\1\0" + bytes(20), Malformed),
        (b"\2\0\2\0" + bytes(20), Malformed),
        (b"\2\0\2\0" + bytes(4) + b"\xff\xff\xff\xff" + bytes(200), Malformed),
        (
            struct.pack("<HHII", 2, 2, 4, 32) + struct.pack("<8I", 4, 0, 0x6801, 0x8004, 7, 1, 0, 0) + bytes(60),
            Malformed,
        ),
        (
            struct.pack("<HHII", 2, 2, 4, 32) + struct.pack("<8I", 4, 0, 0x660E, 0x8004, 0, 1, 0, 0) + bytes(60),
            Unsupported,
        ),
        (b"\3\0\3\0" + bytes(60), Unsupported),
    ],
)
def test_headers_that_are_none(raw, error):
    with pytest.raises(error):
        read_rc4_lock(raw)
