"""Characters out of the bytes of a mail: charsets as mailers use them, and encoded words in headers (RFC 2047).

Japanese mail says ISO-2022-JP (RFC 1468) and means code page 50221, says Shift_JIS and means 932, says EUC-JP and
means 51932: the rows of NEC and IBM are in use everywhere. So JIS code points go through code page 932.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Iterator

from emotriage.formats.text import encoding_of

_JIS = frozenset(["csiso2022jp", "jis", "jis7", "cp50220", "cp50221", "cp50222"])
_EUC = frozenset(["euc-jp", "x-euc-jp", "x-euc", "eucjp", "eucjp-ms", "eucjp-win", "cp51932", "ujis"])
_SJIS = frozenset(
    ["shift_jis", "shift-jis", "x-sjis", "sjis", "ms_kanji", "windows-31j", "cp932", "x-ms-cp932", "csshiftjis"]
)
_OTHERS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "cp-850": "cp850",
}
_UNSAID = frozenset(
    ["", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "binary", "default", "utf-8"]
)
_NO_CHARSETS = frozenset(["punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"])
"""Codecs of Python that no mail means; the first two take time that grows with the square of the text."""
_NOT_ASCII = ("utf-7", "utf-16", "utf-32", "cp037", "cp1026", "cp1140", "cp273", "cp424", "cp500", "cp875", "hz")
"""Codecs in which a tag or a keyword does not read as it does in ASCII."""

_ESCAPE = re.compile(rb"\x1b(?:\$\([@ABD]|\$[@AB]|\([A-Z]|&@\x1b\$B)|[\x0e\x0f]")
_EUC_UNIT = re.compile(
    rb"(?P<ascii>[\0-\x7f]+)|\x8e(?P<kana>[\xa1-\xdf])|\x8f(?P<extra>[\xa1-\xfe]{2})|(?P<pairs>(?:[\xa1-\xfe]{2})+)|(?P<bad>.)",
    re.DOTALL,
)
_WORD = re.compile(rb"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]{0,65536})\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f\ue000-\uf8ff]")


def decode_charset(data: bytes, charset: str) -> str:
    """The characters of a text whose charset was declared; never fails.

    Args:
        data: the text.
        charset: as the mail says it; what is unknown, or contradicts the bytes, is told by the bytes.
    """
    name = charset.strip().strip("\"'").lower()
    if (
        name.startswith("iso-2022-jp")
        or name in _JIS
        or (b"\x1b$" in data and name not in _EUC and _ESCAPE.search(data))
    ):
        return _iso_2022_jp(data)
    if name in _EUC:
        return _euc_jp(data)
    if name in _SJIS:
        return data.decode("cp932", "replace")
    if name in _UNSAID:
        return _undeclared(data)
    codec = codec_of(name)
    if codec is None:
        return _undeclared(data)
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return _undeclared(data) if codec == "cp1252" else data.decode(codec, "replace")


def codec_of(charset: str) -> str | None:
    """Python's codec for a charset's name, or None where there is none that makes text of bytes."""
    name = charset.strip().strip("\"'").lower()
    name = _OTHERS.get(name, name)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._:-]{0,39}", name):
        return None
    try:
        b"a".decode(name, "replace")
        found = codecs.lookup(name).name
    except (LookupError, UnicodeError):
        return None
    return None if found in _NO_CHARSETS else found


def hides_ascii(charset: str) -> bool:
    """True for a charset in which plain English is spelled with other bytes than in ASCII."""
    codec = codec_of(charset)
    return codec is not None and codec.replace("_", "-").startswith(_NOT_ASCII)


def decode_header(value: bytes, hint: str = "") -> str:
    """A header's text: encoded words, also where quotes around them forbid it, and whatever 8-bit text is between.

    Args:
        value: unfolded.
        hint: charset for raw 8-bit text that does not tell its own.
    """
    out: list[str] = []
    end = 0
    pending: tuple[str, bytes] | None = None
    for one in _WORD.finditer(value):
        between = value[end : one.start()]
        charset, data = one[1].decode("latin-1").partition("*")[0], _word(one[2], one[3])
        if pending and between.strip(b" \t\r\n") == b"" and pending[0].lower() == charset.lower():
            pending = (charset, pending[1] + data)  # mailers cut characters in half between two words
        else:
            if pending:
                out.append(decode_charset(pending[1], pending[0]))
            if not pending or between.strip(b" \t\r\n"):
                out.append(_undeclared(between, hint))
            pending = (charset, data)
        end = one.end()
    if pending:
        out.append(decode_charset(pending[1], pending[0]))
    out.append(_undeclared(value[end:], hint))
    return "".join(out)


def _word(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return _HEX.sub(lambda one: bytes.fromhex(one[1].decode()), text.replace(b"_", b" "))
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    try:
        return base64.b64decode(kept[: len(kept) - (len(kept) % 4 == 1)] + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return text


def _undeclared(data: bytes, hint: str = "") -> str:
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    codec, skip = encoding_of(data)
    if codec == "iso2022_jp" or _ESCAPE.search(data):
        return _iso_2022_jp(data)
    if codec == "utf-8" or codec.startswith("utf-16"):
        return data[skip:].decode(codec, "replace")
    if hint and hint.lower() not in _UNSAID and codec_of(hint) is not None:
        return decode_charset(data, hint)
    readings = [text for text in (_strictly(data, "cp932"), _strictly(data, "euc_jp")) if text is not None]
    if readings and any(len(_JAPANESE.findall(text)) > 1 for text in readings):  # one alone is an accented letter
        return min(readings, key=lambda text: len(_HALF_WIDTH.findall(text)))
    return data.decode("cp1252", "replace") if codec == "latin-1" else data.decode(codec, "replace")


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return None


def _iso_2022_jp(data: bytes) -> str:
    return "".join(_jis_segments(data))


def _jis_segments(data: bytes) -> Iterator[str]:
    mode, end = b"", 0
    for one in [*_ESCAPE.finditer(data), None]:
        segment = data[end : one.start() if one else len(data)]
        if mode in (b"\x1b$@", b"\x1b$B", b"\x1b$(B", b"\x1b$(@", b"\x1b&@\x1b$B"):
            yield from _lines_of_pairs(segment)
        elif mode == b"\x1b$(D":
            pairs = bytes(byte | 0x80 for byte in segment[: len(segment) & ~1])
            yield b"".join(b"\x8f" + pairs[at : at + 2] for at in range(0, len(pairs), 2)).decode("euc_jp", "replace")
        elif mode in (b"\x1b(I", b"\x0e"):
            yield bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in segment).decode("cp932", "replace")
        else:
            yield _undeclared(segment)
        if one:
            mode, end = one[0], one.end()


def _lines_of_pairs(segment: bytes) -> Iterator[str]:
    """A stretch of two-byte characters; a line end in it goes back to ASCII, as readers do."""
    first, newline, rest = segment.partition(b"\n")
    yield _pairs(first.rstrip(b"\r"))
    if newline:
        yield "\n" + rest.decode("cp932", "replace")


def _pairs(jis: bytes) -> str:
    out = bytearray()
    for at in range(0, len(jis) - 1, 2):
        row, cell = jis[at] & 0x7F, jis[at + 1] & 0x7F
        if row < 0x21 or cell < 0x21:
            out += b"?"
            continue
        lead = (row - 0x21) // 2 + 0x81
        out.append(lead + 0x40 if lead > 0x9F else lead)
        out.append(cell + (0x20 if cell >= 0x60 else 0x1F) if row % 2 else cell + 0x7E)
    return out.decode("cp932", "replace")


def _euc_jp(data: bytes) -> str:
    text = _strictly(data, "euc_jp")
    if text is not None:
        return text
    out = []
    for one in _EUC_UNIT.finditer(data):
        if one["pairs"]:
            out.append(_pairs(one["pairs"]))
        elif one["kana"]:
            out.append(one["kana"].decode("cp932", "replace"))
        elif one["extra"]:
            out.append((b"\x8f" + one["extra"]).decode("euc_jp", "replace"))
        else:
            out.append((one["ascii"] or b"?").decode("ascii"))
    return "".join(out)
