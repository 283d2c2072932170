"""The `dir` stream of a VBA project: code page, references and modules; [MS-OVBA] 2.3.4.2."""

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import unpack_from

from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import RECORD, Budget

_CODE_PAGE, _PROJECT_NAME, _PROJECT_VERSION = 0x03, 0x04, 0x09
_REFERENCE_NAME, _REFERENCE_NAME_UNICODE = 0x16, 0x3E
_MODULE_NAME, _MODULE_NAME_UNICODE = 0x19, 0x47
_STREAM_NAME, _STREAM_NAME_UNICODE = 0x1A, 0x32
_MODULE_OFFSET, _MODULE_PROCEDURAL, _MODULE_OTHER = 0x31, 0x21, 0x22
_TERMINATOR = 0x10
_ONCE = (_MODULE_NAME_UNICODE, _STREAM_NAME, _STREAM_NAME_UNICODE, _MODULE_OFFSET)  # in each module
_REFERENCES = {0x0D: "registered", 0x0E: "project", 0x2F: "control", 0x30: "control", 0x33: "original"}

_CODECS = {  # Windows code pages that Python knows under another name
    708: "iso8859_6",
    936: "gbk",
    1361: "johab",
    10000: "mac_roman",
    10001: "shift_jis",
    10002: "big5",
    10003: "euc_kr",
    10006: "mac_greek",
    10007: "mac_cyrillic",
    10008: "gb2312",
    10029: "mac_latin2",
    10079: "mac_iceland",
    10081: "mac_turkish",
    20127: "ascii",
    20866: "koi8_r",
    20932: "euc_jp",
    21866: "koi8_u",
    51949: "euc_kr",
    54936: "gb18030",
    65001: "utf_8",
} | {28590 + part: f"iso8859_{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)}
_DEFAULT_CODE_PAGE = 1252
_PLAIN = string.ascii_letters + string.digits + "_ ,.()='\"&+\r\n\t"  # what code is written in


@dataclass(frozen=True, slots=True)
class Reference:
    """A type library or project that the project refers to.

    Attributes:
        kind: ``registered``, ``project``, ``control`` or ``original``.
        name: as the code would write it; may be empty.
        target: the libid: a GUID, or a path to another project.
    """

    kind: str
    name: str
    target: str


@dataclass(slots=True)
class ModuleRecord:
    """What the `dir` stream says of one module.

    Attributes:
        name: ANSI name.
        unicode_name: Unicode name, None when the optional record is absent.
        stream: ANSI stream name.
        unicode_stream: Unicode stream name, None when absent.
        offset: where the compressed source begins in the stream, None when not said.
        procedural: true for standard modules, false for documents, classes and forms, None when not said.
    """

    name: str = ""
    unicode_name: str | None = None
    stream: str = ""
    unicode_stream: str | None = None
    offset: int | None = None
    procedural: bool | None = None


@dataclass(slots=True)
class Directory:
    """The parts of a `dir` stream that matter here."""

    code_page: int = _DEFAULT_CODE_PAGE
    codec: str = f"cp{_DEFAULT_CODE_PAGE}"
    name: str = ""
    modules: list[ModuleRecord] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)


def codec_of(code_page: int) -> str | None:
    """Python's name of a Windows code page, or None for one that is unknown or can't be that of a project.

    Office takes source for bytes, ASCII among them: UTF-16, EBCDIC and encodings that switch are never its code page.
    """
    name = _CODECS.get(code_page, f"cp{code_page}")
    try:
        plain = _PLAIN.encode("ascii").decode(name, "replace")
    except LookupError:
        return None
    return name if plain == _PLAIN else None


def read_directory(data: bytes, budget: Budget) -> Directory:
    """Read a decompressed `dir` stream, as far as its records go.

    Records are read flat, each an id, a size and that many bytes, which is what all of them are but PROJECTVERSION
    (2.3.4.2.1.11): so absent, optional (PROJECTCOMPATVERSION) and unknown records disturb nothing.
    """
    found = Directory()
    module: ModuleRecord | None = None
    reference = ""
    seen: set[int] = set()
    for code, value in _records(data, budget, found.anomalies):
        if code in seen:
            _note(found.anomalies, Anomaly("record-repeated", "dir", incomplete=True))  # the first one counts
        elif code == _CODE_PAGE and len(value) >= 2:
            seen.add(code)
            _set_code_page(found, unpack_from("<H", value)[0])
        elif code == _PROJECT_NAME:
            found.name = value.decode(found.codec, "replace")
        elif code == _REFERENCE_NAME:
            reference = value.decode(found.codec, "replace")
        elif code == _REFERENCE_NAME_UNICODE:
            reference = _utf16(value)
        elif code in _REFERENCES:
            target = _libid(code, value).decode(found.codec, "replace")
            found.references.append(Reference(_REFERENCES[code], reference, target))
        elif code == _MODULE_NAME:
            module = ModuleRecord(name=value.decode(found.codec, "replace"))
            seen.difference_update(_ONCE)
            found.modules.append(module)
        elif module is not None:
            _module(module, code, value, found.codec)
            if code in _ONCE:
                seen.add(code)
    return found


def _records(data: bytes, budget: Budget, anomalies: list[Anomaly]) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 6 <= len(data):
        budget.spend(RECORD)
        code, size = unpack_from("<HI", data, at)
        if code == _PROJECT_VERSION:
            size = 6  # the field says 4, for a version of 4 + 2 bytes
        elif size > len(data) - at - 6:
            anomalies.append(Anomaly("dir-cut", "dir", at, incomplete=True))
        if code == _TERMINATOR:
            if data[at + 6 :].strip(b"\0"):
                anomalies.append(Anomaly("dir-goes-on", "dir", at, incomplete=True))
            return
        yield code, data[at + 6 : at + 6 + size]
        at += 6 + size


def _set_code_page(found: Directory, code_page: int) -> None:
    found.code_page = code_page
    codec = codec_of(code_page)
    if codec is None:
        found.anomalies.append(Anomaly("code-page-unknown", "dir", incomplete=True))
    found.codec = codec or "latin-1"


def _module(module: ModuleRecord, code: int, value: bytes, codec: str) -> None:
    if code == _MODULE_NAME_UNICODE:
        module.unicode_name = _utf16(value)
    elif code == _STREAM_NAME:
        module.stream = value.decode(codec, "replace")
    elif code == _STREAM_NAME_UNICODE:
        module.unicode_stream = _utf16(value)
    elif code == _MODULE_OFFSET and len(value) >= 4:
        module.offset = unpack_from("<I", value)[0]
    elif code in (_MODULE_PROCEDURAL, _MODULE_OTHER):
        module.procedural = code == _MODULE_PROCEDURAL


def _note(anomalies: list[Anomaly], anomaly: Anomaly) -> None:
    if anomaly not in anomalies[-1:]:
        anomalies.append(anomaly)


def _libid(code: int, value: bytes) -> bytes:
    if code == 0x33:  # REFERENCEORIGINAL is the libid and nothing else
        return value
    size = unpack_from("<I", value)[0] if len(value) >= 4 else 0
    return value[4 : 4 + size]


def _utf16(value: bytes) -> str:
    return value[: len(value) & ~1].decode("utf-16-le", "surrogatepass")
