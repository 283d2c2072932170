"""Rows E01, E02, E03 and E11: encrypted Office documents that open, that stay shut, and that abuse who tries."""

import tracemalloc

import pytest

from emotriage import Level, Limits, scan
from emotriage.containers.encrypted_office import ANALYZER
from emotriage.formats.cfb import read_compound_file
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget
from emotriage.testing import compound_file, document, encrypted_package, mail, workbook

WORD = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
EXCEL = {"Module1": 'Sub Auto_Open()\n  Shell "emotriage-inert"\nEnd Sub\n'}
PLANTED = {"vba.autorun", "vba.execute"}
OWN = "VelvetSweatshop"
SHEET = {"xlm": {"Macro1": {"A1": '=EXEC("mshta emotriage-inert.invalid")'}}, "names": {"Auto_Open": "Macro1!$A$1"}}
FULL_WIDTH = "".join(chr(ord(one) + 0xFEE0) for one in "Kaigi-0411")
SUITES = [("agile", 128, "SHA1"), ("agile", 256, "SHA512"), ("standard", 128, "SHA1")]


def look(data: bytes, name: str, passwords=(), **limits):
    return scan(data, name=name, passwords=passwords, limits=Limits(**limits) if limits else None, plugins=[])


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def texts_of(verdict, rule: str) -> str:
    return " | ".join(seen.text for one in verdict.findings if one.rule == rule for seen in one.evidence)


@pytest.mark.parametrize(("scheme", "bits", "hash_name"), SUITES)
@pytest.mark.parametrize("password", [OWN, "/01Hannes Ruescher/01"])
def test_e01_packages_with_the_applications_own_password(scheme, bits, hash_name, password):
    for name, content in (
        ("minutes.docm", document("docm", macros=WORD)),
        ("budget.xlsm", workbook("xlsm", macros=EXCEL)),
    ):
        data = encrypted_package(content, password=password, scheme=scheme, key_bits=bits, hash=hash_name, rounds=100)
        verdict = look(data, name)
        assert rules_of(verdict) >= PLANTED | {"ole.default-password"}
        assert verdict.complete
        assert [one.source for one in verdict.passwords] == ["well-known"]


@pytest.mark.parametrize("method", ["rc4", "cryptoapi", "xor"])
def test_e01_binary_documents_with_the_applications_own_password(method):
    verdict = look(workbook("xls", macros=EXCEL, password=OWN, encryption=method, **SHEET), "budget.xls")
    assert rules_of(verdict) >= PLANTED | {"ole.default-password", "xlm.autorun", "xlm.runs-interpreter"}
    assert verdict.complete
    fields = ["DDEAUTO cmd /c emotriage-inert"]
    verdict = look(document("doc", macros=WORD, fields=fields, password=OWN, encryption=method), "minutes.doc")
    assert rules_of(verdict) >= PLANTED | {"ole.default-password", "ole.dde-field"}
    assert verdict.complete


@pytest.mark.parametrize("text", ["パスワード: Kaigi-0411", "Password: Kaigi-0411", f"PW:{FULL_WIDTH}"])
def test_e01_a_password_in_the_mail_opens_what_is_attached(text):
    for name, data in (
        ("minutes.docm", encrypted_package(document("docm", macros=WORD), password="Kaigi-0411", rounds=9)),
        ("minutes.doc", document("doc", fields=["DDEAUTO cmd"], password="Kaigi-0411", encryption="cryptoapi")),
        ("budget.xls", workbook("xls", password="Kaigi-0411", encryption="xor", **SHEET)),
    ):
        verdict = look(mail(text, attach={name: data}), "mail.eml")
        assert "ole.opened-with-password" in rules_of(verdict)
        assert rules_of(verdict) & {"vba.execute", "ole.dde-field", "xlm.runs-interpreter"}
        assert [one.source for one in verdict.passwords] == ["mail-text"]


@pytest.mark.parametrize(("scheme", "bits", "hash_name"), SUITES)
def test_e02_packages_that_nothing_opens(scheme, bits, hash_name):
    content = document("docm", macros=WORD)
    data = encrypted_package(
        content, password="known to nobody", scheme=scheme, key_bits=bits, hash=hash_name, rounds=9
    )
    verdict = look(data, "minutes.docm")
    assert verdict.level is Level.UNVERIFIED
    said = texts_of(verdict, "ole.encrypted")
    assert f"{scheme} encryption, AES-{bits}, {hash_name}" in said
    assert "EncryptionInfo" in said
    assert "EncryptedPackage" in said
    assert rules_of(look(data, "minutes.docm", ["known to nobody"])) >= PLANTED


@pytest.mark.parametrize("method", ["rc4", "cryptoapi", "xor"])
def test_e02_binary_documents_that_nothing_opens(method):
    scheme = {"rc4": "RC4 encryption", "cryptoapi": "RC4 CryptoAPI", "xor": "XOR obfuscation"}[method]
    data = workbook("xls", macros=EXCEL, password="only I know", encryption=method, **SHEET)
    verdict = look(data, "budget.xls")
    assert scheme in texts_of(verdict, "xlm.encrypted-workbook")
    assert verdict.gaps
    assert rules_of(verdict) >= PLANTED  # macros lie in the clear beside the workbook's stream
    assert "xlm.runs-interpreter" in rules_of(look(data, "budget.xls", ["only I know"]))
    data = document("doc", macros=WORD, fields=["DDEAUTO cmd"], password="only I know", encryption=method)
    verdict = look(data, "minutes.doc")
    assert scheme in texts_of(verdict, "ole.encrypted")
    assert verdict.gaps
    assert rules_of(verdict) >= PLANTED
    assert "ole.dde-field" in rules_of(look(data, "minutes.doc", ["only I know"]))


