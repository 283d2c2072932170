"""Apps in archives and the files that install them."""

import pytest

from emotriage import Level, scan
from emotriage.formats.app_manifest import read_java_manifest
from emotriage.model.limits import Budget, Limits
from emotriage.testing import archive, build_recipe, load_recipe

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell"); shell.Run("emotriage-inert");'


def rules_of(verdict):
    return {one.rule for one in verdict.findings}


def test_java_manifest_lines_go_on():
    raw = b"Manifest-Version: 1.0\r\nMain-Class: inert.Emo\r\n triage\r\n\r\nName: other\r\nMain-Class: wrong\r\n"
    assert read_java_manifest(raw, Budget(Limits()))["main-class"] == "inert.Emotriage"


def test_members_of_a_java_archive_are_looked_at():
    manifest = b"Manifest-Version: 1.0\nMain-Class: Inert\n"
    data = archive(files={"META-INF/MANIFEST.MF": manifest, "run.js": SCRIPT}, method=8)
    verdict = scan(data, name="a.jar", plugins=[])
    assert {"app.runs-with-java", "script.starts-programs"} <= rules_of(verdict)
    assert verdict.level >= Level.UNVERIFIED


def test_classes_without_a_manifest_entry_are_a_program_as_well():
    data = archive(
        files={"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n", "A.class": b"\xca\xfe\xba\xbe" + bytes(64)}
    )
    assert "app.runs-with-java" in rules_of(scan(data, name="a.jar", plugins=[]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_installers_are_read_in_every_encoding(encoding):
    text = build_recipe(load_recipe("app/installs-from")).decode()
    data = text.replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>').encode(encoding)
    verdict = scan(data, name="a.appinstaller", plugins=[])
    assert "app.installs-from" in rules_of(verdict)
    assert "https://emotriage.invalid/inert.msix" in {one.value for one in verdict.indicators}


def test_publisher_and_capabilities_are_told():
    verdict = scan(build_recipe(load_recipe("app/full-trust")), name="a.msix", plugins=[])
    said = {
        one.text for finding in verdict.findings if finding.rule == "app.windows-package" for one in finding.evidence
    }
    assert {"Emotriage.Inert", "CN=Emotriage Inert", "Invoice", "emotriage-inert.txt"} <= said
