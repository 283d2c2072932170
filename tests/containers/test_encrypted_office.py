"""Encrypted documents: what opens is handed out, what does not is a gap that names the scheme."""

import pytest

from emotriage.analyzers.word97 import ANALYZER as WORD97
from emotriage.containers.encrypted_office import ANALYZER
from emotriage.containers.powerpoint97 import ANALYZER as POWERPOINT97
from emotriage.formats.cfb import read_compound_file
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding
from emotriage.model.limits import Budget, Limits
from emotriage.model.passwords import Opened, Passwords
from emotriage.testing import compound_file, document, encrypted_package

CONTENT = b"PK\3\4 emotriage-inert " * 300


def look(
    data: bytes, passwords: Passwords | None = None, name: str = "minutes.docx", analyzer=ANALYZER
) -> list[object]:
    return list(analyzer.run(Subject(Blob(data), "ole", name, Budget(Limits()), passwords or Passwords())))


def rules(found: list[object]) -> set[str]:
    return {one.rule for one in found if isinstance(one, Finding)}


def said(found: list[object], rule: str = "ole.encrypted") -> list[str]:
    return [seen.text for one in found if isinstance(one, Finding) and one.rule == rule for seen in one.evidence]


def children(found: list[object]) -> dict[str, bytes]:
    return {one.name: b"".join(one.content(Budget(Limits()))) for one in found if isinstance(one, Child)}


def sources(found: list[object]) -> list[str]:
    return [one.source for one in found if isinstance(one, Opened)]


@pytest.mark.parametrize("password", ["VelvetSweatshop", "/01Hannes Ruescher/01"])
def test_passwords_of_the_application(password):
    found = look(encrypted_package(CONTENT, password=password, rounds=5))
    assert children(found) == {"minutes.docx": CONTENT}
    assert rules(found) == {"ole.default-password"}
    assert sources(found) == ["well-known"]


@pytest.mark.parametrize("source", ["caller", "mail-text", "file-name"])
def test_candidates_from_elsewhere(source):
    found = look(encrypted_package(CONTENT, password="s3cret", rounds=5), Passwords.of(["no", "s3cret"], source))
    assert children(found) == {"minutes.docx": CONTENT}
    assert rules(found) == {"ole.opened-with-password"}
    assert sources(found) == [source]
    assert "s3cret" not in "".join(said(found, "ole.opened-with-password"))


def test_the_name_of_the_file():
    found = look(encrypted_package(CONTENT, password="4711", rounds=5), name="見積書 4711.xlsx")
    assert children(found) == {"見積書 4711.xlsx": CONTENT}


def test_a_package_deeper_in_the_file_has_its_streams_name():
    inner = encrypted_package(CONTENT, rounds=5)
    file = read_compound_file(Blob(inner), Budget(Limits()))
    streams = {f"o/{name}": file.open(file.find(name)).read() for name in ("EncryptionInfo", "EncryptedPackage")}
    found = look(compound_file(streams))
    assert children(found) == {"o/EncryptedPackage": CONTENT}


def test_an_unknown_password_is_a_gap_with_the_scheme():
    found = look(encrypted_package(CONTENT, password="known to nobody", rounds=5))
    assert rules(found) == {"ole.encrypted"}
    text, beside = said(found)
    assert text.startswith("encrypted Office document: agile encryption, AES-256, SHA512, 5 rounds, ")
    assert text.endswith(" passwords tried")
    assert "EncryptedPackage" in beside
    assert children(found) == {}


def test_bytes_behind_the_package_are_a_gap():
    assert "ole.damaged" in rules(look(encrypted_package(CONTENT, rounds=5, defects=["package-goes-on"])))


def test_two_descriptions_of_one_package():
    data = encrypted_package(CONTENT, rounds=5)
    honest = encrypted_package(CONTENT, password="known to nobody", rounds=5)
    pairs = []
    for one in (honest, data):
        file = read_compound_file(Blob(one), Budget(Limits()))
        pairs.append(("EncryptionInfo", file.open(file.find("EncryptionInfo")).read()))
    pairs.append(("EncryptedPackage", file.open(file.find("EncryptedPackage")).read()))
    found = look(compound_file(pairs))
    assert children(found) == {"minutes.docx": CONTENT}
    assert rules(found) == {"ole.default-password", "ole.encrypted"}  # the other description stays locked


def test_rights_management_is_named():
    assert said(look(compound_file({"\tDRMContent": b"x"})))[0] == "rights-managed Office document"
    streams = {"\x06DataSpaces/TransformInfo/DRMEncryptedTransform/\x06Primary": b"x", "EncryptedPackage": b"y"}
    assert said(look(compound_file(streams)))[0] == "rights-managed Office document"


def test_presentations_are_recognised():
    user = bytes(12) + b"\xdf\xc4\xd1\xf3" + bytes(20)
    found = look(compound_file({"Current User": user, "PowerPoint Document": b"x"}), analyzer=POWERPOINT97)
    assert said(found)[0] == "encrypted PowerPoint presentation: no description of the encryption"
    plain = {"Current User": bytes(12) + b"\x5f\xc0\x91\xe3" + bytes(20), "PowerPoint Document": b""}
    assert look(compound_file(plain), analyzer=POWERPOINT97) == []


def test_a_plain_document_has_nothing():
    assert look(document("doc", text="Minutes")) == []


def test_objects_of_an_encrypted_word_document_lie_in_its_data():
    inner = compound_file({"WordDocument": b"x" * 600})
    data = document("doc", text="Minutes", data_stream=bytes(100) + inner, password="4711", encryption="cryptoapi")
    found = look(data, name="4711.doc", analyzer=WORD97)
    assert rules(found) == {"ole.opened-with-password", "ole.embedded-file"}
    (child,) = [one for one in found if isinstance(one, Child)]
    assert child.content.read() == inner
