"""The globals of a workbook stream: list of sheets, defined names, and what references mean ([MS-XLS] 2.1.7.20.3).

BIFF8 and BIFF5; the latter's strings are in the workbook's code page.
"""

import codecs
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from emotriage.formats.excel.biff_crypt import Cipher, open_cipher, scheme_of
from emotriage.formats.excel.biff_records import CONTINUE, TRUNCATED, ZEROS, Cursor, read_records, whole_records
from emotriage.formats.excel.macrosheet import quote_sheet
from emotriage.formats.excel.ptg import UNKNOWN, Scope
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget

BOF, EOF = 0x0809, 0x000A
OLD_BOFS: Mapping[int, Literal[2, 3, 4]] = {0x0009: 2, 0x0209: 3, 0x0409: 4}
_LONGEST_PATH = 0xFF
_LBL, _EXTERNNAME, _EXTERNSHEET, _FILEPASS, _CODEPAGE = 0x0018, 0x0023, 0x0017, 0x002F, 0x0042
_BOUNDSHEET, _SST, _SUPBOOK = 0x0085, 0x00FC, 0x01AE
_WANTED = frozenset(
    {BOF, EOF, CONTINUE, _LBL, _EXTERNNAME, _EXTERNSHEET, _FILEPASS, _CODEPAGE, _BOUNDSHEET, _SST, _SUPBOOK}
)
_BEFORE = frozenset({BOF, EOF, _FILEPASS, _BOUNDSHEET})
BUILT_IN_NAMES = (
    "Consolidate_Area", "Auto_Open", "Auto_Close", "Extract", "Database", "Criteria", "Print_Area", "Print_Titles",
    "Recorder", "Data_Form", "Auto_Activate", "Auto_Deactivate", "Sheet_Title", "_FilterDatabase",
)  # fmt: skip
_MOST = 65535  # sheets, names, links: the counts are 16 bits wide

_OLD_KINDS = {0x10: "worksheet", 0x20: "chart", 0x40: "macro sheet", 0x100: "workbook"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A BOUNDSHEET record: position of the sheet's BOF, its state's byte, its type's byte, its name."""

    position: int
    state: int
    type: int
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """A LBL record (defined name) whose formula is not decoded yet; `sheet` is 1-based, 0 for the workbook."""

    name: str
    hidden: bool
    sheet: int
    tokens: bytes
    extra: bytes


@dataclass(slots=True)
class Book:
    """A SUPBOOK record: this workbook or another, and the names it is asked for.

    `link` is ``program|topic`` where it is no workbook but another program that is asked by DDE.
    """

    own: bool
    link: str = ""
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Globals:
    """What the globals say.

    Attributes:
        biff: version of the records.
        type: of the first substream, as its BOF says: 5 for globals.
        codec: of BIFF5 strings.
        encrypted: a FILEPASS record was met that no password opens; of the list of sheets only the positions are known.
        cipher: opens the records of an encrypted workbook.
        scheme: how the records are encrypted, for people.
        sheets: in the order of their tabs.
        labels: in the order of the file.
        books: what links point to.
        links: (book, first tab, last tab) of the EXTERNSHEET table.
        strings: (offset, length) of the pieces of the table of shared strings.
        anomalies: departures from the specification.
    """

    biff: Literal[5, 8]
    type: int
    codec: str = "cp1252"
    encrypted: bool = False
    cipher: Cipher | None = None
    scheme: str = ""
    sheets: list[Listed] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)
    links: list[tuple[int, int, int]] = field(default_factory=list)
    strings: list[tuple[int, int]] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)


def read_bof(blob: Blob, offset: int) -> tuple[int, int] | None:
    """(version, type) of the BOF record at `offset`, or None where there is none; version 2 to 4 are the old forms."""
    raw = blob.read(offset, 8)
    if len(raw) < 8:
        return None
    kind, length, version, sheet_type = struct.unpack("<4H", raw)
    if kind in OLD_BOFS and 4 <= length <= 16:
        return OLD_BOFS[kind], sheet_type
    if kind != BOF or not 4 <= length <= 16:
        return None
    return {5: 5, 6: 8}.get(version >> 8, 0), sheet_type


def read_globals(blob: Blob, budget: Budget, passwords: Iterable[str] = ()) -> Globals:
    """Read the first substream of a workbook stream, with the first password that opens it if it is encrypted.

    Raises:
        Malformed: it does not begin with a BOF record.
        Unsupported: a version of the records that is not read.
    """
    bof = read_bof(blob, 0)
    if bof is None:
        raise Malformed("workbook stream without a BOF record")
    if bof[0] not in (5, 8):
        title = _OLD_KINDS.get(bof[1], "of an unknown type")
        raise Unsupported(f"BIFF version {bof[0] or 'unknown'}, {title}")
    found = Globals(5 if bof[0] == 5 else 8, bof[1])
    if bof[1] != 5:
        return found
    kind, _, first = next((one for one in read_records(blob, budget, 0, _BEFORE) if one[0] != BOF), (EOF, 0, b""))
    if kind == _FILEPASS:
        found.scheme, found.cipher = scheme_of(first), open_cipher(first, passwords, budget)
    records = read_records(blob, budget, 0, _WANTED, found.cipher)
    next(records)
    for kind, offset, pieces in whole_records(records):
        if kind == EOF:
            return found
        if kind == BOF or kind in (TRUNCATED, ZEROS):
            break
        try:
            _take(found, kind, offset, pieces)
        except (struct.error, IndexError):
            found.anomalies.append(Anomaly("damaged-record", f"record {kind:#06x}", offset, incomplete=True))
    found.anomalies.append(Anomaly("globals-without-end", "globals", incomplete=True))
    return found


