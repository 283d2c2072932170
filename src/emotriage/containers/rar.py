"""RAR archives: every file a child, opened with the candidates at hand; what stays shut is a named gap."""

from collections.abc import Callable, Generator, Iterator, Sequence

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.key_ring import KeyRing
from emotriage.containers.member_names import Named, judge_names
from emotriage.containers.solid import EVIDENCE
from emotriage.formats.file_name import escapes, read_file_name
from emotriage.formats.rar import Contents, Entry, Keys, Unpacker, chains, opens, read_rar, unpack, unread
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import Encrypted, FormatError, Unsupported
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import Budget
from emotriage.model.passwords import Opened, Password, Passwords
from emotriage.model.shelf import Shelf
from emotriage.model.spool import spool

_OPENED = frozenset({"file", "stream", "comment"})
_RULES: dict[str, Rule] = {"too-many-members": rules.TOO_MANY_MEMBERS}
_Ring = KeyRing[Keys]


@analyzer("rar", kinds={"rar"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out what can be opened and say what is odd about the archive."""
    ring = KeyRing(subject, Keys)
    archive = subject.view(read_rar)
    if archive.locked >= 0:
        found = ring.first(lambda keys: opens(subject.blob, keys, subject.budget))
        if found is not None:
            archive, password = found
            yield Opened.by(password)
            yield rules.OPENED(Evidence("names", where=f"RAR {archive.version}"))
    yield from _report(archive)
    files = [one for one in archive.entries if one.sort in ("file", "stream")]
    special = [Named(one.name, one.offset, how) for one in archive.entries if (how := _special(one))]
    yield from judge_names(
        [Named(one.name, one.offset) for one in files], NAME_RULES, subject.budget, special, archive.unlisted
    )
    opened = [one for one in archive.entries if one.sort in _OPENED and (one.packed or one.sort == "file")]
    if runs := [one for one in opened if one.encrypted and read_file_name(one.name).active not in ("", "macro")]:
        yield rules.ENCRYPTED_PROGRAM(*_named(runs))
    if parted := [one for one in opened if one.split]:
        yield rules.SPECIAL_MEMBER(*_named(parted, "other volume"))
    yield from _members(subject, opened, ring)


def _members(subject: Subject, entries: Sequence[Entry], ring: _Ring) -> Iterator[Found]:
    """Every member; those that are packed together are unpacked once for all of them."""
    shelf = Shelf(subject.limits.spooled_bytes)
    opened: list[Evidence] = []
    shut: list[Evidence] = []
    unknown: dict[str, list[Entry]] = {}
    for one in chains(entries):
        if one[0].solid and one[0].method:
            yield rules.METHOD_NOT_READ(*_named(one, "goes on where a member ended that is not here"))
        elif any(entry.encrypted for entry in one):
            lock = f"RAR {one[0].version}"
            if (yield from _unlocked(subject, one, ring, shelf, first=not opened)):
                opened += _named(one, lock)
            else:
                shut += _named(one, lock)
        elif why := unread(subject.blob, one[0]):
            unknown.setdefault(why, []).extend(one)
        elif len(one) == 1:
            yield Child(one[0].name, _opener(subject.blob, one[0]))
        else:
            yield from _chain(subject, one, shelf)
    for why, inside in unknown.items():
        yield rules.METHOD_NOT_READ(*_named(inside, why))
    if opened:
        yield rules.OPENED(*opened[:EVIDENCE])
    if shut:
        yield rules.ENCRYPTED_MEMBER(*shut[:EVIDENCE])


def _unlocked(
    subject: Subject, entries: Sequence[Entry], ring: _Ring, shelf: Shelf, *, first: bool
) -> Generator[Found, None, bool]:
    """Members under the first candidate that opens them: by a check value, else by the checksum of the content."""
    lock = next(one.lock for one in entries if one.encrypted)
    for keys, password in ring.candidates() if lock is not None else ():
        before = shelf.size
        try:
            if lock is None or keys.open(lock) is None:
                continue
        except Encrypted:
            continue
        found = list(_chain(subject, entries, shelf, keys, password))
        if lock.check or not any(isinstance(one, Finding) for one in found):
            ring.fits(keys, password)
            if first:
                yield Opened.by(password)
            yield from found
            return True
        shelf.cut(before)
    return False


def _chain(
    subject: Subject, entries: Sequence[Entry], shelf: Shelf, keys: Keys | None = None, password: Password | None = None
) -> Iterator[Found]:
    """The members of a chain; behind one that breaks off, nothing can be had."""
    unpacker = Unpacker(subject.blob, subject.budget)
    passwords = Passwords((password,)) if password else Passwords()
    for number, one in enumerate(entries):
        failure: FormatError | None
        try:
            content = spool(unpacker.unpack(one, keys), subject.budget, shelf=shelf)
        except FormatError as error:
            failure, size = error, 0
        else:
            failure, size = content.failure, content.blob.size
            yield Child(one.name, content.blob, passwords)
        if failure is not None:
            rule = rules.METHOD_NOT_READ if isinstance(failure, Unsupported) else rules.DAMAGED
            yield rule(Evidence(one.name, str(failure), one.offset))
            if size != one.size and (behind := entries[number + 1 :]):
                yield rules.DAMAGED(*_named(behind, "behind a member that breaks off"))
                return


def _report(archive: Contents) -> Iterator[Finding]:
    if archive.locked >= 0:
        yield rules.ENCRYPTED_NAMES(Evidence(f"RAR {archive.version}", where="header", offset=archive.locked))
    seen: dict[str, tuple[Rule, list[Evidence]]] = {}
    for one in archive.anomalies:
        rule = _RULES.get(one.code, rules.DAMAGED)
        seen.setdefault(rule.id, (rule, []))[1].append(Evidence(one.where, one.code, one.offset))
    for rule, evidence in seen.values():
        yield rule(*evidence[:EVIDENCE])


def _special(one: Entry) -> str:
    """What makes a member unsafe that is no file: where a link leads, or the folder's own name."""
    if one.sort == "link":
        target = one.link.partition(" to ")[2]
        return one.link if not target or escapes(target) else ""
    return escapes(one.name) if one.sort == "folder" else ""


def _named(members: Sequence[Entry], where: str = "") -> list[Evidence]:
    return [Evidence(one.name, where, one.offset) for one in members[:EVIDENCE]]


def _opener(blob: Blob, entry: Entry) -> Callable[[Budget], Iterator[bytes]]:
    return lambda budget: unpack(blob, entry, budget)
