"""A PDF that only shows is clean; one that acts is a gap with its name; what it carries is looked at."""

import zlib

import pytest

from emotriage import Level, scan

HEAD = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /X >>\nendobj\n"
TAIL = b"trailer\n<< /Root 1 0 R >>\n%%EOF"


def verdict_of(catalog: bytes = b"", objects: bytes = b"", tail: bytes = TAIL):
    return scan(HEAD.replace(b"/X", catalog) + objects + tail, name="a.pdf")


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings if one.rule.startswith("pdf.")}


@pytest.mark.parametrize(
    "catalog",
    [
        b"",
        b"/OpenAction [3 0 R /XYZ null null 0]",
        b"/OpenAction << /Type /Action /S /GoTo /D [3 0 R /Fit] >>",
        b"/OpenAction << /S /Named /N /FirstPage >>",
        b"/AcroForm << /Fields [] >>",
        b"/Names << /EmbeddedFiles << /Names [ ] >> >>",
    ],
)
def test_passive_documents_are_clean(catalog):
    verdict = verdict_of(catalog)
    assert verdict.level is Level.CLEAN
    assert verdict.complete


@pytest.mark.parametrize(
    ("catalog", "rule"),
    [
        (b"/OpenAction << /S /JavaScript /JS 99 0 R >>", "pdf.action-not-followed"),
        (b"/OpenAction << /S /Launch >>", "pdf.action-not-followed"),
        (b"/OpenAction 99 0 R", "pdf.action-not-followed"),
        (b"/AA << /O 44 0 R >>", "pdf.action-not-followed"),
        (b"/AcroForm << /XFA [(a) 5 0 R] >>", "pdf.active-form"),
        (b"/X << /Subtype /RichMedia >>", "pdf.active-form"),
        (b"/Names << /EmbeddedFiles 7 0 R >>", "pdf.file-not-read"),
    ],
)
def test_active_documents_are_a_gap_by_name(catalog, rule):
    verdict = verdict_of(catalog)
    assert rule in rules_of(verdict)
    assert verdict.level >= Level.UNVERIFIED
    assert verdict.gaps


def test_an_action_behind_a_reference_is_followed():
    to_place = b"4 0 obj\n<< /S /GoTo /D [3 0 R /Fit] >>\nendobj\n"
    assert verdict_of(b"/OpenAction 4 0 R", to_place).level is Level.CLEAN
    to_script = b"4 0 obj\n<< /S /JavaScript /JS (x) >>\nendobj\n"
    assert {"pdf.javascript", "pdf.automatic-action"} <= rules_of(verdict_of(b"/OpenAction 4 0 R", to_script))


def test_links_are_indicators_and_no_gap():
    verdict = verdict_of(objects=b"4 0 obj\n<< /S /URI /URI (https://example.invalid/a\\(b\\)) >>\nendobj\n")
    assert [one.value for one in verdict.indicators if one.kind == "url"] == ["https://example.invalid/a(b)"]
    assert verdict.level is Level.CLEAN


def test_links_in_object_streams_are_indicators():
    packed = zlib.compress(b"5 0 << /URI (https://example.invalid/x) >>")
    body = b"4 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + packed + b"\nendstream\nendobj\n"
    assert [one.value for one in verdict_of(objects=body).indicators] == ["https://example.invalid/x"]


@pytest.mark.parametrize("name", ["setup.exe", "a.hta?x=1", "scan.ZIP", "a.one#1"])
def test_links_to_programs(name):
    verdict = verdict_of(objects=b"4 0 obj\n<< /URI (https://example.invalid/%s) >>\nendobj\n" % name.encode())
    assert "pdf.program-link" in rules_of(verdict)


def test_a_link_to_a_host_is_no_link_to_a_program():
    verdict = verdict_of(objects=b"4 0 obj\n<< /URI (https://www.example.com) >>\nendobj\n")
    assert rules_of(verdict) == set()


def test_embedded_files_are_artifacts():
    script = b'var a = new ActiveXObject("WScript.Shell");\na.Run("emotriage-inert");\n'
    body = b"4 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode >>\nstream\n" + zlib.compress(script)
    verdict = verdict_of(objects=body + b"\nendstream\nendobj\n")
    assert [one.kind for one in verdict.artifacts] == ["pdf", "script"]
    assert "script.starts-programs" in {one.rule for one in verdict.findings if one.artifact == 1}


