"""The dir stream of a VBA project ([MS-OVBA] 2.3.4.2), before its compression."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_VERSION = struct.pack("<IH", 1_700_000_000, 17)


@dataclass(frozen=True, slots=True)
class ModuleRecord:
    """What the dir stream says of a module; `stream` is the name of its stream, `offset` where its source begins."""

    name: str
    unicode_name: str
    stream: str
    offset: int
    procedural: bool


def directory(
    project: str, modules: Sequence[ModuleRecord], references: Sequence[str], *, codec: str, code_page: int
) -> bytes:
    """The records of a project.

    Args:
        project: its name.
        modules: in order.
        references: library ids.
        codec: Python's name of the encoding that the names are in.
        code_page: what the project says about that.
    """
    return b"".join(_records(project, modules, references, codec, code_page))


def _records(
    project: str, modules: Sequence[ModuleRecord], references: Sequence[str], codec: str, code_page: int
) -> Iterator[bytes]:
    yield _number(0x01, 1, 4)  # PROJECTSYSKIND: 32-bit Windows
    yield _number(0x02, 0x0409, 4)
    yield _number(0x14, 0x0409, 4)
    yield _number(0x03, code_page & 0xFFFF, 2)
    yield _record(0x04, project.encode(codec))
    yield _record(0x05, b"") + _record(0x40, b"")
    yield _record(0x06, b"") + _record(0x3D, b"")
    yield _number(0x07, 0, 4)
    yield _number(0x08, 0, 4)
    yield struct.pack("<HI", 0x09, 4) + _VERSION
    yield _record(0x0C, b"") + _record(0x3C, b"")
    for library in references:
        name = library.rpartition("#")[2].split()[0] if library.rpartition("#")[2].split() else "reference"
        yield _both(0x16, 0x3E, name, codec)
        raw = library.encode(codec)
        yield _record(0x0D, struct.pack("<I", len(raw)) + raw + bytes(6))
    yield _number(0x0F, len(modules), 2)
    yield _number(0x13, 0xFFFF, 2)
    for one in modules:
        yield _record(0x19, one.name.encode(codec)) + _record(0x47, one.unicode_name.encode("utf-16-le"))
        yield _both(0x1A, 0x32, one.stream, codec)
        yield _record(0x1C, b"") + _record(0x48, b"")
        yield _number(0x31, one.offset, 4)
        yield _number(0x1E, 0, 4)
        yield _number(0x2C, 0xFFFF, 2)
        yield _record(0x21 if one.procedural else 0x22, b"")
        yield _record(0x2B, b"")
    yield _record(0x10, b"")


def _record(number: int, data: bytes) -> bytes:
    return struct.pack("<HI", number, len(data)) + data


def _number(number: int, value: int, size: int) -> bytes:
    return _record(number, value.to_bytes(size, "little"))


def _both(number: int, unicode_number: int, text: str, codec: str) -> bytes:
    return _record(number, text.encode(codec)) + _record(unicode_number, text.encode("utf-16-le"))
