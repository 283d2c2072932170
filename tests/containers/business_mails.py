"""Fifty honest business mails, drawn by a seeded generator from what offices write, attach and sign with."""

# ruff: noqa: E501, RUF001  mails are written in long lines and wide letters

import random
import zlib
from collections.abc import Iterator

from emotriage.testing import document, mail, workbook

COUNT = 50
CHARSETS = ("iso-2022-jp", "shift_jis", "utf-8", "euc-jp")
SUBJECTS = {
    "ja": (
        "①月分 納期表の件",
        "【㈱テスト商事】見積書ご送付",
        "Re: 打合せ日程について",
        "請求書（３月分）",
        "髙﨑様 ご連絡",
    ),
    "en": ("Delivery dates", "Re: Re: Quotation 2021-03", "Minutes of Tuesday", "Invoice March", "FW: Contract draft"),
}
GREETINGS = {
    "ja": "いつもお世話になっております。\n㈱テスト商事の髙﨑です。\n\n標記の件、添付の通りお送りいたします。\nご確認のほどよろしくお願いいたします。\n",
    "en": "Dear Ms Doe,\n\nplease find enclosed what we talked about on the phone.\nThe dates are Tuesday, 3 March and Friday, 13 March.\n",
}
SIGNATURES = {
    "ja": "\n--\n株式会社テスト商事　営業部　髙﨑 太郎\n〒100-0001 東京都千代田区１－２－３\nTEL：03-0000-0000　FAX：03-0000-0001\nhttps://emotriage.invalid/\n",
    "en": "\n-- \nJo Doe | Sales | Example Ltd.\nPhone +44 20 0000 0000\nhttps://emotriage.invalid/\n",
}
QUOTE = {
    "ja": "\n2021年3月1日(月) 10:00 office <office@example.invalid>:\n> お世話になっております。\n> 納期についてお知らせください。\n>> パスワードの変更はお済みですか。\n",
    "en": "\nOn Mon, 1 Mar 2021, office wrote:\n> Dear Jo,\n> when can you deliver?\n>> From: Jo\n>> we reset the password of the portal\n",
}
NAMES = {
    "ja": ("見積書ソ", "納期表", "①請求書_3月", "ご案内（社外秘）"),
    "en": ("quotation", "dates March", "minutes-2021", "O'Neil & Co"),
}
PAGE = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html">
<style><!-- p.MsoNormal {{margin:0cm; font-family:"Yu Gothic",sans-serif;}} --></style>
<!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--></head>
<body lang="JA" link="#0563C1"><div class="WordSection1">{text}<img src="cid:logo.png" width="1" height="1" alt="logo">
<table border="0"><tr><td>2021-03-03</td><td><a href="https://emotriage.invalid/dates?id=1">dates</a></td></tr></table>
<p><a href="mailto:jo@example.invalid">jo@example.invalid</a> <a href="tel:+442000000000">phone</a></p></div></body></html>
"""


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0]))
    + _chunk(b"IDAT", zlib.compress(bytes(5)))
    + _chunk(b"IEND", b"")
)


def pdf(text: str) -> bytes:
    """A PDF of one page, with its cross-reference table."""
    page = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out = b"%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % at for at in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (
        len(places) + 1,
        table,
        len(places) + 1,
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def calendar() -> bytes:
    """An invitation."""
    lines = "BEGIN:VCALENDAR VERSION:2.0 METHOD:REQUEST BEGIN:VEVENT UID:1@example.invalid DTSTART:20210302T090000Z"
    return "\r\n".join([*lines.split(), "SUMMARY:打合せ", "END:VEVENT", "END:VCALENDAR", ""]).encode()


def card() -> bytes:
    """A business card."""
    return "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:髙﨑 太郎\r\nEMAIL:jo@example.invalid\r\nEND:VCARD\r\n".encode()


def signature() -> bytes:
    """The shell of a detached S/MIME signature: signedData over data that is not in it (RFC 5652)."""
    content = bytes.fromhex("06092a864886f70d010701")
    inner = b"\x02\x01\x01" + b"\x31\x00" + b"\x30" + bytes([len(content)]) + content + b"\x31\x82\x01\x00" + bytes(256)
    signed = b"\x30\x82" + len(inner).to_bytes(2, "big") + inner
    body = bytes.fromhex("06092a864886f70d010702") + b"\xa0\x82" + len(signed).to_bytes(2, "big") + signed
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def _attachments(rng: random.Random, language: str) -> dict[str, bytes]:
    makers = (
        (".pdf", lambda: pdf("Invoice of March")),
        (".docx", lambda: document("docx", text="Dear customer, please find the dates below.")),
        (".xlsx", lambda: workbook("xlsx")),
        (".ics", calendar),
        (".vcf", card),
        (".txt", lambda: "納期は3月3日です。\r\n".encode("cp932")),
        (".png", lambda: PNG),
    )
    found = {}
    for extension, make in rng.sample(makers, rng.randrange(1, 4)):
        found[rng.choice(NAMES[language]) + extension] = make()
    if rng.random() < 0.25:
        found["smime.p7s"] = signature()
    return found


def business_mails(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """(what it is, the mail) fifty times; the same ones every time."""
    rng = random.Random(seed)
    for number in range(COUNT):
        language = "ja" if number % 3 else "en"
        charset = rng.choice(CHARSETS) if language == "ja" else rng.choice(("us-ascii", "utf-8"))
        text = GREETINGS[language] + (QUOTE[language] if rng.random() < 0.5 else "") + SIGNATURES[language]
        text = text if charset in ("utf-8", "iso-2022-jp", "us-ascii") else text.replace("髙", "高").replace("﨑", "崎")
        page = PAGE.format(text="".join(f"<p>{line}</p>\n" for line in text.replace(">", "&gt;").split("\n")))
        shape = rng.choice(("plain", "alternative", "related", "html"))
        style = rng.choice(("rfc2231", "rfc2231-parts", "rfc2047", "raw"))
        data = mail(
            "" if shape == "html" else text,
            html="" if shape == "plain" else page,
            inline={"logo.png": PNG} if shape == "related" else None,
            attach=_attachments(rng, language),
            subject=rng.choice(SUBJECTS[language]),
            charset=charset,
            names=style,
            text_encoding=rng.choice(("", "base64", "quoted-printable")),
            preamble=rng.choice(("", "This is a multi-part message in MIME format.")),
            fields={"X-Mailer": "Example 1.0", "In-Reply-To": "<1@example.invalid>"} if number % 2 else {},
            newline=rng.choice(("\r\n", "\n")),
        )
        if rng.random() < 0.2:
            data = mail("FYI\n", attach={"forwarded.eml": data}, encoding=rng.choice(("base64", "8bit")))
        yield f"{number}-{language}-{charset}-{shape}-{style}", data
