"""PDF documents: what links or is carried along is followed, what is not read is a gap; actions have an analyzer."""

import re
from collections.abc import Callable, Iterator

from emotriage.catalogue import pdf as rules
from emotriage.emulation.programs import ACTIVE_SUFFIXES, suffix_of
from emotriage.formats.active_magic import find_active
from emotriage.formats.pdf import Document, Name, read_document
from emotriage.formats.pdf.actions import file_names
from emotriage.formats.pdf.objects import Stream, object_of, read_stream, string_at
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD, Budget

_MARK = b"%PDF-"
_EVIDENCE = 8
_URLS = 256
_FILES = 256
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".gz", ".img", ".iso", ".one", ".docm", ".xlsm", ".xlsb", ".doc", ".xls"})
_NO_PROGRAMS = frozenset({".com", ".url", ".application"})  # domains and pages, mostly

_GAPS: dict[str, Rule] = {
    "RichMedia": rules.ACTIVE_FORM,
    "Rendition": rules.ACTIVE_FORM,
    "XFA": rules.ACTIVE_FORM,
    "Encrypt": rules.ENCRYPTED,
}


@analyzer("pdf", kinds={"pdf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report what a PDF names, and hand on what it carries."""
    document = subject.view(read_document)
    locks = [one for one in document.names if one.name == "Encrypt"]
    encrypted = bool(locks) and document.key is None
    if locks and document.key is not None:
        yield rules.EMPTY_PASSWORD(Evidence("/Encrypt", _place(locks[-1]), locks[-1].offset))
    seen: dict[str, tuple[Rule, list[Evidence]]] = {}
    for one in document.names:
        subject.budget.spend(RECORD)
        rule = _GAPS.get(one.name) if one.name != "Encrypt" or encrypted else None
        for each in (rule, rules.HIDDEN_NAME if one.escaped else None):
            if each is not None:
                seen.setdefault(each.id, (each, []))[1].append(Evidence(f"/{one.name}", _place(one), one.offset))
    for each, evidence in seen.values():
        yield each(*evidence[:_EVIDENCE])
    if not encrypted:
        yield from _links(document, subject.budget)
    yield from _carried(document, subject.budget, encrypted=encrypted)
    if unread := [one for one in document.anomalies if one.incomplete]:
        yield rules.NOT_READ(*(Evidence(one.code, one.where, one.offset) for one in unread[:_EVIDENCE]))
    yield from _other_files(subject, document)


def _place(one: Name) -> str:
    return f"object stream at offset {one.offset}" if one.packed else f"offset {one.offset}"


def _links(document: Document, budget: Budget) -> Iterator[Found]:
    seen: dict[str, Name] = {}
    for one in document.names:
        if one.name == "URI" and len(seen) < _URLS:
            raw = string_at(one.value)
            if document.key is not None and not one.packed:
                clear = document.key.text(raw, *object_of(document.blob, one.offset, budget))
                raw = clear if clear.isascii() or not raw.isascii() else raw
            wide = raw.startswith((b"\xfe\xff", b"\xff\xfe"))
            url = raw.decode("utf-16" if wide else "latin-1", "replace").strip()
            if url and url not in seen:
                seen[url] = one
    programs = []
    for url, one in seen.items():
        yield Indicator(kind="url", value=url, where=_place(one))
        path = re.split(r"[?#]", url)[0]
        if path.count("/") > 2 and suffix_of(path) in (ACTIVE_SUFFIXES - _NO_PROGRAMS) | _ARCHIVES:
            programs.append(Evidence(url, _place(one), one.offset))
    if programs:
        yield rules.PROGRAM_LINK(*programs[:_EVIDENCE])


def _carried(document: Document, budget: Budget, *, encrypted: bool) -> Iterator[Found]:
    named = [one for one in document.names if one.name == "EmbeddedFiles"]
    unread: list[Evidence] = []
    names = file_names(document, budget) if document.files and not encrypted else {}
    if document.files:
        yield rules.EMBEDDED_FILE(
            *(Evidence(names.get(one.offset, "/EmbeddedFile"), "", one.offset) for one in document.files[:_EVIDENCE])
        )
    elif named and not _is_empty_tree(named):
        unread.append(Evidence("/EmbeddedFiles", _place(named[0]), named[0].offset))
    for number, one in enumerate(document.files):
        if encrypted or one.unknown or number >= _FILES:
            reason = "encrypted" if encrypted else one.unknown or "too many"
            unread.append(Evidence(reason, f"offset {one.offset}", one.offset))
        else:
            yield Child(names.get(one.offset, f"file-{number}"), _opener(one))
    if unread:
        yield rules.FILE_NOT_READ(*unread[:_EVIDENCE])


def _is_empty_tree(named: list[Name]) -> bool:
    return all(re.match(rb"\s*<<\s*/Names\s*\[\s*\]", one.value) for one in named)


def _opener(stream: Stream) -> Callable[[Budget], Iterator[bytes]]:
    return lambda budget: read_stream(stream, budget)


def _other_files(subject: Subject, document: Document) -> Iterator[Found]:
    """What else the bytes are: anything in front or behind, and web archives wherever they begin."""
    blob, budget = subject.blob, subject.budget
    found = (
        *(find_active(blob, budget, 0, document.header) if document.header else ()),
        *find_active(blob, budget, document.end),
    )
    places = {one.offset: one.name for one in found}
    if (at := _web_archive(subject)) is not None:
        places.setdefault(at, "web archive or mail")
    for offset, name in sorted(places.items()):
        yield rules.OTHER_FILE(Evidence(name, f"offset {offset}", offset))
        yield Child(f"embedded-{offset}", _without_mark(document, offset))


def _without_mark(document: Document, offset: int) -> Blob:
    """What begins at an offset, to the file's end: without the mark of this PDF, which would make it one again."""
    behind = document.header + len(_MARK)
    if offset > document.header or document.blob.read(document.header, len(_MARK)) != _MARK:
        return document.blob.slice(offset)
    return document.blob.join([(offset, document.header - offset), (behind, document.blob.size - behind)])


def _web_archive(subject: Subject) -> int | None:
    """Where a web archive begins: lines that no PDF object has."""
    for at, window in subject.blob.windows(overlap=4096):
        subject.budget.spend(2 * len(window))
        low = window.lower()
        index = low.find(b"mime-version:")
        while index >= 0:
            head = low[index : index + 4096]
            if (
                b"content-type:" in head
                and b"\n\n" not in head[:16]
                and (b"multipart/" in head or b"content-location:" in head)
            ):
                return at + index
            index = low.find(b"mime-version:", index + 1)
    return None
