"""Rows E04, E05, E12, M01 to M11, M14, M17 and M18: mails made to be read in two ways, or never to an end."""

# ruff: noqa: RUF001  full-width letters are the matter here

import base64
import binascii
import json

import pytest

from emotriage import Level, Limits, scan
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget
from emotriage.reports.text import story, table
from emotriage.testing import archive, document, mail

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n' * 3
FOUND = "script.starts-programs"
HEAD = b"From: jo@example.invalid\r\nTo: office@example.invalid\r\nSubject: dates\r\nMIME-Version: 1.0\r\n"
PLAIN = b"Content-Type: text/plain\r\n\r\nSee below.\r\n"


def rules_of(verdict) -> set[str]:
    return {one.rule for one in verdict.findings}


def attachment(data: bytes = SCRIPT, name: bytes = b"dates.js", extra: bytes = b"") -> bytes:
    head = b'Content-Type: application/octet-stream; name="' + name + b'"\r\n' + extra
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n")


def multipart(
    *parts: bytes, type_: bytes = b"multipart/mixed; boundary=one", mark: bytes = b"one", close=True
) -> bytes:
    body = b"".join(b"--" + mark + b"\r\n" + part for part in parts)
    return HEAD + b"Content-Type: " + type_ + b"\r\n\r\n" + body + (b"--" + mark + b"--\r\n" if close else b"")


