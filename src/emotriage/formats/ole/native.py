"""What an embedded object says about itself: its package, class and link streams ([MS-OLEDS] 2.3)."""

import re
import struct
from dataclasses import dataclass

from emotriage.formats.cfb.directory import guid
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_TAIL = 8
_NAME = 1024  # longest name that is looked for; Windows stops at 260
_HEAD = 64 << 10
_LINK_STREAM = 1 << 20
_UNICODE_MARKER = 0x71B239F4
_FILE_MONIKER = bytes.fromhex("0303000000000000c000000000000046")
_WIDE = re.compile(rb"(?:[ -~]\0){6,4096}")
_LEADS = re.compile(r"https?://|^\\\\|^(?:script|soap|mhtml|ms-msdt):", re.IGNORECASE)
_URL_MONIKER = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")


@dataclass(frozen=True, slots=True)
class Package:
    """A file that was put into a document by the packager.

    Attributes:
        label: the name that is shown.
        path: where it came from.
        temp_path: where it is written to before it is opened; of a linked package, what is opened.
        linked: the file itself is not here, only the way to it.
        data: the file.
        behind: what follows the file and its names, where that is not nothing; the packager never writes it.
        anomalies: lying lengths, and Unicode names that differ from the others.
    """

    label: str
    path: str
    temp_path: str
    linked: bool
    data: Blob
    behind: Blob | None = None
    anomalies: tuple[Anomaly, ...] = ()


@dataclass(frozen=True, slots=True)
class ComObj:
    """The class of an object: lower-case UUID, name for people, program id; each may be empty."""

    clsid: str
    user_type: str
    prog_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """An object that lives elsewhere.

    Attributes:
        targets: addresses and paths of its monikers, in their order, each once.
        automatic: it is updated when the document opens, not only on demand.
    """

    targets: tuple[str, ...]
    automatic: bool


def read_package(blob: Blob, budget: Budget) -> Package | None:
    r"""A stream ``\1Ole10Native`` in the layout of the packager; None when it holds plain native data instead."""
    budget.spend(RECORD * 4)
    head = blob.read(0, _HEAD)
    if len(head) < 10 or head[4:6] != b"\2\0":
        return None
    label, at = _name(head, 6)
    path, at = _name(head, at)
    if at < 0 or head[at : at + 2] != b"\0\0" or head[at + 2 : at + 4] not in (b"\1\0", b"\3\0"):
        return None
    anomalies: list[Anomaly] = []
    if head[at + 2] == 1:  # a link to a file or a command line
        target, end = _name(head, at + 6 if head[at + 4 : at + 6] in (b"\0\0", b"\1\0") else at + 4)
        return Package(_text(label), _text(path), _text(target) if end > 0 else "", True, Blob(b""))
    (length,) = struct.unpack("<I", blob.read(at + 4, 4).ljust(4, b"\0"))
    temp, begin = blob.read(at + 8, min(length, _NAME)), at + 12 + length
    (size,) = struct.unpack("<I", blob.read(begin - 4, 4).ljust(4, b"\0"))
    if begin > blob.size:  # the temporary path's length lies: it ends at its own zero instead
        temp, end = _name(head, at + 8)
        anomalies.append(Anomaly("package-length", offset=at + 4))
        begin = end + 4 if end > 0 else blob.size
        (size,) = struct.unpack("<I", blob.read(begin - 4, 4).ljust(4, b"\0"))
    if size > blob.size - begin:
        anomalies.append(Anomaly("package-clipped", offset=max(begin - 4, 0), incomplete=True))
    data = blob.slice(begin, size)
    shown, source = _text(label), _text(path)
    wide, end = _wide_names(blob, begin + data.size)
    if len(wide) == 3:
        if label.isascii() and b"?" not in label and shown != wide[1]:
            anomalies.append(Anomaly("package-names-differ", wide[1]))
        else:
            shown, source = wide[1], wide[2]
    behind = blob.slice(end if len(wide) == 3 else begin + data.size)
    rest = behind if behind.size > _TAIL or any(behind.read()) else None
    return Package(shown, source, _text(temp.partition(b"\0")[0]), False, data, rest, tuple(anomalies))


