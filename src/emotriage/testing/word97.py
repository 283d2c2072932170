"""The streams of a Word 97 document ([MS-DOC]): one section of unformatted paragraphs, with fields and a template."""

import struct
from collections.abc import Iterator, Mapping, Sequence

from emotriage.testing.drawing import Drawn
from emotriage.testing.property_set import comp_obj, package_streams, summary_information
from emotriage.testing.word97_shapes import FLOATING, INLINE, box_text, pictures, run_properties, tables

CLSID = "00020906-0000-0000-c000-000000000046"

_TEXT_AT = 0x400
_PAGE = 512
_PARAGRAPHS = 29  # that a page of paragraph properties can describe
_STSHF, _PLCF_SED, _BTE_CHPX, _BTE_PAPX, _FONTS, _FIELDS, _DOP, _ASSOC, _CLX = 1, 6, 12, 13, 15, 16, 31, 32, 33
_FIELD_TYPES = {"INCLUDETEXT": 68, "DDE": 45, "DDEAUTO": 46, "EMBED": 58, "HYPERLINK": 88, "MACROBUTTON": 51}


def word97_streams(
    text: str,
    *,
    fields: Sequence[str] = (),
    template: str = "",
    properties: Mapping[str, str] | None = None,
    embed: Mapping[str, bytes] | None = None,
    reserved: int = 0,
    data: bytes = b"",
    shapes: Sequence[Drawn] = (),
) -> dict[str, bytes]:
    r"""The streams of a document without macros.

    Args:
        text: paragraphs, with ``\n`` between them; 0x13, 0x14 and 0x15 are marks of fields.
        fields: instructions of fields, each in a paragraph behind the text.
        template: path or address of the attached template.
        properties: of the summary information.
        embed: files by the name that is shown, each a Package object in the object pool.
        reserved: bytes at the beginning of the table stream that are left free.
        data: the stream Data; empty for none. Pictures in the text lie behind it.
        shapes: each in a paragraph behind the fields.
    """
    marks = [INLINE if one.inline else FLOATING for one in shapes]
    body = "".join(line + "\r" for line in [*text.split("\n"), *(f"\x13 {one} \x14\x15" for one in fields), *marks])
    places, drawn = pictures([one for one in shapes if one.inline], len(data))
    data += drawn
    document, table = _document(body, template, reserved, shapes, places)
    streams = {
        "WordDocument": document,
        "1Table": table,
        "\x01CompObj": comp_obj(CLSID, "Microsoft Word 97-2003 Document", "MSWordDoc", "Word.Document.8"),
        "\x05SummaryInformation": summary_information(properties or {}),
    }
    if data:
        streams["Data"] = data
    for number, (label, content) in enumerate((embed or {}).items()):
        for name, stream in package_streams(content, label).items():
            streams[f"{pool_path(number)}/{name}"] = stream
    return streams


def pool_path(number: int) -> str:
    """The storage of an embedded object."""
    return f"ObjectPool/_{1_000_000_000 + number}"


def _document(
    text: str, template: str, reserved: int, shapes: Sequence[Drawn], pictures_at: Sequence[int]
) -> tuple[bytes, bytes]:
    """The streams WordDocument and 1Table."""
    boxes = "".join(box_text(one) for one in shapes if not one.inline)
    own = len(_flat(text))
    flat = _flat(text + (f"{boxes}\r\r" if boxes else ""))
    try:
        raw, unit = flat.encode("cp1252"), 1
    except UnicodeEncodeError:
        raw, unit = b"".join(struct.pack("<H", ord(char)) for char in flat), 2
    count, end = len(flat), _TEXT_AT + len(raw)
    bounds = [_TEXT_AT, *(_TEXT_AT + unit * (at + 1) for at, char in enumerate(flat) if char == "\r")]
    runs = list(_runs(flat, own, shapes, pictures_at))
    characters = _page([_TEXT_AT + unit * at for at, _ in runs] + [end], 1, [raw for _, raw in runs])
    paragraphs = [bounds[at : at + _PARAGRAPHS + 1] for at in range(0, len(bounds) - 1, _PARAGRAPHS)]
    first = -(-end // _PAGE)
    pages = [characters, *(_page(places, 13) for places in paragraphs)]
    parts = {
        _STSHF: _styles(),
        _PLCF_SED: struct.pack("<IIHiHI", 0, own, 0, -1, 0, 0xFFFFFFFF),
        _BTE_CHPX: struct.pack("<III", _TEXT_AT, end, first),
        _BTE_PAPX: struct.pack(
            f"<{2 * len(paragraphs) + 1}I",
            *(places[0] for places in paragraphs),
            end,
            *range(first + 1, first + 1 + len(paragraphs)),
        ),
        _FONTS: _fonts(),
        _FIELDS: _field_table(flat),
        _DOP: bytes(500),
        _ASSOC: _associations(template),
        _CLX: b"\2" + struct.pack("<IIIHIH", 16, 0, count, 0, _TEXT_AT * 2 | 1 << 30 if unit == 1 else _TEXT_AT, 0),
    }
    if floating := [one for one in shapes if not one.inline]:
        parts |= tables(floating, [at for at, char in enumerate(flat[:own]) if char == FLOATING], own)
    table, places = bytes(reserved + -reserved % 4), [(0, 0)] * 93
    for index, part in parts.items():
        places[index] = (len(table), len(part))
        table += part + bytes(-len(part) % 4)
    head = _fib(own, len(boxes) + 1 if boxes else 0, _PAGE * (first + len(pages)), places)
    body = head.ljust(_TEXT_AT, b"\0") + raw
    return body.ljust(first * _PAGE, b"\0") + b"".join(pages), table.ljust(4096, b"\0")


def _fib(count: int, boxes: int, size: int, places: Sequence[tuple[int, int]]) -> bytes:
    """[MS-DOC] 2.5."""
    base = struct.pack("<7HIBBHHII", 0xA5EC, 0xC1, 0, 0x0409, 0, 0x1200, 0xBF, 0, 0, 0, 0, 0, _TEXT_AT, size)
    words = struct.pack("<15H", 14, *[0] * 13, 0x0409)
    longs = struct.pack("<H22I", 22, size, 0, 0, count, *[0] * 5, boxes, *[0] * 12)
    return base + words + longs + struct.pack("<H186I", 93, *(one for place in places for one in place)) + bytes(2)


def _flat(text: str) -> str:
    """The same with a character for each UTF-16 unit."""
    wide = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, struct.unpack(f"<{len(wide) // 2}H", wide)))