def locked(password: str, **more) -> bytes:
    macro = document("doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})
    return archive(files={"invoice.doc": macro}, password=password, method=8, **more)


PASSWORDS = {
    "japanese": ("お世話になっております。\nパスワード：Kx82-emo\nです。\n", "Kx82-emo"),
    "full-width": ("解凍パスワードは「ｅｍｏ１２３４」です。\n", "emo1234"),
    "full-width-literal": ("暗証番号　ｅｍｏ１２３４\n", "ｅｍｏ１２３４"),
    "zero-width": ("pass\u200bword: e\u200bm\u2060o\ufeff77\n", "emo77"),
    "next-line": ("The password is as follows:\n\n   emo-9981\n\nKind regards\n", "emo-9981"),
    "brackets": ("【解凍ＰＷ】　emo_5512\n", "emo_5512"),
    "date": ("パスワードは本日の日付（８桁）です。\n", "20210302"),
    "table": ("ファイル名\tパスワード\ninvoice.zip\temo5521\n", "emo5521"),
    "german": ("Das Kennwort lautet: Emo77haus\n", "Emo77haus"),
    "russian": ("Пароль к архиву: emo-4455\n", "emo-4455"),
}


@pytest.mark.parametrize("form", PASSWORDS)
@pytest.mark.parametrize("encryption", ["zipcrypto", "aes-256"])
def test_e04_passwords_of_the_text_open_the_archive(form, encryption):
    text, password = PASSWORDS[form]
    charset = "utf-8" if form in ("zero-width", "russian") else "iso-2022-jp"
    data = mail(text, attach={"invoice.zip": locked(password, encryption=encryption)}, charset=charset)
    verdict = scan(data, plugins=[])
    assert {"vba.autorun", "vba.execute"} <= rules_of(verdict)
    assert verdict.complete


def test_e04_passwords_of_a_page_in_a_table():
    page = "<table><tr><th>File</th><th>Password</th></tr><tr><td>invoice.zip</td><td>emo-3317</td></tr></table>"
    verdict = scan(mail("", html=page, attach={"invoice.zip": locked("emo-3317")}), plugins=[])
    assert "vba.autorun" in rules_of(verdict)


def test_e04_a_password_that_is_only_in_a_picture_leaves_the_archive_encrypted():
    verdict = scan(mail("The password is in the picture.\n", attach={"invoice.zip": locked("Zz-emo-1")}), plugins=[])
    assert "vba.autorun" not in rules_of(verdict)
    assert verdict.level is not Level.CLEAN


def test_e04_text_of_the_mail_outside_serves_the_mail_inside_and_the_other_way_round():
    inner = mail("Please see.\n", attach={"invoice.zip": locked("emo-6071")})
    outer = mail("Password: emo-6071\n", attach={"fw.eml": inner}, encoding="7bit")
    assert "vba.autorun" in rules_of(scan(outer, plugins=[]))
    note = b"Content-Type: message/rfc822\r\n\r\n" + mail("Password: emo-6072\n")
    beside = multipart(PLAIN, note, attachment(locked("emo-6072"), b"a.zip"))
    assert "vba.autorun" in rules_of(scan(beside, plugins=[]))


def test_e05_a_flood_of_candidates_keeps_the_best_and_leaves_a_gap():
    flood = "".join(f"code tok{number:05}\n" for number in range(10_000))
    text = f"{flood}\nThe password is: emo-first\n"
    found = scan(mail(text, attach={"invoice.zip": locked("emo-first")}), plugins=[])
    assert "vba.autorun" in rules_of(found)
    lost = scan(mail(flood, attach={"invoice.zip": locked("never-said")}), plugins=[])
    assert not lost.complete
    assert scan(mail(flood, attach={"a.zip": archive(files={"a.txt": b"plain"})}), plugins=[]).complete


def test_e12_no_output_tells_the_password():
    secret = "Emo-S3cret-771"
    data = mail(f"Password: {secret}\n", subject=f"PW {secret}", attach={"invoice.zip": locked(secret)})
    verdict = scan(data, plugins=[])
    assert "vba.autorun" in rules_of(verdict)
    assert verdict.to_dict()["passwords"]
    for text in (verdict.to_json(), story(verdict), table([verdict]), repr(verdict)):
        assert secret not in text
    wrong = scan(mail(f"Password: {secret}\n", attach={"invoice.zip": locked("other")}), plugins=[])
    assert secret not in wrong.to_json() + story(wrong) + repr(wrong)


BOUNDARIES = {
    "decoy-first": b'multipart/mixed; boundary="decoy"; boundary="one"',
    "decoy-last": b'multipart/mixed; boundary="one"; boundary="decoy"',
    "two-types": b"text/plain\r\nContent-Type: multipart/mixed; boundary=one",
    "two-types-turned": b"multipart/mixed; boundary=one\r\nContent-Type: text/plain",
    "disposition": b"multipart/mixed\r\nContent-Disposition: inline; boundary=one",
    "comment-in-name": b"text/plain\r\nContent-Type (a (comment)): multipart/mixed; boundary=one",
    "blank-before-colon": b"text/plain\r\nContent-Type : multipart/mixed; boundary=one",
    "none": b"multipart/mixed",
    "wrong": b"multipart/mixed; boundary=other",
    "no-semicolon": b"multipart/mixed boundary=one",
    "upper-case": b"MULTIPART/MIXED; BOUNDARY=one",
    "single-quotes": b"multipart/mixed; boundary='one'",
    "trailing-comment": b"multipart/mixed; boundary=one (that one)",
    "rfc2231": b"multipart/mixed; boundary*0*=us-ascii''o; boundary*1=ne",
    "percent": b"multipart/mixed; boundary*=us-ascii''%6Fne",
    "unclosed-quote": b'multipart/mixed; boundary="one',
}


@pytest.mark.parametrize("form", BOUNDARIES)
def test_m01_m02_every_reading_of_the_boundary_is_made(form):
    verdict = scan(multipart(PLAIN, attachment(), type_=BOUNDARIES[form]), plugins=[])
    assert FOUND in rules_of(verdict), form


def test_m01_two_boundaries_that_both_occur_give_both_readings():
    inner = b"--two\r\n" + attachment(name=b"a.js") + b"--two--\r\n"
    for order in (b"boundary=one; boundary=two", b"boundary=two; boundary=one"):
        verdict = scan(multipart(PLAIN + inner, PLAIN, type_=b"multipart/mixed; " + order), plugins=[])
        assert {FOUND, "mail.ambiguous-structure"} <= rules_of(verdict)


@pytest.mark.parametrize("mark", [b"a;b", b" one", b"one two", b'o\\"ne', b"-" * 30 + b"x", b"m" * 200, b"="])
def test_m02_odd_boundaries(mark):
    quoted = mark.replace(b'\\"', b'\\\\\\"') if b'\\"' in mark else mark
    verdict = scan(
        multipart(PLAIN, attachment(), type_=b'multipart/mixed; boundary="' + quoted + b'"', mark=mark), plugins=[]
    )
    assert FOUND in rules_of(verdict)


OUTSIDE = {
    "not-closed": multipart(PLAIN, attachment(), close=False),
    "early-close": multipart(PLAIN) + b"--one\r\n" + attachment() + b"--one--\r\n",
    "epilogue": multipart(PLAIN) + attachment(),
    "preamble": multipart(PLAIN).replace(b"\r\n\r\n--one", b"\r\n\r\n" + attachment() + b"--one", 1),
    "prefix": multipart(
        b"Content-Type: multipart/mixed; boundary=onetwo\r\n\r\n--onetwo\r\n" + attachment() + b"--onetwo--\r\n", PLAIN
    ),
    "bare-cr": multipart(PLAIN, attachment()).replace(b"\r\n", b"\r"),
    "bare-lf": multipart(PLAIN, attachment()).replace(b"\r\n", b"\n"),
    "cr-cr-lf": multipart(PLAIN, attachment()).replace(b"\r\n", b"\r\r\n"),
    "nul-in-header": multipart(PLAIN, attachment().replace(b"Content-Transfer", b"Con\0tent-Trans\0fer")),
    "nul-in-delimiter": multipart(PLAIN, attachment()).replace(b"--one\r\n", b"--o\0ne\r\n"),
    "blanks-behind-delimiter": multipart(PLAIN, attachment()).replace(b"--one\r\n", b"--one \t \r\n"),
    "words-behind-delimiter": multipart(PLAIN, attachment()).replace(b"--one\r\n", b"--one and more\r\n"),
}


@pytest.mark.parametrize("form", OUTSIDE)
def test_m03_attachments_are_found_wherever_they_stand(form):
    assert FOUND in rules_of(scan(OUTSIDE[form], plugins=[])), form


@pytest.mark.parametrize("form", ["early-close", "epilogue", "preamble"])
def test_m03_content_outside_of_parts_is_told(form):
    assert "mail.content-outside-parts" in rules_of(scan(OUTSIDE[form], plugins=[]))


JAPANESE = "請求書ソ表アベ.js"
NAMES = {
    "conflict": (b'; name="dates.txt"\r\nContent-Disposition: attachment; filename="dates.js"', "dates.js"),
    "conflict-turned": (b'; name="dates.js"\r\nContent-Disposition: attachment; filename="dates.txt"', "dates.js"),
    "out-of-order": (b";\r\n filename*1=es.js; filename*0=dat", "dates.js"),
    "missing-index": (b";\r\n name*0=dat; name*2=es.js", "dates.js"),
    "extended-and-plain": (b"; name=dates.txt; name*=utf-8''dates.js", "dates.js"),
    "word-in-quotes": (b'; name="=?utf-8?B?' + base64.b64encode(JAPANESE.encode()) + b'?="', JAPANESE),
    "word-cut-in-half": (
        b'; name="=?shift_jis?B?%s?= =?shift_jis?B?%s?="'
        % (base64.b64encode(JAPANESE.encode("cp932")[:3]), base64.b64encode(JAPANESE.encode("cp932")[3:])),
        JAPANESE,
    ),
    "raw-cp932": (b'; name="' + JAPANESE.encode("cp932") + b'"', JAPANESE),
    "raw-utf-8": (b'; name="' + JAPANESE.encode() + b'"', JAPANESE),
    "raw-euc-jp": (b'; name="' + JAPANESE.encode("euc_jp") + b'"', JAPANESE),
    "raw-iso-2022-jp": (b'; name="' + JAPANESE.encode("iso2022_jp") + b'"', JAPANESE),
    "charset-lies": (b"; name*=utf-8''" + b"%95%5C.js", "表.js"),
    "no-quotes": (b"; name=my dates.js", "my dates.js"),
    "unclosed": (b'; name="dates.js', "dates.js"),
}


@pytest.mark.parametrize("form", NAMES)
def test_m04_the_most_dangerous_name_counts(form):
    parameters, name = NAMES[form]
    part = b"Content-Type: application/octet-stream" + parameters + b"\r\n\r\nhello there\r\n"
    verdict = scan(multipart(PLAIN, part), plugins=[])
    assert name in [one.name for one in verdict.artifacts]
    assert "names.active-extension" in rules_of(verdict)
    assert ("mail.conflicting-names" in rules_of(verdict)) == (
        form.startswith("conflict") or form == "extended-and-plain"
    )


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("dates\u202etxt.js", "names.bidi-override"),
        ("dates.pdf.js", "names.double-extension"),
        ("dates.pdf" + " " * 200 + ".exe", "names.hidden-extension"),
        ("dates．ｊｓ", "names.lookalike-extension"),
        ("dates.js .", "names.trailing-dot-or-blank"),
        ("dates\u200b.js", "names.invisible-characters"),
    ],
)
def test_m05_names_that_hide(name, rule):
    assert rule in rules_of(scan(mail(attach={name: b"hello"}), plugins=[]))


