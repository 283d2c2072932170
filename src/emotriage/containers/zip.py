"""ZIP archives: every member a child, every contradiction a finding, and a gap for what can't be opened."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from emotriage.catalogue import zip as rules
from emotriage.formats.file_name import escapes, read_file_name
from emotriage.formats.zip import Archive, Member, read_archive
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import Encrypted, FormatError
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import MIB, RECORD, Budget

CHECKED = 16 * MIB
"""Content that is unpacked once more, to compare it with its headers."""
_EVIDENCE = 16
_RATIO = 1000
_SYMLINK = 0o120000

_RULES: dict[str, Rule] = {
    "name-mismatch": rules.CONTRADICTING_HEADERS,
    "method-mismatch": rules.CONTRADICTING_HEADERS,
    "size-mismatch": rules.CONTRADICTING_HEADERS,
    "encryption-mismatch": rules.CONTRADICTING_HEADERS,
    "directory-count": rules.CONTRADICTING_HEADERS,
    "crc-mismatch": rules.LYING_CONTENT,
    "wrong-size": rules.LYING_CONTENT,
    "wrong-crc": rules.LYING_CONTENT,
    "several-directories": rules.SEVERAL_DIRECTORIES,
    "zip64-mismatch": rules.SEVERAL_DIRECTORIES,
    "unindexed-member": rules.UNINDEXED_MEMBER,
    "unindexed-data": rules.UNINDEXED_DATA,
    "packed-slack": rules.UNINDEXED_DATA,
    "prepended-data": rules.PREPENDED_DATA,
    "overlap": rules.OVERLAPPING_MEMBERS,
    "ambiguous-name": rules.AMBIGUOUS_NAME,
    "no-end-record": rules.NO_END_RECORD,
    "too-many-members": rules.TOO_MANY_MEMBERS,
}


@analyzer("zip", kinds={"zip"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the members and say what is odd about the archive."""
    archive = subject.view(read_archive)
    files = [one for one in archive.members if not one.is_dir]
    yield from report(archive.anomalies)
    yield from judge_members(files)
    yield from _judge_names(files, archive.unlisted, subject.budget)
    found, readings = _check(archive, files, subject.budget)
    yield from report(found)
    if readings:
        yield rules.WRONG_METHOD(*_named(readings))
    for member in (*once(files), *readings):
        yield Child(member.name, content_of(archive, member))
    yield from unindexed_children(archive)


def report(anomalies: Iterable[Anomaly]) -> Iterator[Finding]:
    """A finding for each kind of anomaly of an archive, with the first places it was seen at."""
    anomalies = list(anomalies)
    recovered = any(one.code == "no-end-record" for one in anomalies)
    seen: dict[str, list[Evidence]] = {}
    by_id: dict[str, Rule] = {}
    for one in anomalies:
        rule = _RULES.get(one.code)
        if one.incomplete and (rule is None or not rule.incomplete):
            rule = rules.DAMAGED
        if rule is None or (recovered and rule is rules.UNINDEXED_MEMBER):
            continue
        by_id[rule.id] = rule
        seen.setdefault(rule.id, []).append(Evidence(one.where or one.code, where=one.code, offset=one.offset))
    for name, evidence in seen.items():
        yield by_id[name](*evidence[:_EVIDENCE])


def judge_members(files: list[Member]) -> Iterator[Finding]:
    """What the headers alone say of the members: encryption, ratio, names that lead elsewhere."""
    secret = [one for one in files if one.encrypted]
    if secret:
        yield rules.ENCRYPTED_MEMBER(*_named(secret))
        if programs := [one for one in secret if read_file_name(one.name).active not in ("", "macro")]:
            yield rules.ENCRYPTED_PROGRAM(*_named(programs))
        if len(secret) < len(files):
            yield rules.MIXED_ENCRYPTION(Evidence(f"{len(secret)} of {len(files)} members"))
    if bulky := [one for one in files if one.size >= MIB and one.size >= one.packed * _RATIO > 0]:
        yield rules.HIGH_RATIO(
            *(Evidence(f"{one.size // one.packed}:1", where=one.name, offset=one.offset) for one in bulky[:_EVIDENCE])
        )
    unsafe = [
        (one, "symbolic link" if one.attributes >> 16 & 0o170000 == _SYMLINK else escapes(one.name)) for one in files
    ]
    if unsafe := [(one, how) for one, how in unsafe if how]:
        yield rules.UNSAFE_NAME(*(Evidence(one.name, where=how, offset=one.offset) for one, how in unsafe[:_EVIDENCE]))


def once(files: Iterable[Member]) -> Iterator[Member]:
    """The members that can be opened, without more than a second name for the same bytes."""
    names: dict[tuple[int, int, int], set[str]] = {}
    for member in files:
        if member.encrypted:
            continue
        known = names.setdefault((member.data, member.packed, member.method), set())
        if member.name not in known and len(known) < 2:
            known.add(member.name)
            yield member


def content_of(archive: Archive, member: Member) -> Callable[[Budget], Iterator[bytes]]:
    """The function that unpacks a member when its turn comes."""
    return lambda budget: archive.stream(member, budget)


def unindexed_children(archive: Archive) -> Iterator[Child]:
    """What stands before and between the members and belongs to none."""
    for offset, length in archive.unindexed:
        yield Child(f"unindexed-{offset}", archive.blob.slice(offset, length))


def _judge_names(files: list[Member], unlisted: tuple[str, ...], budget: Budget) -> Iterator[Finding]:
    active = _named([one for one in files if read_file_name(one.name).active])
    for name in unlisted:
        budget.spend(RECORD)
        if read_file_name(name).active:
            active.append(Evidence(name, where="beyond the limit"))
    if active:
        rule = rules.LONE_ACTIVE_MEMBER if len(files) == 1 else rules.ACTIVE_MEMBER
        yield rule(*active[-4 * _EVIDENCE :])


def _named(members: list[Member]) -> list[Evidence]:
    return [Evidence(one.name, offset=one.offset) for one in members[: 4 * _EVIDENCE]]


def _check(archive: Archive, files: list[Member], budget: Budget) -> tuple[list[Anomaly], list[Member]]:
    """(where the smaller members differ from their headers, those that another method reads)."""
    noted: list[Anomaly] = []
    readings: list[Member] = []
    known = {(one.data, one.method) for one in files}
    total = 0
    for member in files:
        budget.spend(RECORD)
        if total + member.size > CHECKED:
            continue
        found: list[Anomaly] = []
        with suppress(Encrypted):
            try:
                for chunk in archive.stream(member, budget, found):
                    budget.spend(len(chunk))
                    total += len(chunk)
                    if total > CHECKED:
                        break
            except FormatError:
                found.append(Anomaly("unread", member.name, member.offset, incomplete=True))  # as the walk will say
            reading = archive.other_reading(member, budget) if found and member.data >= 0 else None
            if reading is not None and (reading.data, reading.method) not in known:
                readings.append(reading)
        noted += [one for one in found if not one.incomplete]
    return noted, readings