def _runs(text: str, own: int, shapes: Sequence[Drawn], pictures_at: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """(where it begins, properties) of the runs of a text; only characters that stand for shapes have any."""
    left = list(pictures_at)
    places = [at for at, char in enumerate(text[:own]) if char in (FLOATING, INLINE)] if shapes else []
    begins = sorted({0, *places, *(at + 1 for at in places)} - {len(text)})
    for at in begins:
        yield at, run_properties(left.pop(0) if text[at] == INLINE else None) if at in places else b""


def _page(places: Sequence[int], size: int, properties: Sequence[bytes] = ()) -> bytes:
    """A page of runs or paragraphs: where they begin and end, and the properties of those that have any."""
    count = len(places) - 1
    head = struct.pack(f"<{count + 1}I", *places)
    offsets, tail = bytearray(count * size), b""
    for index, raw in enumerate(properties):
        if raw:
            tail = (bytes([len(raw)]) + raw + b"\0" * (~len(raw) & 1)) + tail
            offsets[index] = (_PAGE - 2 - len(tail)) // 2
    room = _PAGE - len(head) - len(offsets) - 2 - len(tail)
    if room < 0:
        raise ValueError("too many shapes for one page of properties")
    return head + bytes(offsets) + bytes(room) + tail + bytes([0, count])


def _styles() -> bytes:
    """A style sheet with the style Normal alone ([MS-DOC] 2.9.271)."""
    name = "Normal".encode("utf-16-le")
    normal = struct.pack("<5H", 0, 0xFFF1, 2, 0, 0) + struct.pack("<H", 6) + name + bytes(2)
    normal += struct.pack("<HHH", 2, 0, 0)
    head = struct.pack("<10H", 18, 15, 10, 1, 91, 15, 0, 0, 0, 0)
    return head + struct.pack("<H", len(normal)) + normal + bytes(2 * 14)


def _fonts() -> bytes:
    font = bytes([0x16]) + struct.pack("<HBB", 400, 0, 0) + bytes(34) + "Times New Roman".encode("utf-16-le") + bytes(2)
    return struct.pack("<HHB", 1, 0, len(font)) + font


def _associations(template: str) -> bytes:
    """Strings that belong to the document; the second is its template ([MS-DOC] 2.9.297)."""
    strings = ["", template, *[""] * 16]
    out = [struct.pack("<HHH", 0xFFFF, len(strings), 0)]
    for one in strings:
        raw = one.encode("utf-16-le", "surrogatepass")
        out.append(struct.pack("<H", len(raw) // 2) + raw)
    return b"".join(out)


def _field_table(text: str) -> bytes:
    """Where the marks of fields are, and what sort of field each begins ([MS-DOC] 2.8.25)."""
    places, sorts = [], []
    for at, char in enumerate(text):
        if char in "\x13\x14\x15":
            words = text[at + 1 : at + 40].split(None, 1)
            sort = _FIELD_TYPES.get(words[0].upper(), 1) if char == "\x13" and words else 0
            places.append(at)
            sorts.append(bytes([ord(char), 0x80 if char == "\x15" else sort]))
    return struct.pack(f"<{len(places) + 1}I", *places, len(text)) + b"".join(sorts) if places else b""
