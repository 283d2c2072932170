"""Controls of [MS-OFORMS]: text boxes on a page of Word, and on forms of a VBA project."""

import struct
from collections.abc import Mapping

CLSID = "8bd21d10-ec42-11ce-9e0d-00aa006002f3"
"""Of a text box."""
_TEXT_BOX = 23
_BITS, _SIZE = 0x2C80481B, (0x1A, 0x23)


def text_box(value: str) -> bytes:
    """The ``contents`` of a text box (2.2.5) that holds a text; one byte a character where that is enough."""
    narrow = value.isascii()
    raw = value.encode("ascii" if narrow else "utf-16-le")
    body = struct.pack("<QII", 1 | 1 << 8 | 1 << 22 | 1 << 31, _BITS, len(raw) | (1 << 31 if narrow else 0))
    body += struct.pack("<II", *_SIZE) + _padded(raw)
    return struct.pack("<BBH", 0, 2, len(body)) + body


def page_streams(storage: str, name: str, value: str) -> dict[str, bytes]:
    """The streams of a text box on a page, in a storage of ``ObjectPool``."""
    return {
        f"{storage}/\x03OCXNAME": f"{name}\0\0".encode("utf-16-le"),
        f"{storage}/contents": text_box(value),
    }


def form_streams(storage: str, controls: Mapping[str, str]) -> dict[str, bytes]:
    """The streams ``f`` and ``o`` of a form whose text boxes hold these texts (2.2.10)."""
    boxes = [text_box(value) for value in controls.values()]
    sites = b"".join(_site(name, len(box)) for name, box in zip(controls, boxes, strict=True))
    depths = _padded(bytes([0, 1] * len(boxes)))
    form = struct.pack("<II", 1 << 3, len(boxes) + 1)
    head = struct.pack("<BBH", 0, 4, len(form)) + form
    table = struct.pack("<HII", 0, len(boxes), len(depths) + len(sites)) + depths + sites
    return {f"{storage}/f": head + table, f"{storage}/o": b"".join(boxes)}


def _site(name: str, size: int) -> bytes:
    """What a form says of one of its text boxes (2.2.10.12)."""
    body = struct.pack("<III", 1 | 1 << 5 | 1 << 7, len(name) | 1 << 31, size)
    body += _padded(struct.pack("<H", _TEXT_BOX)) + _padded(name.encode("latin-1"))
    return struct.pack("<HH", 0, len(body)) + body


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