def read_comp_obj(blob: Blob, budget: Budget) -> ComObj:
    r"""A stream ``\1CompObj`` ([MS-OLEDS] 2.3.8), as far as it makes sense."""
    budget.spend(RECORD)
    raw = blob.read(0, 4096)
    clsid = guid(raw[12:28].ljust(16, b"\0"))
    user_type, at = _counted(raw, 28)
    if at < 0:
        return ComObj(clsid, "", "")
    marker = int.from_bytes(raw[at : at + 4], "little")
    at = at + 8 if marker in (0xFFFFFFFF, 0xFFFFFFFE) else at + 4 + marker
    prog_id, at = _counted(raw, at)
    return ComObj(clsid, _text(user_type), _text(prog_id))


def read_link(blob: Blob, budget: Budget) -> Link | None:
    r"""A stream ``\1Ole`` ([MS-OLEDS] 2.3.3); None when the object is embedded and nothing is linked.

    Monikers are looked for by their class ids, wherever they stand: the sizes before them are the first thing that
    exploits lie about. Where there is none of a known class (SOAP, scripts, what comes next), addresses are looked for.
    """
    raw = blob.read(0, _LINK_STREAM)
    budget.spend(RECORD + len(raw))
    flags, option = struct.unpack("<II", raw[4:12].ljust(8, b"\0"))
    found: list[tuple[int, str]] = []
    for clsid, read in ((_URL_MONIKER, _url), (_FILE_MONIKER, _file)):
        at = raw.find(clsid)
        while at >= 0 and len(found) < 64:
            if target := read(raw, at + 16):
                found.append((at, target))
            at = raw.find(clsid, at + 16)
    found = found or [(one.start(), text) for one in _WIDE.finditer(raw) if _LEADS.search(text := _wide(one[0]))][:64]
    if not flags & 1 and not found:
        return None
    return Link(tuple(dict.fromkeys(target for _, target in sorted(found))), option == 1)


def _url(raw: bytes, at: int) -> str:
    length = int.from_bytes(raw[at : at + 4], "little")
    return _wide(raw[at + 4 : at + 4 + min(length, 8192)]).partition("\0")[0]


def _file(raw: bytes, at: int) -> str:
    """The path of a file moniker: Unicode where there is one, else ANSI ([MS-OLEDS] 2.3.3.1, [MS-OSHARED] 2.3.7.8)."""
    length = int.from_bytes(raw[at + 2 : at + 6], "little")
    narrow = raw[at + 6 : at + 6 + min(length, _NAME)]
    at += 6 + length + 24
    size = int.from_bytes(raw[at : at + 4], "little")
    if 6 < size <= 8192 and len(raw) >= at + 4 + size:
        count = min(int.from_bytes(raw[at + 4 : at + 8], "little"), size - 6)
        return _wide(raw[at + 10 : at + 10 + count])
    return _text(narrow.partition(b"\0")[0])


def _name(raw: bytes, at: int) -> tuple[bytes, int]:
    """(zero-terminated name, offset behind it), the offset -1 when there is none."""
    end = raw.find(b"\0", at, at + _NAME) if at >= 0 else -1
    return (raw[at:end], end + 1) if end >= 0 else (b"", -1)


def _counted(raw: bytes, at: int) -> tuple[bytes, int]:
    """(text, offset behind it) of a counted text, the offset -1 when the count leaves the stream."""
    length = int.from_bytes(raw[at : at + 4], "little") if 0 <= at < len(raw) - 3 else -1
    if not 0 <= length <= len(raw) - at - 4:
        return b"", -1
    return raw[at + 4 : at + 4 + length].rstrip(b"\0"), at + 4 + length


def _wide_names(blob: Blob, begin: int) -> tuple[list[str], int]:
    """The Unicode names behind the data (temporary path, label, path), and where they end."""
    raw = blob.read(begin, 3 * (4 + 2 * _NAME))
    names: list[str] = []
    at = 0
    while len(names) < 3 and len(raw) >= at + 4:
        length = 2 * int.from_bytes(raw[at : at + 4], "little")
        if length > min(2 * _NAME, len(raw) - at - 4):
            break
        names.append(_wide(raw[at + 4 : at + 4 + length]).rstrip("\0"))
        at += 4 + length
    return names, begin + at


def _wide(raw: bytes) -> str:
    return raw[: len(raw) & ~1].decode("utf-16-le", "surrogatepass")


def _text(raw: bytes) -> str:
    """ANSI text whose code page nobody says."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
