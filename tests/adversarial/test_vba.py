"""Rows V01 to V08 and V12: projects whose streams, lists, code pages and compiled parts lie; the code is found."""

import struct
import tracemalloc

import pytest

from emotriage import Level, Limits, Verdict, scan
from emotriage.testing import compound_file, document
from emotriage.testing.ovba import vba_streams
from emotriage.testing.ovba_compression import compress

STARTS = 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'
COMPILED = 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'
FETCHES = """
Sub AutoOpen()
Set request = CreateObject("MSXML2.XMLHTTP")
request.Open "GET", "https://files.invalid/a.txt"
request.Send
CreateObject("WScript.Shell").Run "emotriage-inert " & request.ResponseText, 0
End Sub
"""
MACROS = {"Module1": STARTS}
PLANTED = {"vba.autorun", "vba.execute"}


def look(data: bytes, name: str = "minutes.doc", **limits: int) -> Verdict:
    return scan(data, name=name, limits=Limits(**limits) if limits else None, plugins=[])


def rules_of(verdict: Verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def gaps_of(verdict: Verdict) -> set[str]:
    return {verdict.findings[index].rule if isinstance(index, int) else index.rule for index in verdict.gaps}


def texts_of(verdict: Verdict, rule: str) -> str:
    return "\n".join(
        f"{one.where} {one.text}" for found in verdict.findings if found.rule == rule for one in found.evidence
    )


def project(macros=MACROS, change=None, **arguments) -> bytes:
    """A document from the streams of its project, after `change` has had them."""
    streams = vba_streams(macros, **arguments)
    if change is not None:
        change(streams)
    return compound_file({"WordDocument": bytes(600)} | {f"Macros/{path}": data for path, data in streams.items()})


def test_v01_a_bomb_stops_at_the_limit_and_other_modules_are_read():
    bomb = b"\x01" + (struct.pack("<H", 0xB000 | 5 - 1) + b"\x02a\xfc\x0f\0") * 2000

    def plant(streams):
        streams["VBA/Bomb"] = bomb

    data = project({"Bomb": "", "Module1": STARTS}, plant, cache_size=0)
    verdict = look(data, vba_module_bytes=1 << 20)
    assert {"vba.expansion-limit", *PLANTED} <= rules_of(verdict)
    assert "vba.expansion-limit" in gaps_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.long
def test_v01_at_full_size():
    bomb = b"\x01" + (struct.pack("<H", 0xB000 | 5 - 1) + b"\x02a\xfc\x0f\0") * 150_000

    def plant(streams):
        streams["VBA/Bomb"] = bomb

    verdict = look(project({"Bomb": "", "Module1": STARTS}, plant, cache_size=0))
    assert {"vba.expansion-limit", *PLANTED} <= rules_of(verdict)


@pytest.mark.parametrize("defect", ["missing-signature", "bad-chunk-signature", "copy-before-start", "chunk-size-lies"])
@pytest.mark.parametrize("code", [None, {"Module1": COMPILED}], ids=["bare", "compiled"])
def test_v02_damaged_containers_give_what_is_left_and_a_gap(defect, code):
    verdict = look(document(macros=MACROS, defects=[defect], vba={"compiled": code}))
    assert rules_of(verdict) >= PLANTED
    assert "vba.damaged" in gaps_of(verdict)
    assert "vba.stomped" not in rules_of(verdict)


@pytest.mark.parametrize("defect", ["no-dir", "corrupt-dir"])
def test_v03_modules_are_found_without_a_list(defect):
    verdict = look(document(macros=MACROS, defects=[defect]))
    assert rules_of(verdict) >= PLANTED
    assert "vba.damaged" in gaps_of(verdict)
    assert "vba.hidden-module" not in rules_of(verdict)


@pytest.mark.parametrize("offset", [0, 3, 64, 100, 130, 1 << 16, 0xFFFFFFFF])
@pytest.mark.parametrize("code", [None, {"Module1": COMPILED}], ids=["bare", "compiled"])
def test_v04_source_is_found_wherever_the_offset_leads(offset, code):
    verdict = look(document(macros=MACROS, defects=[f"bad-module-offset:{offset}"], vba={"compiled": code}))
    assert rules_of(verdict) >= PLANTED
    assert "vba.damaged" in gaps_of(verdict)


@pytest.mark.parametrize("offset", [None, 0, 64, 1 << 16])
def test_v04_a_wrong_offset_does_not_hide_what_is_compiled(offset):
    defects = [] if offset is None else [f"bad-module-offset:{offset}"]
    verdict = look(
        document(
            macros={"Module1": "Sub AutoOpen()\nEnd Sub\n"}, defects=defects, vba={"compiled": {"Module1": FETCHES}}
        )
    )
    assert {"vba.stomped", "vba.download", *PLANTED} <= rules_of(verdict)


@pytest.mark.parametrize(
    "source", ["Sub AutoOpen()\n  Beep\nEnd Sub\n", "' nothing\n", "Sub AutoOpen()\n Call Greet(1)\nEnd Sub\n"]
)
def test_v05_compiled_code_of_another_source_is_read_and_judged(source):
    verdict = look(document(macros={"Module1": source}, vba={"compiled": {"Module1": FETCHES}}))
    assert {"vba.stomped", "vba.download", *PLANTED} <= rules_of(verdict)
    assert not verdict.complete
    assert verdict.level is Level.MALICIOUS
    assert ("url", "https://files.invalid/a.txt") in {(one.kind, one.value) for one in verdict.indicators}
    assert "only compiled" in texts_of(verdict, "vba.stomped")
    assert "XMLHTTP" in texts_of(verdict, "vba.stomped")


def test_v05_both_lists_are_shown():
    source = "Sub AutoOpen()\n  Dim greeting\n  greeting = Salutation(1)\nEnd Sub\n"
    shown = texts_of(look(document(macros={"Module1": source}, vba={"compiled": {"Module1": FETCHES}})), "vba.stomped")
    assert "only in the source: greeting, salutation" in shown


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ('Sub AutoOpen()\n  SHELL _\n    "emotriage-inert"\nEnd Sub\n', COMPILED),
        ('Sub AutoOpen%()\n  Shell$ "emotriage-inert"\nEnd Sub\n', COMPILED),
        ('Sub AutoOpen()\n  [Shell] "say ""inert"""\nEnd Sub\n', 'Sub AutoOpen()\nShell "say ""inert"""\nEnd Sub\n'),
        ("Sub AutoOpen()\n' x\nEnd Sub\n", "Sub AutoOpen()\nEnd Sub\n"),
    ],
    ids=["continued", "type-characters", "brackets", "comment"],
)
def test_v05_another_spelling_is_the_same_code(source, code):
    assert "vba.stomped" not in rules_of(
        look(document(macros={"Module1": source}, vba={"compiled": {"Module1": code}}))
    )


