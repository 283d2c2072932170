"""Windows programs: where the parts of the image lie in the file, and what it exports; PE/COFF specification, 2 to 6.3.

Only the headers and the names of exports are read. What counts here is where the image ends, and which part of it is
how large: a program is made too large for scanners behind its end, in a section, in its resources, or in the table of
its certificates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

_SECTION = 40
_SECTIONS = 1024
"""More than ten times what Windows loads."""
_SYMBOL = 18
_EXPORTS, _RESOURCES, _CERTIFICATES, _RUNTIME = 0, 2, 4, 14
_LIBRARY = 0x2000
_NAMES, _NAME = 4096, 128
_DIRECTORIES = {0x10B: 96, 0x20B: 112}
"""Where the data directories begin in the optional header, by its magic: PE32 and PE32+."""
_RUNTIME_RESOURCES = 24  # ECMA-335 II.25.3.3
_ALIGNED = 0x200


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file that the headers name.

    Attributes:
        what: ``section``, ``resources``, ``managed resources`` or ``certificates``.
        name: of the section; empty for the others.
        offset: in the file.
        size: bytes in the file.
    """

    what: str
    name: str
    offset: int
    size: int

    @property
    def end(self) -> int:
        """Offset behind it."""
        return self.offset + self.size


@dataclass(frozen=True, slots=True)
class Image:
    """The layout of a program.

    Attributes:
        parts: sections in the order of their headers, then resources and certificates, as far as the file has them.
        end: offset behind the last byte that headers, sections, symbols, and certificates right behind them take;
            None where the headers do not say.
        library: it is a DLL, or an add-in under another extension.
        managed: it is an assembly of .NET.
        exports: names that others call it by, at most 4,096.
    """

    parts: tuple[Part, ...]
    end: int | None
    library: bool = False
    managed: bool = False
    exports: tuple[str, ...] = ()


def read_image(blob: Blob, budget: Budget) -> Image:
    """Read the layout of a program; of one that is none for Windows on NT, nothing is known.

    Raises:
        Malformed: the headers are cut off.
    """
    at = _number(blob.read(0x3C, 4))
    coff = blob.read(at, 24)
    if blob.read(0, 2) != b"MZ" or at < 4 or coff[:4] != b"PE\0\0":
        return Image((), None)
    optional = blob.read(at + 24, _number(coff[20:22]))
    if len(coff) < 24 or len(optional) < _number(coff[20:22]):
        raise Malformed("headers of the program are cut off")
    table = blob.read(at + 24 + len(optional), _SECTION * min(_number(coff[6:8]), _SECTIONS))
    budget.spend(RECORD + len(optional) + RECORD * (len(table) // _SECTION))
    headers = [table[one : one + _SECTION] for one in range(0, len(table) - _SECTION + 1, _SECTION)]
    parts = [one for one in (_section(header, blob.size) for header in headers) if one.size]
    end = max([_number(optional[60:64]), *(one.end for one in parts), _symbols_end(blob, coff)])
    certificates = _certificates(optional, blob.size)
    if certificates and end <= certificates.offset <= end + _ALIGNED:
        end = certificates.end
    resources = _placed("resources", _directory(optional, _RESOURCES), headers, blob.size)
    found = (resources, _managed(blob, optional, headers), certificates)
    return Image(
        (*parts, *(one for one in found if one)),
        min(end, blob.size),
        library=bool(_number(coff[22:24]) & _LIBRARY),
        managed=bool(_directory(optional, _RUNTIME)[1]),
        exports=tuple(_exports(blob, optional, headers, budget)),
    )


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "little")


def _section(header: bytes, size: int) -> Part:
    """Section 4; the loader begins to read at a multiple of 512."""
    name = header[:8].rstrip(b"\0").decode("latin-1")
    offset = _number(header[20:24]) // _ALIGNED * _ALIGNED
    return Part("section", name, offset, max(min(_number(header[16:20]), size - offset), 0))


def _symbols_end(blob: Blob, coff: bytes) -> int:
    """Sections 5.4 and 5.6: symbols, and the table of strings right behind them, which begins with its size."""
    start, count = _number(coff[12:16]), _number(coff[16:20])
    strings = start + _SYMBOL * count
    if not start or not count or strings > blob.size:
        return 0
    size = _number(blob.read(strings, 4))
    return strings + size if strings + size <= blob.size else strings


def _directory(optional: bytes, index: int) -> tuple[int, int]:
    """(address, size) of a data directory, section 3.4.3; nothing where there is none."""
    start = _DIRECTORIES.get(_number(optional[:2]), len(optional))
    if index >= _number(optional[start - 4 : start]):
        return 0, 0
    entry = optional[start + 8 * index : start + 8 * index + 8]
    return _number(entry[:4]), _number(entry[4:])


def _certificates(optional: bytes, size: int) -> Part | None:
    """Section 5.7: the only directory whose address is an offset in the file."""
    offset, length = _directory(optional, _CERTIFICATES)
    return Part("certificates", "", offset, min(length, size - offset)) if length and 0 < offset < size else None


def _exports(blob: Blob, optional: bytes, headers: list[bytes], budget: Budget) -> Iterator[str]:
    """Section 6.3: a table of the addresses of names."""
    directory = _placed("", _directory(optional, _EXPORTS), headers, blob.size)
    if directory is None:
        return
    raw = blob.read(directory.offset, 40)
    count = min(_number(raw[24:28]), _NAMES)
    names = _placed("", (_number(raw[32:36]), 4 * count), headers, blob.size)
    table = blob.read(names.offset, 4 * count) if names else b""
    for at in range(0, len(table) - 3, 4):
        budget.spend(RECORD * (1 + len(headers)))
        if place := _placed("", (_number(table[at : at + 4]), _NAME), headers, blob.size):
            yield blob.read(place.offset, _NAME).partition(b"\0")[0].decode("latin-1")


def _managed(blob: Blob, optional: bytes, headers: list[bytes]) -> Part | None:
    """Resources of a .NET assembly, which its own header names."""
    runtime = _placed("", _directory(optional, _RUNTIME), headers, blob.size)
    if runtime is None:
        return None
    entry = blob.read(runtime.offset + _RUNTIME_RESOURCES, 8)
    return _placed("managed resources", (_number(entry[:4]), _number(entry[4:])), headers, blob.size)


def _placed(what: str, directory: tuple[int, int], headers: list[bytes], size: int) -> Part | None:
    """The part of the file that is loaded to an address; of the section that is named so, all of it."""
    address, length = directory
    for header in headers:
        begin, stored = _number(header[12:16]), _number(header[16:20])
        if length and begin <= address < begin + stored:
            offset = _number(header[20:24]) // _ALIGNED * _ALIGNED + address - begin
            return Part(what, "", offset, min(length, size - offset)) if offset < size else None
    return None
