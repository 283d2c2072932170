"""Writer of files with the headers of a Windows program, for no machine and without code: PE/COFF specification."""

import struct
from collections.abc import Mapping, Sequence

_ALIGNED = 0x200
_EXPORTS, _RESOURCES, _CERTIFICATES, _RUNTIME = 0, 2, 4, 14
_LIBRARY = 0x2000


def program(
    sections: Mapping[str, bytes] | None = None,
    *,
    resources: bytes = b"",
    managed: bytes = b"",
    certificates: bytes = b"",
    exports: Sequence[str] = (),
    marker: str = "emotriage-inert",
    overlay: bytes = b"",
) -> bytes:
    """A program that nothing can load: its machine is unknown, it has no entry point, and its sections are data.

    Args:
        sections: content by name; the marker is in front of all of them.
        resources: content of ``.rsrc``, which the data directory names.
        managed: resources of a .NET assembly.
        certificates: content of the table behind the sections.
        exports: names; with any, the program is a DLL.
        marker: ASCII text that the first section holds.
        overlay: bytes behind the end.
    """
    parts = {".text": marker.encode("ascii"), **(sections or {})}
    if resources:
        parts[".rsrc"] = resources
    if exports:
        parts[".edata"] = b"\0".join([bytes(40 + 4 * len(exports)), *(one.encode() for one in exports)]) + b"\0"
    if managed:
        parts[".managed"] = b""  # it names its own address, which is known below
    start = _up(0x40 + 24 + 240 + 40 * len(parts))
    table, body, address = b"", b"", 0x1000
    directories: list[tuple[int, int]] = [(0, 0)] * 16
    for name, given in parts.items():
        runtime = struct.pack("<I20xII40x", 72, address + 72, len(managed)) + managed
        content = runtime if name == ".managed" else _exported(address, exports, given) if name == ".edata" else given
        size = _up(len(content))
        if name == ".rsrc":
            directories[_RESOURCES] = address, len(content)
        elif name == ".edata":
            directories[_EXPORTS] = address, len(content)
        elif name == ".managed":
            directories[_RUNTIME] = address, 72
        table += struct.pack("<8s4I12xI", name.encode(), len(content), address, size, start + len(body), 0x40000040)
        body += content.ljust(size, b"\0")
        address += -(-size // 0x1000) * 0x1000
    if certificates:
        directories[_CERTIFICATES] = start + len(body), len(certificates)
    dos = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0, len(parts), 0, 0, 0, 240, 2 | (_LIBRARY if exports else 0))
    head = (dos + coff + _optional(start, address, directories) + table).ljust(start, b"\0")
    return head + body + certificates + overlay


def _exported(address: int, names: Sequence[str], content: bytes) -> bytes:
    """Section 6.3: the directory, and the addresses of the names that stand behind both."""
    head = struct.pack("<24xI4xI4x", len(names), address + 40)
    at = address + 40 + 4 * len(names) + 1
    table = b""
    for one in names:
        table += struct.pack("<I", at)
        at += len(one.encode()) + 1
    return head + table + content[len(head) + len(table) :]


def _optional(headers: int, image: int, directories: Sequence[tuple[int, int]]) -> bytes:
    """Section 3.4, PE32+."""
    sizes = struct.pack("<QIIHHHHHHIIIIHHQQQQII", 0x140000000, 0x1000, _ALIGNED, 6, 0, 0, 0, 6, 0, 0, image, headers,
                        0, 2, 0, 0, 0, 0, 0, 0, 16)  # fmt: skip
    return struct.pack("<H22x", 0x20B) + sizes + b"".join(struct.pack("<II", *one) for one in directories)


def _up(size: int) -> int:
    return -(-size // _ALIGNED) * _ALIGNED
