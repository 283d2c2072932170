"""OneNote sections and tables of contents: embedded files are looked at, and those that run are findings."""

import hashlib
import re
from collections.abc import Iterator

from emotriage.analyzers.onenote_page import judge_pages
from emotriage.catalogue import onenote as rules
from emotriage.emulation.programs import ACTIVE_SUFFIXES, SCRIPT_SUFFIXES, suffix_of
from emotriage.formats.active_magic import find_active
from emotriage.formats.onenote import EmbeddedFile, Notebook, read_notebook
from emotriage.formats.script import dialect
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import GUESS, Evidence, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD, Budget

_HEAD = 16 << 10
_APPLICATION = b"<hta:application"
_PAGE = 256 << 10
_SCRIPTED = re.compile(rb"(?i)<script\b[^>]{0,200}>?|\bjavascript:")
_MANY = 100
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"GIF8", ".gif"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"BM", ".bmp"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
)
_KINDS = (
    (b"\x4c\0\0\0\x01\x14\x02\0", ".lnk"),
    (b"ITSF", ".chm"),
    (b"PK\3\4", ".zip"),
    (b"%PDF-", ".pdf"),
    (b"{\\rt", ".rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".ole"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", ".one"),
    (b"MSCF", ".cab"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"Rar!", ".rar"),
    (b"vhdxfile", ".vhdx"),
    (b"\x7fELF", ".elf"),
)
_DIALECTS = {
    "javascript": ".js",
    "vbscript": ".vbs",
    "batch": ".cmd",
    "powershell": ".ps1",
    "wsf": ".wsf",
    "hta": ".hta",
}
"""Languages that Windows runs on a double click, or nearly so, and the suffix they usually have."""
_PROGRAMS = frozenset(
    {".exe", ".dll", ".scr", ".pif", ".com", ".cpl", ".ocx", ".msi", ".msp", ".jar", ".xll", ".wll", ".appx", ".msix"}
)
_SCRIPTS = SCRIPT_SUFFIXES | {".bat", ".cmd"}
_LAUNCHERS = frozenset({".appinstaller", ".msc", ".rdp", ".scf", ".themepack"})
_UNSURE = {".ps1": 0.5, ".psm1": 0.5, ".lnk": 0.5, ".url": GUESS, ".website": GUESS}
"""Suffixes that honest notebooks hold too; what such a file does is judged on its own."""
_PAGES = frozenset({".htm", ".html", ".xhtml", ".shtml", ".svg", ".mht", ".mhtml"})
_DOCUMENTS = frozenset(
    {".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".rtf", ".csv", ".png", ".jpg", ".jpeg", ".gif", ".bmp"}
)


@analyzer("onenote", kinds={"onenote", "onetoc"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand on every embedded file, and judge it by its name and by what it is."""
    notebook = subject.view(read_notebook)
    blob, budget = subject.blob, subject.budget
    yield from _structure(notebook)
    yield from judge_pages(notebook, budget)
    copies: dict[str, list[str]] = {}
    attachments = 0
    for number, one in enumerate(notebook.files):
        content = blob.slice(one.offset, one.size)
        head = _head(content, budget)
        picture, suffix = _suffix(head)
        name = one.name or f"object-{number}{one.declared_extension or suffix}"
        if not picture and one.size:
            attachments += 1
            copies.setdefault(_digest(content, budget), []).append(name)
        yield from _judge(one, name, suffix)
        if suffix_of(name) in _PAGES and (script := _SCRIPTED.search(content.read(0, _PAGE))):
            yield rules.SCRIPTED_PAGE(Evidence(script.group().decode("ascii", "replace"), name, one.offset))
        yield Child(name, content)
    for name, source in notebook.names:
        if "\\" in source or "/" in source:
            yield rules.SOURCE_PATH(Evidence(source, name))
            yield Indicator(kind="path", value=source, where=name)
    found = {one.name for one in notebook.files}
    for name, _ in notebook.names:
        if name not in found and (rule := _rule(suffix_of(name))) is not None:
            yield rule(Evidence(name, "name of an attachment"), confidence=_UNSURE.get(suffix_of(name), 1.0))
    if repeated := [names for names in copies.values() if len(names) > 1]:
        yield rules.REPEATED(
            *(Evidence(f"{len(names)} times: {', '.join(names[:8])}", "attachments") for names in repeated)
        )
    if attachments >= _MANY:
        yield rules.MANY(Evidence(f"{attachments} attachments", "attachments"))
    if notebook.layout != "store" and any(one.incomplete for one in notebook.anomalies):
        yield from _carved(blob, notebook, budget)


def _structure(notebook: Notebook) -> Iterator[Found]:
    hidden = [one for one in notebook.anomalies if one.code in ("file-without-node", "file-without-guid")]
    lost = [one for one in notebook.anomalies if one.incomplete]
    odd = [one for one in notebook.anomalies if not one.incomplete and one not in hidden]
    for rule, anomalies in ((rules.UNREFERENCED, hidden), (rules.DAMAGED, lost), (rules.ODD_STRUCTURE, odd)):
        if anomalies:
            yield rule(*(Evidence(one.code, one.where, one.offset) for one in anomalies))
    if notebook.locked:
        yield rules.LOCKED(Evidence("ObjectDataEncryptionKey"))


def _judge(one: EmbeddedFile, name: str, suffix: str) -> Iterator[Found]:
    """What the name promises and what the bytes are, whichever is worse."""
    named = suffix_of(name) if one.name else one.declared_extension.lower()
    by_content, by_name = _rule(suffix), _rule(named)
    if by_content is not None:
        certainty = _UNSURE.get(suffix, 1.0)
        yield by_content(Evidence(f"{name}: {suffix[1:]} by its content", name, one.offset), confidence=certainty)
        if named in _DOCUMENTS:
            yield rules.DISGUISED(Evidence(f"{name}: {suffix[1:]}", name, one.offset))
    if by_name is not None and by_name is not by_content:
        certainty = _UNSURE.get(named, 1.0)
        yield by_name(Evidence(f"{name}: by its name", name, one.offset), confidence=certainty)


def _rule(suffix: str) -> Rule | None:
    if suffix in _SCRIPTS:
        return rules.EMBEDDED_SCRIPT
    if suffix in _PROGRAMS or suffix == ".elf":
        return rules.EMBEDDED_PROGRAM
    if suffix in _PAGES:
        return rules.EMBEDDED_PAGE
    return rules.EMBEDDED_LAUNCHER if suffix in ACTIVE_SUFFIXES | _LAUNCHERS else None


def _head(content: Blob, budget: Budget) -> bytes:
    """First bytes of a file, behind the blanks and zeros that a script may begin with."""
    for at, window in content.windows():
        budget.spend(len(window))
        if rest := window.lstrip(b"\0\t\n\v\f\r "):
            begin = at + len(window) - len(rest)
            return content.read(begin if begin >= _HEAD // 2 else 0, _HEAD)
    return content.read(0, _HEAD)


def _suffix(head: bytes) -> tuple[bool, str]:
    """(is a picture, usual suffix) of a file by its first bytes; ``.bin`` when they say nothing."""
    for magic, suffix in _PICTURES:
        if head.startswith(magic):
            return True, suffix
    if head.startswith(b"MZ"):
        return False, ".exe"
    for magic, suffix in _KINDS:
        if head.startswith(magic):
            return False, suffix
    language = dialect(head)
    return False, _DIALECTS.get(language or "", ".bin")


def _digest(content: Blob, budget: Budget) -> str:
    digest = hashlib.sha256()
    for _, window in content.windows():
        budget.spend(len(window))
        digest.update(window)
    return digest.hexdigest()


def _carved(blob: Blob, notebook: Notebook, budget: Budget) -> Iterator[Found]:
    """Where the layout was not read to its end, files by their first bytes, outside of those already known."""
    known = sorted((one.offset, one.offset + one.size) for one in notebook.files)
    start = 0
    for begin, end in [*known, (blob.size, blob.size)]:
        if begin - start > 64:
            for one in find_active(blob, budget, max(start, 1), begin):
                rule = _rule(one.extension)
                name = f"carved-{one.offset:#x}{one.extension}"
                if rule is not None:  # markup may as well be what somebody wrote on a page
                    certainty = GUESS if one.extension in _SCRIPTS else _UNSURE.get(one.extension, 1.0)
                    if blob.read(one.offset, len(_APPLICATION)).lower() == _APPLICATION:
                        certainty = 0.5
                    yield rule(Evidence(f"{one.name}, carved", name, one.offset), confidence=certainty)
                yield Child(name, blob.slice(one.offset, begin - one.offset))
        budget.spend(RECORD)
        start = max(start, end)
