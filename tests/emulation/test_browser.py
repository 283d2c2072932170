"""What scripts of a page come to: files they hand over, addresses they go to, markup they write."""

import base64
from itertools import pairwise

import pytest

from emotriage.emulation.browser.run import PageRun, run_page
from emotriage.formats.html_page import read_page
from emotriage.model.limits import Budget, Limits
from emotriage.testing import archive

FILE = archive(files={"dates.txt": b"Tuesday, 3 March\n" * 8})
TEXT = base64.b64encode(FILE).decode()


def run(page: str) -> PageRun:
    return run_page(read_page(page, Budget(Limits())), Budget(Limits()))


def script(text: str) -> PageRun:
    return run(f"<html><body><script>{text}</script></body></html>")


def fetched(found: PageRun) -> list[str]:
    return [one.what for one in found.run.effects if one.kind == "fetch"]


BYTES = (
    "var s = atob(data), u = new Uint8Array(s.length); for (var i = 0; i < s.length; i++) { u[i] = s.charCodeAt(i); }"
)
SAVES = {
    "clicked-link": BYTES + "var a = document.createElement('a'); a.href = URL.createObjectURL(new Blob([u]));"
    "a.download = 'dates.zip'; a.click();",
    "attributes": BYTES + "var a = document.createElement('a'); a.setAttribute('href', webkitURL.createObjectURL("
    "new File([u.buffer], 'dates.zip'))); a.setAttribute('download', 'dates.zip');"
    "a.dispatchEvent(new MouseEvent('click'));",
    "ms-save": BYTES + "if (window.navigator && window.navigator.msSaveOrOpenBlob) {"
    "navigator.msSaveOrOpenBlob(new Blob([u], {type: 'octet/stream'}), 'dates.zip'); }",
    "save-as": BYTES + "saveAs(new Blob([u]), 'dates.zip');",
    "from": "saveAs(new Blob([Uint8Array.from(atob(data), c => c.charCodeAt(0))]), 'dates.zip');",
    "counting-down": "var s = atob(data), n = s.length, u = new Uint8Array(n); while (n--) { u[n] = s.charCodeAt(n); }"
    "saveAs(new Blob([u]), 'dates.zip');",
    "slices": "var s = atob(data), all = []; for (var o = 0; o < s.length; o += 100) { var part = s.slice(o, o + 100);"
    "var n = new Array(part.length); for (var i = 0; i < part.length; i++) { n[i] = part.charCodeAt(i); }"
    "all.push(new Uint8Array(n)); } saveAs(new Blob(all), 'dates.zip');",
    "fetch": "fetch('data:application/zip;base64,' + data).then(r => r.blob()).then(b => saveAs(b, 'dates.zip'));",
    "async": "async function go() { const r = await fetch(`data:application/zip;base64,${data}`);"
    "const b = await r.blob(); saveAs(b, `${'dates'}.zip`); } go();",
    "reader": BYTES + "var r = new FileReader(); r.onload = function (e) { var a = document.createElement('a');"
    "a.href = e.target.result; a.download = 'dates.zip'; a.click(); }; r.readAsDataURL(new Blob([u]));",
    "handler": "window.onload = function () {" + BYTES + "saveAs(new Blob([u]), 'dates.zip'); };",
    "later": "function go() {" + BYTES + "saveAs(new Blob([u]), 'dates.zip'); } setTimeout(go, 900);",
    "listener": "document.addEventListener('DOMContentLoaded', () => {"
    + BYTES
    + "saveAs(new Blob([u]), 'dates.zip'); });",
    "eval": "eval(unescape('%73aveAs(new%20Blob([Uint8Array.from(atob(data),c=>c.charCodeAt(0))]),%22dates.zip%22)'));",
    "class": "class Maker { constructor(text) { this.text = text; } make() {" + BYTES.replace("data", "this.text")
    + "return new Blob([u]); } } saveAs(new Maker(data).make(), 'dates.zip');",
    "not-clicked": "var a = document.createElement('a'); a.href = 'data:application/zip;base64,' + data;"
    "a.download = 'dates.zip'; document.body.appendChild(a);",
    "array-from": "saveAs(new Blob([new Uint8Array(Array.from(atob(data), c => c.charCodeAt(0)))]), 'dates.zip');",
    "json": "var all = JSON.parse('{\"data\": [\"' + data + '\"]}'); data = all.data[0];"
    "saveAs(new Blob([Uint8Array.from(atob(data), c => c.charCodeAt(0))]), 'dates.zip');",
    "jquery": "$(document).ready(function () {" + BYTES + "$('<a>').attr('href', URL.createObjectURL(new File([u],"
    "'dates.zip'))); });",
    "written": "document.write('<a id=save download=dates.zip href=\"data:application/zip;base64,' + data + '\"></a>');"
    "document.getElementById('save').click();",
}  # fmt: skip


