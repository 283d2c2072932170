"""ZIP archives: every member a child, every contradiction a finding, and a gap for what can't be opened."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from emotriage.catalogue import zip as rules
from emotriage.containers.member_names import Named, NameRules, judge_active, judge_unsafe
from emotriage.containers.zip_secrets import KEPT, judge_secrets, open_secrets
from emotriage.containers.zip_shared import Choice, choose
from emotriage.formats.zip import Archive, Member, read_archive
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import MIB, RECORD, Budget

_NAME_RULES = NameRules(rules.UNSAFE_NAME, rules.ACTIVE_MEMBER, rules.LONE_ACTIVE_MEMBER)
_EVIDENCE = 16
_RATIO = 1000
_MODES = {0o12: "symbolic link", 0o2: "device", 0o6: "device"}
"""File types of a Unix mode, its upper four bits. Pipes are honest: so `zip -` calls what it reads."""

_RULES: dict[str, Rule] = {
    "name-mismatch": rules.CONTRADICTING_HEADERS,
    "method-mismatch": rules.CONTRADICTING_HEADERS,
    "size-mismatch": rules.CONTRADICTING_HEADERS,
    "encryption-mismatch": rules.CONTRADICTING_HEADERS,
    "directory-count": rules.CONTRADICTING_HEADERS,
    "descriptor-mismatch": rules.CONTRADICTING_HEADERS,
    "zip64-missing": rules.CONTRADICTING_HEADERS,
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


@analyzer("zip", kinds={"jar", "msix", "zip"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the members and say what is odd about the archive."""
    archive, budget = subject.view(read_archive), subject.budget
    files = [one for one in archive.members if not one.is_dir]
    yield from report(archive.anomalies)
    yield from judge_members(files, budget)
    yield from judge_active([_by_name(one) for one in files], _NAME_RULES, budget, archive.unlisted)
    yield from stray_children(archive)
    choice = choose(archive, files)
    yield from judge_choice(choice)
    noted: list[Anomaly] = []
    readings: list[Member] = []
    room = KEPT
    known = {(one.data, one.method, one.encrypted) for one in files}
    for member in (one for one in choice.members if not one.encrypted):
        budget.spend(RECORD)
        content = archive.unpack(member, budget, room)
        room -= content.size if content.kept else 0
        noted += content.anomalies
        if (content.anomalies or content.failure) and (reading := archive.other_reading(member, budget)) is not None:
            readings += [reading] if (reading.data, reading.method, reading.encrypted) not in known else []
        yield Child(member.name, content.stream if content.kept else content_of(archive, member))
    secret = [one for one in choice.members if one.encrypted]
    yield from open_secrets(subject, archive, secret, noted, readings)
    yield from report(noted)
    if readings:
        yield rules.WRONG_METHOD(*_named(readings))
    for member in readings:
        yield Child(member.name, content_of(archive, member))


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


def judge_members(files: Sequence[Member], budget: Budget) -> Iterator[Finding]:
    """What the headers alone say of the members: encryption, ratio, names that lead elsewhere."""
    yield from judge_secrets(files)
    if bulky := [one for one in files if one.size >= MIB and one.size >= one.packed * _RATIO > 0]:
        yield rules.HIGH_RATIO(
            *(Evidence(f"{one.size // one.packed}:1", where=one.name, offset=one.offset) for one in bulky[:_EVIDENCE])
        )
    yield from judge_unsafe(map(_by_name, files), rules.UNSAFE_NAME, budget)


def judge_choice(choice: Choice) -> Iterator[Finding]:
    """What it means that members share bytes, and which of them are not unpacked."""
    if choice.bomb:
        count = len(choice.members) + len(choice.left)
        yield rules.OVERLAP_BOMB(Evidence(f"{count} members to unpack", where="all members"))
    if choice.left:
        yield rules.OVERLAP_LIMIT(*_named(choice.left))


def content_of(archive: Archive, member: Member) -> Callable[[Budget], Iterator[bytes]]:
    """The function that unpacks a member when its turn comes."""
    return lambda budget: archive.stream(member, budget)


def stray_children(archive: Archive) -> Iterator[Child | Finding]:
    """What belongs to no member: bytes before and between them, comments and extra fields that may hold a file."""
    for offset, length in archive.unindexed:
        yield Child(f"unindexed-{offset}", archive.blob.slice(offset, length))
    for one in archive.remarks:
        yield Child(one.name, archive.blob.slice(one.offset, one.length))
    if hidden := [one for one in archive.remarks if one.active]:
        yield rules.FILE_IN_COMMENT(*(Evidence(one.name, offset=one.offset) for one in hidden[:_EVIDENCE]))


def _by_name(member: Member) -> Named:
    return Named(member.name, member.offset, _MODES.get(member.attributes >> 28, ""))


def _named(members: Sequence[Member]) -> list[Evidence]:
    return [Evidence(one.name, offset=one.offset) for one in members[: 4 * _EVIDENCE]]
