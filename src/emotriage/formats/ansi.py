"""Texts in "the ANSI code page" of a machine that is not here: Japanese where that makes words, else Western European.

Windows writes them without saying which code page they are in. Accented letters between plain ones decode as Japanese
characters too; but words of two or more, some with a first byte where Western Europe has hardly a letter, are Japanese.
"""

import re

_NO_LETTER = re.compile(rb"[\x81-\x9f]")
_WORD = re.compile("[\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff]{2}")


def decode_ansi(raw: bytes) -> str:
    """The characters of a text in an unknown code page; never fails."""
    if raw.isascii():
        return raw.decode("ascii")
    if not _NO_LETTER.search(raw):
        return raw.decode("cp1252", "replace")
    try:
        text = raw.decode("cp932")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
    return text if _WORD.search(text) else raw.decode("cp1252", "replace")
