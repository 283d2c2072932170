"""Parameters of header fields (RFC 2045 section 5.1, RFC 2231), and the names of attachments in all their spellings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from emotriage.formats.mime.header import without_comments
from emotriage.formats.mime.text import decode_charset, decode_header
from emotriage.model.anomaly import Anomaly

PARAMETERS = 64
"""Most parameters of one field that are kept."""

_DOUBLE = rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]"
_JIS = rb"\x1b\$[@B][^\x1b]{0,2048}\x1b\([BJ]"
_PARAMETER = re.compile(
    rb"[\s;]*(?P<name>[^=;\s\"]{1,256})\s*=\s*"
    rb"(?:\"(?P<quoted>(?>(?:" + _JIS + rb"|" + _DOUBLE + rb"|\\.|[^\"\\])*))\"?(?P<behind>[^;]*)|(?P<bare>[^;]*))",
    re.DOTALL,
)
"""A quote or a backslash may be half of a Shift_JIS or ISO-2022-JP character; it ends nothing then."""
_ESCAPED = re.compile(rb"(?P<double>" + _DOUBLE + rb")|\\([\"\\])", re.DOTALL)
_SECTION = re.compile(r"(?P<name>[^*]+)\*(?:(?P<index>\d{1,4})(?P<more>\*)?)?")
_TOKEN = re.compile(rb"[^\s;]+")


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a field with parameters.

    Attributes:
        text: what stands before the first parameter, in lower case.
        parameters: (name in lower case, value) pairs, in order, doubled ones too.
        cut: true when there were more than are kept.
    """

    text: str
    parameters: tuple[tuple[str, bytes], ...] = ()
    cut: bool = False

    def values(self, name: str) -> tuple[bytes, ...]:
        """All values of a parameter; RFC 2231 sections are put together, and percent signs undone."""
        plain = [value for key, value in self.parameters if key == name]
        return tuple(dict.fromkeys([*plain, *(data for _, data in _extended(self.parameters, name))]))


def read_value(raw: bytes) -> Value:
    """Take a field's value apart, as tolerant as mail programs are: without ``;``, without the closing quote."""
    head, _, rest = raw.partition(b";")
    if b"=" in head and (token := _TOKEN.match(head)) and b"=" not in token[0]:
        head, rest = token[0], raw[token.end() :]  # a missing semicolon
    found: list[tuple[str, bytes]] = []
    at = 0
    while one := _PARAMETER.search(rest, at):
        if len(found) >= PARAMETERS:
            return Value(_plain(head), tuple(found), cut=True)
        value = one["bare"].strip() if one["quoted"] is None else _unescaped(one["quoted"])
        found.append((one["name"].decode("latin-1").lower(), value))
        at = one.end()
    return Value(_plain(head), tuple(found))


def boundaries(value: Value) -> tuple[bytes, ...]:
    """Every boundary that a reader may take from a field: doubled ones, with blanks kept or cut at the first one."""
    found: dict[bytes, None] = {}
    for one in value.values("boundary"):
        bare = one.rstrip(b" \t")
        readings = [bare, bare.lstrip(b" \t"), bare.strip(b"\"'")]
        if token := _TOKEN.match(bare.lstrip()):
            readings.append(token[0].strip(b"\"'"))
        found.update(dict.fromkeys(readings))
    return tuple(found)


def names_of(values: Iterable[tuple[Value, str]], hint: str = "") -> tuple[tuple[str, ...], tuple[Anomaly, ...]]:
    """(every name that a reader may take for an attachment, what is odd about them).

    Args:
        values: (field, name of its parameter) pairs: ``filename`` of the disposition, ``name`` of the type.
        hint: charset for raw 8-bit names that do not tell their own.
    """
    names: dict[str, None] = {}
    odd: list[Anomaly] = []
    for value, key in values:
        found = [decode_header(one, hint) for name, one in value.parameters if name == key]
        for charset, data in _extended(value.parameters, key):
            text = decode_charset(data, charset) if charset else decode_header(data, hint)
            found.append(text)
        if len(set(found)) > 1:
            odd.append(Anomaly("several-names", key))
        names.update(dict.fromkeys(one for one in found if one.strip()))
    return tuple(names), tuple(odd)


def _extended(parameters: tuple[tuple[str, bytes], ...], name: str) -> list[tuple[str, bytes]]:
    """(charset, value) of what RFC 2231 spells as ``name*``, or ``name*0*``, ``name*1`` ... in order of index."""
    whole: list[tuple[str, bytes]] = []
    sections: dict[int, tuple[bytes, bool]] = {}
    for key, value in parameters:
        one = _SECTION.fullmatch(key)
        if one is None or one["name"] != name:
            continue
        if one["index"] is None:
            whole.append(_charset(value))
        else:
            sections.setdefault(int(one["index"]), (value, one["more"] is not None))
    if sections:
        charset, data = "", b""
        for number, (_, (value, encoded)) in enumerate(sorted(sections.items())):
            if encoded and number == 0 and value.count(b"'") >= 2:
                charset, first = _charset(value)
                data += first
            else:
                data += unquote_to_bytes(value) if encoded else value
        whole.append((charset, data))
    return whole


def _charset(value: bytes) -> tuple[str, bytes]:
    charset, quote, rest = value.partition(b"'")
    if not quote:
        return "", unquote_to_bytes(value)
    return charset.decode("latin-1"), unquote_to_bytes(rest.partition(b"'")[2])


def _unescaped(quoted: bytes) -> bytes:
    return _ESCAPED.sub(lambda one: one["double"] or one[2], quoted)


def _plain(head: bytes) -> str:
    return without_comments(head).decode("latin-1").strip().strip("\"'").lower()
