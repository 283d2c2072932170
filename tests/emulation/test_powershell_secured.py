"""PowerShell's encrypted texts are read with the key that stands beside them; its patterns cost what they may cost."""

import base64

import pytest
from Cryptodome.Cipher import AES

from emotriage.emulation.effects import Run
from emotriage.emulation.powershell.run import run
from emotriage.formats.script.secure_string import HEAD, decrypt
from emotriage.model.errors import Malformed
from emotriage.model.limits import Budget, Limits

_KEY = bytes(range(1, 17))


def _encrypted(text: str, key: bytes = _KEY) -> str:
    plain = text.encode("utf-16-le")
    padding = 16 - len(plain) % 16
    packed = AES.new(key, AES.MODE_CBC, bytes(16)).encrypt(plain + bytes([padding]) * padding)
    inner = f"2|{base64.b64encode(bytes(16)).decode()}|{packed.hex()}"
    return HEAD + base64.b64encode(inner.encode("utf-16-le")).decode()


_MARSHAL = "[Runtime.InteropServices.Marshal]"
_TEXT = _encrypted("Start-Process emotriage-inert")
_SECURE = f"(ConvertTo-SecureString -String '{_TEXT}' -Key (1..16))"
_PIPED = f"$('{_TEXT}' | ConvertTo-SecureString -k {','.join(map(str, _KEY))})"


def _run(code: str) -> Run:
    return run(code, Budget(Limits()))


@pytest.mark.parametrize(
    "code",
    [
        f"$p = {_MARSHAL}::PtrToStringAuto({_MARSHAL}::SecureStringToBSTR({_SECURE})); iex $p",
        f"iex ({_MARSHAL}::PtrToStringUni({_MARSHAL}::SecureStringToGlobalAllocUnicode({_PIPED})))",
        f"iex (New-Object Management.Automation.PSCredential ' ', {_SECURE}).GetNetworkCredential().Password",
        f"(New-Object System.Management.Automation.PSCredential('a', {_PIPED})).GetNetworkCredential().Password | iex",
        f"[System.Net.NetworkCredential]::new('', {_SECURE}).Password | iex",
        f"$s = ConvertTo-SecureString -Key (1..16) '{_TEXT}'; iex ([Net.NetworkCredential]::new('', $s).Password)",
    ],
)
def test_ways_back_from_a_secure_string(code: str) -> None:
    run = _run(code)
    assert [one.what for one in run.effects] == ["emotriage-inert"]
    assert run.complete


def test_plain_text_comes_back_as_it_was() -> None:
    code = "$s = ConvertTo-SecureString 'Start-Process emotriage-inert' -AsPlainText -Force\n"
    back = f"iex ({_MARSHAL}::PtrToStringBSTR({_MARSHAL}::SecureStringToBSTR($s)))"
    assert [one.what for one in _run(code + back).effects] == ["emotriage-inert"]


def test_another_key_is_a_gap() -> None:
    assert not _run(_SECURE.replace("1..16", "2..17")).complete


@pytest.mark.parametrize("size", [24, 32])
def test_longer_keys(size: int) -> None:
    key = bytes(range(size))
    assert decrypt(_encrypted("emotriage", key), key, Budget(Limits())) == "emotriage"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (HEAD, _KEY),
        (HEAD + "!", _KEY),
        (_TEXT[:-8], _KEY),
        (HEAD + base64.b64encode("2|AAAA|00".encode("utf-16-le")).decode(), _KEY),
        (_TEXT, _KEY[:15]),
        (_TEXT, bytes(16)),
    ],
)
def test_damaged_texts_are_malformed(text: str, key: bytes) -> None:
    with pytest.raises(Malformed):
        decrypt(text, key, Budget(Limits()))


@pytest.mark.parametrize(
    "use",
    [
        "$a -match '(a+)+$'",
        "$a -replace '(a|a)*$', ''",
        "$a -split '.*.*.*x'",
        "[regex]::Replace($a, '(?:a?){30}a{30}x', '')",
        "[regex]::Matches($a, '(a*)*\\1x')",
        "$a | Select-String '(.*,){11}P'",
    ],
)
def test_patterns_that_could_take_long_are_a_gap(use: str) -> None:
    run = _run(f"$a = 'a' * 100000; $b = {use}; Start-Process emotriage-inert")
    assert not run.complete
    assert [one.what for one in run.effects] == ["emotriage-inert"]


def test_patterns_are_charged_before_they_are_used() -> None:
    def cost(size: int) -> int:
        budget = Budget(Limits())
        run(f"$a = 'a' * {size}; $b = $a -replace 'a+b', ''", budget)
        return budget.work

    assert cost(2000) - cost(1000) > 3_000_000 * 3


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("e*-in?rt", True),
        ("*", True),
        ("*t", True),
        ("e*x*t", False),
        ("emo", False),
        ("?*?inert", True),
        ("e*t*t", True),
    ],
)
def test_wildcards(wanted: str, expected: bool) -> None:
    run = _run(f"if ('emotriage-inert' -like '{wanted}') {{ Start-Process emotriage-inert }}")
    assert bool(run.effects) is expected


def test_named_groups_and_looking_back() -> None:
    code = "Start-Process ('xxemotriage:inert' -replace '(?<=x)(?<name>e\\w+):', '${1}-' -replace '^x+', '')"
    assert [one.what for one in _run(code).effects] == ["emotriage-inert"]
