"""Encrypted Office documents in a compound file: what a candidate opens becomes a child, the rest is a gap."""

from collections.abc import Generator, Iterator

from emotriage.catalogue import ole as rules
from emotriage.formats.cfb import CompoundFile, Entry, read_compound_file
from emotriage.formats.office_crypto import KeyWork, candidates, is_affordable, is_default, open_lock, read_lock
from emotriage.formats.office_crypto.package import PackageKey, decrypted_package, unused_bytes
from emotriage.formats.ole.protection import Protected, protections
from emotriage.model.analyzer import Child, Found, Stream, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget
from emotriage.model.passwords import Opened

_EVIDENCE = 8


@analyzer("encrypted-office", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Open what a password opens; say of the rest how it is locked."""
    compound = subject.view(read_compound_file)
    work = KeyWork.of(subject.budget)
    locked: list[Evidence] = []
    for one in protections(compound, subject.budget):
        why: list[str] = []
        if not one.by_password:
            why.append(one.title)
        elif not one.infos:
            why.append(f"{one.title} without a description of its encryption")
        for info in one.infos:
            why += yield from _package(subject, compound, one, info, work)
        if why and len(locked) < _EVIDENCE:
            beside = Evidence(f"streams: {', '.join(one.beside)}", where=one.entry.path)
            locked += [*(Evidence(text, where=one.entry.path) for text in why), beside]
    if locked:
        yield rules.ENCRYPTED(*locked)


def _package(
    subject: Subject, compound: CompoundFile, one: Protected, info: Entry, work: KeyWork
) -> Generator[Found, None, list[str]]:
    """Hand out one package in clear; returns what to say where nothing opened it."""
    package, budget = compound.open(one.entry), subject.budget
    try:
        lock = read_lock(compound.open(info), budget)
    except FormatError as error:
        return [f"{one.title}: {error}"]
    if not is_affordable(lock, budget):
        yield rules.KEY_DERIVATION_ABUSE(Evidence(lock.scheme, where=info.path))
        return [f"{one.title}: {lock.scheme}, no password was tried"]
    passwords = candidates(subject.passwords, subject.name, subject.limits.passwords)
    attempt = open_lock(lock, passwords, work, budget)
    if attempt.key is None or attempt.password is None:
        return [f"{one.title}: {lock.scheme}, {attempt.tried} of {len(passwords)} passwords tried"]
    yield Opened.by(attempt.password)
    rule = rules.DEFAULT_PASSWORD if is_default(attempt.password) else rules.OPENED
    yield rule(Evidence(lock.scheme, where=one.entry.path))
    if unused := unused_bytes(package):
        yield rules.DAMAGED(Evidence(f"{unused} bytes behind the encrypted package", where=one.entry.path))
    yield Child(_name(subject, one.entry), _content(package, attempt.key))
    return []


def _content(package: Blob, key: PackageKey) -> Stream:
    def stream(budget: Budget) -> Iterator[bytes]:
        return decrypted_package(package, key, budget)

    return stream


def _name(subject: Subject, entry: Entry) -> str:
    """The document's own name for its content; the stream's where the package lies deeper."""
    return subject.name if entry.parent == 0 and subject.name else entry.path
