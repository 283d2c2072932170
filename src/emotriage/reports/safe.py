"""The one gate through which texts from an input reach a person: nothing in them can steer a terminal or a log.

Removed from sight, as visible escapes: C0, DEL, C1, and the invisible and bidirectional controls of Unicode.
"""

import re

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\ud800-\udfff]"
)
_SCHEME = re.compile(r"\b(h)tt(ps?)(?=://)|\b(f)t(ps?)(?=://)", re.IGNORECASE)
_DOT = re.compile(r"(?<=\w)\.(?=\w)")
_URL = re.compile(r"(?i)\b(?:https?|ftps?|file|smb|ms-[a-z-]+)://[^\s\"'<>]+|\\\\[\w.@-]+\\[^\s\"'<>]*")


def safe_text(text: str, limit: int = 200) -> str:
    """The text on one line, with every control written out, at most `limit` characters."""
    shown = _UNSAFE.sub(lambda match: _escape(match[0]), text[: limit + 1])
    return shown if len(text) <= limit and len(shown) <= 2 * limit else shown[: limit - 1] + "…"


def defang(text: str) -> str:
    """Every address in the text in a form that no program turns into a link: ``hxxp://host[.]example/``."""
    return _URL.sub(lambda match: _disarm(match[0]), text)


def shown(text: str, limit: int = 200) -> str:
    """The text as people may see it: safe and defanged."""
    return defang(safe_text(text, limit))


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _disarm(address: str) -> str:
    address = _SCHEME.sub(lambda m: f"{m[1] or m[3]}xx{m[2] or m[4]}" if m[1] else f"{m[3]}x{m[4]}", address)
    head, slashes, rest = address.partition("://")
    if not slashes:
        return _DOT.sub("[.]", address)
    host, slash, path = rest.partition("/")
    return head + slashes + _DOT.sub("[.]", host) + slash + path