def scope_of(found: Globals) -> Scope:
    """What formula tokens refer to in that workbook."""
    tabs = [quote_sheet(one.name) for one in found.sheets]
    own = [one.name for one in found.labels]

    def tab(index: int) -> str:
        return tabs[index] if index < len(tabs) else "#REF"

    def sheet(first: int, last: int) -> str:
        if found.biff == 8:
            if first >= len(found.links):
                return UNKNOWN
            book, first, last = found.links[first]
            if book >= len(found.books) or not found.books[book].own:
                return f"[{book}]{first}"
        return tab(first) if first == last else f"{tab(first)}:{tab(last)}"

    def external(link: int, name: int) -> str:
        if found.biff == 8:
            link = found.links[link][0] if link < len(found.links) else -1
        else:
            link -= 1
        if not 0 <= link < len(found.books):
            return UNKNOWN
        names = own if found.books[link].own else found.books[link].names
        return names[name - 1] if 1 <= name <= len(names) else UNKNOWN

    return Scope(found.biff, own, sheet, external, found.codec)


def _take(found: Globals, kind: int, offset: int, pieces: list[bytes]) -> None:
    """Take one record of the globals."""
    data = pieces[0]
    if kind == _FILEPASS:
        found.encrypted = found.cipher is None
    elif kind == _BOUNDSHEET:
        if len(found.sheets) < _MOST:
            found.sheets.append(_listed(found, data))
    elif found.encrypted:
        return
    elif kind == _CODEPAGE:
        found.codec = codec_name(struct.unpack_from("<H", data)[0])
    elif kind == _LBL and len(found.labels) < _MOST:
        found.labels.append(_label(found, data if len(pieces) == 1 else b"".join(pieces)))
    elif kind == _SST:
        at = offset
        for piece in pieces:
            found.strings.append((at + 4, len(piece)))
            at += 4 + len(piece)
    elif kind == _SUPBOOK:
        whole = data if len(pieces) == 1 else b"".join(pieces)
        found.books.append(Book(own=data[2:4] == b"\x01\x04", link=dde_of(_virtual_path(whole))))
    elif kind == _EXTERNSHEET:
        _links(found, pieces)
    elif kind == _EXTERNNAME and found.books and len(found.books[-1].names) < _MOST:
        found.books[-1].names.append(_short_string(found, data, 6))


def _listed(found: Globals, data: bytes) -> Listed:
    (position,) = struct.unpack_from("<I", data)
    if found.encrypted:
        return Listed(position, -1, -1, "")
    return Listed(position, data[4], data[5], _short_string(found, data, 6))


def _label(found: Globals, data: bytes) -> Label:
    flags, length, size, sheet = struct.unpack_from("<HxBHxxH", data)
    at = 14
    if found.biff == 8:
        wide = data[at] & 1
        raw = data[at + 1 : at + 1 + (length << wide)]
        at += 1 + (length << wide)
        name = raw.decode("utf-16-le" if wide else "latin-1", "replace")
    else:
        name = data[at : at + length].decode(found.codec, "replace")
        at += length
    # Excel goes by the flag; a lone control character can mean nothing else.
    if name and (flags & 0x20 or (len(name) == 1 and name < " ")):
        number = ord(name[0])
        name = "_xlnm." + (BUILT_IN_NAMES[number] if number < len(BUILT_IN_NAMES) else name)
    return Label(name, bool(flags & 1), sheet, data[at : at + size], data[at + size :])


def _links(found: Globals, pieces: list[bytes]) -> None:
    if found.biff == 5:
        data = pieces[0]
        found.books.append(Book(own=False, link=dde_of(data[1 : 1 + data[0]].decode(found.codec, "replace"))))
        return
    data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    (count,) = struct.unpack_from("<H", data)
    found.links += struct.iter_unpack("<3H", data[2 : 2 + 6 * min(count, (len(data) - 2) // 6)])
    del found.links[_MOST:]


def _virtual_path(data: bytes) -> str:
    """What a SUPBOOK record leads to ([MS-XLS] 2.4.271, 2.5.277)."""
    (count,) = struct.unpack_from("<H", data, 2)
    if count > _LONGEST_PATH or len(data) < 5:
        return ""
    wide = data[4] & 1
    return data[5 : 5 + (count << wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def dde_of(path: str) -> str:
    """``program|topic`` of a path that is a link by DDE: the two stand apart by a control character."""
    program, separator, topic = path.partition("\3")
    return f"{program}|{topic}" if separator and program[:1] > " " else ""


def _short_string(found: Globals, data: bytes, at: int) -> str:
    """A string whose count is one byte."""
    return Cursor([data[at:]], None if found.biff == 8 else found.codec).string(width=1) or ""


def codec_name(code_page: int) -> str:
    """The codec of a CODEPAGE record's number; Windows-1252 where Python has none."""
    name = {1200: "utf-16-le", 10000: "mac_roman", 32768: "mac_roman", 32769: "cp1252"}.get(code_page, f"cp{code_page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