def test_v05_code_that_another_module_holds_is_not_missing():
    macros = {"Module1": STARTS, "Other": "' empty\n"}
    assert "vba.stomped" not in rules_of(look(document(macros=macros, vba={"compiled": {"Other": COMPILED}})))


def test_v05_words_in_code_that_nobody_calls_are_not_in_the_procedure_that_runs():
    source = "Sub AutoOpen()\n  Beep\nEnd Sub\n" + FETCHES.strip().replace("AutoOpen", "Unused")
    verdict = look(document(macros={"Module1": source}, vba={"compiled": {"Module1": FETCHES}}))
    assert {"vba.stomped", "vba.download", *PLANTED} <= rules_of(verdict)


def test_v05_strings_in_comments_are_not_in_the_code():
    source = "Sub AutoOpen()\n" + "".join(f"' {line}\n" for line in FETCHES.strip().splitlines()) + "End Sub\n"
    verdict = look(document(macros={"Module1": source}, vba={"compiled": {"Module1": FETCHES}}))
    assert "vba.stomped" in rules_of(verdict)


def test_v05_an_unknown_version_is_a_gap_and_never_stomped():
    for version in (0x5E, 0x4E):
        arguments = {"compiled": {"Module1": FETCHES}, "compiler": version}
        verdict = look(document(macros={"Module1": "Sub AutoOpen()\nEnd Sub\n"}, vba=arguments))
        assert "vba.stomped" not in rules_of(verdict)
        assert "vba.compiled-unread" in gaps_of(verdict)
        arguments = {"compiled": {"Module1": COMPILED}, "compiler": version}
        assert "vba.compiled-unread" not in rules_of(look(document(macros=MACROS, vba=arguments)))


