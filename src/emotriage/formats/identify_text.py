"""Which kind of text a text is: by what it opens with, and scripts by how they read (`formats.script.dialect`)."""

import re

BLANK = b"\0 \t\r\n\x0b\x0c"
_BINARY = b"\0\1\2\3\4\5\6\7\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1c\x1d\x1e\x1f"
_LEADING_TEXT = re.compile(rb"[^" + _BINARY + rb"]+")
_SHORTEST = 32
_STRUCTURED = frozenset({"hta", "html", "mail", "mht", "rtf", "script", "slk", "svg", "url", "word-xml", "xml"})
"""Kinds that a few lines are enough to tell, whatever stands behind them."""
_ACTED_ON = re.compile(rb"\A\s*%!|^[^\n]{0,256}[=+@-][^\n|]{1,64}\|[^\n]{0,512}!", re.MULTILINE)
"""PostScript, and cells of a table that call a program: plain text that is more than that, whatever stands behind."""
_URL_SECTION = re.compile(rb"(?im)^[ \t]*\[internetshortcut(?:\.[aw])?\]")
_SHELL_SECTION = re.compile(rb"(?im)^[ \t]*\[(?:shell|theme|visualstyles|\.shellclassinfo)\][ \t]*\r?$")
"""Other INI files that Explorer acts on; unlike internet shortcuts they are told only where no script can be meant."""
_INI_START = re.compile(rb"(?:[ \t]*(?:;[^\n]*)?\r?\n)*[ \t]*\[")
_ARCHIVE = re.compile(rb"(?im)^mime-version:")
_PAGE = re.compile(
    rb"^[ \t]{0,80}<(?:!doctype\s+html|html|head|body|script|iframe|frameset|object|embed|meta|title)\b",
    re.IGNORECASE | re.MULTILINE,
)
_MAIL = re.compile(
    rb"(?:Received|Return-Path|Delivered-To|From|Date|Subject|Message-ID|MIME-Version|To|X-[A-Za-z-]+|DKIM-Signature"
    rb"|Content-[A-Za-z-]+)(?:[ \t]|\([^()\r\n]{0,80}\)){0,8}:",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"^([!-9;-~]{1,64})(?:[ \t]|\([^()\r\n]{0,80}\)){0,8}:", re.MULTILINE)
_MAILED = re.compile(
    rb"^(?:Received|Return-Path|Delivered-To|From|Date|Subject|Message-ID|To|Cc|Reply-To|Sender):",
    re.IGNORECASE | re.MULTILINE,
)
_SENT = re.compile(rb"^(?:Received|Return-Path|Delivered-To|Message-ID|To):", re.IGNORECASE | re.MULTILINE)
_PARTED = re.compile(
    rb"^Content-(?:Type[ \t]{0,8}:\s{0,80}(?:multipart|message)/"
    rb"|Transfer-Encoding[ \t]{0,8}:\s{0,80}(?:base64|quoted|x-uu|uu))",
    re.IGNORECASE | re.MULTILINE,
)
"""What makes a few fields worth taking apart: without that, the text behind them is all there is."""
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r(?!\n)")
_OFFICE_XML = re.compile(rb"<pkg:package|<\?mso-application|schemas\.microsoft\.com/office/word/2003")
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|meta|title|table|div|p|a|center|font|img|style|form)\b",
    re.IGNORECASE,
)


def text_kind(head: bytes) -> str | None:
    """The kind of a text by its first 16 KiB, or None when it is binary."""
    start = head.lstrip(b"\xef\xbb\xbf" + BLANK)
    if start.startswith(b"#@~^"):
        return "script"  # encoded JScript or VBScript, with what its decoder skips behind it
    if _INI_START.match(start) and _URL_SECTION.search(start):
        return "url"  # Windows reads its sections whatever stands behind them
    text = plain(head)
    if text is not None:
        return _kind(text)
    # Whoever reads text reads up to what it does not understand: a script or a mail with filler behind it is one still.
    lead = _LEADING_TEXT.match(start)
    kind = _kind(lead[0]) if lead and len(lead[0]) >= _SHORTEST else None
    if kind == "text" and lead and _ACTED_ON.search(lead[0]):
        return "text"
    return kind if kind in _STRUCTURED else None


def _kind(text: bytes) -> str:
    lower = text.lstrip(b"\xef\xbb\xbf" + BLANK).lower()
    if _INI_START.match(lower) and _URL_SECTION.search(lower):
        return "url"
    from emotriage.formats.script import dialect  # only what no head tells comes here

    language = dialect(text.lstrip(BLANK))
    if language is None and _INI_START.match(lower) and _SHELL_SECTION.search(lower):
        return "url"
    if lower.startswith(b"%pdf-") or (b"%PDF-" in text[:1024] and language is None):
        return "pdf"
    if lower.startswith(b"{\\rt"):
        return "rtf"
    if language is None and lower.startswith((b"begin:vcalendar", b"begin:vcard")):
        return "calendar"
    if lower.startswith((b"id;", b"o;")) and b"\n" in lower:
        return "slk"
    if language is None and lower.startswith(b"-----begin p"):
        return "signature"
    if _ARCHIVE.search(lower) and (b"multipart/related" in lower or b"snapshot-content-location" in lower):
        return "mail" if _is_mail(text) and not _is_saved_page(text, lower) else "mht"
    if _is_mail(text):
        return "mail"
    if language in ("hta", "wsf"):
        return "hta" if language == "hta" else "script"
    if re.match(rb"<[?!a-z]", lower):
        return _markup(lower, language)
    if language is not None:
        return "script"
    if _OFFICE_XML.search(lower):
        return "word-xml"
    return "html" if _PAGE.search(text) or _HTML.search(text[:2048]) else "text"


def _markup(lower: bytes, language: str | None) -> str:
    if _OFFICE_XML.search(lower):
        return "word-xml"
    if b"<svg" in lower[:1024] or (b"<svg" in lower and not _HTML.search(lower)):
        return "svg"
    if lower.startswith(b"<?xml"):
        return "html" if b"<html" in lower else "xml"
    if _HTML.search(lower):
        return "html"
    return "script" if language is not None else "xml"


def _is_mail(text: bytes) -> bool:
    headers = _headers(text)
    if not _MAIL.match(headers):
        many = len({one.lower() for one in _MAILED.findall(headers)}) >= 3
        return many and _HEADER.match(headers) is not None
    return len(_HEADER.findall(headers)) >= 3 or _PARTED.search(headers) is not None


def _is_saved_page(text: bytes, lower: bytes) -> bool:
    """True for what browsers and Office save: it has no recipient, and no server has seen it."""
    return lower.startswith((b"mime-version:", b"from: <saved by")) and not _SENT.search(_headers(text))


def _headers(text: bytes) -> bytes:
    start = text.lstrip(b"\xef\xbb\xbf\r\n")
    if start.startswith((b"From ", b">From ")) and b"\n" in start:
        start = start.split(b"\n", 1)[1]
    return _BLANK_LINE.split(start, maxsplit=1)[0].replace(b"\r", b"\n")


def plain(head: bytes) -> bytes | None:
    """A head as one-byte text, or None when it is binary."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head[: len(head) & ~1]
        return head.decode("utf-16", "replace").encode("utf-8", "replace")
    content = head.rstrip(b"\0")
    if len(content) > 3 and content[1:200:2].count(0) > len(content[1:200:2]) * 0.7:
        return head[: len(head) & ~1].decode("utf-16-le", "replace").encode("utf-8", "replace")
    controls = len(head) - len(head.translate(None, _BINARY))
    controls -= len(head) - len(content)
    return head if content and controls <= len(content) // 200 else None
