"""Texts whose code page nobody says: Japanese words are read as such, accents of Western Europe stay what they are."""

import pytest

from emotriage.formats.ansi import decode_ansi
from emotriage.formats.lnk import read_shortcut
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import shortcut


@pytest.mark.parametrize("text", ["請求書", "ご請求書.pdf", "C:\\資料\\見積書.xlsx", "カタログ2023", "名簿"])
def test_japanese(text):
    assert decode_ansi(text.encode("cp932")) == text


@pytest.mark.parametrize("text", ["Réseau", "C:\\Users\\René\\Téléchargements", "Größe", "año", "Øst", "naïve café"])
def test_western_european(text):
    assert decode_ansi(text.encode("cp1252")) == text


def test_bytes_of_no_code_page():
    assert decode_ansi(b"\x81\xff\x00a")


def test_a_shortcut_of_a_japanese_machine():
    data = shortcut(
        "C:\\資料\\見積書.xlsx", "/c 請求書.bat", description="今月の請求書", unicode=False, code_page="cp932"
    )
    link = read_shortcut(Blob(data), Budget(Limits()))
    assert link.strings.arguments == "/c 請求書.bat"
    assert link.strings.name == "今月の請求書"
    assert ("LinkInfo", "C:\\資料\\見積書.xlsx") in link.targets
