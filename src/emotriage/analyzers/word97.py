"""Word documents of 6.0 to 2003: encryption, attached templates, fields that start programs, WordBasic."""

from collections.abc import Iterator

from emotriage.catalogue import ole as rules
from emotriage.formats.cfb import CompoundFile, Entry, read_compound_file
from emotriage.formats.remote import distance
from emotriage.formats.word97 import Fib, attached_template, dde_fields, old_macros, read_fib
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator

_EVIDENCE = 8
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
    if fib.encrypted:
        how = "XOR obfuscation" if fib.obfuscated else "encryption"
        yield rules.ENCRYPTED(Evidence(f"Word document: {how}", where=entry.path))
        return
    yield from _fields(subject, entry, content)
    if fib.old:
        macros = old_macros(content, subject.budget)
        if macros is None:
            yield rules.DAMAGED(Evidence("command tables", where=entry.path))
        elif macros:
            yield rules.WORD_BASIC(Evidence(f"{macros} macros", where=entry.path))
    else:
        yield from _template(compound, entry, fib)


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


def _template(compound: CompoundFile, entry: Entry, fib: Fib) -> Iterator[Found]:
    table = compound.find(entry.path[: -len(entry.name)] + fib.table)
    if table is None:
        return
    target = attached_template(compound.open(entry), compound.open(table))
    where = distance(target)
    if where != "local":
        rule = rules.REMOTE_TEMPLATE if where == "remote" else rules.INTRANET_TEMPLATE
        yield rule(Evidence(target, where=table.path))
        yield Indicator(kind="url" if "://" in target else "path", value=target, where=table.path)


def _is_office(instruction: str) -> bool:
    """True when a DDE field asks an Office program for data, and nothing in it looks like a way to another one."""
    words = instruction.lower().replace('"', " ").split()
    return len(words) > 1 and words[1].startswith(_SERVERS) and "\\" not in words[1]
