"""Row X11 and its kin: RTF made to be read wrongly, or never to an end."""

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.rtf import read_rtf
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget
from emotriage.testing import archive, compound_file, native_object, rtf

EQUATION = "0002ce02-0000-0000-c000-000000000046"
FONT = b"\3\1\1\3\0\x0a\1\x08\1\1" + b"emotriage-inert " * 4 + b"\0\0\0"
OBJECT = native_object(
    "Equation.3", compound_file({"Equation Native": b"\x1c\0" + bytes(26) + FONT}, clsids={"": EQUATION})
)
FOUND = "ole.equation-overflow"


def rules_of(data: bytes, **more) -> set[str]:
    return {one.rule for one in scan(data, name="minutes.rtf", plugins=[], **more).findings}


def with_data(digits: bytes, before: bytes = b"", after: bytes = b"}}}") -> bytes:
    return b"{\\rtf1\\ansi " + before + b"{\\object\\objupdate{\\*\\objdata " + digits + after


DIGITS = OBJECT.hex().encode()
PAIRS = [DIGITS[at : at + 16] for at in range(0, len(DIGITS), 16)]

SHAPES = {
    "whitespace": with_data(b" \r\n\t".join(PAIRS)),
    "noise": with_data(b"xyz-;|".join(PAIRS)),
    "upper-case": with_data(DIGITS.upper()),
    "control-words": with_data(b"\\emotriage12 ".join(PAIRS)),
    "control-words-with-digits": with_data(b"\\par01\r\n".join(PAIRS)),
    "unknown-destinations": with_data(b"{\\*\\inert 4142{\\b 43}}".join(PAIRS)),
    "nameless-destinations": with_data(b"{\\*\\\x1b4142}".join(PAIRS)),
    "known-destinations": with_data(b"{\\hlsrc 41424}".join(PAIRS)),
    "groups-that-count": with_data(b"{" + b"}{".join(PAIRS) + b"}"),
    "starred-groups-that-count": with_data(b"{\\*\\inert " + DIGITS[:6] + b"}" + DIGITS[6:]),
    "objects-between": with_data(b"{\\object}".join(PAIRS)),
    "escapes": with_data(b"\\'41".join(PAIRS)),
    "escapes-that-are-none": with_data(b"\\'zz".join(PAIRS)),
    "escapes-behind-half-a-byte": with_data(b"7\\'41".join(PAIRS)),
    "escapes-that-take-a-digit": with_data(b"".join(DIGITS[at : at + 1] + b"f\\'cc" for at in range(len(DIGITS)))),
    "odd-count": with_data(DIGITS + b"0"),
    "shifted": with_data(b"7" + DIGITS),
    "binary": with_data(b"\\bin%d " % len(OBJECT) + OBJECT),
    "binary-in-the-middle": with_data(DIGITS[:400] + b"\\bin100 " + OBJECT[200:300] + DIGITS[600:]),
    "binary-of-nothing": with_data(b"\\bin0 \\bin-5 \\bin ".join(PAIRS)),
    "binary-with-many-digits": with_data(b"\\bin" + b"0" * 200 + b"%d " % len(OBJECT) + OBJECT),
    "unicode-alternatives": with_data(DIGITS, b"{\\upr{a}{\\*\\ud b}}"),
    "object-in-an-alternative": with_data(DIGITS, b"{\\upr{a}{\\*\\ud ", b"}}}}}"),
    "object-in-an-unknown-destination": with_data(DIGITS, b"{\\*\\inert "),
    "not-closed": with_data(DIGITS, after=b""),
    "closed-too-often": with_data(DIGITS, b"}}}}}"),
    "short-header": with_data(DIGITS).replace(b"{\\rtf1\\ansi", b"{\\rt", 1),
    "header-with-junk": with_data(DIGITS).replace(b"{\\rtf1\\ansi", b"{\\rtf\r\n\xff\xfe 5{\\rtfinert99", 1),
    "header-behind-blanks": b"\r\n \r\n" + with_data(DIGITS),
    "two-of-one": with_data(b"00", after=b"}{\\*\\objdata " + DIGITS + b"}}}"),
    "no-object": b"{\\rtf1{\\objdata " + DIGITS + b"}}",
    "other-version": with_data(b"efbeadde" + DIGITS[8:]),
    "random-class": with_data(OBJECT.replace(b"Equation.3", b"Jx0aMnnB92").hex().encode()),
    "wrong-size": with_data(native_object("Equation.3", OBJECT[35:], size=1).hex().encode()),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_x11_covered_digits_are_read(shape):
    assert FOUND in rules_of(SHAPES[shape])


def test_x11_covers_are_a_finding_and_honest_line_ends_are_not():
    assert "rtf.obfuscated-data" in rules_of(SHAPES["unknown-destinations"])
    assert "rtf.obfuscated-data" not in rules_of(SHAPES["whitespace"])


def test_x11_an_equation_that_loads_itself_is_malicious():
    assert scan(SHAPES["whitespace"], name="minutes.doc", plugins=[]).level is Level.MALICIOUS


@pytest.mark.parametrize("depth", [4_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.parametrize("nest", [b"{\\object", b"{", b"{\\*\\objdata{\\object", b"{\\field{\\*\\fldinst "])
def test_x11_nests_end_and_cost_no_more_than_their_size(nest, depth):
    work = []
    for count in (depth // 4, depth):
        budget = Budget(Limits(), clock=lambda: 0.0)
        read_rtf(Blob(b"{\\rtf1" + nest * count), budget)
        work.append(budget.work)
    assert work[1] < 6 * work[0]
    found = rules_of(b"{\\rtf1" + nest * depth + SHAPES["whitespace"][12:])
    assert FOUND in found or "rtf.not-read" in found


def test_x11_binary_data_longer_than_the_file_is_a_gap():
    for length in (1 << 31, 1 << 40):
        verdict = scan(with_data(b"\\bin%d " % length + OBJECT), name="minutes.rtf", plugins=[])
        assert not verdict.complete
        assert FOUND in {one.rule for one in verdict.findings}
        assert not scan(b"{\\rtf1 \\bin%d }" % length, name="minutes.rtf", plugins=[]).complete


@pytest.mark.parametrize("filler", [b" ", b"\0", b"{", b"}", b"\r\n", b"x"])
@pytest.mark.parametrize("size", [1 << 20, pytest.param(500 << 20, marks=pytest.mark.long)])
def test_x11_padding_in_the_middle_hides_nothing(filler, size):
    data = b"{\\rtf1\\ansi Minutes " + filler * (size // len(filler)) + SHAPES["whitespace"][12:]
    assert FOUND in rules_of(data)


def test_x11_padding_between_digits_hides_nothing():
    data = with_data(DIGITS[:100] + b" " * (1 << 20) + DIGITS[100:])
    assert FOUND in rules_of(data)


def test_x11_digits_that_are_padding_count():
    figures = native_object("Figures.1", b"\1" * 4096 + bytes(200_000))
    verdict = scan(with_data(figures.hex().encode()), name="minutes.rtf", plugins=[])
    assert 204_096 in {one.size for one in verdict.artifacts}


def test_r50_objects_that_update_are_told():
    assert "rtf.self-updating-object" in rules_of(rtf(objects=[OBJECT], words="objautlink\\objupdate"))
    assert "rtf.self-updating-object" not in rules_of(rtf(objects=[OBJECT]))
    assert "rtf.malformed-header" in rules_of(SHAPES["short-header"])


def test_r51_monikers_are_told_by_what_they_ask():
    for target in (
        "mhtml:https://emotriage.invalid/a.html!x-usc:https://emotriage.invalid/a.html",
        "ms-msdt:/id emotriage-inert",
        "script:https://emotriage.invalid/a.sct",
    ):
        link = native_object("Word.Document.8", linked=True, topic=target)
        assert "rtf.handler-link" in rules_of(rtf(objects=[link], words="objlink"))
        assert "rtf.handler-link" in rules_of(rtf(fields=[f'INCLUDETEXT "{target}"']))
        assert "rtf.handler-link" in rules_of(rtf(template=target))


def test_y04_an_archive_behind_the_document_is_opened():
    script = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n' * 3
    found = rules_of(rtf("Minutes") + archive(files={"dates.js": script}))
    assert {"rtf.other-file", "script.starts-programs"} <= found


def test_x11_a_field_behind_more_than_is_kept_is_a_gap():
    padded = b" " * 70_000 + b'DDEAUTO cmd "/k emotriage-inert"'
    verdict = scan(b"{\\rtf1{\\field{\\*\\fldinst " + padded + b"}}}", name="minutes.rtf", plugins=[])
    assert "rtf.dde-field" in {one.rule for one in verdict.findings} or not verdict.complete


def test_x11_a_hyperlink_to_a_help_file_is_no_more_than_a_guess():
    verdict = scan(rtf(fields=['HYPERLINK "mk:@MSITStore:C:\\\\help.chm::/a.htm"']), name="minutes.rtf", plugins=[])
    assert verdict.level is Level.CLEAN


def test_x11_what_stands_before_too_many_tokens_is_judged(monkeypatch):
    monkeypatch.setattr("emotriage.formats.rtf._TOKENS", 2_000)
    data = SHAPES["whitespace"][:-1] + b"{}" * 2_000 + b"}"
    verdict = scan(data, name="minutes.rtf", plugins=[])
    assert FOUND in {one.rule for one in verdict.findings}
    assert "rtf.not-read" in {one.rule for one in verdict.gaps}
    assert scan(SHAPES["whitespace"], name="minutes.rtf", plugins=[]).complete
