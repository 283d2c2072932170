"""Writer of OneNote sections: real [MS-ONESTORE] revision stores with the [MS-ONE] objects that hold attachments."""

import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

Layout = Literal["section", "table-of-contents", "packaged"]
Defect = Literal[
    "",
    "fragment-loop",
    "fragment-past-end",
    "unreferenced-file",
    "file-guid",
    "file-length",
    "file-footer",
    "property-array",
    "property-past-end",
    "transactions",
    "encrypted",
]

_SECTION = UUID("7b5c52e4-d88c-4da7-aeb1-5378d02996d3").bytes_le
_CONTENTS = UUID("43ff2fa1-efd9-4c76-9ee2-10ea5722765f").bytes_le
_STORE = UUID("109add3f-911b-49f5-a5d0-1791edc8aed8").bytes_le
_PACKAGED = UUID("638de92f-a6d4-4bc1-9a36-b3fc2511a5b7").bytes_le
_FILE_HEADER = UUID("bde316e7-2665-4511-a4c4-8d4d0b7a9eac").bytes_le
_FILE_FOOTER = UUID("71fba722-0f79-4a0b-bb13-899256426b24").bytes_le
_LIST_MAGIC, _LIST_FOOTER = 0xA4567AB1F5F7F4C4, 0x8BC215C38233BA4B
_NIL = struct.pack("<QI", (1 << 64) - 1, 0)

_PAGE_MANIFEST, _PAGE, _OUTLINE, _OUTLINE_ELEMENT = 0x00060037, 0x0006000B, 0x0006000C, 0x0006000D
_TEXT, _IMAGE, _EMBEDDED = 0x0006000E, 0x00060011, 0x00060035
_EMBEDDED_CONTAINER, _PICTURE_CONTAINER = 0x00080036, 0x00080039
_CONTENT_CHILDREN, _ELEMENT_CHILDREN = 0x24001C1F, 0x24001C20
_FILE_CONTAINER, _FILE_NAME, _FILE_SOURCE = 0x20001D9B, 0x1C001D9C, 0x1C001D9D
_IMAGE_CONTAINER, _IMAGE_NAME, _ALT_TEXT, _HYPERLINK = 0x20001C3F, 0x1C001DD7, 0x1C001E58, 0x1C001E20
_UNICODE_TEXT, _ARRAY = 0x1C001C22, 0x40003499
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 0x140034CD, 0x140034CE, 0x14001C14, 0x14001C15
_INDEX_BITS = 8
_ROW = 2.0  # half inches between two things on the page

_Properties = Sequence[tuple[int, bytes | Sequence[int]]]
"""(property id, its data, or the numbers of the objects it refers to)."""


def notebook(
    embed: Mapping[str, bytes] | None = None,
    *,
    text: str = "",
    pictures: Mapping[str, bytes] | None = None,
    covered: bool = False,
    alt_text: str = "",
    link: str = "",
    source_folder: str = "C:\\inert\\",
    layout: Layout = "section",
    expected_length: int | None = None,
    defect: Defect = "",
) -> bytes:
    r"""A section with one page, as OneNote 2010 to 2016 write it.

    Args:
        embed: attached files by the names that the reader sees.
        text: what the page says; each line becomes a paragraph.
        pictures: pictures by file name.
        covered: the pictures lie over the icons of the attached files instead of below them.
        alt_text: alternative text of the pictures.
        link: address that a click on the pictures opens.
        source_folder: where the files lay on the machine of their author.
        layout: ``section`` (.one), ``table-of-contents`` (.onetoc2), or ``packaged``: the header of Office 365's
            alternative packaging, and the files as a carver finds them there; its index is not written.
        expected_length: cbExpectedFileLength, where it is not that of the file.
        defect: one departure from the specification, by name. ``unreferenced-file``: no node refers to the files;
            ``file-guid``: the files lack their header GUID, so only the nodes lead to them; ``file-length``: they claim
            a terabyte; ``transactions``: the log claims 2**32 - 1; ``encrypted``: the section is locked.
    """
    embed, pictures = embed or {}, pictures or {}
    if layout == "packaged":
        return _packaged([*embed.values(), *pictures.values()])
    store = _Store(defect)
    content = [store.add(_TEXT, [(_UNICODE_TEXT, _wide(line))]) for line in text.splitlines()]
    rows = [row * _ROW for row in range(len(embed))]
    for row, (name, data) in zip(rows, embed.items(), strict=True):
        container = store.add_file(_EMBEDDED_CONTAINER, name, data)
        source = (_FILE_SOURCE, _wide(source_folder + name))
        shown = [(_FILE_CONTAINER, [container]), (_FILE_NAME, _wide(name)), source, *_box(0.5, row, 1.0, 1.0)]
        content.append(store.add(_EMBEDDED, shown))
    for count, (name, data) in enumerate(pictures.items()):
        container = store.add_file(_PICTURE_CONTAINER, name, data)
        shown = [(_IMAGE_CONTAINER, [container]), (_IMAGE_NAME, _wide(name))]
        shown += [(_ALT_TEXT, _wide(alt_text))] if alt_text else []
        shown += [(_HYPERLINK, _wide(link))] if link else []
        place = _box(0.0, 0.0, 8.0, len(rows) * _ROW) if covered else _box(0.0, (len(rows) + count) * _ROW, 2.0, 1.0)
        content.append(store.add(_IMAGE, shown + place))
    paragraphs = [store.add(_OUTLINE_ELEMENT, [(_CONTENT_CHILDREN, [one])]) for one in content]
    outline = store.add(_OUTLINE, [(_ELEMENT_CHILDREN, paragraphs)])
    page = store.add(_PAGE, [(_ELEMENT_CHILDREN, [outline])])
    root = store.add(_PAGE_MANIFEST, [(_CONTENT_CHILDREN, [page])])
    return store.finish(root, _CONTENTS if layout == "table-of-contents" else _SECTION, expected_length)