def test_v06_a_purged_project_is_read_and_said_to_be_one():
    verdict = look(document(macros=MACROS, defects=["purged"]))
    assert {"vba.purged", *PLANTED} <= rules_of(verdict)
    assert verdict.complete
    assert "vba.purged" not in rules_of(look(document(macros=MACROS)))


@pytest.mark.parametrize("defect", ["empty-source", "no-source"])
def test_v07_compiled_code_alone_is_suspicious_and_read(defect):
    verdict = look(document(macros=MACROS, defects=[defect], vba={"compiled": {"Module1": FETCHES}}))
    assert {"vba.source-missing", "vba.download", *PLANTED} <= rules_of(verdict)
    assert "vba.source-missing" in gaps_of(verdict)
    assert verdict.level >= Level.SUSPICIOUS
    assert ("url", "https://files.invalid/a.txt") in {(one.kind, one.value) for one in verdict.indicators}


@pytest.mark.parametrize(
    "defects", [["no-source", "no-dir"], ["no-source", "corrupt-dir"], ["no-source", "hidden-modules"]]
)
def test_v07_compiled_code_alone_is_read_where_no_list_names_it(defects):
    verdict = look(document(macros=MACROS, defects=defects, vba={"compiled": {"Module1": FETCHES}}))
    assert {"vba.source-missing", "vba.download", *PLANTED} <= rules_of(verdict)


@pytest.mark.parametrize("said", [0, 99999, 65001, 1252, 932, 1200, 20932, 10001])
def test_v08_a_code_page_that_lies_hides_nothing(said):
    arguments = {"code_page": 932, "declared_code_page": said, "compiled": {"表ソ": COMPILED}}
    verdict = look(document(macros={"表ソ": STARTS}, vba=arguments))
    assert rules_of(verdict) >= PLANTED
    assert "vba.stomped" not in rules_of(verdict)
    assert ("vba.unknown-code-page" in gaps_of(verdict)) == (said in {0, 99999, 1200})
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_v08_names_with_a_backslash_for_a_second_byte_come_back():
    verdict = look(document(macros={"表ソ": STARTS}, vba={"code_page": 932}))
    assert "表ソ" in texts_of(Verdict.from_json(verdict.to_json()), "vba.autorun")


def test_v12_code_in_the_last_of_many_modules_and_behind_many_comments():
    macros = {f"Module{number}": f"Sub S{number}()\nEnd Sub\n" for number in range(300)}
    assert rules_of(look(document(macros=macros | {"Last": STARTS}))) >= PLANTED
    verdict = look(document(macros={"Module1": "' filler\n" * 50_000 + STARTS}))
    assert rules_of(verdict) >= PLANTED
    assert "Module1:50001" in texts_of(verdict, "vba.autorun").replace("Module1:50002", "Module1:50001")


def test_v12_the_source_of_a_large_module_is_held_few_times():
    size = 1 << 20
    data = project({"Module1": "' filler of a line that says nothing\n" * (size // 38) + STARTS})
    tracemalloc.start()
    verdict = look(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rules_of(verdict) >= PLANTED
    assert peak < 10 * size


@pytest.mark.long
def test_v12_at_full_size():
    macros = {f"Module{number}": f"Sub S{number}()\nEnd Sub\n" for number in range(5000)}
    assert rules_of(look(document(macros=macros | {"Last": STARTS}))) >= PLANTED
    line = "' filler of a line that says nothing\r\n"
    source = line * (60 * (1 << 20) // len(line)) + STARTS.replace("\n", "\r\n")
    stream = compress(line.encode() * 107)[1:] * (60 * (1 << 20) // (107 * len(line)))

    def plant(streams):
        streams["VBA/Module1"] = b"\x01" + stream + compress(source[-8000:].encode())[1:]

    assert rules_of(look(project(MACROS, plant, cache_size=0))) >= PLANTED
