"""Hangul documents: embedded files become children, scripts findings; text is searched for files in clear."""

from collections.abc import Callable, Iterator

from emotriage.catalogue import hwp as rules
from emotriage.catalogue import ole
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import Entry, read_compound_file
from emotriage.formats.hwp import Hangul, contents, does_something, inflated, is_own, read_hangul, script_text
from emotriage.formats.hwp import without_length as plain
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget

_EVIDENCE = 8
_SEARCHED = 16 << 20


@analyzer("hwp", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Look at a document as a whole: its streams belong to the root."""
    compound = subject.view(read_compound_file)
    if compound.find("\5HwpSummaryInformation") is None:
        return
    header = compound.find("FileHeader")
    try:
        document = read_hangul(Blob(b"") if header is None else compound.open(header))
    except FormatError as error:
        yield rules.DAMAGED(Evidence(str(error), where="FileHeader"))
        return
    if document.lock:
        yield rules.LOCKED(Evidence(document.lock, where="FileHeader"))
    lost: list[Evidence] = []
    for entry, content, deflated in contents(compound, document, subject.budget):
        if not is_own(entry):
            lost.append(Evidence("stream of nobody known", where=entry.path))
        try:
            yield from _stream(subject, document, entry, content, deflated=deflated)
        except FormatError as error:
            if not document.lock:
                lost.append(Evidence(str(error), where=entry.path))
    if lost:
        yield rules.DAMAGED(*lost[:_EVIDENCE])


def _stream(subject: Subject, document: Hangul, entry: Entry, content: Blob, *, deflated: bool) -> Iterator[Found]:
    folder = entry.path.lower().partition("/")[0]
    if folder == "bindata":
        yield Child(entry.path, _opened(entry, content, deflated=deflated))
    elif folder == "prvimage":
        yield Child(entry.path, content)
    elif folder == "scripts" and not document.lock:
        chunks = inflated(content, subject.budget) if deflated else iter([content.read(0, _SEARCHED)])
        text = script_text(chunks, subject.budget) if entry.name.lower() != "jscriptversion" else ""
        if does_something(text, subject.budget):
            yield rules.SCRIPT(Evidence(" ".join(text.split()), where=entry.path))
            yield Child(entry.path, text.encode("utf-8", "surrogatepass"))
    else:
        for place in _clear(content, subject.budget) if deflated else (content,):
            for one in find_active(place, subject.budget, start=0):
                rule = ole.EMBEDDED_PROGRAM if one.what == "program" else ole.EMBEDDED_FILE
                yield rule(Evidence(one.name, where=entry.path, offset=one.offset))
                yield Child(f"{entry.path}{one.extension}", place.slice(one.offset))


def _opened(entry: Entry, content: Blob, *, deflated: bool) -> Blob | Callable[[Budget], Iterator[bytes]]:
    def stream(budget: Budget) -> Iterator[bytes]:
        chunks = inflated(content, budget)
        return plain(chunks) if entry.name.lower().endswith(".ole") else chunks

    return stream if deflated else content.slice(4 if entry.name.lower().endswith(".ole") else 0)


def _clear(packed: Blob, budget: Budget) -> Iterator[Blob]:
    """A deflated stream in clear, in pieces of 16 MiB."""
    piece: list[bytes] = []
    size = 0
    for chunk in inflated(packed, budget):
        budget.spend(len(chunk))
        piece.append(chunk)
        size += len(chunk)
        if size >= _SEARCHED:
            yield Blob(b"".join(piece))
            piece, size = [], 0
    yield Blob(b"".join(piece))