@pytest.mark.parametrize(
    "count", ["10000000", "2147483648", "-1", "many", "", "99999999999999999999", "1e3", "0x10", "٣"]
)
def test_e03_rounds_that_are_meant_to_keep_us_busy(count):
    data = encrypted_package(document("docm", macros=WORD), rounds=5, declared={"spinCount": count})
    verdict = look(data, "minutes.docm")
    assert verdict.level >= Level.SUSPICIOUS
    assert "ole.key-derivation-abuse" in rules_of(verdict)
    assert "no password was tried" in texts_of(verdict, "ole.encrypted")
    budget = Budget(Limits())
    list(ANALYZER.run(Subject(Blob(data), "ole", "minutes.docm", budget)))
    assert budget.work < MIB


def test_e03_rounds_that_leave_room_for_some_candidates():
    data = encrypted_package(document("docm", macros=WORD), password="known to nobody", rounds=1000)
    verdict = look(data, "minutes.docm", key_rounds=3500)
    assert ", 3 of " in texts_of(verdict, "ole.encrypted")
    assert verdict.level is Level.UNVERIFIED


def test_e03_many_packages_share_what_one_artifact_may_cost():
    package = encrypted_package(b"PK", password="known to nobody", rounds=1000)
    file = read_compound_file(Blob(package), Budget(Limits()))
    info, body = (file.open(file.find(name)).read() for name in ("EncryptionInfo", "EncryptedPackage"))
    streams = {f"o{number}/EncryptionInfo": info for number in range(40)}
    data = compound_file(streams | {f"o{number}/EncryptedPackage": body for number in range(40)})
    budget = Budget(Limits(key_rounds=50_000))
    found = list(ANALYZER.run(Subject(Blob(data), "ole", "minutes.docm", budget)))
    assert len(found) == 1
    assert budget.work < 64 * MIB


BOMB = b"\4\0\4\0\x40\0\0\0" + (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n else b"") * 10) for n in range(20))
    + b"]><encryption>&a19;</encryption>"
)
LIES = {
    "bomb": {"description": BOMB},
    "empty": {"description": b""},
    "version": {"description": b"\4\0\4\0"},
    "extensible": {"description": b"\3\0\3\0" + bytes(100)},
    "unknown version": {"description": b"\x09\0\x09\0" + bytes(100)},
    "no xml": {"description": b"\4\0\4\0\x40\0\0\0" + bytes(1000)},
    "giant": {"description": b"\4\0\4\0\x40\0\0\0<encryption>" + b" " * (2 * MIB)},
    "salt size": {"declared": {"saltSize": "1073741824"}},
    "salt": {"declared": {"saltValue": "A" * 1_000_000}},
    "no salt": {"declared": {"saltValue": ""}},
    "no base64": {"declared": {"saltValue": "!!!!"}},
    "hash": {"declared": {"hashAlgorithm": "CRC-32"}},
    "hash size": {"declared": {"hashSize": "4294967295"}},
    "key bits": {"declared": {"keyBits": "7"}},
    "key bits zero": {"declared": {"keyBits": "0"}},
    "block size": {"declared": {"blockSize": "0"}},
    "cipher": {"declared": {"cipherAlgorithm": "RC2"}},
    "mode": {"declared": {"cipherChaining": "ChainingModeECB"}},
    "verifier": {"declared": {"encryptedVerifierHashInput": "AAAA"}},
    "no verifier": {"declared": {"encryptedVerifierHashValue": ""}},
    "key": {"declared": {"encryptedKeyValue": "AAAAAAAAAAAAAAAAAAAAAAA="}},
    "hmac": {"declared": {"encryptedHmacKey": "AA=="}},
    "none": {"defects": ["no-description"]},
    "standard header": {"description": b"\4\0\2\0\x24\0\0\0\xff\xff\xff\xff" + bytes(200)},
    "standard salt": {"description": b"\4\0\2\0\x24\0\0\0\x20\0\0\0\x24\0\0\0" + bytes(28) + b"\0\0\0\x40" + bytes(80)},
}


@pytest.mark.parametrize("lie", LIES)
def test_e11_descriptions_that_lie(lie):
    data = encrypted_package(b"PK\3\4", rounds=5, **LIES[lie])
    budget = Budget(Limits())
    tracemalloc.start()
    list(ANALYZER.run(Subject(Blob(data), "ole", "minutes.docm", budget)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB + 4 * len(data)
    assert budget.work < 16 * MIB + 8 * len(data)
    verdict = look(data, "minutes.docm")
    assert "ole.encrypted" in {one.rule for one in verdict.gaps}
    assert verdict.level is Level.UNVERIFIED
    assert "EncryptedPackage" in texts_of(verdict, "ole.encrypted")


def test_e11_a_package_that_is_no_document():
    assert look(encrypted_package(bytes(range(256)) * 20, rounds=5), "minutes.docm").level >= Level.UNVERIFIED
    for defect in ("wrong-integrity", "package-cut-short", "package-goes-on"):
        data = encrypted_package(document("docm", macros=WORD), rounds=5, defects=[defect])
        verdict = look(data, "minutes.docm")
        assert verdict.level >= Level.UNVERIFIED
        assert not verdict.complete
    assert rules_of(look(data, "minutes.docm")) >= PLANTED


def test_e12_no_password_is_told():
    for data, name in (
        (encrypted_package(document("docx", text="x"), password="Zx9-hidden-77", rounds=5), "minutes.docx"),
        (document("doc", text="x", password="Zx9-hidden-77", encryption="cryptoapi"), "minutes.doc"),
    ):
        verdict = look(data, name, ["Zx9-hidden-77"])
        assert [one.source for one in verdict.passwords] == ["caller"]
        assert "hidden-77" not in verdict.to_json()
