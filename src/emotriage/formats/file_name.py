"""What a file name claims, and what it does to look harmless: facts about one name, without its content."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_PROGRAM = (
    "exe com scr pif cpl dll ocx sys drv msi msp mst msix msixbundle appx appxbundle appinstaller jar "
    "xll wll xla application gadget msc"
)
_SCRIPT = (
    "bat cmd js jse vbs vbe vb wsf wsh wsc sct ps1 ps1xml psm1 psd1 psc1 hta chm hlp inf reg "
    "py pyw sh rb pl php jnlp scf"
)
_SHORTCUT = (
    "lnk url website desktop library-ms search-ms searchconnector-ms settingcontent-ms theme themepack diagcab rdp iqy"
)
_IMAGE = "iso img vhd vhdx udf wim vmdk"
_MACRO = "docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm one onepkg accdb mdb accde mde"
_DOCUMENT = (
    "doc docx dot dotx rtf odt xls xlsx xlt xltx csv ods ppt pptx pot potx pps ppsx odp pdf txt mht mhtml "
    "eml msg jpg jpeg png gif bmp tif tiff webp svg mp3 mp4 avi mov wav zip rar 7z xps hwp"
)

BIDI_OVERRIDES = "\u202d\u202e"
BIDI_MARKS = "\u202a\u202b\u202c\u2066\u2067\u2068\u2069"
_INVISIBLE = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
_BLANK = r"[\s\u00a0\u115f\u1160\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2800\u3000\u3164\uffa0_]"
_GAP = re.compile(rf"{_BLANK}{{20}}\.[^.]{{1,32}}$")
_PADDING = "".join(chr(one) for one in range(0x3200) if chr(one).isspace()) + "\u2800\u3164."
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class FileName:
    """What a name says.

    Attributes:
        base: the last component of the path.
        extension: in lower case, without the dot; what Windows would go by: trailing dots and blanks do not count.
        active: ``program``, ``script``, ``shortcut``, ``image`` (a disk image), ``macro`` or "": what opening a file
            of that extension would run.
        inner: an extension of documents, pictures or archives that stands before an active one: ``invoice.pdf.lnk``.
        gap: blanks that push the extension out of sight.
        trailing: dots or blanks behind the extension.
        overrides: marks that change the order in which characters are shown.
        marks: weaker marks of writing direction.
        invisible: characters that are not shown at all.
        controls: it holds control characters.
        compatible: the active extension that it has when full-width and similar letters are read as plain ones, where
            it has none otherwise.
    """

    base: str
    extension: str
    active: str
    inner: str
    gap: bool
    trailing: bool
    overrides: bool
    marks: bool
    invisible: bool
    controls: bool
    compatible: str


def read_file_name(name: str) -> FileName:
    """The facts about a name; what stands before its last slash or backslash is a path."""
    base = re.split(r"[/\\]", name.rstrip("/\\"))[-1][-1024:]
    bare = _shown(base).rstrip(_PADDING)
    stem, dot, extension = bare.rpartition(".")
    extension = extension.strip().lower() if dot else ""
    active = activity(extension)
    inner = stem.rstrip(_PADDING).rpartition(".")[2].strip().lower() if "." in stem else ""
    folded = unicodedata.normalize("NFKC", bare).rpartition(".")[2].strip().lower()
    return FileName(
        base,
        extension,
        active,
        inner if active not in ("", "macro") and inner in _documents() else "",
        gap=bool(dot) and _GAP.search(bare) is not None,
        trailing=bare != _shown(base) and bool(dot),
        overrides=any(one in base for one in BIDI_OVERRIDES),
        marks=any(one in base for one in BIDI_MARKS),
        invisible=any(one in base for one in _INVISIBLE),
        controls=any(ord(one) < 0x20 or 0x7F <= ord(one) < 0xA0 for one in base),
        compatible=folded if not active and "." in unicodedata.normalize("NFKC", bare) and activity(folded) else "",
    )


def activity(extension: str) -> str:
    """What opening a file of this extension would run: see `FileName.active`."""
    return _activities().get(extension, "")


def escapes(name: str) -> str:
    """How a member's name would leave the folder it is unpacked to, or "": for people to read."""
    parts = re.split(r"[/\\]", name)
    if name[:2] in ("\\\\", "//"):
        return "network path"
    if _DRIVE.match(name):
        return "drive letter"
    if parts[0] == "" and len(parts) > 1:
        return "absolute path"
    if ".." in parts:
        return "parent folder"
    return "device name" if any(_DEVICE.match(part) for part in parts) else ""


def _shown(base: str) -> str:
    return base.translate(_dropped())


@cache
def _dropped() -> dict[int, None]:
    return {ord(one): None for one in BIDI_OVERRIDES + BIDI_MARKS + _INVISIBLE + "\u200e\u200f\u061c"}


@cache
def _activities() -> dict[str, str]:
    groups = {"program": _PROGRAM, "script": _SCRIPT, "shortcut": _SHORTCUT, "image": _IMAGE, "macro": _MACRO}
    return {extension: group for group, names in groups.items() for extension in names.split()}


@cache
def _documents() -> frozenset[str]:
    return frozenset(_DOCUMENT.split())
