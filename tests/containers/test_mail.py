"""Mails: what becomes a child and under which name, what is told of them, and that honest ones are clean."""

import hashlib

import pytest

from containers.business_mails import COUNT, PNG, business_mails
from emotriage import Level, scan
from emotriage.testing import archive, document, executable, mail

LETTER = "お世話になっております。\n納期表をお送りします。\n"


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def test_fifty_honest_business_mails_are_clean():
    mails = list(business_mails())
    assert len({data for _, data in mails}) == COUNT
    for what, data in mails:
        verdict = scan(data, name="mail.eml", plugins=[])
        gaps = [(one.rule, verdict.artifacts[one.artifact].kind) for one in verdict.gaps]
        assert gaps == [], what
        assert verdict.level is Level.CLEAN, (what, rules_of(verdict))


def test_the_same_fifty_mails_with_a_macro_are_not():
    macro = document("doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})
    for number, (what, data) in enumerate(business_mails()):
        if number % 5 == 0:
            verdict = scan(mail("FYI\n", attach={"fw.eml": data, "invoice.doc": macro}), plugins=[])
            assert {"vba.autorun", "vba.execute"} <= rules_of(verdict), what


@pytest.mark.parametrize("names", ["rfc2231", "rfc2231-parts", "rfc2047", "raw"])
@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
def test_attachments_come_out_as_they_went_in(names, charset, encoding):
    content = b"Tuesday\r\nFriday = 13\r\n\r\n--none\r\n" * 30
    data = mail(LETTER, attach={"見積書ソ表アベ.txt": content}, names=names, charset=charset, encoding=encoding)
    verdict = scan(data, plugins=[])
    assert [one.name for one in verdict.artifacts][1:] == ["part-1", "見積書ソ表アベ.txt"]
    assert verdict.artifacts[2].sha256 == hashlib.sha256(content).hexdigest()
    assert verdict.level is Level.CLEAN


def test_names_with_rows_of_nec_and_ibm():
    for charset in ("iso-2022-jp", "cp932"):
        verdict = scan(mail(LETTER, attach={"①㈱髙﨑.png": PNG}, names="rfc2047", charset=charset), plugins=[])
        assert verdict.artifacts[2].name == "①㈱髙﨑.png"


def test_parts_are_children_in_document_order():
    data = mail("text", html="<p>page</p>", inline={"logo.png": PNG}, attach={"a.zip": archive(files={"b.txt": b"x"})})
    verdict = scan(data, plugins=[])
    assert [(one.kind, one.parent) for one in verdict.artifacts] == [
        ("mail", None),
        ("text", 0),
        ("html", 0),
        ("image", 0),
        ("zip", 0),
        ("text", 4),
    ]


def test_a_program_in_a_mail_is_found():
    verdict = scan(mail(attach={"dates.exe": executable()}), plugins=[])
    assert "names.active-extension" in rules_of(verdict)
    assert not verdict.complete


def test_a_padded_attachment_costs_its_content():
    size = 20 << 20
    data = mail(attach={"a.bin": bytes(size)})
    verdict = scan(data, plugins=[])
    assert verdict.artifacts[2].size == size
    assert verdict.artifacts[2].padding


def test_a_page_in_another_charset_is_read_in_it():
    page = "<iframe src='https://emotriage.invalid/'>"
    for charset in ("utf-16", "utf-7"):
        verdict = scan(mail("", html=page, charset=charset), plugins=[])
        assert "html.active-content" in rules_of(verdict)


PAGES = {
    "script": "<p>x</p><script src=a.js></script>",
    "broken script": "<p>x</p><scr\0ipt>x()</script>",
    "form": "<form action='https://emotriage.invalid/'>",
    "frame": "<iframe src='https://emotriage.invalid/'>",
    "object": "<object data='x.swf'>",
    "handler": "<img src=x onerror=x()>",
    "handler behind a slash": "<img/src='x'/onload=x()>",
    "handler behind an equals sign": "<img = onerror=x()>",
    "javascript": "<a href='java&#10;script:x()'>x</a>",
    "data": "<a href='data:text/html,x'>x</a>",
    "msdt": "<a href='ms-msdt:/id x'>x</a>",
    "search": "<a href='search-ms:query=x&crumb=location:x'>x</a>",
    "share": "<img src='\\\\198.51.100.7\\x\\y.png'>",
    "file": "<a href='file://198.51.100.7/x/y.doc'>x</a>",
    "program": "<a href='https://emotriage.invalid/x/setup.exe?a=1'>x</a>",
    "archive": "<a href='https://emotriage.invalid/x.zip'>x</a>",
    "refresh": "<meta http-equiv=refresh content='0;url=https://emotriage.invalid/'>",
    "expression": "<p style='width:expression(x())'>",
    "in a comment": "<!--[if mso]><script>x()</script><![endif]-->",
    "svg": "<svg onload=x()>",
    "srcdoc": "<p srcdoc='x'>",
}
QUIET = {
    "link": "<a href='https://emotriage.invalid/setup/exe'>x</a>",
    "domain": "<a href='https://emotriage.com'>x</a>",
    "picture": "<img src='data:image/png;base64,AAAA'><img src='cid:a'><img src='https://emotriage.invalid/a.gif'>",
    "words": "<p>a form, a script, onload = never, an object</p>",
    "style": "<style>p { behavior: none } a:hover { color: red }</style>",
    "unclosed": "<p><b>x <a href='https://emotriage.invalid/",
    "local": "<img src='file:///C:/Users/jo/logo.png'>",
}


FOLLOWED = {"form", "srcdoc", "svg", "in a comment", "javascript"} | {one for one in PAGES if one.startswith("handler")}
"""What was followed to its end, and does nothing: it calls what is not there, or asks for nothing."""


@pytest.mark.parametrize("form", PAGES)
def test_active_pages_are_told_followed_or_a_gap(form):
    verdict = scan(b"<html><body>" + PAGES[form].encode() + b"</body></html>", name="a.html", plugins=[])
    told = {one for one in rules_of(verdict) if one.startswith("html.")}
    assert bool(verdict.gaps or told) == (form not in FOLLOWED)


@pytest.mark.parametrize("form", QUIET)
def test_quiet_pages_are_clean(form):
    verdict = scan(b"<html><body>" + QUIET[form].encode() + b"</body></html>", name="a.html", plugins=[])
    assert verdict.level is Level.CLEAN
    assert verdict.complete


def test_links_of_a_body_are_indicators():
    verdict = scan(mail("", html="<p><a href='https://emotriage.invalid/a?b=1&amp;c=2'>x</a></p>"), plugins=[])
    assert [one.value for one in verdict.indicators] == ["https://emotriage.invalid/a?b=1&c=2"]


def test_a_saved_page_is_no_mail_and_a_mail_with_pictures_is():
    parts = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n\r\nhello\r\n--x--\r\n'
    assert scan(b"From: <Saved by Blink>\r\nSubject: x\r\n" + parts, plugins=[]).artifacts[0].kind == "mht"
    sent = b"MIME-Version: 1.0\r\nFrom: jo@example.invalid\r\nTo: office@example.invalid\r\n" + parts[18:]
    assert scan(sent, plugins=[]).artifacts[0].kind == "mail"