class _Store:
    """Collects objects and files, then writes the lists that lead to them, innermost first."""

    def __init__(self, defect: Defect) -> None:
        self._defect = defect
        self._parts = [bytes(1024)]
        self._size = 1024
        self._declared: list[bytes] = []
        self._files: list[bytes] = []
        self._lists: list[tuple[int, int]] = []
        self._objects = 0

    def add(self, jcid: int, properties: _Properties) -> int:
        """An object with a property set (2.6.1); answers its number."""
        ids = b"".join(_compact(one) for _, value in properties if not isinstance(value, bytes) for one in value)
        data = b"".join(_datum(prid, value) for prid, value in properties)
        prids = [prid for prid, _ in properties]
        if self._defect == "property-array" and jcid == _EMBEDDED:
            prids.insert(0, _ARRAY)
            data = struct.pack("<II", 1, _WIDTH) + bytes(4) + data
        if self._defect == "property-past-end" and jcid == _EMBEDDED:
            prids, data = [_FILE_NAME], struct.pack("<I", 0x7FFFFFFF) + b"cut"
        head = struct.pack("<I", len(ids) // 4 | 1 << 31) + ids
        body = head + struct.pack(f"<H{len(prids)}I", len(prids), *prids) + data
        reference = self._put(body + bytes(-len(body) % 8))
        self._objects += 1
        flags = 1 if ids else 0
        declared = _compact(self._objects) + struct.pack("<IBB", jcid, flags, 1)
        self._declared.append(_node(0x0A4, declared, reference, base=1))
        return self._objects

    def add_file(self, jcid: int, name: str, data: bytes) -> int:
        """An object that is a file (2.5.27), and the file in the store (2.6.13); answers the object's number."""
        guid = _guid(f"file {self._objects} {name}")
        marks = (bytes(16) if self._defect == "file-guid" else _FILE_HEADER, _FILE_FOOTER)
        length = 1 << 40 if self._defect == "file-length" else len(data)
        footer = bytes(16) if self._defect == "file-footer" else marks[1]
        padding = bytes(-len(data) % 8)
        reference = self._put(marks[0] + struct.pack("<QIQ", length, 0, 0) + data + padding + footer)
        if self._defect != "unreferenced-file":
            self._files.append(_node(0x094, guid.bytes_le, reference, base=1))
        dot = name.rfind(".")
        extension = name[dot:] if dot >= 0 else ""
        self._objects += 1
        where = f"<ifndf>{{{str(guid).upper()}}}"
        declared = _compact(self._objects) + struct.pack("<IB", jcid, 1) + _counted(where) + _counted(extension)
        self._declared.append(_node(0x072, declared))
        return self._objects

    def finish(self, root: int, file_type: bytes, expected_length: int | None) -> bytes:
        """The lists around what was collected (2.1.14), the transaction log (2.3.3), and the header (2.3.1).

        The log's checksum is the CRC-32 of RFC 3309 over its entries, as real files have it.
        """
        space, revision, group = (_extended(what) for what in ("object space", "revision", "object group"))
        spaces = range((self._objects >> _INDEX_BITS) + 1)
        table = [_node(0x024, struct.pack("<I", index) + _guid(f"identity {index}").bytes_le) for index in spaces]
        table = [_node(0x022), *table, _node(0x028)]
        locked = []
        if self._defect == "encrypted":
            locked = [_node(0x07C, b"", self._put(struct.pack("<QQ", 0xFB6BA385DAD1A067, 0x2649294F8E198B3C)), base=1)]
        objects = self._list([_node(0x0B4, group), *table, *self._declared, _node(0x0B8)], 0x14)
        nodes = [
            _node(0x014, space + bytes(4)),
            _node(0x01E, revision + bytes(20) + struct.pack("<IH", 1, 2 if locked else 0)),
            *locked,
            _node(0x0B0, group, objects, base=2),
            *table,
            _node(0x05A, _guid("identity 0").bytes_le + struct.pack("<II", root & 0xFF, 1)),
            _node(0x01C),
        ]
        revisions = self._list(nodes, 0x13)
        manifest = self._list([_node(0x00C, space), _node(0x010, b"", revisions, base=2)], 0x12)
        nodes = [_node(0x004, space), _node(0x008, space, manifest, base=2)]
        if self._files:
            nodes.append(_node(0x090, b"", self._list(self._files, 0x11), base=2))
        top = self._list(nodes, 0x10)
        entries = b"".join(struct.pack("<II", *one) for one in sorted(self._lists))
        log = self._put(entries + struct.pack("<II", 1, zlib.crc32(entries)) + _NIL)
        self._parts[0] = self._header(file_type, log, top, expected_length)
        return b"".join(self._parts)

    def _list(self, nodes: list[bytes], number: int) -> tuple[int, int]:
        """A file node list of one fragment (2.4); where it is."""
        self._lists.append((number, len(nodes)))
        body = struct.pack("<QII", _LIST_MAGIC, number, 0) + b"".join(nodes)
        body += bytes(-len(body) % 8 + 12)
        behind = _NIL
        if number == 0x14 and self._defect == "fragment-loop":
            behind = struct.pack("<QI", self._size, len(body) + 20)
        if number == 0x14 and self._defect == "fragment-past-end":
            behind = struct.pack("<QI", 0x7FFFFFFF0, 1024)
        return self._put(body + behind + struct.pack("<Q", _LIST_FOOTER))

    def _put(self, chunk: bytes) -> tuple[int, int]:
        """Append a chunk; its reference."""
        gap = bytes(-self._size % 8)
        reference = (self._size + len(gap), len(chunk))
        self._parts += [gap, chunk]
        self._size += len(gap) + len(chunk)
        return reference

    def _header(
        self, file_type: bytes, log: tuple[int, int], top: tuple[int, int], expected_length: int | None
    ) -> bytes:
        version = 0x1B if file_type == _CONTENTS else 0x2A
        transactions = 0xFFFFFFFF if self._defect == "transactions" else 1
        length = self._size if expected_length is None else expected_length
        without_files = 0 if self._files else 1
        head = (
            file_type + _guid("file").bytes_le + bytes(16) + _STORE,
            struct.pack("<4I", version, version, version, version),
            bytes(8) + struct.pack("<II", 0xFFFFFFFF, 0) + struct.pack("<II", transactions, 0) + bytes(8),
            struct.pack("<III4B", 0xFFFFFFFF, 0, 0, 0, 0, 0, without_files) + bytes(16),
            struct.pack("<I", 0) + _NIL + struct.pack("<QI", *log) + struct.pack("<QI", *top) + _NIL,
            struct.pack("<QQ", length, 0) + _guid("version").bytes_le + struct.pack("<Q", 1) + bytes(16),
            struct.pack("<I", 0) + _NIL + _NIL + struct.pack("<4I", *(4 * [16000])),
        )
        return b"".join(head).ljust(1024, b"\0")


def _packaged(files: Sequence[bytes]) -> bytes:
    head = _SECTION + _guid("file").bytes_le + bytes(16) + _PACKAGED + struct.pack("<I", 0x2A)
    return head.ljust(1024, b"\0") + b"".join(data + bytes(-len(data) % 8) for data in files)


def _node(number: int, data: bytes = b"", reference: tuple[int, int] | None = None, base: int = 0) -> bytes:
    """A file node (2.4.3), with an uncompressed reference of 8 and 4 bytes where it has one."""
    where = b"" if reference is None else struct.pack("<QI", *reference)
    body = where + data
    return struct.pack("<I", number | (4 + len(body)) << 10 | base << 27 | 1 << 31) + body


def _datum(prid: int, value: bytes | Sequence[int]) -> bytes:
    """A property's share of rgData (2.6.7); the numbers of objects themselves are in the stream before the set."""
    kind = prid >> 26 & 0x1F
    if kind == 7:
        return struct.pack("<I", len(value)) + bytes(value)
    if kind == 9:
        return struct.pack("<I", len(value))
    return bytes(value) if kind == 5 else b""


def _box(across: float, down: float, width: float, height: float) -> list[tuple[int, bytes | Sequence[int]]]:
    """Place and size on the page, in half inches."""
    sizes = ((_ACROSS, across), (_DOWN, down), (_WIDTH, width), (_HEIGHT, height))
    return [(prid, struct.pack("<f", value)) for prid, value in sizes]


def _compact(number: int) -> bytes:
    """A CompactID (2.2.2): 8 bits of number, and which GUID of the table it belongs to."""
    return struct.pack("<I", number & 0xFF | number >> _INDEX_BITS << 8)


def _wide(value: str) -> bytes:
    return value.encode("utf-16-le", "surrogatepass") + b"\0\0"


def _counted(value: str) -> bytes:
    spelled = value.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(spelled) // 2) + spelled


def _extended(what: str) -> bytes:
    return _guid(what).bytes_le + struct.pack("<I", 1)


def _guid(what: str) -> UUID:
    """Always the same GUID for the same thing."""
    return UUID(bytes=hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()[:16], version=4)
