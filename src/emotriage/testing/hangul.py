"""Hangul documents (HWP 5.0): an empty section, embedded files, scripts; deflated or not."""

import struct
import zlib
from collections.abc import Mapping

from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content
from emotriage.testing.property_set import summary_information

_FLAGS = {"compressed": 0x1, "password": 0x2, "distribution": 0x4, "rights": 0x10}
_HEAD = "var Documents = XHwpDocuments;\r\nvar Document = Documents.Active_XHwpDocument;\r\n"
_IDLE = (
    "function OnDocument_New()\r\n{\r\n\t//todo : \r\n}\r\n\r\nfunction OnDocument_Open()\r\n{\r\n\t//todo : \r\n}\r\n"
)


def hangul(
    *,
    script: str = "",
    embed: Mapping[str, bytes] | None = None,
    flags: tuple[str, ...] | list[str] = ("compressed",),
    streams: Mapping[str, Content] | None = None,
) -> bytes:
    """A Hangul document.

    Args:
        script: its JavaScript; the empty functions of every document if "".
        embed: files of the storage BinData, by name.
        flags: of ``compressed``, ``password``, ``distribution`` and ``rights``.
        streams: further streams, as they are.

    Raises:
        ValueError: an unknown flag.
    """
    if unknown := set(flags) - set(_FLAGS):
        raise ValueError(f"unknown flags {sorted(unknown)}; there are {', '.join(_FLAGS)}")
    bits = sum(_FLAGS[one] for one in set(flags))
    section = struct.pack("<I", 66 | 22 << 20) + bytes(22)
    texts = b"".join(struct.pack("<I", len(one)) + one.encode("utf-16-le") for one in (_HEAD, script or _IDLE, "", ""))
    packed: dict[str, bytes] = {
        "DocInfo": struct.pack("<I", 16 | 26 << 20) + bytes(26),
        "BodyText/Section0": section,
        "Scripts/JScriptVersion": struct.pack("<II", 1, 0),
        "Scripts/DefaultJScript": texts + b"\xff\xff\xff\xff",
        **{f"BinData/{name}": data for name, data in (embed or {}).items()},
    }
    clear: dict[str, Content] = {
        "FileHeader": b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, bits) + bytes(216),
        "\x05HwpSummaryInformation": summary_information({}),
        "PrvText": "Minutes".encode("utf-16-le"),
    }
    for name, data in packed.items():
        clear[name] = _deflated(data) if "compressed" in flags else data
    return compound_file({**clear, **(streams or {})})


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()
