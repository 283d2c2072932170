"""What a blob is, from its bytes and never from its name; and where its format says that it ends.

Signatures follow the formats' own specifications; kinds of text are told apart in `identify_text`.
"""

import re
from importlib import import_module

from emotriage.formats.identify_text import BLANK, plain, text_kind
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import RECORD

HEAD = 16 << 10

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (0, b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", "lnk"),
    (0, bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3"), "onenote"),
    (0, bytes.fromhex("a12fff43d9ef764c9ee210ea5722765f"), "onetoc"),
    (0, b"{\\rt", "rtf"),
    (0, b"ActiveMime", "activemime"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (0, b"ITSF", "chm"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x1f\x9d", "archive"),
    (0, b"\x1f\xa0", "archive"),
    (0, b"\x60\xea", "arj"),
    (7, b"**ACE**", "archive"),
    (0, b"xar!", "archive"),
    (257, b"ustar", "tar"),
    (0, b"vhdxfile", "disk-image"),
    (0, b"conectix", "disk-image"),
    (0, b"KDMV", "disk-image"),
    (0, b"QFI\xfb", "disk-image"),
    (0, b"MZ", "executable"),
    (0, b"\x7fELF", "executable"),
    (0, b"\xcf\xfa\xed\xfe", "executable"),
    (0, b"\xce\xfa\xed\xfe", "executable"),
    (0, b"\xca\xfe\xba\xbe", "executable"),
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF87a", "image"),
    (0, b"GIF89a", "image"),
    (0, b"II*\0", "image"),
    (0, b"MM\0*", "image"),
    (0, b"II\xbc\1", "image"),  # HD Photo
    (0, b"\0\0\1\0", "image"),
    (0, b"8BPS", "image"),
    (0, b"\0\0\0\x0cjP  ", "image"),
    (0, b"\xd7\xcd\xc6\x9a", "metafile"),
    (40, b" EMF", "metafile"),
    (0, b"\0\1\0\0\0", "font"),
    (0, b"OTTO\0", "font"),
    (0, b"true\0", "font"),
    (0, b"ttcf\0", "font"),
    (0, b"wOFF", "font"),
    (0, b"wOF2", "font"),
    (4, b"ftyp", "media"),
    (0, b"ID3", "media"),
    (0, b"OggS", "media"),
    (0, b"fLaC", "media"),
    (0, b"\x1a\x45\xdf\xa3", "media"),
    (0, b"MThd", "media"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "media"),
    (0, b"\0\0\1\xba", "media"),
)
"""(offset, bytes, kind); the first that fits decides."""

_PASSIVE = frozenset({"image", "metafile", "font", "media"})
_WEAK = _PASSIVE | {"calendar", "hta", "printer-settings", "script", "signature", "text", "unknown", "url"}
"""Kinds that do not keep a file from being a disk image as well."""
_READERS = {
    "ole": ("cfb", "read_compound_file"),
    **dict.fromkeys(("zip", "ooxml", "odf", "jar", "msix"), ("zip", "read_archive")),
    "lnk": ("lnk", "read_shortcut"),
    **dict.fromkeys(("onenote", "onetoc"), ("onenote", "read_notebook")),
    **dict.fromkeys(("gzip", "bzip2", "xz", "zstd"), ("compressed", "read_compressed")),
    "tar": ("tar", "read_tape"),
    "7z": ("sevenzip", "read_sevenzip"),
    "cab": ("cab", "read_cabinet"),
    "rar": ("rar", "read_rar"),
    **dict.fromkeys(("arj", "lzh"), ("old_archive", "read_old_archive")),
    "iso": ("disk", "read_disc"),
    "chm": ("chm", "read_help"),
    "tnef": ("tnef", "read_tnef"),
    "executable": ("pe", "read_image"),
}
"""Modules and parsers of kinds whose format says where it ends; the analyzers share what they return."""
_LZH = re.compile(rb"..-l[hz][0-9a-z]-", re.DOTALL)
_BMP = re.compile(rb"BM.{4}\0\0\0\0.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL)
_LZMA = re.compile(rb"\x5d\0[\0\x10\x20\x40\x80]..(?:\xff{8}|.{5}\0{3})\0", re.DOTALL)  # the usual properties
_PKCS7 = (
    re.compile(  # RFC 2315 section 7: a sequence, of definite or indefinite length, that begins with a content type
        rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01-\x06]",
        re.DOTALL,
    )
)
_WMF = re.compile(rb"[\1\2]\0\x09\0\0[\1\3]")
_BIFF = re.compile(rb"\x09[\0\2\4\x08][\x04-\x10]\0..[\x05\x06\x10\x20\x40\0]", re.DOTALL)
_DEVMODE = (b"\0\4", b"\1\4", b"\x20\3")  # dmSpecVersion, behind the device name; dmSize follows


def identify(subject: Subject) -> str:
    """The kind of the subject's blob: one of the names in `catalogue.kinds`.

    Raises:
        BudgetSpent: looking into its directory costs more than is left.
    """
    blob = subject.blob
    subject.budget.spend(RECORD)
    head = blob.read(0, HEAD)
    if not head:
        return "empty"
    if head[:4] in (b"PK\3\4", b"PK\5\6", b"PK\7\x08"):
        return _zip_kind(subject)
    kind = _signature(head) or _binary(head) or text_kind(_first_text(blob, head)) or _late(head) or "unknown"
    return _disk_image(blob, head) or kind if kind in _WEAK else kind


def content_end(subject: Subject) -> int | None:
    """Offset at which the format says its content ends, or None where it does not say or can't be read.

    Cutting at the last byte that is not padding would break compound files, so each format is asked for its own end.
    """
    try:
        if subject.kind in _READERS:
            module, reader = _READERS[subject.kind]
            end: int | None = subject.view(getattr(import_module(f"emotriage.formats.{module}"), reader)).end
            return end
    except FormatError:
        return None
    if subject.kind == "pdf":
        found = subject.blob.rfind(b"%%EOF")
        tail = subject.blob.read(found + 5, 2)
        return found + 5 + len(tail) - len(tail.lstrip(b"\r\n")) if found >= 0 else None
    return None


def _zip_kind(subject: Subject) -> str:
    from emotriage.formats.zip import read_archive

    try:
        members = subject.view(read_archive).members
    except FormatError:
        return "zip"
    names = {one.name.lower().replace("\\", "/") for one in members}
    if "[content_types].xml" in names:
        return "msix" if "appxmanifest.xml" in names or "appxmetadata/appxbundlemanifest.xml" in names else "ooxml"
    if names & {"word/document.xml", "xl/workbook.xml", "xl/workbook.bin", "ppt/presentation.xml", "_rels/.rels"}:
        return "ooxml"
    if "mimetype" in names and names & {"content.xml", "meta-inf/manifest.xml"}:
        return "odf"
    return "jar" if names & {"meta-inf/manifest.mf", "androidmanifest.xml", "classes.dex"} else "zip"


def _signature(head: bytes) -> str | None:
    for offset, magic, kind in _MAGIC:
        # A script may open with the letters of a picture's magic; no picture is plain text.
        if head.startswith(magic, offset) and not (kind in _PASSIVE and b"\0" not in head[:64] and plain(head)):
            return kind
    return None


def _first_text(blob: Blob, head: bytes) -> bytes:
    """The head; or, where that is blank or filler, the first bytes that are not."""
    if head.strip(BLANK):
        return head
    for at, window in blob.windows():
        if rest := window.lstrip(BLANK):
            return blob.read(at + len(window) - len(rest), HEAD)
    return head


def _binary(head: bytes) -> str | None:
    if _LZH.match(head):
        return "lzh"
    if _LZMA.match(head):
        return "xz"
    if _BMP.match(head) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "image"
    if head[:4] == b"RIFF" or (
        head[0] == 0xFF and head[1:2] and head[1] & 0xE0 == 0xE0 and head[1] not in (0xFE, 0xFF)
    ):
        return "media"
    if _WMF.match(head):
        return "metafile"
    if _BIFF.match(head) and len(head) > 16:
        return "biff"
    if _PKCS7.match(head):
        return "signature"
    if head[64:66] in _DEVMODE and 72 <= int.from_bytes(head[68:70], "little") <= 1024 and not _is_ascii(head[:4]):
        return "printer-settings"
    return None


def _is_ascii(piece: bytes) -> bool:
    """True for letters that a command interpreter would read; a device name is UTF-16."""
    return all(0x20 <= byte < 0x7F for byte in piece)


def _disk_image(blob: Blob, head: bytes) -> str | None:
    """Images are mounted by a descriptor or a footer, whatever they begin with (ECMA-119 6.2.1, VHD 1.0)."""
    from emotriage.formats.disk.fat import is_fat
    from emotriage.formats.disk.partitions import has_table

    if blob.size > 0x8006 and blob.read(0x8001, 5) in (b"CD001", b"BEA01", b"NSR02", b"NSR03"):
        return "iso"
    if len(head) >= 512 and (
        is_fat(head) or head[3:11] in (b"NTFS    ", b"EXFAT   ") or (blob.size >= 1 << 16 and has_table(head[:512]))
    ):
        return "disk-image"
    return "disk-image" if blob.size > 512 and blob.read(blob.size - 512, 8) == b"conectix" else None


def _late(head: bytes) -> str | None:
    """Formats whose readers skip what stands before them."""
    return "pdf" if b"%PDF-" in head[:1024] else None
