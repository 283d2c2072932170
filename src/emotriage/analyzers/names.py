"""Deceptive file names: what the name makes people believe, held against what the content is."""

from collections.abc import Iterator

from emotriage.catalogue import names as rules
from emotriage.formats.file_name import FileName, read_file_name
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence, Rule

_SHOWN = 200

_RUNS = frozenset({"lnk", "hta", "executable", "chm", "jar", "msix"})
_PAGES = frozenset({"html", "svg", "url"})
_OFFICE = frozenset(
    {"ole", "ooxml", "rtf", "biff", "word-xml", "mht", "html", "xml", "slk", "odf", "text", "activemime"}
)
_ARCHIVES = frozenset(
    {"zip", "7z", "rar", "cab", "gzip", "bzip2", "xz", "zstd", "tar", "archive", "arj", "lzh", "iso", "disk-image"}
)
_PICTURES = frozenset({"image", "metafile", "svg"})

_CLAIMS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("pdf",), frozenset({"pdf"})),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "ico", "webp"), frozenset({"image"})),
    **dict.fromkeys(("emf", "wmf"), frozenset({"metafile"})),
    **dict.fromkeys(("doc", "dot", "xls", "xlt", "ppt", "pot", "pps"), frozenset({"ole"})),
    **dict.fromkeys(
        (
            "docx",
            "dotx",
            "xlsx",
            "xltx",
            "pptx",
            "potx",
            "ppsx",
            "docm",
            "dotm",
            "xlsm",
            "xltm",
            "xlam",
            "xlsb",
            "pptm",
        ),
        frozenset({"ooxml"}),
    ),
    **dict.fromkeys(("odt", "ods", "odp"), frozenset({"odf"})),
    **dict.fromkeys(("rtf",), frozenset({"rtf"})),
    **dict.fromkeys(("one",), frozenset({"onenote"})),
    **dict.fromkeys(("zip",), frozenset({"zip", "ooxml", "jar", "odf", "msix"})),
    **dict.fromkeys(("rar",), frozenset({"rar"})),
    **dict.fromkeys(("7z",), frozenset({"7z"})),
    **dict.fromkeys(("mp3", "mp4", "avi", "mov", "wav"), frozenset({"media"})),
    **dict.fromkeys(("txt", "csv", "log"), frozenset({"text", "script"})),
    **dict.fromkeys(("lnk",), frozenset({"lnk"})),
}
"""Which kinds each extension promises; extensions that are not here promise nothing."""


_PAGE_NAMES = frozenset(["htm", "html", "hta", "iqy", "mht", "mhtml", "reg", "scf", "shtml", "svg", "xhtml", "xht"])
_INTERPRETED = _PAGE_NAMES | frozenset(["bat", "cmd", "js", "jse", "ps1", "psm1", "vb", "vbe", "vbs", "wsf", "wsh"])
_LENIENT: dict[str, frozenset[str]] = {
    "text": _PAGE_NAMES,
    **dict.fromkeys(("calendar", "font", "image", "media", "metafile", "printer-settings", "signature"), _INTERPRETED),
}
"""Extensions whose programs skip what they do not understand, by the kinds in which nobody looks for that language."""


@analyzer("names", kinds={"*"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report names that hide what they are, and names that contradict the content."""
    name = read_file_name(subject.name)
    if not name.base:
        return
    seen = Evidence(name.base[-_SHOWN:], where="name")
    for rule, applies in _oddities(name):
        if applies:
            yield rule(seen)
    if subject.blob.size and (claim := _contradiction(name, subject.kind)) is not None:
        yield claim(Evidence(f"{name.base[-_SHOWN:]}: {subject.kind}", where="name"))
    if name.extension in _LENIENT.get(subject.kind, frozenset()):
        yield rules.OTHER_READER(Evidence(f"{name.base[-_SHOWN:]}: {subject.kind}", where="name"))


def _oddities(name: FileName) -> tuple[tuple[Rule, bool], ...]:
    return (
        (rules.BIDI_OVERRIDE, name.overrides),
        (rules.BIDI_MARK, name.marks and not name.overrides),
        (rules.DOUBLE_EXTENSION, bool(name.inner)),
        (rules.HIDDEN_EXTENSION, name.gap and bool(name.active)),
        (rules.TRAILING, name.trailing),
        (rules.INVISIBLE, name.invisible or name.controls),
        (rules.LOOKALIKE_EXTENSION, bool(name.compatible)),
        (rules.ACTIVE_EXTENSION, name.active not in ("", "macro")),
    )


def _contradiction(name: FileName, kind: str) -> Rule | None:
    """The rule for a name that promises another kind, or None."""
    promised = _CLAIMS.get(name.extension)
    if promised is None or kind in promised or kind == "empty":
        return None
    if kind == "unknown" or name.active in ("program", "script", "shortcut"):
        return rules.OTHER_TYPE
    if kind in _RUNS or (kind == "script" and name.extension not in ("txt", "csv", "log")):
        return rules.DISGUISED
    if kind in _PAGES and not promised & _OFFICE - {"html"}:
        return rules.WEB_PAGE
    return rules.OTHER_TYPE