def test_an_encrypted_document_is_a_gap_and_its_strings_are_not_quoted():
    body = b"4 0 obj\n<< /URI (\x81\x82garbage) >>\nendobj\n"
    verdict = verdict_of(objects=body, tail=b"trailer\n<< /Encrypt 9 0 R >>\n%%EOF")
    assert "pdf.encrypted" in rules_of(verdict)
    assert verdict.level is Level.UNVERIFIED
    assert not verdict.indicators


@pytest.mark.parametrize("place", ["front", "behind"])
def test_polyglots(place):
    other = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x--\r\n"
    pdf = HEAD + TAIL + b"\n"
    verdict = scan(other + pdf if place == "front" else pdf + other, name="a.doc")
    if verdict.artifacts[0].kind == "pdf":
        assert "pdf.other-file" in rules_of(verdict)
        assert verdict.level >= Level.SUSPICIOUS
    else:
        assert verdict.level >= Level.UNVERIFIED


def test_a_truncated_document_is_still_swept():
    verdict = verdict_of(b"/OpenAction << /S /Launch /F (x) >>", tail=b"")
    assert "pdf.launch" in rules_of(verdict)


def test_a_header_alone_is_a_gap():
    assert scan(b"%PDF-1.7\n", name="a.pdf").level is Level.UNVERIFIED


@pytest.mark.parametrize(
    ("catalog", "rules"),
    [
        (b"/OpenAction << /S /JavaScript /JS (x) >>", {"pdf.automatic-action", "pdf.javascript"}),
        (b"/OpenAction << /S /JavaScript /JS <FEFF0078> >>", {"pdf.automatic-action", "pdf.javascript"}),
        (b"/OpenAction << /S /Launch /F (x) >>", {"pdf.automatic-action", "pdf.launch"}),
        (b"/OpenAction << /Win << /P (/c x) /F (cmd.exe) >> /S /Launch >>", {"pdf.automatic-action", "pdf.launch"}),
        (b"/OpenAction << /S /URI /URI (http://a.invalid/) >>", {"pdf.automatic-action"}),
        (b"/X << /S /SubmitForm /F << /FS /URL /F (http://a.invalid/) >> >>", {"pdf.remote-action"}),
    ],
)
def test_actions_are_followed(catalog, rules):
    verdict = verdict_of(catalog)
    assert rules <= rules_of(verdict)
    assert verdict.complete


def with_script(text: str) -> bytes:
    escaped = text.replace("(", "\\(").replace(")", "\\)").encode()
    return b"/OpenAction << /S /JavaScript /JS (" + escaped + b") >>"


def test_code_that_only_a_reader_could_make_is_a_gap():
    assert "pdf.action-not-followed" in rules_of(verdict_of(with_script("eval(this.info.x)")))


def test_layers_of_a_script_are_looked_at():
    script = "var a = 'app.laun' + 'chURL'; eval(a + \"('https://emotriage.inv\" + \"alid/x')\");"
    verdict = verdict_of(with_script(script))
    assert {"pdf.script-unpacks", "pdf.script-fetches"} <= rules_of(verdict)
    assert ("https://emotriage.invalid/x", "decoded") in {(one.value, one.origin) for one in verdict.indicators}


def test_a_script_in_a_stream_is_read():
    script = zlib.compress(b"app.launchURL('https://emotriage.invalid/x');")
    stream = b"9 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (len(script), script)
    assert "pdf.script-fetches" in rules_of(verdict_of(b"/OpenAction << /S /JavaScript /JS 9 0 R >>", stream))


def test_embedded_files_have_their_names():
    objects = (
        b"8 0 obj\n<< /Type /Filespec /F (run.js) /UF (\xfe\xff\0r\0u\0n\0.\0j\0s) /EF << /F 9 0 R >> >>\nendobj\n"
        b"9 0 obj\n<< /Type /EmbeddedFile /Length 5 >>\nstream\nhello\nendstream\nendobj\n"
    )
    assert "run.js" in {one.name for one in verdict_of(b"", objects).artifacts}