def test_m06_content_is_told_by_its_bytes():
    macro = document("doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})
    data = mail(attach={"logo.png": macro}, types={"logo.png": "image/png"})
    assert "vba.autorun" in rules_of(scan(data, plugins=[]))
    inner = mail(attach={"invoice.doc": macro})
    for encoding in ("base64", "7bit"):
        assert "vba.autorun" in rules_of(scan(mail(attach={"fw.eml": inner}, encoding=encoding), plugins=[]))


def test_m06_files_in_texts():
    lines = b"".join(binascii.b2a_uu(SCRIPT[at : at + 45]) for at in range(0, len(SCRIPT), 45))
    text = b"See below.\r\n\r\nbegin 644 dates.js\r\n" + lines.replace(b"\n", b"\r\n") + b"`\r\nend\r\nbye\r\n"
    verdict = scan(HEAD + b"\r\n" + text, plugins=[])
    assert {FOUND, "mail.uuencoded-file"} <= rules_of(verdict)
    assert "dates.js" in [one.name for one in verdict.artifacts]
    yenc = scan(HEAD + b"\r\nSee.\r\n=ybegin line=128 size=9 name=a.js\r\nabc\r\n=yend size=9\r\n", plugins=[])
    assert not yenc.complete


LETTERS = base64.b64encode(SCRIPT)
ENCODINGS = {
    "junk": (b"base64", b"\r\n".join(LETTERS[at : at + 40] + b" !" for at in range(0, len(LETTERS), 40))),
    "no-padding": (b"base64", LETTERS.rstrip(b"=")),
    "padding-inside": (b"base64", base64.b64encode(SCRIPT[:100]) + base64.b64encode(SCRIPT[100:])),
    "one-letter-lines": (b"base64", b"\r\n".join(LETTERS[at : at + 1] for at in range(len(LETTERS)))),
    "eight-bit-noise": (b"base64", LETTERS[:40] + b"\xff\xfe\x80" + LETTERS[40:]),
    "text-behind": (b"base64", LETTERS + b"\r\n-- \r\nThis list is inert, (see: its page).\r\n"),
    "quoted": (b"quoted-printable", binascii.b2a_qp(SCRIPT)),
    "quoted-every-byte": (b"quoted-printable", b"=\r\n".join(b"=%02x" % byte for byte in SCRIPT)),
    "quoted-lone-cr": (b"quoted-printable", b"=\r".join(b"=%02X" % byte for byte in SCRIPT)),
    "name-in-quotes": (b'"base64"', LETTERS),
    "name-with-comment": (b"base64 (as ever);", LETTERS),
    "twice": (b"7bit\r\nContent-Transfer-Encoding: base64", LETTERS),
    "twice-turned": (b"base64\r\nContent-Transfer-Encoding: 7bit", LETTERS),
    "unknown": (b"x-emotriage", LETTERS),
    "lies": (b"8bit", LETTERS),
    "plain-as-base64": (b"base64", SCRIPT),
}


@pytest.mark.parametrize("form", ENCODINGS)
def test_m07_encodings_are_undone_as_mail_programs_do(form):
    encoding, body = ENCODINGS[form]
    part = b'Content-Type: application/x; name="dates.js"\r\nContent-Transfer-Encoding: ' + encoding
    verdict = scan(multipart(PLAIN, part + b"\r\n\r\n" + body + b"\r\n"), plugins=[])
    assert FOUND in rules_of(verdict)


def test_m08_thousands_of_parts():
    data = multipart(*[PLAIN] * 5000, attachment())
    verdict = scan(data, plugins=[])
    assert "mail.not-read-whole" in {one.rule for one in verdict.gaps}
    assert len(verdict.artifacts) <= 1100


def test_m08_two_thousand_multiparts_inside_of_each_other():
    depth = 2000
    body = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(depth)
    )
    verdict = scan(
        HEAD + body + attachment() + b"".join(b"--b%d--\r\n" % n for n in reversed(range(depth))), plugins=[]
    )
    assert "mail.not-read-whole" in {one.rule for one in verdict.gaps}


