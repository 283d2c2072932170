"""PostScript is never clean, and what it hides is told."""

import pytest

from emotriage import Level, scan

HEAD = b"%!PS-Adobe-3.0 EPSF-3.0\n"


def rules(data):
    return {one.rule for one in scan(data, name="logo.eps", plugins=[]).findings}


@pytest.mark.parametrize("begin", [b"", b"\r\n"])
def test_a_drawing_is_a_gap_and_no_more(begin):
    data = begin + HEAD + b"0 0 moveto 9 9 lineto stroke\n"
    assert "postscript.program" in rules(data)
    assert scan(data, name="logo.eps", plugins=[]).level is Level.UNVERIFIED


@pytest.mark.parametrize(
    "code", [b"<" + b"20 " * 80 + b"> cvx exec\n", b"(%pipe%emotriage-inert) (w) file\n", b"1 2 .eqproc\n"]
)
def test_hidden_code_far_behind_the_head(code):
    assert "postscript.hidden-code" in rules(HEAD + b"9 9 lineto\n" * 200_000 + code)


def test_pictures_hold_digits_too():
    assert "postscript.hidden-code" not in rules(HEAD + b"<" + b"20" * 200 + b"> show\n")
