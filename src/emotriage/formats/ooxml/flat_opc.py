"""Flat packages: a document in one XML file, put back together as the archive that it stands for ([MS-OI29500])."""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator
from html import escape
from xml.parsers import expat

from emotriage.formats.xml import read_opening
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import MIB, RECORD, Budget

FLAT = "http://schemas.microsoft.com/office/2006/xmlPackage"
_MOST = 64 * MIB
_FEED = 64 << 10
_BLANKS = b" \t\r\n"
_LONGEST_NAME = 1024
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'


def is_flat(blob: Blob, budget: Budget) -> bool:
    """True for a flat package, whatever it is called."""
    root = read_opening((window for _, window in blob.windows()), budget).root
    return root is not None and root.uri == FLAT and root == "package"


def as_archive(blob: Blob, budget: Budget) -> bytes:
    """A flat package as the ZIP archive of its parts.

    Raises:
        Malformed: no XML that can be read to its end.
        Unsupported: a document type, or more than 64 MiB of parts.
    """
    reader = _Flat(budget)
    for _, window in blob.windows():
        for at in range(0, len(window), _FEED):
            reader.feed(window[at : at + _FEED], last=False)
    reader.feed(b"", last=True)
    types = "".join(
        f'<Override PartName="{escape(name)}" ContentType="{escape(kind)}"/>' for name, kind, _ in reader.parts
    )
    files = [("[Content_Types].xml", f"{_TYPES}{types}</Types>".encode("utf-8", "replace"))]
    files += [(name.lstrip("/"), data) for name, _, data in reader.parts]
    return b"".join(_stored(files))


def _stored(files: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """A ZIP archive of stored members, whatever their names are: they may come twice (APPNOTE.TXT 4.3)."""
    at, entries = 0, []
    for name, data in files:
        spelled = name.encode("utf-8", "replace")[:_LONGEST_NAME]
        fields = struct.pack(
            "<HHHHHIIIHH", 20, 0x800, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(spelled), 0
        )
        entries.append(b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + spelled)
        at += 30 + len(spelled) + len(data)
        yield b"PK\3\4" + fields + spelled + data
    directory = b"".join(entries)
    count = min(len(files), 0xFFFF)
    yield directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), at, 0)


def _decoded(text: str, budget: Budget) -> bytes | None:
    raw = text.encode("ascii", "ignore").translate(None, _BLANKS)
    budget.spend(len(raw))
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return None


class _Flat:
    """Collects parts from the events of expat, which is told to keep prefixes: they are written out again."""

    def __init__(self, budget: Budget) -> None:
        self.parts: list[tuple[str, str, bytes]] = []
        self._budget = budget
        self._room = _MOST
        self._spaces: list[dict[str, str]] = []  # of each open element, the namespaces it declares
        self._part: tuple[str, str] | None = None
        self._pieces: list[str] = []
        self._inside = ""  # of ``xmlData`` or ``binaryData``
        self._depth = 0
        self._root = 0  # the depth of a part's root
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    def feed(self, piece: bytes, *, last: bool) -> None:
        """Parse on."""
        self._budget.spend(4 * len(piece))
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise Malformed(f"not well-formed XML: {expat.ErrorString(error.code)}") from error
        except (ValueError, LookupError) as error:
            raise Malformed("XML in an unknown encoding") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._budget.spend(RECORD)
        self._depth += 1
        if self._depth > self._budget.limits.xml_depth:
            raise Unsupported("XML elements nested deeper than the limit")
        self._spaces.append({key: value for key, value in attributes.items() if key.startswith("xmlns")})
        local = name.rpartition(":")[2]
        if self._inside:
            if self._depth == self._root:  # the root of a part declares what stands above it
                attributes = {**self._in_scope(), **attributes}
            self._write("".join([f"<{name}", *(f' {key}="{escape(one)}"' for key, one in attributes.items()), ">"]))
        elif local == "part" and self._part is None:
            found = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            self._part = (found.get("name", ""), found.get("contentType", ""))
        elif local in ("xmlData", "binaryData") and self._part is not None:
            self._inside, self._pieces, self._root = name, [], self._depth + 1

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._spaces.pop()
        if self._inside and name == self._inside and self._part is not None:
            whole = "".join(self._pieces)
            data = whole.encode("utf-8", "surrogatepass")
            if name.endswith("binaryData"):
                raw = _decoded(whole, self._budget)
                data = data if raw is None else raw
            self.parts.append((*self._part, data))
            self._inside, self._pieces = "", []
        elif self._inside:
            self._write(f"</{name}>")
        elif name.rpartition(":")[2] == "part":
            self._part = None

    def _text(self, data: str) -> None:
        if self._inside:
            self._write(data if self._inside.endswith("binaryData") else escape(data, quote=False))

    def _write(self, piece: str) -> None:
        self._room -= len(piece)
        if self._room < 0:
            raise Unsupported("a flat package of more than 64 MiB")
        self._pieces.append(piece)

    def _in_scope(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in self._spaces[:-1]:
            found |= one
        return found

    def _doctype(self, *_: object) -> None:
        raise Unsupported("a document type declaration")