def test_m08_two_hundred_messages_inside_of_each_other():
    data = HEAD + PLAIN
    for _ in range(200):
        data = HEAD + b"Content-Type: message/rfc822\r\n\r\n" + data
    verdict = scan(data, plugins=[])
    assert "scan.too-deep" in {one.rule for one in verdict.gaps}


def test_m08_a_digest_holds_messages():
    data = multipart(
        b"\r\n" + multipart(PLAIN, attachment()).replace(b"one", b"in"), type_=b"multipart/digest; boundary=one"
    )
    assert FOUND in rules_of(scan(data, plugins=[]))


HEADERS = {
    "parameters": b"Content-Type: text/plain" + b";a=" * 40_000 + b"\r\n",
    "long-line": b"X-Long: " + b"x" * (300 << 10) + b"\r\n",
    "many": b"X-One: 1\r\n" * 100_000,
    "folded": b"X-Folded: x\r\n" + b" x\r\n" * 500_000,
}


@pytest.mark.parametrize("form", HEADERS)
def test_m09_headers_past_a_cap_are_a_gap_and_the_body_is_read(form):
    verdict = scan(HEAD + HEADERS[form] + multipart(PLAIN, attachment())[len(HEAD) :], plugins=[])
    assert "mail.not-read-whole" in {one.rule for one in verdict.gaps}
    assert FOUND in rules_of(verdict)


