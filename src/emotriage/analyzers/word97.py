"""Word documents of 6.0 to 2003: encryption, attached templates, fields that start programs, WordBasic."""

from collections.abc import Generator, Iterator

from emotriage.catalogue import ole as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import CompoundFile, Entry, read_compound_file
from emotriage.formats.office_crypto import candidates, is_default
from emotriage.formats.office_crypto.word import WordKey, open_word, read_word_lock
from emotriage.formats.remote import distance
from emotriage.formats.word97 import Fib, attached_template, dde_fields, old_macros, read_fib
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError, Malformed
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.passwords import Opened

_EVIDENCE = 8
_EMPTY = Blob(b"")
_SERVERS = ("excel", "winword", "word.", "msword", "msaccess", "powerpnt", "access.", "outlook", "msgraph")
"""Programs that old documents honestly take figures from."""


@analyzer("word97", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Look at every stream ``WordDocument``, the embedded ones included."""
    compound = subject.view(read_compound_file)
    for entry in compound.entries:
        if entry.kind == "stream" and entry.name.lower() == "worddocument":
            yield from _document(subject, compound, entry)


def _document(subject: Subject, compound: CompoundFile, entry: Entry) -> Iterator[Found]:
    content = compound.open(entry)
    try:
        fib = read_fib(content)
    except Malformed as error:
        if compound.find("EncryptedPackage") is None:  # Office leaves an empty document beside one
            yield rules.DAMAGED(Evidence(str(error), where=entry.path))
        return
    table = _sibling(compound, entry, fib.table)
    if fib.encrypted:
        key = yield from _unlock(subject, entry, fib, content, table)
        if key is None:
            return
        content, table = key.open(content, document=True), key.open(table)
        yield from _objects(subject, entry, key.open(_sibling(compound, entry, "Data")))
    yield from _fields(subject, entry, content)
    if fib.old:
        macros = old_macros(content, subject.budget)
        if macros is None:
            yield rules.DAMAGED(Evidence("command tables", where=entry.path))
        elif macros:
            yield rules.WORD_BASIC(Evidence(f"{macros} macros", where=entry.path))
    else:
        yield from _template(entry, fib, attached_template(content, table))


def _sibling(compound: CompoundFile, entry: Entry, name: str) -> Blob:
    """The stream of that name beside another one; empty where there is none."""
    found = compound.find(entry.path[: -len(entry.name)] + name)
    return _EMPTY if found is None else compound.open(found)


def _unlock(
    subject: Subject, entry: Entry, fib: Fib, content: Blob, table: Blob
) -> Generator[Found, None, WordKey | None]:
    """Open an encrypted document; a gap where no password does."""
    try:
        lock = read_word_lock(fib, content, table)
    except FormatError as error:
        yield rules.ENCRYPTED(Evidence(f"Word document: {error}", where=entry.path))
        return None
    passwords = candidates(subject.passwords, subject.name, subject.limits.passwords)
    key = open_word(lock, passwords, subject.budget)
    if key is None:
        tried = f"{len(passwords)} passwords tried"
        yield rules.ENCRYPTED(Evidence(f"Word document: {lock.scheme}, {tried}", where=entry.path))
        return None
    yield Opened.by(key.password)
    rule = rules.DEFAULT_PASSWORD if is_default(key.password) else rules.OPENED
    yield rule(Evidence(lock.scheme, where=entry.path))
    return key


def _objects(subject: Subject, entry: Entry, data: Blob) -> Iterator[Found]:
    """Embedded objects of a document encrypted by CryptoAPI lie in its Data stream ([MS-DOC] 2.2.6.3)."""
    for one in find_active(data, subject.budget, start=0):
        yield rules.EMBEDDED_FILE(Evidence(one.name, where=f"{entry.path[: -len(entry.name)]}Data", offset=one.offset))
        yield Child(f"Data{one.extension}", data.slice(one.offset))


def _fields(subject: Subject, entry: Entry, content: Blob) -> Iterator[Found]:
    seen: dict[float, list[Evidence]] = {1.0: [], GUESS: []}
    for _, text in dde_fields(content, subject.budget):
        evidence = seen[GUESS if _is_office(text) else 1.0]
        if len(evidence) < _EVIDENCE:
            evidence.append(Evidence(text, where=entry.path))
    for confidence, evidence in seen.items():
        if evidence:
            yield rules.DDE_FIELD(*evidence, confidence=confidence)
        for one in evidence:
            yield Indicator(kind="command", value=one.text, where=entry.path)


def _template(entry: Entry, fib: Fib, target: str) -> Iterator[Found]:
    distant, where = distance(target), entry.path[: -len(entry.name)] + fib.table
    if distant != "local":
        rule = rules.REMOTE_TEMPLATE if distant == "remote" else rules.INTRANET_TEMPLATE
        yield rule(Evidence(target, where=where))
        yield Indicator(kind="url" if "://" in target else "path", value=target, where=where)


def _is_office(instruction: str) -> bool:
    """True when a DDE field asks an Office program for data, and nothing in it looks like a way to another one."""
    words = instruction.lower().replace('"', " ").split()
    return len(words) > 1 and words[1].startswith(_SERVERS) and "\\" not in words[1]
