"""Small OLE streams that documents and objects carry: summary information ([MS-OLEPS]), CompObj, Ole10Native."""

import struct
from collections.abc import Mapping
from uuid import UUID

from emotriage.testing.compound_file import compound_file

_SUMMARY = UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9")
_IDS = {"title": 2, "subject": 3, "author": 4, "keywords": 5, "comments": 6, "template": 7, "last_author": 8}
PACKAGE_CLSID = "0003000c-0000-0000-c000-000000000046"


def summary_information(properties: Mapping[str, str]) -> bytes:
    r"""The stream ``\x05SummaryInformation``.

    Args:
        properties: any of title, subject, author, keywords, comments, template and last_author.

    Raises:
        ValueError: another property.
    """
    if unknown := properties.keys() - _IDS:
        raise ValueError(f"unknown properties {sorted(unknown)}; there are {', '.join(_IDS)}")
    values = {1: struct.pack("<Ihh", 2, 65001 - 65536, 0)}
    for name, text in properties.items():
        raw = text.encode() + b"\0"
        values[_IDS[name]] = struct.pack("<II", 30, len(raw)) + raw + bytes(-len(raw) % 4)
    places, body = [], b""
    for number in sorted(values):
        places.append(struct.pack("<II", number, 8 + 8 * len(values) + len(body)))
        body += values[number]
    section = struct.pack("<II", 8 + 8 * len(values) + len(body), len(values)) + b"".join(places) + body
    head = struct.pack("<HHI16sI", 0xFFFE, 0, 0x00020006, bytes(16), 1)
    return head + _SUMMARY.bytes_le + struct.pack("<I", 48) + section


def comp_obj(clsid: str, user_type: str, format_name: str, program: str) -> bytes:
    r"""The stream ``\x01CompObj`` ([MS-OLEDS] 2.3.8)."""
    strings = [text.encode("cp1252") + b"\0" if text else b"" for text in (user_type, format_name, program)]
    out = struct.pack("<III", 0xFFFE0001, 0x0A03, 0xFFFFFFFF) + UUID(clsid).bytes_le
    out += b"".join(struct.pack("<I", len(raw)) + raw for raw in strings)
    return out + struct.pack("<IIII", 0x71B239F4, 0, 0, 0)


def ole10native(
    data: bytes, label: str, path: str = "", command: str = "", *, declared_size: int | None = None
) -> bytes:
    r"""The stream ``\x01Ole10Native`` of an embedded file.

    Args:
        data: the file.
        label: the name that is shown.
        path: where it came from; by default the label in a temporary folder.
        command: where it is unpacked to; by default the same.
        declared_size: what is said to be the file's size, where that is a lie.
    """
    path = path or f"C:\\Users\\Public\\{label}"
    spelled = [text.encode("cp1252", "replace") + b"\0" for text in (label, path, command or path)]
    body = struct.pack("<H", 2) + spelled[0] + spelled[1]
    body += struct.pack("<HHI", 0, 3, len(spelled[2])) + spelled[2]
    body += struct.pack("<I", len(data) if declared_size is None else declared_size) + data
    for text in (command or path, label, path):
        body += struct.pack("<I", len(text)) + text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(body)) + body


def package_streams(
    data: bytes, label: str, path: str = "", command: str = "", *, declared_size: int | None = None
) -> dict[str, bytes]:
    """The streams of the storage that holds an embedded file as a Package object."""
    return {
        "\x01CompObj": comp_obj(PACKAGE_CLSID, "OLE Package", "", "Package"),
        "\x01Ole10Native": ole10native(data, label, path, command, declared_size=declared_size),
        "\x03ObjInfo": bytes(6),
    }


def package_object(
    data: bytes, label: str, path: str = "", command: str = "", *, declared_size: int | None = None
) -> bytes:
    """An embedded file as a Package object of its own, the form in which OOXML documents hold it.

    Args:
        data: the file.
        label: the name that is shown.
        path: where it came from.
        command: where it is unpacked to.
        declared_size: what is said to be the file's size, where that is a lie.
    """
    return compound_file(
        package_streams(data, label, path, command, declared_size=declared_size), clsids={"": PACKAGE_CLSID}
    )