def test_m09_parentheses_cost_nothing():
    verdict = scan(HEAD + b"Cc: " + b"(" * 5000 + b"\r\n" + multipart(PLAIN, attachment())[len(HEAD) :], plugins=[])
    assert verdict.complete


def _work(data: bytes) -> int:
    from emotriage.containers.mail import ANALYZER
    from emotriage.model.analyzer import Subject

    budget = Budget(Limits())
    list(ANALYZER.run(Subject(Blob(data), "mail", "a.eml", budget)))
    return budget.work


@pytest.mark.parametrize(
    "piece",
    [
        b"--\r\n",
        b"--one\r\n",
        b"--onex\r\n",
        b"begin 644 x\r\n",
        b"password: a1\r\n",
        b"<a ",
        b"=?utf-8?Q?",
        b"Content-Type: x\r\n",
        b"\r",
        b"(",
        b"\x1b$B",
        b"From x 2021\r\n\r\n",
    ],
)
def test_m09_work_grows_as_the_mail_does(piece):
    def grown(size: int) -> bytes:
        return multipart(PLAIN + piece * (size // len(piece)), close=False)

    small, large = _work(grown(40_000)), _work(grown(80_000))
    assert large <= 2.5 * small + 1_000_000


@pytest.mark.parametrize("line", [0, 76, 1])
def test_m14_a_large_attachment_is_streamed(line):
    letters = LETTERS[: len(LETTERS) // 4 * 4] * 3000
    body = letters if not line else b"\r\n".join(letters[at : at + line] for at in range(0, len(letters), line))
    part = b'Content-Type: application/x; name="dates.js"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + body
    verdict = scan(multipart(PLAIN, part + b"\r\n"), plugins=[])
    assert FOUND in rules_of(verdict)


@pytest.mark.long
@pytest.mark.parametrize("line", [0, 1])
def test_m14_sixty_four_megabytes(line):
    import tracemalloc

    from emotriage.formats.mime.transfer import decode_base64

    letters = LETTERS.rstrip(b"=")[: len(LETTERS) // 8 * 4] * ((64 << 20) // (len(LETTERS) // 2))
    blob = Blob(b"\r\n".join(letters[at : at + 1] for at in range(len(letters) // 3)) if line else letters)
    tracemalloc.start()
    size = sum(len(one) for one in decode_base64(blob, 0, blob.size, Budget(Limits(seconds=600))))
    assert size > 15 << 20
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_m17_the_same_attachment_five_hundred_times():
    one = mail(attach={"dates.js": SCRIPT})
    once = scan(one, plugins=[])
    verdict = scan(multipart(PLAIN, *[attachment()] * 500), plugins=[])
    assert sum(found.rule == FOUND for found in verdict.findings) == 1
    repeated = next(found for found in verdict.findings if found.rule == "mail.repeated-part")
    assert "500 times" in repeated.evidence[0].text
    assert FOUND in rules_of(once)


def test_m17_a_second_name_that_runs_is_judged():
    verdict = scan(multipart(PLAIN, *[attachment(name=one) for one in (b"a.txt", b"b.txt", b"c.js")]), plugins=[])
    assert [one.name for one in verdict.artifacts][2:] == ["a.txt", "c.js"]
    assert "names.active-extension" in rules_of(verdict)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"F",
        b"\0" * 5000,
        HEAD,
        HEAD + b"\r\n",
        b"From: x",
        b"From jo Tue Mar  2 2021\n",
        b"Content-Type: multipart/mixed; boundary=one\r\n\r\n",
        b"Not a mail: at all",
    ],
)
def test_m18_nearly_nothing(data):
    verdict = scan(data, name="a.eml", plugins=[])
    assert verdict.level <= Level.UNVERIFIED
    assert not [one for one in verdict.findings if one.rule == "scan.analyzer-failed"]
    assert json.loads(verdict.to_json())["artifacts"]


def test_m18_headers_alone_are_clean():
    assert scan(HEAD, name="a.eml", plugins=[]).level is Level.CLEAN


def test_m10_what_is_elsewhere_or_sealed_is_a_gap():
    for type_, rule in (
        (b"message/partial; number=1; total=2; id=a", "mail.content-elsewhere"),
        (b"message/external-body; access-type=URL", "mail.content-elsewhere"),
        (b"application/pkcs7-mime; smime-type=enveloped-data", "mail.sealed-content"),
    ):
        verdict = scan(HEAD + b"Content-Type: " + type_ + b"\r\n\r\nhello there\r\n", plugins=[])
        assert rule in {one.rule for one in verdict.gaps}
    parts = (b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n", PLAIN)
    verdict = scan(multipart(*parts, type_=b"multipart/encrypted; boundary=one"), plugins=[])
    assert "mail.sealed-content" in {one.rule for one in verdict.gaps}


def test_m11_a_mailbox_holds_messages():
    separator = b"From jo@example.invalid Tue Mar  2 09:00:00 2021\r\n"
    box = b"".join(separator + multipart(PLAIN) + b"\r\n" for _ in range(20))
    verdict = scan(box + separator + multipart(PLAIN, attachment()), plugins=[])
    assert FOUND in rules_of(verdict)
    assert verdict.complete