@pytest.mark.parametrize("way", SAVES)
def test_a_file_is_handed_over(way):
    found = script(f'var data = "{TEXT[:40]}" + "{TEXT[40:]}";' + SAVES[way])
    assert {(one.name, one.content) for one in found.files} == {("dates.zip", FILE)}
    assert found.lost == ()


@pytest.mark.parametrize(
    "loop",
    [
        "for (var i = 0; i < d.length; i++) { d[i] ^= 77; }",
        "for (var i = 0; i < d.length; i++) { d[i] = d[i] ^ k.charCodeAt(i % k.length); }",
        "var o = []; for (let i = 0; i < d.length; i++) { o.push(d[i] ^ k.charCodeAt(i % k.length) & 255); } d = o;",
        "d = d.map((one, at) => one ^ k.charCodeAt(at % k.length));",
        "var i = 0; while (i < d.length) { d[i] = (d[i] ^ k.charCodeAt(i % k.length)) & 0xff; i++; }",
    ],
)
def test_a_key_is_taken_off(loop):
    key = b"M" if "77" in loop else b"emotriage"
    covered = ",".join(str(one ^ key[at % len(key)]) for at, one in enumerate(FILE))
    found = script(f"var d = [{covered}], k = 'emotriage'; {loop} saveAs(new Blob([new Uint8Array(d)]), 'a.zip');")
    assert [one.content for one in found.files] == [FILE]


def test_a_loop_that_reads_what_it_wrote_is_not_done_at_once():
    covered = [FILE[0], *(one ^ before for before, one in pairwise(FILE))]
    loop = "for (var i = 1; i < d.length; i++) { d[i] = d[i] ^ d[i - 1]; }"
    found = script(f"var d = {covered}; {loop} saveAs(new Blob([new Uint8Array(d)]), 'a.zip');")
    assert [one.content for one in found.files] == [FILE]


def test_half_a_megabyte_is_decoded():
    data = bytes(range(256)) * 2048
    found = script(f'var data = "{base64.b64encode(data).decode()}";' + SAVES["save-as"])
    assert [one.content for one in found.files] == [data]
    assert found.lost == ()


@pytest.mark.parametrize(
    ("page", "inside"),
    [
        ('<div id="d" data-x="{}"></div>', "document.getElementById('d').getAttribute('data-x')"),
        ('<div id="d" data-my-file="{}"></div>', "document.querySelector('#d').dataset.myFile"),
        ('<script type="text/plain" id="d">{}</script>', "document.getElementById('d').textContent"),
        ('<p class="one d">{}</p>', "document.getElementsByClassName('d')[0].innerHTML"),
        ('<input id="d" type="hidden" value="{}">', "document.getElementById('d').value"),
        ('<textarea id="d">{}</textarea>', "document.getElementById('d').value"),
    ],
)
def test_what_the_page_holds_is_data(page, inside):
    found = run(page.format(TEXT) + f"<script>var data = {inside}; {SAVES['from']}</script>")
    assert [one.content for one in found.files] == [FILE]


def test_scripts_share_what_they_say_and_a_broken_one_stops_only_itself():
    page = f"<script>var data = '{TEXT}';</script><script>/* never closed</script><script>{SAVES['from']}</script>"
    assert [one.content for one in run(page).files] == [FILE]


@pytest.mark.parametrize(
    "way",
    [
        "location = u;",
        "window.location.href = u;",
        "top.location.replace(u);",
        "document.location.assign(u);",
        "window.open(u);",
        "setTimeout(function () { self.location = u; }, 10);",
        "if (navigator.userAgent.indexOf('Windows') >= 0) { location.href = u; }",
        "if (Math.random() > new Date().getTime()) { location.href = u; } else { 1; }",
    ],
)
def test_where_the_page_goes(way):
    assert fetched(script(f"var u = atob('aHR0cHM6Ly9lbW90cmlhZ2UuaW52YWxpZC9h'); {way}")) == [
        "https://emotriage.invalid/a"
    ]


def test_handlers_and_addresses_of_elements_are_run():
    page = (
        '<body onload="go(\'a\')"><a href="javascript:go(%27b%27)">x</a><p onclick="go(\'c\')">y</p>'
        "<script>function go(one) { location = 'https://emotriage.invalid/' + one; }</script>"
    )
    assert sorted(fetched(run(page))) == [f"https://emotriage.invalid/{one}" for one in "abc"]


def test_written_markup_is_told():
    found = script("document.write(unescape('%3Cform%3E')); document.body.innerHTML = '<b>1</b>';")
    assert found.written == "<form>\n<b>1</b>"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("for (var i = 0, t = ''; i < 9e9; i++) { t = t + i; if (t.length > 9) { t = ''; } }", "steps"),
        ("location = crypto.randomUUID();", "not known"),
        ("var a = ] ;", "not understood"),
    ],
)
def test_what_is_not_followed_is_said(text, why):
    assert any(why in one for one in script(text).lost)


def test_unknown_content_is_no_content():
    found = script("saveAs(new Blob([crypto.randomUUID()]), 'a.zip');")
    assert [(one.name, one.content) for one in found.files] == [("a.zip", None)]
